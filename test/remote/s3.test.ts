/**
 * S3 through the SDK, against a server in this process that speaks the protocol: fauxqs, because it comes with npm, starts
 * in milliseconds and has ranges, preconditions, pages of listings, copies and uploads in parts. It takes any signature, or
 * none: second-server.test.ts is about those.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { remoteStore } from '../../catalogs/remote/remote-store.ts';
import { uploadFile } from '../../catalogs/remote/s3-upload.ts';
import { close, openCatalog } from '../../index.ts';
import { CrosshatchError } from '../../partitioning/error.ts';
import { fileTree } from '../query/file-tree.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { rowsOf } from '../query/result-rows.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { counted, testSpool } from './remote-fixture.ts';

const temp = tempFolder();
const spool = testSpool();
let server: FauxqsServer;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  server.createBucket('sky');
  process.env['AWS_ENDPOINT_URL'] = server.address;
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  process.env['AWS_REGION'] = 'us-east-1';
});
beforeEach(() => {
  spool.fresh();
});
afterAll(async () => {
  await close();
  await server.stop();
});

const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251));

describe('the store', () => {
  test('writes and reads sizes, ranges, tails and whole objects', async () => {
    const file = 's3://sky/a/b.bin';
    await remoteStore.write(file, content);
    const stat = await remoteStore.stat(file);
    expect(stat).toMatchObject({ size: 100_000, etag: expect.stringMatching(/^"[0-9a-f]{32}"$/) });
    const range = await remoteStore.readRange(file, 10, 5000, { etag: stat!.etag });
    expect(Buffer.from(range).equals(content.subarray(10, 5000))).toBe(true);
    const tail = await remoteStore.readTail!(file, 100);
    expect(Buffer.from(tail!.bytes).equals(content.subarray(-100))).toBe(true);
    expect(tail!.stat).toEqual(stat);
    expect(Buffer.from(await remoteStore.readAll(file)).equals(content)).toBe(true);
  });

  test('lists one folder, page after page', async () => {
    for (let i = 0; i < 1005; i += 50) {
      const some = Array.from({ length: Math.min(50, 1005 - i) }, (_, k) => i + k);
      await Promise.all(
        some.map((n) =>
          remoteStore.write(`s3://sky/many/${String(n).padStart(4, '0')}`, content.subarray(0, 3)),
        ),
      );
    }
    await remoteStore.write('s3://sky/many/deep/er', content);
    const entries = (await remoteStore.list('s3://sky/many'))!;
    expect(entries).toHaveLength(1006);
    expect(entries[0]).toMatchObject({ path: 's3://sky/many/0000', name: '0000', size: 3 });
    expect(entries[0]!.etag).toBeDefined();
    expect(entries.at(-1)).toEqual({
      path: 's3://sky/many/deep',
      name: 'deep',
      directory: true,
      size: 0,
    });
    expect(await remoteStore.list('s3://sky/none')).toEqual([]);
  });

  test('says what is not there', async () => {
    expect(await remoteStore.stat('s3://sky/none')).toBeUndefined();
    expect(await remoteStore.find!('s3://sky/none', 10)).toBeUndefined();
    await expect(remoteStore.readRange('s3://sky/none', 0, 10)).rejects.toThrow(
      'there is no such object, bytes 0 to 10: status 404, NoSuchKey (s3://sky/none)',
    );
    await expect(remoteStore.list('s3://no-such-bucket/x')).rejects.toThrow(
      'there is no such object: status 404, NoSuchBucket (s3://no-such-bucket/x)',
    );
    await expect(remoteStore.readAll('s3://')).rejects.toThrow('the path names no bucket');
  });

  test('sends large files in parts', async () => {
    const file = temp('large.bin');
    const large = Buffer.alloc(40 << 20, content);
    writeFileSync(file, large);
    const { counts } = await counted(() => uploadFile(file, 's3://sky/large.bin'));
    // Five parts, and the beginning and the end of the upload.
    expect(counts.requests - counts.retries).toBe(7);
    expect(counts.bytesSent).toBeGreaterThanOrEqual(large.length);
    expect(Buffer.from(await remoteStore.readAll('s3://sky/large.bin')).equals(large)).toBe(true);
  });
});

/** Puts a folder into the bucket. */
async function upload(dir: string, target: string): Promise<void> {
  for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const from = path.join(dir, file);
    const bytes = await Promise.resolve().then(() => {
      try {
        return readFileSync(from);
      } catch {
        return null;
      }
    });
    if (bytes !== null) await remoteStore.write(`${target}/${file}`, bytes);
  }
}

function field(count: number, ra: number): SkyRow[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    ra: ra + (id % 40) / 40,
    dec: Math.floor(id / 40) / 40,
    tag: `t${id}`,
    mag: id / 10,
  }));
}

const match = { radiusArcsec: 10, suffixes: ['_l', '_r'] } as const;

describe('catalogs in a bucket', () => {
  beforeAll(async () => {
    mkdirSync(temp('in'));
    const options = { name: 'left', rowsPerPartition: 400, marginArcsec: 20 };
    await makeCatalog(temp('in', 'left'), field(1600, 10), options);
    await makeCatalog(temp('in', 'right'), field(1600, 10.001), { ...options, name: 'right' });
    await upload(temp('in'), 's3://sky/in');
  });

  test('are matched like local ones, and the second time from the spool alone', async () => {
    const pairs = async (root: string) => {
      const left = await openCatalog(`${root}/left`);
      return rowsOf(await left.crossmatch(await openCatalog(`${root}/right`), match).collect());
    };
    const remote = await counted(() => pairs('s3://sky/in'));
    expect(remote.result).toEqual(await pairs(temp('in')));
    const again = await counted(() => pairs('s3://sky/in'));
    expect(again.result).toEqual(remote.result);
    // Versions come with the listings: not one request but those of opening.
    const left = await openCatalog('s3://sky/in/left');
    const right = await openCatalog('s3://sky/in/right');
    const run = await counted(() => left.crossmatch(right, match).count());
    expect(run.counts.requests).toBe(0);
  });

  test('are written like local ones, whole or not at all', async () => {
    process.env['SOURCE_DATE_EPOCH'] = '0';
    const left = await openCatalog(temp('in', 'left'));
    const right = await openCatalog('s3://sky/in/right');
    const pairs = left.crossmatch(right, match);
    const options = { name: 'out', marginArcsec: 5 };
    await pairs.writeHats(temp('out'), options);
    const written = await pairs.writeHats('s3://sky/out', options);
    expect(written.output).toBe('s3://sky/out');
    for (const file of Object.keys(fileTree(temp('out')))) {
      const bytes = await remoteStore.readAll(`s3://sky/out/${file}`);
      expect(Buffer.from(bytes).equals(readFileSync(temp('out', file))), file).toBe(true);
    }
    const back = await openCatalog('s3://sky/out');
    expect(await back.count()).toBe(written.rows);
    await expect(pairs.writeHats('s3://sky/out', options)).rejects.toThrow('output exists');
    await pairs.limit(3).writeHats('s3://sky/out', { name: 'out', overwrite: true });
    const replaced = await openCatalog('s3://sky/out');
    expect(await replaced.count()).toBe(3);
    const names = (await remoteStore.list('s3://sky/out'))!.map(({ name }) => name);
    expect(names).not.toContain('collection.properties');
  });

  test('an output inside an input is refused, and so is a folder that is no catalog', async () => {
    const left = await openCatalog('s3://sky/in/left');
    await expect(left.writeHats('s3://sky/in/left/out')).rejects.toThrow(
      'the output lies inside an input',
    );
    await expect(left.writeHats('s3://sky/a', { overwrite: true })).rejects.toThrow(
      'is not a HATS catalog, so it is not replaced',
    );
    await expect(left.writeHats('https://host/x')).rejects.toThrow('no place to write to');
  });

  test('single files are written too', async () => {
    const left = await openCatalog('s3://sky/in/left');
    const rows = left.select(['id', 'ra', 'dec']).limit(5);
    await rows.writeCsv('s3://sky/files/rows.csv');
    const text = Buffer.from(await remoteStore.readAll('s3://sky/files/rows.csv')).toString();
    expect(text.split('\n')).toHaveLength(7);
    await expect(rows.writeCsv('s3://sky/files/rows.csv')).rejects.toBeInstanceOf(CrosshatchError);
  });
});

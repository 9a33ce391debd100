/** An output in a bucket in the place of another: whoever looks, and whatever breaks, one of the two is whole. */
import { cpSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { remoteStore } from '../../catalogs/remote/remote-store.ts';
import { sendS3 } from '../../catalogs/remote/s3-store.ts';
import { setRemote } from '../../catalogs/remote/settings.ts';
import { openStaging } from '../../catalogs/staging.ts';
import { CrosshatchError, close, openCatalog } from '../../index.ts';
import { makeCatalog } from '../query/make-catalog.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { SHORT, testSpool } from './remote-fixture.ts';
import { type Asked, type S3Proxy, startS3Proxy } from './s3-proxy.ts';

const temp = tempFolder();
const spool = testSpool();
let s3: S3Proxy;

beforeAll(async () => {
  s3 = await startS3Proxy('sky');
  setRemote({ patience: { ...SHORT, stallMs: 5000, tries: 2 } });
  const rows = (count: number) =>
    Array.from({ length: count }, (_, id) => ({
      id,
      ra: 10 + (id % 20) / 20,
      dec: Math.floor(id / 20) / 20,
      tag: `t${id}`,
      mag: id,
    }));
  // Collections: more than one file makes them visible.
  const options = { rowsPerPartition: 300, marginArcsec: 10, name: 'out' };
  await makeCatalog(temp('before'), rows(300), options);
  await makeCatalog(temp('after'), rows(400).slice(1), options);
});
afterEach(() => {
  s3.fault = null;
});
afterAll(async () => {
  await close();
  await s3.close();
});

/** Requests after which a run ends; there are some more. */
const CUTS = 8;

/** Writes one of the two catalogs. */
async function put(catalog: 'before' | 'after', target: string, overwrite = true): Promise<void> {
  const staging = await openStaging(target, { digest: catalog, overwrite, sync: false });
  cpSync(temp(catalog), staging.output, { recursive: true });
  await staging.commit();
}

/** Rows of what is at a place; null where no catalog is. */
async function rowsAt(url: string): Promise<number | null> {
  try {
    return (await (await openCatalog(url)).collect()).numRows;
  } catch (error) {
    if (error instanceof CrosshatchError && /no catalog at|not a catalog/.test(error.what)) {
      return null;
    }
    throw error;
  }
}

async function objects(url: string): Promise<string[]> {
  return (await remoteStore.listDeep!(url))!.map(({ name }) => name);
}

test('a run that ends at any request leaves one of the two whole', async () => {
  await put('before', 's3://sky/count');
  s3.asked = [];
  await put('after', 's3://sky/count');
  const requests = s3.asked.length;
  const found = new Map<string, number>();
  for (let last = 1; last <= requests; last += Math.ceil(requests / CUTS)) {
    const target = `s3://sky/cut-${last}`;
    await put('before', target);
    s3.asked = [];
    // As if the process had been killed: not even cleaning up goes through any more.
    s3.fault = ({ number }) => (number > last ? { status: 403, code: 'AccessDenied' } : undefined);
    const failed = await put('after', target).catch((error: Error) => error);
    s3.fault = null;
    spool.fresh();
    const rows = await rowsAt(target);
    const beside = (await objects(target)).map((name) => /^\.crosshatch-new-\w+/.exec(name)?.[0]);
    if (rows === null) {
      expect(failed).toMatchObject({ hint: expect.stringContaining(`${target}/.crosshatch-new-`) });
      expect(await rowsAt(`${target}/${beside.find((name) => name !== undefined)}`)).toBe(399);
    }
    found.set(String(rows), (found.get(String(rows)) ?? 0) + 1);
    await put('after', target);
    expect(await rowsAt(target)).toBe(399);
    expect(await objects(target)).toEqual(await objects('s3://sky/count'));
  }
  expect([...found.keys()].sort()).toEqual(['300', '399', 'null']);
}, 120_000);

test('a reader meanwhile finds the old one, the new one, or none', async () => {
  await put('before', 's3://sky/read');
  let done = false;
  const writing = put('after', 's3://sky/read').finally(() => {
    done = true;
  });
  const found: unknown[] = [];
  while (!done) {
    spool.fresh();
    // A file that went, or is another one now, ends the reader's run.
    found.push(await rowsAt('s3://sky/read').catch((error: CrosshatchError) => error.tag));
  }
  await writing;
  expect(found.filter((one) => ![300, 399, null, 'data', 'storage'].includes(one as null))).toEqual(
    [],
  );
  expect(await rowsAt('s3://sky/read')).toBe(399);
});

test('what an interrupted first run left is replaced when asked, its uploads too', async () => {
  s3.asked = [];
  s3.fault = ({ number }) => (number > 6 ? { status: 403, code: 'AccessDenied' } : undefined);
  await expect(put('before', 's3://sky/first')).rejects.toThrow('AccessDenied');
  s3.fault = null;
  const place = 's3://sky/first/dataset/part';
  await sendS3(place, {}, (sdk, client, at) =>
    client.send(new sdk.CreateMultipartUploadCommand(at)),
  );
  expect(await rowsAt('s3://sky/first')).toBeNull();
  await expect(put('before', 's3://sky/first', false)).rejects.toThrow(
    'another run is writing the output, or was interrupted when it did',
  );
  await put('after', 's3://sky/first');
  expect(await rowsAt('s3://sky/first')).toBe(399);
  expect(await objects('s3://sky/first')).toEqual(await objects('s3://sky/count'));
  const { Uploads = [] } = await sendS3(place, {}, (sdk, client, { Bucket }) =>
    client.send(new sdk.ListMultipartUploadsCommand({ Bucket })),
  );
  expect(Uploads).toEqual([]);
});

test('an upload that fails takes back what it sent, and nothing else', async () => {
  await put('before', 's3://sky/kept');
  const names = await objects('s3://sky/kept');
  s3.fault = ({ method, url }) =>
    method === 'PUT' && url.includes('partition_info')
      ? { status: 403, code: 'AccessDenied' }
      : undefined;
  await expect(put('after', 's3://sky/kept')).rejects.toThrow('AccessDenied');
  s3.fault = null;
  expect(await objects('s3://sky/kept')).toEqual(names);
  expect(await rowsAt('s3://sky/kept')).toBe(300);
});

test('an old collection that stays listed keeps its members', async () => {
  await put('before', 's3://sky/listed');
  s3.fault = ({ method, url }) =>
    method === 'DELETE' && url.includes('collection.properties')
      ? { status: 403, code: 'AccessDenied' }
      : undefined;
  await expect(put('after', 's3://sky/listed')).rejects.toThrow('AccessDenied');
  s3.fault = null;
  expect(await rowsAt('s3://sky/listed')).toBe(300);
});

describe('copies', () => {
  const isCopy = ({ headers }: Asked) => headers['x-amz-copy-source'] !== undefined;
  const sentTo = (target: string) =>
    s3.asked.filter(
      (asked) =>
        asked.method === 'PUT' &&
        !isCopy(asked) &&
        asked.url.includes(`/${target}/`) &&
        !asked.url.includes('.crosshatch-'),
    );

  test.each([
    ['AccessDenied', 403],
    ['InvalidRequest', 400],
    ['NotImplemented', 501],
  ])('that a bucket refuses (%s) are sent once more', async (code, status) => {
    await put('before', `s3://sky/${code}`);
    s3.asked = [];
    s3.fault = (asked) => (isCopy(asked) ? { status, code } : undefined);
    await put('after', `s3://sky/${code}`);
    expect(await rowsAt(`s3://sky/${code}`)).toBe(399);
    expect(s3.asked.filter(isCopy)).toHaveLength(sentTo(code).length);
  });

  test('that fail for a while are not', async () => {
    await put('before', 's3://sky/failing');
    s3.asked = [];
    s3.fault = (asked) => (isCopy(asked) ? { status: 500, code: 'InternalError' } : undefined);
    await expect(put('after', 's3://sky/failing')).rejects.toMatchObject({
      what: expect.stringContaining('after 2 tries'),
      hint: expect.stringContaining('run again with --overwrite'),
    });
    expect(sentTo('failing')).toEqual([]);
  });
});

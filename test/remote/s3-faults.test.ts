/** What S3 says when it will not, through a proxy that says it in the place of the server. */
import { writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { configureRemote } from '../../catalogs/remote/configure.ts';
import { remoteStore } from '../../catalogs/remote/remote-store.ts';
import { abortUploadsBelow, copyObject, uploadFile } from '../../catalogs/remote/s3-upload.ts';
import { setRemote } from '../../catalogs/remote/settings.ts';
import { close, openCatalog } from '../../index.ts';
import { makeCatalog } from '../query/make-catalog.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { counted, SHORT, testSpool } from './remote-fixture.ts';
import { type Asked, LATE_MS, type S3Proxy, startS3Proxy } from './s3-proxy.ts';

const temp = tempFolder();
testSpool();
const PATIENCE = { ...SHORT, stallMs: 5000, tries: 3 };
let s3: S3Proxy;

beforeAll(async () => {
  s3 = await startS3Proxy('sky');
  setRemote({ patience: PATIENCE });
  await remoteStore.write('s3://sky/file', Buffer.from('0123456789'));
});
afterEach(() => {
  s3.fault = null;
  s3.asked = [];
  configureRemote({ anonymous: false });
});
afterAll(async () => {
  await close();
  await s3.close();
});

const read = () => remoteStore.readRange('s3://sky/file', 2, 5);

describe('what passes', () => {
  test.each([
    ['SlowDown', 503],
    ['InternalError', 500],
    ['RequestTimeout', 400],
    ['ExpiredToken', 400],
  ])('%s is tried again', async (code, status) => {
    s3.asked = [];
    s3.fault = ({ number }) => (number === 1 ? { status, code } : undefined);
    const { result, counts } = await counted(read);
    expect(Buffer.from(result).toString()).toBe('234');
    expect([counts.requests, counts.retries]).toEqual([2, 1]);
  });

  test('a broken connection is tried again', async () => {
    s3.asked = [];
    s3.fault = ({ number }) => (number === 1 ? 'reset' : undefined);
    expect(Buffer.from(await read()).toString()).toBe('234');
  });

  test('a whole object that is not that of its checksum', async () => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32('0123456789'));
    const headers = { etag: '"a"', 'x-amz-checksum-crc32': sum.toString('base64') };
    const modes: unknown[] = [];
    s3.fault = ({ headers: asked }) => {
      modes.push(asked['x-amz-checksum-mode']);
      return { body: modes.length === 1 ? '0123456780' : '0123456789', headers };
    };
    const whole = await counted(() => remoteStore.readAll('s3://sky/file'));
    expect(Buffer.from(whole.result).toString()).toBe('0123456789');
    expect([whole.counts.requests, whole.counts.retries]).toEqual([2, 1]);
    expect(modes).toEqual(['ENABLED', 'ENABLED']);
  });

  test('credentials that stay expired are said so', async () => {
    s3.fault = () => ({ status: 400, code: 'ExpiredToken' });
    await expect(read()).rejects.toThrow(
      'could not be read after 3 tries, bytes 2 to 5: status 400, ExpiredToken (s3://sky/file)\n' +
        'The credentials ran out: renew them and run again.',
    );
  });
});

describe('what stays', () => {
  test.each([
    ['AccessDenied', 403],
    ['NoSuchBucket', 404],
    ['PreconditionFailed', 412],
  ])('%s is not tried again', async (code, status) => {
    s3.asked = [];
    s3.fault = () => ({ status, code });
    await expect(read()).rejects.toThrow(`status ${status}, ${code}`);
    expect(s3.asked).toHaveLength(1);
  });
});

test('requests are signed where there are credentials, and not when asked', async () => {
  await read();
  configureRemote({ anonymous: true });
  await read();
  expect(s3.asked.map(({ signed }) => signed)).toEqual([true, false]);
});

test('whoever agrees to pay says so with every request', async () => {
  configureRemote({ requesterPays: true });
  await read();
  await remoteStore.list('s3://sky');
  configureRemote({ requesterPays: false });
  await read();
  const payers = s3.asked.map(({ headers }) => headers['x-amz-request-payer']);
  expect(payers).toEqual(['requester', 'requester', undefined]);
});

test('a bucket of another region is asked there', async () => {
  // The region is part of what is signed.
  const isElsewhere = ({ headers }: { headers: Asked['headers'] }) =>
    !String(headers['authorization']).includes('/eu-south-2/s3/');
  const headers = { 'x-amz-bucket-region': 'eu-south-2' };
  s3.fault = (asked) =>
    isElsewhere(asked) ? { status: 301, code: 'PermanentRedirect', headers } : undefined;
  expect(Buffer.from(await read()).toString()).toBe('234');
  s3.asked = [];
  await read();
  expect(s3.asked.length).toBeLessThanOrEqual(2);
});

test('without any credentials requests go out unsigned', async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  delete process.env['AWS_ACCESS_KEY_ID'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
  await read();
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  expect(s3.asked.map(({ signed }) => signed)).toEqual([false]);
});

describe('writing', () => {
  test('an upload that fails in the middle is taken back', async () => {
    writeFileSync(temp('large'), Buffer.alloc(20 << 20));
    s3.fault = ({ url }) =>
      /partNumber=2/.test(url) ? { status: 403, code: 'AccessDenied' } : undefined;
    await expect(uploadFile(temp('large'), 's3://sky/large')).rejects.toThrow(
      'could not be written: status 403, AccessDenied (s3://sky/large)',
    );
    expect(s3.asked.at(-1)).toMatchObject({
      method: 'DELETE',
      url: expect.stringMatching(/uploadId=/),
    });
    s3.fault = null;
    expect(await remoteStore.stat('s3://sky/large')).toBeUndefined();
  });

  test('an upload whose completion was only not heard of is complete', async () => {
    writeFileSync(temp('large'), Buffer.alloc(20 << 20, 7));
    let lost = 0;
    s3.fault = ({ method, url }) =>
      method === 'POST' && /uploadId=/.test(url) && lost++ === 0 ? 'lost' : undefined;
    await uploadFile(temp('large'), 's3://sky/lost');
    expect(lost).toBeGreaterThan(1);
    expect((await remoteStore.stat('s3://sky/lost'))!.size).toBe(20 << 20);
  });

  test('a copy may tell nothing for long', async () => {
    setRemote({ patience: { ...SHORT, stallMs: LATE_MS / 4, tries: 1 } });
    s3.fault = ({ method }) => (method === 'PUT' ? 'late' : undefined);
    try {
      expect(await copyObject('s3://sky/file', 's3://sky/copy')).toBe(true);
    } finally {
      setRemote({ patience: PATIENCE });
    }
  });

  test('uploads that nobody completed are taken back on all pages of their list', async () => {
    const page = (marker: string) => {
      const [at, next] = [`below/file-${marker}`, marker === '' ? '1' : ''];
      const upload = `<Upload><Key>${at}</Key><UploadId>id</UploadId></Upload>`;
      const more = next === '' ? '' : `<NextKeyMarker>${next}</NextKeyMarker>`;
      return `<ListMultipartUploadsResult><IsTruncated>${next !== ''}</IsTruncated>${more}${upload}</ListMultipartUploadsResult>`;
    };
    s3.fault = ({ method, url }) => {
      if (method === 'DELETE') return { xml: '' };
      return { xml: page(new URL(url, s3.url).searchParams.get('key-marker') ?? '') };
    };
    await abortUploadsBelow('s3://sky/below');
    const deleted = s3.asked.filter(({ method }) => method === 'DELETE');
    expect(deleted.map(({ url }) => url.split('?')[0])).toEqual([
      '/sky/below/file-',
      '/sky/below/file-1',
    ]);
  });

  test('a catalog that cannot be finished leaves nothing that looks like one', async () => {
    const rows = [1, 2, 3].map((id) => ({ id, ra: 10 + id, dec: 1, tag: null, mag: id }));
    await makeCatalog(temp('sky'), rows, { name: 'sky' });
    const sky = await openCatalog(temp('sky'));
    s3.fault = ({ method, url }) =>
      method === 'PUT' && url.includes('hats.properties')
        ? { status: 403, code: 'AccessDenied' }
        : undefined;
    await expect(sky.writeHats('s3://sky/out')).rejects.toThrow('status 403');
    s3.fault = null;
    expect(await remoteStore.list('s3://sky/out')).toEqual([]);
    await sky.writeHats('s3://sky/out');
    expect(await (await openCatalog('s3://sky/out')).count()).toBe(3);
  });
});

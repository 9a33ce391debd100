/** Every fault that HTTP can bring, against a server that makes them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { remoteStore } from '../../catalogs/remote/remote-store.ts';
import { setRemote } from '../../catalogs/remote/settings.ts';
import { CrosshatchError } from '../../partitioning/error.ts';
import { counted, SHORT } from './remote-fixture.ts';
import { type Fault, serveFolder, type WebServer } from './web-server.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-http-'));
const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
let web: WebServer;
let url: string;

beforeAll(async () => {
  setRemote({ patience: SHORT });
  writeFileSync(path.join(dir, 'file.bin'), content);
  writeFileSync(path.join(dir, 'empty.bin'), '');
  writeFileSync(path.join(dir, 'large.bin'), Buffer.alloc(9 << 20));
  web = await serveFolder(dir);
  url = `${web.url}/file.bin`;
});
afterEach(() => {
  web.fault = null;
  setRemote({ patience: SHORT });
});
afterAll(async () => {
  await web.close();
  rmSync(dir, { recursive: true });
});

const readRange = (options = {}) => remoteStore.readRange(url, 1000, 201_000, options);
const middle = content.subarray(1000, 201_000);

async function failure(work: () => Promise<unknown>): Promise<CrosshatchError> {
  const error = await work().then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CrosshatchError);
  return error as CrosshatchError;
}

describe('reading', () => {
  test('gives sizes, ranges, tails and whole files', async () => {
    const stat = await remoteStore.stat(url);
    expect(stat).toMatchObject({ size: 300_000, etag: expect.stringMatching(/^"300000-/) });
    expect(Buffer.from(await readRange()).equals(middle)).toBe(true);
    const tail = await remoteStore.readTail!(url, 1000);
    expect(tail!.stat).toEqual(stat);
    expect(Buffer.from(tail!.bytes).equals(content.subarray(-1000))).toBe(true);
    expect((await remoteStore.readTail!(url, 1e6))!.bytes.length).toBe(300_000);
    expect(Buffer.from(await remoteStore.readAll(url)).equals(content)).toBe(true);
    expect((await remoteStore.readAll(`${web.url}/empty.bin`)).length).toBe(0);
    expect(await remoteStore.readRange(url, 5, 5)).toEqual(new Uint8Array(0));
  });

  test.each([403, 405, 501])('gives sizes where HEAD is answered with %i', async (status) => {
    web.fault = ({ method }) => (method === 'HEAD' ? { kind: 'status', status } : undefined);
    expect(await remoteStore.stat(url)).toMatchObject({
      size: 300_000,
      etag: expect.stringMatching(/^"300000-/),
    });
    expect(await remoteStore.stat(`${web.url}/empty.bin`)).toMatchObject({ size: 0 });
    expect(await remoteStore.stat(`${web.url}/none`)).toBeUndefined();
    web.fault = () => ({ kind: 'status', status });
    await expect(remoteStore.stat(url)).rejects.toThrow(`status ${status}`);
  });

  test('says what is not there', async () => {
    const none = `${web.url}/none`;
    expect(await remoteStore.stat(none)).toBeUndefined();
    expect(await remoteStore.find!(none, 10)).toBeUndefined();
    expect(await remoteStore.readTail!(none, 10)).toBeUndefined();
    expect(await remoteStore.list(web.url)).toBeUndefined();
    const { message } = await failure(() => remoteStore.readRange(none, 0, 10));
    expect(message).toBe(
      `there is no such object, bytes 0 to 10: status 404 (${none})\n` +
        'Check the path; a catalog that lists a partition without its file is incomplete.',
    );
  });

  test('writes nothing over HTTP, and says so', async () => {
    const error = await failure(() => remoteStore.write(url, new Uint8Array(1)));
    expect([error.tag, error.what]).toEqual(['request', 'nothing can be written over http://']);
  });
});

/** Faults that pass: the first two requests meet them, the third does not. */
const passing: [string, Fault][] = [
  ['500', { kind: 'status', status: 500 }],
  ['503', { kind: 'status', status: 503, headers: { 'retry-after': '0' } }],
  ['429', { kind: 'status', status: 429, headers: { 'retry-after': '0' } }],
  ['408', { kind: 'status', status: 408 }],
  ['a reset before the answer', { kind: 'reset' }],
  ['a reset in the body', { kind: 'reset', after: 1234 }],
  ['a short body', { kind: 'shorter' }],
  ['a stall before the first byte', { kind: 'stall', after: 0 }],
  ['a stall in the body', { kind: 'stall', after: 70_000 }],
  ['a body that is not that of its checksum', { kind: 'corrupt' }],
];

describe('faults that pass', () => {
  test.each(passing)('%s is tried again, and the bytes are right', async (_, fault) => {
    const start = web.seen.length;
    web.fault = () => (web.seen.length - start <= 2 ? fault : undefined);
    const { result, counts } = await counted(() => readRange());
    expect(Buffer.from(result).equals(middle)).toBe(true);
    expect([counts.requests, counts.retries]).toEqual([3, 2]);
  });

  test.each(passing)(
    '%s that does not pass ends in an error with URL, range and tries',
    async (_, fault) => {
      setRemote({ patience: { ...SHORT, tries: 3 } });
      web.fault = () => fault;
      const { tag, where, what, hint } = await failure(() => readRange());
      expect([tag, where]).toEqual(['storage', url]);
      expect(what).toMatch(/^could not be read after 3 tries, bytes 1000 to 201000: /);
      expect(hint).toBeDefined();
    },
  );
});

describe('faults that stay', () => {
  const staying: [string, Fault, RegExp][] = [
    [
      '403',
      { kind: 'status', status: 403 },
      /^could not be read, bytes 1000 to 201000: status 403$/,
    ],
    [
      '400',
      { kind: 'status', status: 400 },
      /^could not be read, bytes 1000 to 201000: status 400$/,
    ],
    [
      'another version',
      { kind: 'version', etag: '"x"' },
      /^the object changed while it was in use/,
    ],
  ];
  test.each(staying)('%s is not tried again', async (_, fault, what) => {
    const { etag } = (await remoteStore.stat(url))!;
    web.fault = () => fault;
    const start = web.seen.length;
    const error = await failure(() => readRange({ etag }));
    expect(error.what).toMatch(what);
    expect(web.seen.length - start).toBe(1);
  });

  test('403 is said plainly', async () => {
    web.fault = () => ({ kind: 'status', status: 403 });
    const { message } = await failure(() => readRange());
    expect(message).toBe(
      `could not be read, bytes 1000 to 201000: status 403 (${url})\n` +
        'It is private, the credentials are wrong or of another region, or there is no such key. ' +
        'For open data try --anonymous; otherwise set AWS_PROFILE or the AWS_… variables.',
    );
  });

  test('a version with a weak tag is compared, not asked for', async () => {
    web.fault = () => ({ kind: 'version', etag: 'W/"1"' });
    expect((await readRange({ etag: 'W/"1"' })).length).toBe(200_000);
    expect(web.seen.at(-1)!.headers['if-match']).toBeUndefined();
    const error = await failure(() => readRange({ etag: 'W/"2"' }));
    expect(error.what).toContain('its version is W/"1", not W/"2"');
  });

  test('a host that does not exist, or does not listen', async () => {
    const unknown = 'http://no-such-host.invalid/x';
    setRemote({ patience: { ...SHORT, tries: 2 } });
    const { what, where } = await failure(() => remoteStore.stat(unknown));
    expect(what).toMatch(
      /^could not be read after 2 tries: the host name (is not known|could not be looked up)/,
    );
    expect(where).toBe(unknown);
    const closed = await serveFolder(dir);
    await closed.close();
    const refused = await failure(() => remoteStore.stat(`${closed.url}/file.bin`));
    expect(refused.what).toBe(
      'could not be read after 2 tries: the connection was refused (ECONNREFUSED)',
    );
  });
});

describe('servers without ranges', () => {
  test('a small file is read whole', async () => {
    web.fault = () => ({ kind: 'ignore range' });
    expect(Buffer.from(await readRange()).equals(middle)).toBe(true);
    const tail = await remoteStore.readTail!(url, 1000);
    expect(Buffer.from(tail!.bytes).equals(content.subarray(-1000))).toBe(true);
    expect(tail!.stat.size).toBe(300_000);
  });

  test('a large one is refused', async () => {
    web.fault = () => ({ kind: 'ignore range' });
    const large = `${web.url}/large.bin`;
    const error = await failure(() => remoteStore.readRange(large, 0, 10));
    expect(error.message).toBe(
      'could not be read, bytes 0 to 10: the server ignores ranges: it would send a file of 9437184 bytes whole ' +
        `(${large})\nCopy the data to a local disk, or use another server.`,
    );
  });
});

describe('one slow request', () => {
  test('gets a second one beside it, and the faster counts', async () => {
    setRemote({ patience: { ...SHORT, stallMs: 60_000, hedgeMs: 20 } });
    const start = web.seen.length;
    web.fault = () => (web.seen.length === start + 1 ? { kind: 'stall', after: 10 } : undefined);
    const { result, counts } = await counted(() => readRange());
    expect(Buffer.from(result).equals(middle)).toBe(true);
    expect([counts.requests, counts.hedged, counts.retries]).toEqual([2, 1, 0]);
  });

  test('an abort ends both', async () => {
    setRemote({ patience: { ...SHORT, stallMs: 60_000, hedgeMs: 20 } });
    web.fault = () => ({ kind: 'stall', after: 10 });
    const end = new AbortController();
    const reading = readRange({ signal: end.signal });
    setTimeout(() => end.abort(), 100);
    await expect(reading).rejects.toThrow();
  });
});

test('redirects are followed, and remembered when they are for good', async () => {
  web.fault = ({ file }) =>
    file === 'old.bin'
      ? { kind: 'status', status: 301, headers: { location: '/file.bin' } }
      : undefined;
  const old = `${web.url}/old.bin`;
  expect((await remoteStore.readRange(old, 0, 10)).length).toBe(10);
  const start = web.seen.length;
  expect((await remoteStore.readRange(old, 0, 10)).length).toBe(10);
  expect(web.seen.slice(start).map(({ file }) => file)).toEqual(['file.bin']);
  web.fault = () => ({ kind: 'status', status: 302, headers: { location: '/circle' } });
  const error = await failure(() => remoteStore.stat(`${web.url}/circle`));
  expect(error.what).toBe('could not be read: it redirects in a circle');
});

/** What S3 says when it will not, through a proxy that says it in the place of the server. */
import { writeFileSync } from 'node:fs';
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { configureRemote } from '../../catalogs/remote/configure.ts';
import { remoteStore } from '../../catalogs/remote/remote-store.ts';
import { uploadFile } from '../../catalogs/remote/s3-upload.ts';
import { setRemote } from '../../catalogs/remote/settings.ts';
import { close, openCatalog } from '../../index.ts';
import { makeCatalog } from '../query/make-catalog.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { counted, SHORT, testSpool } from './remote-fixture.ts';

const temp = tempFolder();
testSpool();
let server: FauxqsServer;
let proxy: Server;

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly signed: boolean;
  /** From 1, over all requests since the fault was set. */
  readonly number: number;
}
type Answer = { readonly status: number; readonly code: string } | 'reset' | undefined;
let fault: ((asked: Asked) => Answer) | null = null;
let asked: Asked[] = [];

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  server.createBucket('sky');
  proxy = createServer((from, to) => {
    const { method = 'GET', url = '', headers } = from;
    const one = {
      method,
      url,
      signed: headers.authorization !== undefined,
      number: asked.length + 1,
    };
    asked.push(one);
    const answer = fault?.(one);
    if (answer === 'reset') {
      from.socket.resetAndDestroy();
      return;
    }
    if (answer !== undefined) {
      from.resume();
      const xml = `<?xml version="1.0"?><Error><Code>${answer.code}</Code><Message>so</Message></Error>`;
      to.writeHead(answer.status, { 'content-type': 'application/xml' }).end(
        method === 'HEAD' ? '' : xml,
      );
      return;
    }
    const target = new URL(url, server.address);
    const passed = forward(target, { method, headers }, (back) => {
      to.writeHead(back.statusCode!, back.headers);
      back.pipe(to);
    });
    from.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  process.env['AWS_REGION'] = 'us-east-1';
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  setRemote({ patience: { ...SHORT, stallMs: 5000, tries: 3 } });
  await remoteStore.write('s3://sky/file', Buffer.from('0123456789'));
});
afterEach(() => {
  fault = null;
  asked = [];
  configureRemote({ anonymous: false });
});
afterAll(async () => {
  await close();
  proxy.closeAllConnections();
  proxy.close();
  await server.stop();
});

const read = () => remoteStore.readRange('s3://sky/file', 2, 5);

describe('what passes', () => {
  test.each([
    ['SlowDown', 503],
    ['InternalError', 500],
    ['RequestTimeout', 400],
    ['ExpiredToken', 400],
  ])('%s is tried again', async (code, status) => {
    asked = [];
    fault = ({ number }) => (number === 1 ? { status, code } : undefined);
    const { result, counts } = await counted(read);
    expect(Buffer.from(result).toString()).toBe('234');
    expect([counts.requests, counts.retries]).toEqual([2, 1]);
  });

  test('a broken connection is tried again', async () => {
    asked = [];
    fault = ({ number }) => (number === 1 ? 'reset' : undefined);
    expect(Buffer.from(await read()).toString()).toBe('234');
  });

  test('credentials that stay expired are said so', async () => {
    fault = () => ({ status: 400, code: 'ExpiredToken' });
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
    asked = [];
    fault = () => ({ status, code });
    await expect(read()).rejects.toThrow(`status ${status}, ${code}`);
    expect(asked).toHaveLength(1);
  });
});

test('requests are signed where there are credentials, and not when asked', async () => {
  await read();
  configureRemote({ anonymous: true });
  await read();
  expect(asked.map(({ signed }) => signed)).toEqual([true, false]);
});

test('without any credentials requests go out unsigned', async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
  delete process.env['AWS_ACCESS_KEY_ID'];
  delete process.env['AWS_SECRET_ACCESS_KEY'];
  await read();
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  expect(asked.map(({ signed }) => signed)).toEqual([false]);
});

describe('writing', () => {
  test('an upload that fails in the middle is taken back', async () => {
    writeFileSync(temp('large'), Buffer.alloc(20 << 20));
    fault = ({ url }) =>
      /partNumber=2/.test(url) ? { status: 403, code: 'AccessDenied' } : undefined;
    await expect(uploadFile(temp('large'), 's3://sky/large')).rejects.toThrow(
      'could not be written: status 403, AccessDenied (s3://sky/large)',
    );
    expect(asked.at(-1)).toMatchObject({
      method: 'DELETE',
      url: expect.stringMatching(/uploadId=/),
    });
    fault = null;
    expect(await remoteStore.stat('s3://sky/large')).toBeUndefined();
  });

  test('a catalog that cannot be finished leaves nothing that looks like one', async () => {
    const rows = [1, 2, 3].map((id) => ({ id, ra: 10 + id, dec: 1, tag: null, mag: id }));
    await makeCatalog(temp('sky'), rows, { name: 'sky' });
    const sky = await openCatalog(temp('sky'));
    fault = ({ method, url }) =>
      method === 'PUT' && url.includes('hats.properties')
        ? { status: 403, code: 'AccessDenied' }
        : undefined;
    await expect(sky.writeHats('s3://sky/out')).rejects.toThrow('status 403');
    fault = null;
    expect(await remoteStore.list('s3://sky/out')).toEqual([]);
    await sky.writeHats('s3://sky/out');
    expect(await (await openCatalog('s3://sky/out')).count()).toBe(3);
  });
});

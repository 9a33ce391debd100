/**
 * S3 on a second, independent server, which checks signatures: moto's (Python, Apache-2.0; older ones than 5.2.5 take
 * signatures over keys with `=` for wrong). It runs where `CROSSHATCH_MOTO` names a Python that has it: the oracle
 * checks do (test/oracle/s3.check.py).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configureRemote } from '../../catalogs/remote/configure.ts';
import { remoteStore } from '../../catalogs/remote/remote-store.ts';
import { close, openCatalog } from '../../index.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { testSpool } from './remote-fixture.ts';

const python = process.env['CROSSHATCH_MOTO'];

const temp = tempFolder();
testSpool();
let server: ChildProcess;
let endpoint: string;

/** Requests that the server takes without looking at who makes them: those that set it up. */
const SETUP_REQUESTS = 40;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** One call of the server's user administration. */
async function iam(action: string, fields: Record<string, string>): Promise<string> {
  const scope = 'Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x';
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}` },
    body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...fields }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${action}: ${answer.status} ${text}`);
  return text;
}

async function startServer(): Promise<void> {
  const port = await freePort();
  endpoint = `http://127.0.0.1:${port}`;
  server = spawn(python!, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, INITIAL_NO_AUTH_ACTION_COUNT: String(SETUP_REQUESTS) },
  });
  for (let tries = 0; tries < 200; tries++) {
    if ((await fetch(endpoint).catch(() => null)) !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server does not answer');
}

const rows: SkyRow[] = Array.from({ length: 400 }, (_, id) => ({
  id,
  ra: 10 + (id % 20) / 20,
  dec: Math.floor(id / 20) / 20,
  tag: `t${id}`,
  mag: id,
}));

describe.runIf(python !== undefined)('a second S3 server', () => {
  beforeAll(async () => {
    await makeCatalog(temp('sky'), rows, { name: 'sky', rowsPerPartition: 150 });
    await startServer();
    await iam('CreateUser', { UserName: 'astronomer' });
    const keys = await iam('CreateAccessKey', { UserName: 'astronomer' });
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
    await iam('PutUserPolicy', {
      UserName: 'astronomer',
      PolicyName: 'all',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [everything] }),
    });
    const of = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(keys)![1]!;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: of('AccessKeyId'),
      AWS_SECRET_ACCESS_KEY: of('SecretAccessKey'),
    });
    await fetch(`${endpoint}/private`, { method: 'PUT' });
    // From here on the server looks at every signature.
    for (let i = 0; i < SETUP_REQUESTS; i++) await fetch(`${endpoint}/private?location`);
  }, 120_000);
  afterAll(async () => {
    await close();
    server.kill();
  });

  test('takes signed requests by path, to write, list and read', async () => {
    for (const file of readdirSync(temp('sky'), { recursive: true, encoding: 'utf8' })) {
      const from = path.join(temp('sky'), file);
      if (statSync(from).isFile()) {
        await remoteStore.write(`s3://private/sky/${file}`, readFileSync(from));
      }
    }
    const sky = await openCatalog('s3://private/sky');
    expect(await sky.query('mag < 100').count()).toBe(100);
    await sky.limit(7).writeHats('s3://private/out', { name: 'out' });
    expect(await (await openCatalog('s3://private/out')).count()).toBe(7);
  });

  test('refuses unsigned ones, and wrong signatures, which is said plainly', async () => {
    configureRemote({ anonymous: true });
    const unsigned = remoteStore.readRange('s3://private/sky/hats.properties', 0, 10);
    await expect(unsigned).rejects.toThrow(
      /could not be read, bytes 0 to 10: status 403.*\n.*--anonymous/s,
    );
    configureRemote({ anonymous: false });
    const secret = process.env['AWS_SECRET_ACCESS_KEY'];
    process.env['AWS_SECRET_ACCESS_KEY'] = 'wrong';
    const forged = remoteStore.readRange('s3://private/sky/hats.properties', 0, 10);
    await expect(forged).rejects.toThrow(/status 403, SignatureDoesNotMatch/);
    process.env['AWS_SECRET_ACCESS_KEY'] = secret;
    expect((await remoteStore.readRange('s3://private/sky/hats.properties', 0, 10)).length).toBe(
      10,
    );
  });
});

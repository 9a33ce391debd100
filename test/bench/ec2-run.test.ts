/**
 * A run on a large machine from its launch to the results in the bucket, over an S3 server in this process: the checkout is
 * packed, copied, fetched and unpacked, catalogs are synchronised and matched straight from the bucket.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, generateCatalog } from '../../index.ts';
import { bin } from '../built-program.ts';
import { createStandIns, metadataService } from './ec2-stand-ins.ts';

const root = join(import.meta.dirname, '..', '..');
const machine = createStandIns();
const { dir } = machine;
const env = {
  ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' },
  ...{ BUCKET: 's3://bench/runs', PROFILE: 'role', CATALOGS: 's3://bench/made' },
  ...{ S3_LEFT: 's3://bench/made/gaia', S3_RIGHT: 's3://bench/made/ztf' },
  ...{ SUITES: 'count', WORKERS: '1', STARTED: join(dir, 'started.sh') },
};
let server: FauxqsServer;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  server.createBucket('bench');
  const cone = { ra: 290, dec: 10, radiusArcsec: 1200 };
  const gaia = { kind: 'gaia' as const, rows: 2000, seed: 1, rowsPerPartition: 1000, cone };
  mkdirSync(join(dir, 'made'));
  await generateCatalog(join(dir, 'made', 'gaia'), gaia);
  const ztf = { ...gaia, kind: 'ztf' as const, rows: 1500, seed: 2, counterpartOf: gaia };
  await generateCatalog(join(dir, 'made', 'ztf'), ztf);
  await close();
  const script = join(import.meta.dirname, 'aws-stand-in.ts');
  machine.standIn('aws', `exec '${process.execPath}' --no-warnings '${script}' "$@"`);
  machine.standIn('dnf');
  machine.standIn('halt-now');
  // The built program and what it needs are there already; the benchmark itself has tests of its own.
  machine.standIn(
    'npm',
    `case "$*" in
      ci*) ln -s '${join(root, 'node_modules')}' node_modules ;;
      *build*) ln -s '${join(bin, '..')}' dist ;;
      *) while [ $# -gt 0 ]; do [ "$1" = --json ] && echo '{"seen":["'$(ls bench/data | tr '\n' ' ')'"]}' > "$2"; shift; done ;;
    esac`,
  );
});
afterAll(async () => {
  await server.stop();
  machine.remove();
});

/** The text of an object in the bucket. */
async function objectAt(key: string): Promise<string> {
  const local = join(dir, 'fetched');
  await aws('s3', 'cp', `s3://bench/${key}`, local);
  return readFileSync(local, 'utf8');
}

async function aws(...args: string[]): Promise<void> {
  const said = await machine.run(join(dir, 'bin', 'aws'), args, reached());
  expect(said).toEqual({ status: 0, text: '' });
}

const reached = () => ({ ...env, AWS_ENDPOINT_URL: server.address });

test('from launch.sh to the results', async () => {
  await aws('s3', 'cp', '--recursive', join(dir, 'made'), 's3://bench/made');
  const launched = await machine.run(
    join(root, 'bench', 'ec2', 'launch.sh'),
    ['c7i.8xlarge'],
    reached(),
  );
  expect(launched).toMatchObject({ status: 0 });
  expect(launched.text).toContain('s3://bench/runs/results/c7i.8xlarge-i-0123/');

  // What the machine was given is what it runs, with the settings in front.
  const metadata = await metadataService();
  const work = join(dir, 'work');
  const booted = await machine.run(env.STARTED, [], {
    ...{
      ...reached(),
      METADATA_URL: metadata.url,
      WORK: work,
      NVME_DISKS: '',
      SHUTDOWN: 'halt-now',
    },
    CROSSHATCH_SPOOL: join(dir, 'spool'),
  });
  metadata.stop();
  expect(booted.text).toContain('finished');
  expect(machine.called('halt-now')).toHaveLength(1);

  const results = 'runs/results/c7i.8xlarge-i-0123';
  expect(JSON.parse(await objectAt(`${results}/count-1.json`))).toEqual({ seen: ['gaia ztf '] });
  const cold = JSON.parse(await objectAt(`${results}/s3-cold-1.json`)) as Record<string, number>;
  const warm = JSON.parse(await objectAt(`${results}/s3-warm-1.json`)) as Record<string, number>;
  expect(cold['rows']).toBeGreaterThan(500);
  expect(cold['rows']).toBe(warm['rows']);
  expect(cold['bytesRead']).toBeGreaterThan(warm['bytesRead']!);
  expect(await objectAt(`${results}/user-data.log`)).toContain('1.428 dollars an hour');
});

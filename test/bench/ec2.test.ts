import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createStandIns, metadataService, type StandIns } from './ec2-stand-ins.ts';

const root = join(import.meta.dirname, '..', '..');
const scripts = join(root, 'bench', 'ec2');

let machine: StandIns;
let dir: string;
let calls: string;

beforeEach(() => {
  machine = createStandIns();
  ({ dir, calls } = machine);
});

afterEach(() => machine.remove());

const standIn = (name: string, then?: string) => machine.standIn(name, then);
const called = (name: string) => machine.called(name);
const run = (script: string, args: readonly string[], env: Record<string, string>) =>
  machine.run(script, args, env);

/** The benchmark: leaves a file where it is told to. */
const BENCH = 'while [ $# -gt 0 ]; do [ "$1" = --json ] && echo "{}" > "$2"; shift; done';

describe('run-suites.sh', () => {
  const script = join(scripts, 'run-suites.sh');

  test('runs each suite with each number of workers, the largest first, none above the cores', async () => {
    standIn('npm', BENCH);
    const results = join(dir, 'results');
    const env = { SUITES: 'count dispatch', WORKERS: '1 8 96', CORES: '8', ROWS: '1e6', RUNS: '3' };
    const { status, text } = await run(script, [results], env);
    expect({ status, text }).toMatchObject({ status: 0 });
    expect(text).toContain('leaving out 96 workers: there are 8 cores');
    const size = '--rows 1e6 --right-rows 7e7';
    expect(called('npm')).toEqual(
      [
        `count --workers 8 --runs 3 ${size} --alone --json ${results}/count-8.json`,
        `dispatch --workers 8 --runs 3 --alone --json ${results}/dispatch-8.json`,
        `count --workers 1 --runs 3 ${size} --alone --json ${results}/count-1.json`,
        `dispatch --workers 1 --runs 3 --alone --json ${results}/dispatch-1.json`,
      ].map((line) => `npm run --silent bench -- ${line}`),
    );
    expect(readdirSync(results)).toHaveLength(4);
  });

  test('with rivals, and catalogs in S3', async () => {
    standIn('npm', BENCH);
    standIn('node', `echo "spool $CROSSHATCH_SPOOL" >> '${calls}'; echo "{}"`);
    const env = { SUITES: 'count', WORKERS: '1 2', CORES: '2', RIVALS: '1' };
    const places = { S3_LEFT: 's3://a/left', S3_RIGHT: 's3://a/right' };
    const results = join(dir, 'results');
    const { status } = await run(script, [results], { ...env, ...places });
    expect(status).toBe(0);
    expect(called('npm')[0]).not.toContain('--alone');
    const match = 'node dist/bin.js crossmatch s3://a/left s3://a/right --radius 1';
    expect(called('node')).toEqual(
      [2, 2, 1, 1].map((workers) => `${match} --workers ${workers} --json --progress none`),
    );
    // What two workers fetched is not there for one.
    const [cold, warm, ...others] = called('spool');
    expect(warm).toBe(cold);
    expect(others).not.toContain(cold);
    const files = ['count', 's3-cold', 's3-warm'].flatMap((name) => [
      `${name}-1.json`,
      `${name}-2.json`,
    ]);
    expect(readdirSync(results).sort()).toEqual(files);
  });

  test('a suite that fails does not keep the others from running, and is not forgotten', async () => {
    standIn('npm', 'exit 3');
    const env = { SUITES: 'count write', WORKERS: '1', CORES: '1' };
    const { status } = await run(script, [join(dir, 'results')], env);
    expect(status).toBe(1);
    expect(called('npm')).toHaveLength(2);
  });
});

describe('user-data.sh', () => {
  /** A machine with nothing but stand-ins; `npm` says how the benchmark goes. */
  async function boot(npm: string) {
    const work = join(dir, 'work');
    const archive = join(dir, 'crosshatch.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', root, 'bench/ec2']);
    standIn('dnf');
    standIn('npm', npm);
    standIn('halt-now');
    standIn(
      'aws',
      `[[ "$*" == *"/crosshatch.tar.gz $WORK"* ]] && cp '${archive}' "$WORK/"; exit 0`,
    );
    const metadata = await metadataService();
    const ran = await run(join(scripts, 'user-data.sh'), [], {
      ...{ BUCKET: 's3://bucket/bench', METADATA_URL: metadata.url, WORK: work, NVME_DISKS: '' },
      ...{ SHUTDOWN: 'halt-now', SUITES: 'count', WORKERS: '1', CATALOGS: 's3://bucket/made' },
    });
    metadata.stop();
    return { ...ran, work, asked: metadata.asked };
  }

  test('installs, fetches, runs, copies the results, tells the cost and ends', async () => {
    const { text, work, asked } = await boot(BENCH);
    expect(asked[0]).toBe('PUT /latest/api/token');
    expect(called('dnf')[0]).toContain('nodejs20');
    expect(called('npm').map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'npm ci --silent',
      'npm run --silent build',
      'npm run --silent bench',
    ]);
    const results = 's3://bucket/bench/results/c7i.8xlarge-i-0123';
    expect(called('aws')).toEqual([
      `aws s3 cp s3://bucket/bench/crosshatch.tar.gz ${work}/crosshatch.tar.gz`,
      'aws s3 sync --only-show-errors s3://bucket/made bench/data',
      `aws s3 cp --recursive ${work}/results ${results}`,
      `aws s3 cp ${work}/user-data.log ${results}/user-data.log`,
    ]);
    expect(text).toMatch(/c7i\.8xlarge: \d+ s, 0\.\d\d dollars \(1\.428 dollars an hour/);
    expect(text).toContain('finished');
    expect(called('halt-now')).toHaveLength(1);
    expect(existsSync(join(work, 'results', 'count-1.json'))).toBe(true);
  });

  test('a benchmark that fails: what there is is copied, and the machine ends', async () => {
    const { text } = await boot('[[ "$*" == *" bench "* ]] && exit 4; exit 0');
    expect(text).toContain('failed: what there is was copied');
    expect(called('aws').filter((line) => line.includes('--recursive'))).toHaveLength(1);
    expect(called('halt-now')).toHaveLength(1);
  });

  test('an install that fails ends the machine too', async () => {
    const { text } = await boot('exit 1');
    expect(text).toContain('failed:');
    expect(called('npm')).toEqual(['npm ci --silent']);
    expect(called('halt-now')).toHaveLength(1);
  });
});

describe('launch.sh', () => {
  const script = join(scripts, 'launch.sh');
  const env = { BUCKET: 's3://bucket/bench', PROFILE: 'role' };

  test('a dry run shows the command and the settings, and starts nothing', async () => {
    standIn('aws');
    const { status, text } = await run(script, ['c7i.metal-48xl', '--dry-run'], {
      ...{ ...env, SUITES: 'count write', ROWS: '1e8' },
    });
    expect(status).toBe(0);
    expect(called('aws')).toEqual([]);
    expect(text).toContain('--instance-type c7i.metal-48xl');
    expect(text).toContain('HttpTokens=required');
    expect(text).toContain('export SUITES=count\\ write\nexport ROWS=1e8\n');
    expect(text).toContain('trap finish EXIT');
  });

  test('packs the checkout, copies it, and starts a machine that ends itself', async () => {
    standIn('aws', '[ "$1" = ec2 ] && echo i-0abc; exit 0');
    standIn('git', 'while [ $# -gt 0 ]; do [ "$1" = -o ] && echo x > "$2"; shift; done');
    const { status, text } = await run(script, ['c7i.8xlarge'], { ...env, SUBNET: 'subnet-1' });
    expect(status).toBe(0);
    const [copied, started] = called('aws');
    expect(copied).toMatch(
      /^aws s3 cp .*crosshatch\.tar\.gz s3:\/\/bucket\/bench\/crosshatch\.tar\.gz$/,
    );
    expect(started).toContain('--instance-initiated-shutdown-behavior terminate');
    expect(started).toContain('--iam-instance-profile Name=role');
    expect(started).toContain('--subnet-id subnet-1');
    expect(text).toContain('s3://bucket/bench/results/c7i.8xlarge-i-0abc/');
  });

  test('says what is missing', async () => {
    const { status, text } = await run(script, ['c7i.8xlarge'], { BUCKET: '', PROFILE: '' });
    expect(status).not.toBe(0);
    expect(text).toContain('BUCKET is not set');
  });
});

test('slurm.sbatch runs the suites on the cores of the node', async () => {
  standIn('npm', BENCH);
  mkdirSync(join(dir, 'bench'));
  execFileSync('cp', ['-r', scripts, join(dir, 'bench', 'ec2')]);
  const { status, text } = await run(join(scripts, 'slurm.sbatch'), [], {
    ...{ SLURM_SUBMIT_DIR: dir, SLURM_JOB_ID: '77', SLURM_CPUS_ON_NODE: '4' },
    ...{ SUITES: 'count', WORKERS: '2 16' },
  });
  expect({ status, text }).toMatchObject({ status: 0 });
  expect(called('npm')).toHaveLength(1);
  expect(readdirSync(join(dir, 'bench', 'results', 'slurm-77'))).toEqual(['count-2.json']);
});

describe('cost.sh', () => {
  test('an hour costs what the table says', async () => {
    const { text } = await run(join(scripts, 'cost.sh'), ['c7i.metal-48xl', '3600'], {});
    expect(text).toContain('c7i.metal-48xl: 3600 s, 8.57 dollars');
  });

  test('a machine that is not in the table', async () => {
    const { text } = await run(join(scripts, 'cost.sh'), ['x9.huge', '60'], {});
    expect(text).toBe('x9.huge: 60 s, price unknown: add it to prices.csv\n');
  });
});

/**
 * Whole-process benchmarks beside LSDB on the same catalogs, answers compared first:
 *
 *     npm run bench -- [count|map|write|all] [--rows 4e6] [--right-rows 3e6] [--runs 5] [--workers 2]
 *
 * Runs what the package installs: the program is built first. Prints a table and leaves the figures in bench/results/latest.json.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { comparePairs } from './compare.ts';
import { type Pair, pairOf } from './data.ts';
import { type Measured, measure, spread } from './process.ts';
import { oraclePython } from './venv.ts';

const SUITES = ['count', 'map', 'write'] as const;
type Suite = (typeof SUITES)[number];

const here = import.meta.dirname;
const root = join(here, '..');
const RADIUS_ARCSEC = 1;

interface Outcome {
  readonly suite: Suite;
  readonly program: string;
  readonly answer: string;
  readonly seconds: ReturnType<typeof spread>;
  readonly cpuSeconds: ReturnType<typeof spread>;
  readonly peakBytes: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: 'string', default: '4e6' },
      'right-rows': { type: 'string', default: '3e6' },
      runs: { type: 'string', default: '5' },
      workers: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const asked = positionals[0] ?? 'all';
  const suites = SUITES.filter((suite) => asked === 'all' || asked === suite);
  if (suites.length === 0)
    throw new Error(`there is no suite "${asked}": ${SUITES.join(', ')}, all`);
  const rows = Number(values.rows) + Number(values['right-rows']);
  console.log(`making ${values.rows} × ${values['right-rows']} rows (once)`);
  const pair = await pairOf(Number(values.rows), Number(values['right-rows']));
  const python = oraclePython();
  execFileSync(process.execPath, [join(root, 'build.ts')], { stdio: 'inherit' });
  const outcomes: Outcome[] = [];
  for (const suite of suites) {
    outcomes.push(...(await runSuite(suite, pair, python, Number(values.runs), values.workers)));
  }
  report(outcomes, rows, values.workers);
}

/** One warm-up each, in which the answers are compared; then the two programs in turn. */
async function runSuite(
  suite: Suite,
  pair: Pair,
  python: string,
  runs: number,
  workers: string,
): Promise<Outcome[]> {
  const dir = join(here, 'data', 'out');
  mkdirSync(dir, { recursive: true });
  const outputs = { ours: join(dir, `${suite}-ours`), theirs: join(dir, `${suite}-lsdb`) };
  const programs = {
    crosshatch: oursCommand(suite, pair, outputs.ours, workers),
    LSDB: [
      ...[python, join(here, 'rivals', 'lsdb_match.py'), suite, pair.left, pair.right],
      ...[String(RADIUS_ARCSEC), outputs.theirs, workers],
    ],
  };
  const answers = new Map<string, string>();
  const measured = new Map<string, Measured[]>(Object.keys(programs).map((name) => [name, []]));
  for (let run = -1; run < runs; run++) {
    for (const [name, command] of Object.entries(programs)) {
      for (const out of [outputs.ours, `${outputs.ours}.fits`]) {
        if (name === 'crosshatch') rmSync(out, { recursive: true, force: true });
      }
      const result = await measure(command);
      if (run < 0) answers.set(name, answerOf(suite, name, result.stdout));
      else measured.get(name)!.push(result);
    }
    if (run < 0 && suite === 'write') {
      const pairs = String(await comparePairs(outputs.ours, outputs.theirs));
      for (const name of answers.keys()) answers.set(name, pairs);
    }
    if (run < 0 && new Set(answers.values()).size !== 1) {
      throw new Error(`the answers differ: ${JSON.stringify([...answers])}`);
    }
  }
  return Object.keys(programs).map((program) => {
    const all = measured.get(program)!;
    return {
      suite,
      program,
      answer: answers.get(program)!,
      seconds: spread(all.map(({ seconds }) => seconds)),
      cpuSeconds: spread(all.map(({ cpuSeconds }) => cpuSeconds)),
      peakBytes: Math.max(...all.map(({ peakBytes }) => peakBytes)),
    };
  });
}

function oursCommand(suite: Suite, pair: Pair, output: string, workers: string): string[] {
  const command = [process.execPath, join(root, 'dist', 'cli', 'bin.js'), 'crossmatch'];
  command.push(pair.left, pair.right, '--radius', String(RADIUS_ARCSEC), '--workers', workers);
  command.push('--json', '--progress', 'none', '--suffixes', '_left,_right');
  if (suite === 'write') command.push('--output', output);
  if (suite === 'map') command.push('--skymap', '8', '--output', `${output}.fits`);
  return command;
}

function answerOf(suite: Suite, program: string, stdout: string): string {
  if (suite === 'write') return program;
  if (program === 'crosshatch') return String(JSON.parse(stdout.trim().split('\n').at(-1)!).rows);
  return stdout.trim().split('\n').at(-1)!.split(' ')[0]!;
}

function report(outcomes: readonly Outcome[], rows: number, workers: string): void {
  const range = ({ median, min, max }: ReturnType<typeof spread>) =>
    `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
  console.table(
    outcomes.map(({ suite, program, answer, seconds, cpuSeconds, peakBytes }) => {
      const ours = outcomes.find((o) => o.suite === suite && o.program === 'crosshatch')!;
      return {
        suite,
        program,
        answer,
        'wall s': range(seconds),
        'CPU s': range(cpuSeconds),
        'peak MB': Math.round(peakBytes / 1e6),
        'rows/s/core': Math.round(rows / cpuSeconds.median),
        'wall ratio': (seconds.median / ours.seconds.median).toFixed(1),
        'CPU ratio': (cpuSeconds.median / ours.cpuSeconds.median).toFixed(1),
      };
    }),
  );
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem() };
  mkdirSync(join(here, 'results'), { recursive: true });
  const file = join(here, 'results', 'latest.json');
  writeFileSync(
    file,
    `${JSON.stringify({ machine, node: process.version, workers, rows, outcomes }, null, 2)}\n`,
  );
  console.log(`written to ${file}`);
}

await main();

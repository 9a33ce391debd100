/**
 * The crossmatch kernel alone, one thread, beside SciPy's k-d tree on the same positions; answers compared
 * first, runs taken in turn:
 *
 *     node bench/kernel.ts [--rows 1e6] [--runs 7]
 *
 * `PYTHON` names a Python with SciPy; without it the one of bench/venv.ts is used, or made. Figures are
 * nanoseconds per row of either side: wall time as median (fastest–slowest), CPU time as mean, which a busy
 * machine disturbs less.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createMatcher, createScratch, type MatchOptions } from '../engine/kernel/match.ts';
import { type KernelData, kernelData } from './kernel-data.ts';
import { spread } from './process.ts';
import { oraclePython } from './venv.ts';

/** SciPy subtracts unit vectors, which leaves errors of this size. */
const TOLERANCE_ARCSEC = 1e-9;

/** Pairs per block, as the engine asks for them. */
const BLOCK_PAIRS = 1 << 24;

const cases = [
  { radiusArcsec: 1, neighbors: 1 },
  { radiusArcsec: 10, neighbors: 1 },
  { radiusArcsec: 60, neighbors: 1 },
  { radiusArcsec: 30, neighbors: 5 },
] as const;

/** Seconds; `cpu`: of grid and pairs, or of everything the rival does. */
type Phases = Readonly<Record<'grid' | 'pairs' | 'count' | 'cpu', number>>;
type RivalPhases = Readonly<Record<'vectors' | 'build' | 'query' | 'cpu' | 'pairs', number>>;

const noStop = () => {};
const scratch = createScratch();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rows: { type: 'string', default: '1e6' }, runs: { type: 'string', default: '7' } },
  });
  const rows = Number(values.rows);
  const data = kernelData(rows, 1);
  const dir = mkdtempSync(join(tmpdir(), 'crosshatch-kernel-'));
  try {
    for (const [name, side] of Object.entries(data)) {
      writeFileSync(join(dir, `${name}_ra.f64`), side.ra);
      writeFileSync(join(dir, `${name}_dec.f64`), side.dec);
    }
    const python = process.env['PYTHON'] ?? oraclePython();
    const table: object[] = [];
    for (const { radiusArcsec, neighbors } of cases) {
      const options = { radiusArcsec, neighbors, minRadiusArcsec: 0, keepUnmatched: false };
      table.push(...(await runCase(data, options, dir, python, Number(values.runs))));
    }
    console.log(`${rows} × ${rows} rows, ns per row of either side`);
    console.table(table);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runCase(
  data: KernelData,
  options: MatchOptions,
  dir: string,
  python: string,
  runs: number,
): Promise<object[]> {
  const script = join(import.meta.dirname, 'rivals', 'kd_tree.py');
  const args = [script, dir, String(options.radiusArcsec), String(options.neighbors)];
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const rival = rivalRuns(child);
  try {
    await rival();
    compare(data, options, dir);
    const ours: Phases[] = [];
    const theirs: RivalPhases[] = [];
    for (let run = 0; run < runs; run++) {
      ours.push(measureKernel(data, options));
      theirs.push(await rival());
    }
    return summary(options, ours, theirs, 2 * data.left.length);
  } finally {
    child.stdin!.end();
  }
}

/** A function that has the rival run once. */
function rivalRuns(child: ChildProcess): () => Promise<RivalPhases> {
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return async () => {
    child.stdin!.write('\n');
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the rival ended early');
    return JSON.parse(value) as RivalPhases;
  };
}

/** One run; a matcher of its own for counting, so that no phase warms the other. */
function measureKernel({ left, right }: KernelData, options: MatchOptions): Phases {
  const cpu = cpuSeconds();
  const start = performance.now();
  const matcher = createMatcher(left, right, options, { scratch });
  const built = performance.now();
  while (matcher.next(BLOCK_PAIRS, noStop) !== null);
  const paired = performance.now();
  const used = cpuSeconds() - cpu;
  const counter = createMatcher(left, right, options, { scratch });
  const rebuilt = performance.now();
  counter.count(noStop);
  const counted = performance.now();
  return {
    grid: (built - start) / 1000,
    pairs: (paired - built) / 1000,
    count: (counted - rebuilt) / 1000,
    cpu: used,
  };
}

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

/** Throws unless the rival's pairs in `dir` are the kernel's. */
function compare({ left, right }: KernelData, options: MatchOptions, dir: string): void {
  const bytesOf = (name: string) => new Uint8Array(readFileSync(join(dir, name))).buffer;
  const theirLeft = new Int32Array(bytesOf('pairs_left.i32'));
  const theirRight = new Int32Array(bytesOf('pairs_right.i32'));
  const theirArcsec = new Float64Array(bytesOf('pairs_arcsec.f64'));
  const matcher = createMatcher(left, right, options, { scratch });
  let done = 0;
  let different = 0;
  for (
    let block = matcher.next(BLOCK_PAIRS, noStop);
    block;
    block = matcher.next(BLOCK_PAIRS, noStop)
  ) {
    for (let i = 0; i < block.length; i++, done++) {
      const near = Math.abs(block.distArcsec[i]! - theirArcsec[done]!) <= TOLERANCE_ARCSEC;
      const same = block.left[i] === theirLeft[done] && block.right[i] === theirRight[done];
      if (!(near && same)) different++;
    }
  }
  if (different > 0 || done !== theirLeft.length) {
    throw new Error(`${different} of ${done} pairs differ from the rival's ${theirLeft.length}`);
  }
}

/** Two lines of the table: the kernel's and the rival's. */
function summary(
  options: MatchOptions,
  ours: readonly Phases[],
  theirs: readonly RivalPhases[],
  rows: number,
): object[] {
  const perRow = (seconds: readonly number[]) => {
    const { median, min, max } = spread(seconds.map((s) => (s / rows) * 1e9));
    return { median, text: `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})` };
  };
  const mean = (seconds: readonly number[]) =>
    (seconds.reduce((a, b) => a + b, 0) / seconds.length / rows) * 1e9;
  const mine = perRow(ours.map((p) => p.grid + p.pairs));
  const all = perRow(theirs.map((p) => p.vectors + p.build + p.query));
  const [myCpu, theirCpu] = [mean(ours.map((p) => p.cpu)), mean(theirs.map((p) => p.cpu))];
  const name = `${options.radiusArcsec}″, ${options.neighbors} nearest`;
  return [
    {
      case: name,
      program: 'kernel',
      vectors: '',
      'grid/tree': perRow(ours.map((p) => p.grid)).text,
      'pairs/query': perRow(ours.map((p) => p.pairs)).text,
      count: perRow(ours.map((p) => p.count)).text,
      all: mine.text,
      CPU: myCpu.toFixed(1),
    },
    {
      case: `${theirs[0]!.pairs} pairs`,
      program: 'SciPy',
      vectors: perRow(theirs.map((p) => p.vectors)).text,
      'grid/tree': perRow(theirs.map((p) => p.build)).text,
      'pairs/query': perRow(theirs.map((p) => p.query)).text,
      count: '',
      all: all.text,
      CPU: theirCpu.toFixed(1),
      'wall ratio': (all.median / mine.median).toFixed(1),
      'without vectors': (
        perRow(theirs.map((p) => p.build + p.query)).median / mine.median
      ).toFixed(1),
      'CPU ratio': (theirCpu / myCpu).toFixed(1),
    },
  ];
}

await main();

/**
 * How a match of the whole sky scales: measured costs of tasks, the partitions that Gaia DR3 and a ZTF of 1.2 billion rows have at
 * their real density, and the machines of bench/ec2/prices.csv go into a simulated schedule.
 *
 *     npm run bench -- model [--figures FILE]
 *
 * FILE is what `npm run bench -- cores dispatch` wrote. Prints tables, and leaves the curve in bench/results/model.svg.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { quoteText } from '../../engine/expression/quote.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { type Report, significant, table, writeFile } from '../report.ts';
import type { CaseFigures } from '../runner.ts';
import { checkedAgainst, publishedShape } from './checks.ts';
import { type Costs, costsOf, dispatchSecondsOf, tasksOf } from './costs.ts';
import { plotCurves } from './curve-plot.ts';
import { type Rented, readPrices } from './prices.ts';
import { type ModelTask, shareOut, simulate } from './schedule.ts';
import { type DensityRange, matchCells } from './sky.ts';

const root = join(import.meta.dirname, '..', '..');
const DENSITY_ORDER = 8;
/** Rows of a partition of the public catalogs, about. */
const THRESHOLD = 1_000_000;
/** Rows that a task may have before it is cut, about: what fits the share of a worker. */
const MOST_ROWS = 4_000_000;
/** Rows of ZTF, which lies north of −28°, at the density of Gaia there. */
const ZTF = { rows: 1.2e9, south: -28 };
const CORES = [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192] as const;
const MACHINES = [1, 2, 4, 8, 16, 32, 64] as const;

export async function runModel(options: { readonly figures?: string }): Promise<void> {
  const file = options.figures ?? join(root, 'bench', 'results', 'latest.json');
  const { figures, dispatch } = readFigures(file);
  const costs = costsOf(figures, dispatchSecondsOf(dispatch));
  console.log(costLines(costs).join('\n'));
  console.log(`\nChecked against what was measured here (${figures.name}):`);
  console.log(checkedAgainst(figures, costs).join('\n'));
  const cells = matchCells(await skyDensity(), DENSITY_ORDER, THRESHOLD);
  const rows = cells.reduce((sum, { left, right }) => sum + left + right, 0);
  const tasks = tasksOf(cells, costs, MOST_ROWS);
  console.log(
    `\nGaia DR3 × ZTF: ${cells.length} cells, ${tasks.length} tasks, ${significant(rows / 1e9)} billion rows, ` +
      `${significant((rows * costs.storeBytesPerRow) / 1e9)} GB read`,
  );
  const prices = readPrices();
  const large = prices[0]!;
  console.log(`\nOn 1 to ${large.cores} cores of one ${large.instance}:`);
  const curve = CORES.filter((cores) => cores <= large.cores).map((cores) => ({
    cores,
    ...predict(tasks, costs, { ...large, cores }, 1),
  }));
  console.log(
    predictionTable(
      'cores',
      curve.map((one) => [String(one.cores), one]),
    ),
  );
  console.log('\nOn whole machines, each with its share of the sky:');
  const whole = prices.flatMap((machine) =>
    MACHINES.map((count) => {
      const name = `${count} × ${machine.instance}`;
      return [name, predict(tasks, costs, machine, count)] as const;
    }),
  );
  console.log(predictionTable('machines', whole));
  console.log(`\nprices: ${large.recorded}, see bench/ec2/prices.csv`);
  console.log(`\n${publishedShape().join('\n')}`);
  const picture = join(root, 'bench', 'results', 'model.svg');
  writeFile(picture, plotCurves(curve));
  console.log(`\nthe curve is in ${picture}`);
}

export interface Prediction {
  readonly seconds: number;
  readonly efficiency: number;
  readonly limit: string;
  readonly dollars: number;
}

/** A run on `count` machines, each with its share of the tasks. */
export function predict(
  tasks: readonly ModelTask[],
  costs: Costs,
  machine: Rented,
  count: number,
): Prediction {
  const runs = shareOut(tasks, count).map((share) =>
    simulate(share, {
      cores: machine.cores,
      storeBytesPerSecond: machine.networkBytesPerSecond,
      memoryBytesPerSecond: machine.memoryBytesPerSecond,
      dispatchSeconds: costs.dispatchSeconds,
      startSeconds: costs.startSeconds,
    }),
  );
  const last = runs.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const work = tasks.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    seconds: last.seconds,
    efficiency: work / (last.seconds * machine.cores * count),
    limit: last.limit,
    dollars: (count * machine.dollarsPerHour * last.seconds) / 3600,
  };
}

function predictionTable(name: string, lines: readonly (readonly [string, Prediction])[]): string {
  return table(
    [name, 'wall s', 'efficiency', 'limit', 'dollars'],
    lines.map(([label, { seconds, efficiency, limit, dollars }]) => [
      label,
      significant(seconds),
      efficiency.toFixed(2),
      limit,
      dollars.toFixed(3),
    ]),
  ).join('\n');
}

function readFigures(file: string): { figures: CaseFigures; dispatch: CaseFigures | undefined } {
  const hint = 'run `npm run bench -- cores dispatch` first, or name its JSON with --figures';
  if (!existsSync(file)) throw new Error(`there are no figures at ${file}: ${hint}`);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const found = cases.find(({ suite, name }) => suite === 'cores' && name.startsWith('count'));
  if (found === undefined) throw new Error(`${file} has no figures of the suite cores: ${hint}`);
  return { figures: found, dispatch: cases.find(({ suite }) => suite === 'dispatch') };
}

function costLines(costs: Costs): string[] {
  return [
    'Measured here, one worker:',
    `  ${significant(costs.secondsPerRow * 1e9)} ns and ${significant(costs.storeBytesPerRow)} bytes per row of either side`,
    `  ${significant(costs.secondsPerTask * 1e3)} ms per task, and ${significant(costs.dispatchSeconds * 1e6)} µs of the main thread`,
    `  ${significant(costs.startSeconds)} s before the first task begins`,
  ];
}

/** The density of Gaia DR3, and that of ZTF where it looks. */
async function skyDensity(): Promise<DensityRange[]> {
  const shared = resolve(root, process.env['CROSSHATCH_SHARED'] ?? join('..', 'shared'));
  const file = join(shared, 'sky-data', 'gaia_dr3_density_hpx8.parquet');
  if (!existsSync(file)) throw new Error(`no density at ${file}: set CROSSHATCH_SHARED`);
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-model-'));
  const session = await openSession({ memoryLimitBytes: 1e9, spillDir });
  try {
    const rows = await session.rows(
      `SELECT hpx8_lo, hpx8_hi, sources, dec_max FROM read_parquet(${quoteText(file)}) ORDER BY hpx8_lo`,
    );
    const ranges = rows.map((row) => ({
      start: Number(row['hpx8_lo']),
      end: Number(row['hpx8_hi']) + 1,
      left: Number(row['sources']),
      isSeen: Number(row['dec_max']) > ZTF.south,
    }));
    const seen = ranges.reduce((sum, { left, isSeen }) => sum + (isSeen ? left : 0), 0);
    return ranges.map(({ start, end, left, isSeen }) => ({
      ...{ start, end, left },
      right: isSeen ? (left * ZTF.rows) / seen : 0,
    }));
  } finally {
    session.close();
    rmSync(spillDir, { recursive: true, force: true });
  }
}

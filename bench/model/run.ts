/**
 * How a match of the whole sky scales: measured costs of tasks, the partitions that Gaia DR3 and a ZTF of 1.2 billion rows have at
 * their real density, and the machines of bench/ec2/prices.csv go into a simulated schedule.
 *
 *     npm run bench -- model [--figures FILE]
 *
 * FILE is what `npm run bench -- cores dispatch` wrote; without it the last whole run of each of them counts. Prints tables, and leaves the curve in bench/results/model.svg.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { quoteText } from '../../engine/expression/quote.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { type Report, significant, table, writeFile } from '../report.ts';
import type { CaseFigures } from '../runner.ts';
import { checkedAgainst, publishedShape } from './checks.ts';
import { type Costs, costsOf, dispatchSecondsOf, PASSES, tasksOf } from './costs.ts';
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
  const results = join(root, 'bench', 'results');
  const files =
    options.figures === undefined
      ? ['cores', 'dispatch'].map((suite) => join(results, `${suite}.json`))
      : [options.figures];
  const { figures, dispatch, cores: measuredOn } = readFigures(files);
  const costs = costsOf(figures, dispatchSecondsOf(dispatch), measuredOn);
  console.log(costLines(costs).join('\n'));
  console.log(`\nChecked against what was measured here (${figures.name}):`);
  console.log(checkedAgainst(figures, costs, measuredOn).join('\n'));
  console.log(CHECKED);
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
    ...predict(tasks, costs, large, { cores }),
  }));
  console.log(
    predictionTable(
      'cores',
      curve.map((one) => [String(one.cores), one]),
    ),
  );
  console.log('\nOn whole machines, each with its share of the sky:');
  const whole = prices.flatMap(places).flatMap((machine) =>
    MACHINES.map((count) => {
      const name = `${count} × ${machine.instance}`;
      return [name, predict(tasks, costs, machine, { count })] as const;
    }),
  );
  console.log(predictionTable('machines', whole));
  console.log(`\nprices: ${large.recorded}, see bench/ec2/prices.csv`);
  console.log(`\n${publishedShape().join('\n')}`);
  console.log(`\n${NOT_IN_IT}`);
  const picture = join(root, 'bench', 'results', 'model.svg');
  writeFile(picture, plotCurves(curve));
  console.log(`\nthe curve is in ${picture}`);
}

const CHECKED = `  the first line is near by design, as the costs are its own; the others are the schedule and the CPU time of busy cores.
  Other programs on this machine make what was measured longer.`;

const NOT_IN_IT = `Not in the model: sockets, stores that slow down, failures, and the start of many workers one after the other. Busy cores are taken
to slow each other down as those of this machine do. Bytes through memory are ${PASSES} for each byte read, counted and not measured.`;

/** Where the catalogs may lie: in S3, or on the machine's own disks. */
function places(machine: Rented): Rented[] {
  if (machine.diskBytesPerSecond === 0) return [machine];
  const instance = `${machine.instance}, own disks`;
  return [machine, { ...machine, instance, networkBytesPerSecond: machine.diskBytesPerSecond }];
}

export interface Prediction {
  readonly seconds: number;
  /** From the store, of all machines together. */
  readonly bytesPerSecond: number;
  readonly efficiency: number;
  readonly limit: string;
  readonly dollars: number;
}

/** A run on `count` machines, each with its share of the tasks, or on some cores of one. */
export function predict(
  tasks: readonly ModelTask[],
  costs: Costs,
  machine: Rented,
  { count = 1, cores = machine.cores }: { readonly count?: number; readonly cores?: number },
): Prediction {
  const runs = shareOut(tasks, count).map((share) =>
    simulate(share, {
      cores,
      storeBytesPerSecond: machine.networkBytesPerSecond,
      memoryBytesPerSecond: machine.memoryBytesPerSecond,
      dispatchSeconds: costs.dispatchSeconds,
      startSeconds: costs.startSeconds,
      crowding: { factor: costs.crowding, cores: machine.cores },
    }),
  );
  const last = runs.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const work = tasks.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    seconds: last.seconds,
    bytesPerSecond: tasks.reduce((sum, { storeBytes }) => sum + storeBytes, 0) / last.seconds,
    efficiency: work / (last.seconds * cores * count),
    limit: last.limit,
    dollars: (count * machine.dollarsPerHour * last.seconds) / 3600,
  };
}

function predictionTable(name: string, lines: readonly (readonly [string, Prediction])[]): string {
  return table(
    [name, 'wall s', 'efficiency', 'GB/s', 'limit', 'dollars'],
    lines.map(([label, { seconds, efficiency, bytesPerSecond, limit, dollars }]) => [
      label,
      significant(seconds),
      efficiency.toFixed(2),
      significant(bytesPerSecond / 1e9),
      limit,
      dollars.toFixed(3),
    ]),
  ).join('\n');
}

function readFigures(files: readonly string[]) {
  const reports = files
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report);
  const isCount = ({ suite, name }: CaseFigures) => suite === 'cores' && name.startsWith('count');
  const report = reports.find(({ cases }) => cases.some(isCount));
  if (report === undefined) {
    throw new Error(
      `there are no figures of the suite cores in ${files.join(' or ')}: ` +
        'run `npm run bench -- cores dispatch` first, or name its JSON with --figures',
    );
  }
  return {
    figures: report.cases.find(isCount)!,
    dispatch: reports.flatMap(({ cases }) => cases).find(({ suite }) => suite === 'dispatch'),
    cores: report.machine.usableCores,
  };
}

function costLines(costs: Costs): string[] {
  return [
    'Measured here, one worker:',
    `  ${significant(costs.secondsPerRow * 1e9)} ns and ${significant(costs.storeBytesPerRow)} bytes per row of either side`,
    `  ${significant(costs.secondsPerTask * 1e3)} ms per task, and ${significant(costs.dispatchSeconds * 1e6)} µs of the main thread`,
    `  ${significant(costs.crowding)} times as long with all cores busy: V8's own threads have none for themselves then`,
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

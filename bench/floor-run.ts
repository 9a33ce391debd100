/**
 * Parts of a match, each alone, with nothing of the engine around them but its session, its readers and writers of columns and
 * its kernel:
 *
 *     node bench/floor-run.ts threads|positions|decode|arrays|kernel|columns|encode LEFT RIGHT WORKERS [SHARE OUTPUT]
 *
 * Threads take the cells of the two catalogs one after the other, without margins or halos. `encode` writes as many rows of both
 * sides side by side as SHARE of the right rows. Prints JSON: rows, and the seconds and CPU seconds of the part, which leave
 * out the start of everything; of `threads`, the start, the process is what is measured.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Session } from '../engine/session.ts';
import type { FileCell } from './floor-cells.ts';

export const PARTS = [
  'threads',
  'positions',
  'decode',
  'arrays',
  'kernel',
  'columns',
  'encode',
] as const;
export type Part = (typeof PARTS)[number];

interface Work {
  readonly part: Part;
  readonly cells: readonly FileCell[];
  /** The next cell that no thread has begun. */
  readonly next: Int32Array;
  readonly share: number;
  readonly output: string;
}

interface Done {
  rows: number;
  seconds: number;
  cpuSeconds: number;
}

async function main(): Promise<void> {
  const [part = 'threads', left = '', right = '', workers = '2', share = '1', output = ''] =
    process.argv.slice(2);
  // The start is that of nothing else: other parts load what they need.
  const cells =
    part === 'threads' ? [] : (await import('./floor-cells.ts')).fileCells({ left, right });
  const work: Work = {
    ...{ part: part as Part, cells },
    ...{ next: new Int32Array(new SharedArrayBuffer(4)), share: Number(share), output },
  };
  if (output !== '') mkdirSync(output, { recursive: true });
  const done = await Promise.all(Array.from({ length: Number(workers) }, () => inThread(work)));
  const sum = (key: keyof Done) => done.reduce((all, one) => all + one[key], 0);
  const seconds = sum('seconds') / done.length;
  console.log(JSON.stringify({ rows: sum('rows'), seconds, cpuSeconds: sum('cpuSeconds') }));
}

function inThread(work: Work): Promise<Done> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(import.meta.filename, { workerData: work });
    thread.on('message', resolve);
    thread.on('error', reject);
  });
}

async function thread({ part, cells, next, share, output }: Work): Promise<Done> {
  const done: Done = { rows: 0, seconds: 0, cpuSeconds: 0 };
  if (part === 'threads') return done;
  const { openSession } = await import('../workers/duckdb-session.ts');
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-floor-'));
  const session = await openSession({ memoryLimitBytes: 1e9, spillDir });
  const run = await stepOf(part, session, share, output, timer(done));
  for (let i = Atomics.add(next, 0, 1); i < cells.length; i = Atomics.add(next, 0, 1)) {
    done.rows += await run(cells[i]!, i);
  }
  session.close();
  rmSync(spillDir, { recursive: true, force: true });
  return done;
}

type Timed = <T>(work: () => Promise<T>) => Promise<T>;

/** Sessions run their statements on the thread that asks, so its own CPU time is all of it. */
function timer(done: Done): Timed {
  return async (work) => {
    const [cpu, start] = [process.threadCpuUsage(), performance.now()];
    const result = await work();
    const { user, system } = process.threadCpuUsage(cpu);
    done.seconds += (performance.now() - start) / 1000;
    done.cpuSeconds += (user + system) / 1e6;
    return result;
  };
}

/** What is done with a cell, its part timed. @returns the rows it is about */
async function stepOf(
  part: Part,
  session: Session,
  share: number,
  output: string,
  timed: Timed,
): Promise<(cell: FileCell, number: number) => Promise<number>> {
  const sides = ({ left, right }: FileCell) => [left, right].map(fromFiles);
  const summed = async (cell: FileCell, select: string) => {
    let rows = 0;
    for (const from of sides(cell)) {
      const [row] = await timed(() => session.rows(`SELECT count(*) AS n, ${select} FROM ${from}`));
      rows += Number(row!['n']);
    }
    return rows;
  };
  switch (part) {
    case 'positions':
      return positionsPastDatabase(timed);
    case 'decode':
      return (cell) => summed(cell, 'sum(ra), sum("dec")');
    case 'columns':
      return columnsPastDatabase(timed);
    case 'arrays':
      return async (cell) => {
        const [left, right] = await timed(() => positionsOf(session, sides(cell)));
        return left!.length + right!.length;
      };
    case 'kernel':
      return matched(session, sides, timed);
    case 'encode':
      return encoded(share, output, timed);
    default:
      throw new Error(`${part} has no cells`);
  }
}

function fromFiles(files: readonly string[]): string {
  const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
  return `read_parquet([${list}], hive_partitioning=false)`;
}

function positionsOf(session: Session, sides: readonly string[]) {
  return Promise.all(
    sides.map(async (from) => {
      const sql = `SELECT ra, "dec" FROM ${from}`;
      const { rows, columns } = await session.columns(sql, ['f64', 'f64']);
      const [ra, dec] = columns.map(({ values }) => values as Float64Array);
      return { ra: ra!, dec: dec!, length: rows };
    }),
  );
}

/** As the engine reads the positions of whole files. */
async function positionsPastDatabase(timed: Timed): Promise<(cell: FileCell) => Promise<number>> {
  const { openColumns } = await import('../catalogs/parquet-values.ts');
  const wanted = ['ra', 'dec'].map((name) => ({ name, type: 'DOUBLE' }) as const);
  const read = async (file: string) => {
    const columns = openColumns(file, wanted);
    const values = columns?.read(() => {});
    columns?.close();
    if (!values) throw new Error(`${file} cannot be read past the database`);
    return values[0]!.byteLength / 8;
  };
  return async ({ left, right }) => {
    let rows = 0;
    for (const file of [...left, ...right]) rows += await timed(() => read(file));
    return rows;
  };
}

/** As the engine decodes all columns of whole files. */
async function columnsPastDatabase(timed: Timed): Promise<(cell: FileCell) => Promise<number>> {
  const { decodeFiles } = await import('./floor-columns.ts');
  return async ({ left, right }) => {
    let rows = 0;
    for (const files of [left, right]) {
      rows += await timed(async () => {
        let length = 0;
        for (const column of decodeFiles(files)) length = column.rows;
        return length;
      });
    }
    return rows;
  };
}

/** As it encodes and writes them; reading them is not timed. */
async function encoded(
  share: number,
  output: string,
  timed: Timed,
): Promise<(cell: FileCell, number: number) => Promise<number>> {
  const { decodeFiles, encodeFile, firstPlaces } = await import('./floor-columns.ts');
  return async ({ left, right }, number) => {
    const columns = [left, right].flatMap((files) =>
      [...decodeFiles(files)].map((column) => column.copy()),
    );
    const rows = Math.floor(share * columns.at(-1)!.rows);
    const file = join(output, `${number}.parquet`);
    const places = columns.map((column) => firstPlaces(column, rows));
    await timed(async () => encodeFile(file, columns, places));
    return rows;
  };
}

/** The kernel alone: reading its arrays is not timed. @returns pairs */
async function matched(
  session: Session,
  sides: (cell: FileCell) => string[],
  timed: Timed,
): Promise<(cell: FileCell) => Promise<number>> {
  const { createMatcher, createScratch } = await import('../engine/kernel/match.ts');
  const scratch = createScratch();
  const options = { radiusArcsec: 1, minRadiusArcsec: 0, neighbors: 1, keepUnmatched: false };
  return async (cell) => {
    const [left, right] = await positionsOf(session, sides(cell));
    const count = async () => createMatcher(left!, right!, options, { scratch }).count(() => {});
    return timed(count);
  };
}

if (isMainThread) await main();
else parentPort!.postMessage(await thread(workerData as Work));

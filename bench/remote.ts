/**
 * Remote crossmatches beside LSDB on the same server, behind 30 ms of latency and 1 Gbit/s; answers compared first:
 *
 *     node bench/remote.ts [cone|whole|columns|all] [--rows 10e6] [--right-rows 7e6] [--runs 3] [--workers 2] [--no-rival]
 *
 * The catalogs are those of `bench/data.ts`; `--left DIR --right DIR` takes others of one parent folder. Prints for
 * each job: cold (an empty spool), warm (the same again), local files, LSDB.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pairOf } from './data.ts';
import { type Measured, measure, spread } from './process.ts';
import { oraclePython } from './venv.ts';

const here = import.meta.dirname;
const JOBS = ['cone', 'columns', 'whole'] as const;
type Job = (typeof JOBS)[number];

/** Half the field that 10 million rows fill: some 0.8 million rows lie in it. */
const CONE = { ra: 290, dec: 10, arcsec: 10_080 };
const COLUMNS = {
  left: ['source_id', 'ra', 'dec'],
  right: ['oid', 'ra', 'dec', 'medianmag'],
} as const;

interface Figures {
  readonly requests: number;
  readonly bytes: number;
  readonly busyMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

interface Line {
  readonly job: Job;
  readonly program: string;
  readonly rows: number;
  readonly measured: readonly Measured[];
  readonly figures: readonly Figures[];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: 'string', default: '10e6' },
      'right-rows': { type: 'string', default: '7e6' },
      runs: { type: 'string', default: '3' },
      workers: { type: 'string', default: String(availableParallelism()) },
      'no-rival': { type: 'boolean', default: false },
      left: { type: 'string' },
      right: { type: 'string' },
    },
  });
  const asked = positionals[0] ?? 'all';
  const jobs = JOBS.filter((job) => asked === 'all' || asked === job);
  const pair =
    values.left === undefined || values.right === undefined
      ? await pairOf(Number(values.rows), Number(values['right-rows']))
      : { left: values.left, right: values.right };
  const root = dirname(pair.left);
  const server = await startServer(root);
  const spool = mkdtempSync(join(tmpdir(), 'crosshatch-bench-'));
  const lines: Line[] = [];
  try {
    const remote = {
      left: `${server.url}/${basename(pair.left)}`,
      right: `${server.url}/${basename(pair.right)}`,
    };
    for (const job of jobs) {
      const { workers } = values;
      const ours = (at: typeof pair) => ({
        command: oursCommand(job, at, workers),
        env: { CROSSHATCH_SPOOL: join(spool, 'spool') },
      });
      const programs: Record<string, { command: string[]; env?: Record<string, string> }> = {
        cold: ours(remote),
        warm: ours(remote),
        local: ours(pair),
      };
      if (!values['no-rival']) {
        const { ra, dec, arcsec } = CONE;
        const script = join(here, 'rivals', 'lsdb_remote.py');
        const where = [ra, dec, arcsec].map(String);
        programs['LSDB'] = {
          command: [oraclePython(), script, job, remote.left, remote.right, '1', workers, ...where],
        };
      }
      lines.push(...(await runJob(job, programs, Number(values.runs), spool, server.figures)));
    }
  } finally {
    server.stop();
    rmSync(spool, { recursive: true, force: true });
  }
  report(lines);
}

async function startServer(root: string) {
  const child = spawn(process.execPath, [join(here, 'shaped-server.ts'), root, '30', '1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
  });
  return {
    url,
    figures: async () => (await (await fetch(`${url}/__figures`)).json()) as Figures,
    stop: () => child.kill(),
  };
}

/** All programs in turn, so that a machine whose speed drifts treats them alike. */
async function runJob(
  job: Job,
  programs: Readonly<Record<string, { command: string[]; env?: Record<string, string> }>>,
  runs: number,
  spool: string,
  figuresOf: () => Promise<Figures>,
): Promise<Line[]> {
  const lines = new Map(
    Object.keys(programs).map((program) => [
      program,
      { measured: [] as Measured[], figures: [] as Figures[], rows: -1 },
    ]),
  );
  for (let run = 0; run < runs; run++) {
    rmSync(join(spool, 'spool'), { recursive: true, force: true });
    for (const [program, { command, env }] of Object.entries(programs)) {
      await figuresOf();
      const result = await measure(command, env);
      const line = lines.get(program)!;
      line.measured.push(result);
      line.figures.push(await figuresOf());
      line.rows = rowsOf(result.stdout);
    }
    const answers = new Set([...lines.values()].map(({ rows }) => rows));
    if (answers.size !== 1) throw new Error(`the answers differ: ${[...answers].join(', ')}`);
  }
  return [...lines].map(([program, line]) => ({ job, program, ...line }));
}

function oursCommand(job: Job, at: { left: string; right: string }, workers: string): string[] {
  const command = [process.execPath, join(here, '..', 'cli', 'bin.ts'), 'crossmatch'];
  command.push(at.left, at.right, '--radius', '1', '--workers', workers);
  command.push('--json', '--progress', 'none', '--suffixes', '_left,_right');
  if (job !== 'whole') command.push('--cone', `${CONE.ra},${CONE.dec},${CONE.arcsec}`);
  if (job === 'columns') {
    command.push('--columns', COLUMNS.left.join(','), '--right-columns', COLUMNS.right.join(','));
    command.push('--output', join(here, 'data', 'out', 'remote.arrow'), '--overwrite');
    mkdirSync(join(here, 'data', 'out'), { recursive: true });
  }
  return command;
}

function rowsOf(stdout: string): number {
  const last = stdout.trim().split('\n').at(-1)!;
  return last.startsWith('{') ? (JSON.parse(last) as { rows: number }).rows : Number(last);
}

function report(lines: readonly Line[]): void {
  const text = ({ median, min, max }: ReturnType<typeof spread>, digits = 2) =>
    `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
  console.table(
    lines.map(({ job, program, rows, measured, figures }) => {
      const cold = lines.find((line) => line.job === job && line.program === 'cold')!;
      const seconds = spread(measured.map((one) => one.seconds));
      const base = spread(cold.measured.map((one) => one.seconds)).median;
      // From the first request to the last byte.
      const busy = figures.map(({ busyMs, firstMs, lastMs }) =>
        lastMs > firstMs ? (100 * busyMs) / (lastMs - firstMs) : 0,
      );
      return {
        job,
        program,
        rows,
        'wall s': text(seconds),
        'CPU s': text(spread(measured.map((one) => one.cpuSeconds))),
        MB: (spread(figures.map(({ bytes }) => bytes)).median / 1e6).toFixed(1),
        requests: spread(figures.map(({ requests }) => requests)).median,
        'line busy %': spread(busy).median.toFixed(0),
        'peak MB': Math.round(Math.max(...measured.map((one) => one.peakBytes)) / 1e6),
        'wall / cold': (seconds.median / base).toFixed(2),
      };
    }),
  );
  mkdirSync(join(here, 'results'), { recursive: true });
  const file = join(here, 'results', 'remote.json');
  writeFileSync(file, `${JSON.stringify(lines, null, 2)}\n`);
  console.log(`written to ${file}`);
}

await main();

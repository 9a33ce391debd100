/** Remote catalogs beside LSDB on the same server, behind 30 ms of latency and 1 Gbit/s. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { crosshatch, ourProgram, pairFilesOf, processProgram, rivalsOf } from '../commands.ts';
import { comparePairs } from '../compare.ts';
import { askedPair, dataDir, type Pair } from '../data.ts';
import type { Measured } from '../process.ts';
import { type Case, type Program, type Settings, type Suite, sameAnswer } from '../suite.ts';
import { oraclePython } from '../venv.ts';
import { pairsCompared } from './pairs-first.ts';

const here = join(import.meta.dirname, '..');
const JOBS = ['cone', 'columns', 'whole'] as const;
type Job = (typeof JOBS)[number];

const LINE = { latencyMs: 30, megabits: 1000 };
/** Half the field that 10 million rows fill: some 0.8 million rows lie in it. */
const CONE = { ra: 290, dec: 10, arcsec: 10_080 };
const COLUMNS = {
  left: ['source_id', 'ra', 'dec'],
  right: ['oid', 'ra', 'dec', 'medianmag'],
} as const;

/** What the server says since it was last asked. */
interface Figures {
  readonly requests: number;
  readonly bytes: number;
  readonly busyMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

async function* cases(settings: Settings): AsyncGenerator<Case> {
  const pair = await askedPair(settings);
  // The programs measured print numbers of pairs only; a quick run has no time for more of the rivals than these.
  if (!settings.quick) await pairsCompared(pair, settings);
  const server = await startServer(dirname(pair.left));
  const spool = mkdtempSync(join(tmpdir(), 'crosshatch-bench-'));
  try {
    await remotePairsCompared(pair, settings, { server, spool });
    for (const job of JOBS) yield jobCase(job, pair, settings, { server, spool });
  } finally {
    server.stop();
    rmSync(spool, { recursive: true, force: true });
  }
}

interface Place {
  readonly server: Awaited<ReturnType<typeof startServer>>;
  readonly spool: string;
}

function remoteOf(pair: Pair, { server }: Place): Pair {
  return {
    left: `${server.url}/${basename(pair.left)}`,
    right: `${server.url}/${basename(pair.right)}`,
  };
}

/** Over the line the pairs are the same as from the disk, one by one. */
async function remotePairsCompared(pair: Pair, { workers }: Settings, place: Place): Promise<void> {
  const local = crosshatch('pairs', pair, { workers });
  const extra = ['--spool', join(place.spool, 'pairs')];
  const remote = crosshatch('pairs', remoteOf(pair, place), {
    workers,
    extra,
    name: 'crosshatch-remote',
  });
  await local.run();
  await remote.run();
  await comparePairs(pairFilesOf(local.name, 'pairs'), pairFilesOf(remote.name, 'pairs'));
}

function jobCase(job: Job, pair: Pair, settings: Settings, place: Place): Case {
  const { server, spool } = place;
  const remote = remoteOf(pair, place);
  const env = { CROSSHATCH_SPOOL: join(spool, 'spool') };
  const ours = (name: string, at: Pair) =>
    processProgram(name, oursCommand(job, at, settings.workers), { env });
  const cold = ours('cold', remote);
  const fromNothing: Program = {
    ...cold,
    run() {
      rmSync(env.CROSSHATCH_SPOOL, { recursive: true, force: true });
      return cold.run();
    },
  };
  const { programs, absent } = rivalsOf(settings, {
    LSDB: () => {
      const numbers = ['1', settings.workers, CONE.ra, CONE.dec, CONE.arcsec].map(String);
      const script = join(here, 'rivals', 'lsdb_remote.py');
      return processProgram('LSDB', [
        ...[oraclePython(), script, job, remote.left, remote.right, ...numbers],
      ]);
    },
  });
  const all = [fromNothing, ours('warm', remote), ours('local', pair), ...programs];
  return {
    name: `${job} of ${settings.rows} × ${settings.rightRows} rows, ${LINE.latencyMs} ms, ${LINE.megabits} Mbit/s`,
    rows: settings.rows + settings.rightRows,
    programs: all.map((program) => withFigures(program, server.figures)),
    absent,
    answer: sameAnswer(),
  };
}

/** With what the server saw meanwhile. */
function withFigures(program: Program, figuresOf: () => Promise<Figures>): Program {
  return {
    ...program,
    async run(): Promise<Measured> {
      await figuresOf();
      const measured = await program.run();
      const { requests, bytes, busyMs, firstMs, lastMs } = await figuresOf();
      // From the first request to the last byte.
      const line = lastMs > firstMs ? (100 * busyMs) / (lastMs - firstMs) : 0;
      const cores = (100 * measured.cpuSeconds) / (measured.seconds * availableParallelism());
      const more = { requests, 'fetched MB': bytes / 1e6, 'line busy %': line };
      return { ...measured, more: { ...more, 'cores busy %': cores } };
    },
  };
}

async function startServer(root: string) {
  const { latencyMs, megabits } = LINE;
  const script = join(here, 'shaped-server.ts');
  const child = spawn(process.execPath, [script, root, String(latencyMs), String(megabits)], {
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

function oursCommand(job: Job, at: Pair, workers: number): string[] {
  const command = [process.execPath, ourProgram, 'crossmatch', at.left, at.right];
  command.push('--radius', '1', '--workers', String(workers));
  command.push('--json', '--progress', 'none', '--suffixes', '_left,_right');
  if (job !== 'whole') command.push('--cone', `${CONE.ra},${CONE.dec},${CONE.arcsec}`);
  if (job === 'columns') {
    command.push('--columns', COLUMNS.left.join(','), '--right-columns', COLUMNS.right.join(','));
    command.push('--output', join(dataDir, 'out', 'remote.arrow'), '--overwrite');
  }
  return command;
}

export const remote: Suite = {
  name: 'remote',
  about: 'catalogs behind 30 ms and 1 Gbit/s: cold, warm and local, beside LSDB',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};

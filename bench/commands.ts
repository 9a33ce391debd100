/** How each program does the same job: whole processes, as users start them. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PairFiles, partitionsOf } from './compare.ts';
import { dataDir, type Pair } from './data.ts';
import { type Measured, type MeasureOptions, measure } from './process.ts';
import type { Absent, Program, Settings } from './suite.ts';
import { oraclePython, rivalPython } from './venv.ts';

export const RADIUS_ARCSEC = 1;
/** A cone of ten arcminutes in the middle of the generated field. */
export const REGION = { ra: 290, dec: 10, arcsec: 600 };

const here = import.meta.dirname;
export const ourProgram = join(here, '..', 'dist', 'bin.js');

/**
 * What is to be done with the match: count it, with the positions read or all columns; write the ids of its pairs, write
 * all columns in the default codec or at zstd level 1, make a map of it, or count it in a small region.
 */
export type Job = 'count' | 'all' | 'pairs' | 'write' | 'zstd1' | 'map' | 'region';

export function outputOf(program: string, job: Job): string {
  return join(dataDir, 'out', `${job}-${program.toLowerCase()}${job === 'map' ? '.fits' : ''}`);
}

/** A whole process; what it wrote the last time is removed first. */
export function processProgram(
  name: string,
  command: readonly string[],
  options: MeasureOptions & {
    readonly output?: string;
    readonly more?: (measured: Measured) => Record<string, number>;
    readonly profile?: (measured: Measured) => Record<string, number>;
  } = {},
): Program {
  return {
    name,
    command: command.join(' '),
    async run() {
      if (options.output !== undefined) {
        rmSync(options.output, { recursive: true, force: true });
        mkdirSync(dirname(options.output), { recursive: true });
      }
      const measured = await measure(command, options);
      const more = options.more?.(measured) ?? {};
      return { ...measured, more, profile: options.profile?.(measured) ?? {} };
    },
  };
}

export interface Ours {
  readonly workers: number;
  /** More arguments. */
  readonly extra?: readonly string[];
  readonly name?: string;
}

/** Crosshatch as it is installed. Beside the time of the process there is that of its tasks. */
export function crosshatch(
  job: Job,
  pair: Pair,
  { workers, extra = [], name = 'crosshatch' }: Ours,
) {
  const output = outputOf(name.replaceAll(/\W+/g, '-'), job);
  const command = [process.execPath, ourProgram, 'crossmatch', pair.left, pair.right];
  command.push('--radius', String(RADIUS_ARCSEC), '--workers', String(workers), '--json');
  command.push('--progress', 'none', '--suffixes', '_left,_right', ...jobArguments(job, output));
  command.push(...extra);
  return processProgram(name, command, { output, more: taskTimes, profile: phases });
}

function jobArguments(job: Job, output: string): string[] {
  const { ra, dec, arcsec } = REGION;
  switch (job) {
    case 'count':
      return [];
    case 'all':
      return ['--columns', 'all', '--right-columns', 'all'];
    case 'pairs':
      return ['--columns', 'source_id', '--right-columns', 'oid', '--output', output];
    case 'write':
      return ['--output', output];
    case 'zstd1':
      return ['--output', output, '--compression', 'zstd:1'];
    case 'map':
      return ['--skymap', '8', '--output', output];
    case 'region':
      return ['--cone', `${ra},${dec},${arcsec}`];
    default:
      throw new Error(`unknown job ${job satisfies never}`);
  }
}

/** What a run of ours says of itself. */
interface Profile {
  readonly stageSeconds: Readonly<Record<'start' | 'open' | 'plan' | 'tasks' | 'reduce', number>>;
  readonly phaseSeconds: Readonly<Record<string, number>>;
  readonly dispatchSeconds: number;
  readonly workers: readonly { readonly tasks: number }[];
}

export function profileOf({ stdout }: Measured): Profile {
  return (lastLine(stdout) as { profile: Profile }).profile;
}

/** The JSON at the end of what a program prints. */
function lastLine(stdout: string): unknown {
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

function taskTimes(measured: Measured): Record<string, number> {
  const { stageSeconds } = profileOf(measured);
  return { 'tasks s': stageSeconds.tasks };
}

function phases(measured: Measured): Record<string, number> {
  const { phaseSeconds, stageSeconds, dispatchSeconds, workers } = profileOf(measured);
  return {
    ...phaseSeconds,
    'before tasks': stageSeconds.start + stageSeconds.open + stageSeconds.plan,
    'tasks stage': stageSeconds.tasks,
    reduce: stageSeconds.reduce,
    dispatch: dispatchSeconds,
    'task count': workers.reduce((sum, { tasks }) => sum + tasks, 0),
    workers: workers.length,
  };
}

/** LSDB with a process for each worker. */
export function lsdb(job: Job, pair: Pair, workers: number, name = 'LSDB'): Program {
  const output = outputOf(name, job);
  const { ra, dec, arcsec } = REGION;
  const command = [oraclePython(), join(here, 'rivals', 'lsdb_match.py'), job];
  command.push(pair.left, pair.right, String(RADIUS_ARCSEC), output, String(workers));
  return processProgram(name, [...command, ...[ra, dec, arcsec].map(String)], {
    output,
    more: ({ stdout }) => ({ 'tasks s': (lastLine(stdout) as { compute: number }).compute }),
  });
}

/** ACID with a process for each worker. */
export function acid(job: Job, pair: Pair, workers: number): Program {
  const output = `${outputOf('ACID', job)}${job === 'pairs' ? '.parquet' : ''}`;
  const { ra, dec, arcsec } = REGION;
  const command = [rivalPython(), join(here, 'rivals', 'acid_match.py'), job];
  command.push(pair.left, pair.right, String(RADIUS_ARCSEC), output, String(workers));
  const place = job === 'region' ? [ra, dec, arcsec].map(String) : [];
  return processProgram('ACID', [...command, ...place], { output });
}

/** astropy on arrays that were read with pyarrow: no partitions, one thread. */
export function astropy(pair: Pair): Program {
  const script = join(here, 'rivals', 'astropy_match.py');
  const command = [rivalPython(), script, pair.left, pair.right, String(RADIUS_ARCSEC)];
  return processProgram('astropy', command);
}

/** Where a program writes pairs, for jobs that write any. */
export function pairFilesOf(program: string, job: 'pairs' | 'write' | 'zstd1'): PairFiles {
  const output = outputOf(program, job);
  if (program === 'ACID') {
    return job === 'pairs'
      ? { files: `${output}.parquet`, ...NAMES }
      : { files: partitionsOf(output), left: 'source_id', right: 'oid', distance: null };
  }
  return { files: partitionsOf(output), ...NAMES };
}

const NAMES = { left: 'source_id_left', right: 'oid_right', distance: '_dist_arcsec' };

/** The rivals that there are: one that cannot be installed is reported, not left out. */
export function rivalsOf(
  { alone }: Settings,
  rivals: Readonly<Record<string, () => Program>>,
): { readonly programs: Program[]; readonly absent: Absent[] } {
  const programs: Program[] = [];
  const absent: Absent[] = [];
  for (const [name, make] of Object.entries(rivals)) {
    if (alone) {
      absent.push({ name, reason: 'left out (--alone, or a quick run)' });
      continue;
    }
    try {
      programs.push(make());
    } catch (error) {
      absent.push({ name, reason: (error as Error).message });
    }
  }
  return { programs, absent };
}

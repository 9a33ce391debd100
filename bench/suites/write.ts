/** The match with all columns as a new HATS catalog. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { acid, crosshatch, lsdb, outputOf, pairFilesOf, rivalsOf } from '../commands.ts';
import { comparePairs } from '../compare.ts';
import { askedPair } from '../data.ts';
import type { Measured } from '../process.ts';
import type { Absent, Case, Program, Settings, Suite } from '../suite.ts';

async function* cases(settings: Settings): AsyncGenerator<Case> {
  const pair = await askedPair(settings);
  const { workers } = settings;
  const defaults = rivalsOf(settings, {
    LSDB: () => lsdb('write', pair, workers),
    ACID: () => acid('write', pair, workers),
  });
  const ours = crosshatch('write', pair, { workers });
  yield written('write', settings, [ours, ...defaults.programs], defaults.absent);
  // A quick run has no time for a second round.
  const zstd = rivalsOf(settings.quick ? { ...settings, alone: true } : settings, {
    LSDB: () => lsdb('zstd1', pair, workers),
  });
  const fast = crosshatch('zstd1', pair, { workers });
  const absent = [...zstd.absent, { name: 'ACID', reason: 'it has no setting for the codec' }];
  yield written('zstd1', settings, [fast, ...zstd.programs], absent);
}

function written(
  job: 'write' | 'zstd1',
  { rows, rightRows }: Settings,
  programs: readonly Program[],
  absent: readonly Absent[],
): Case {
  return {
    name: `all columns written, ${job === 'write' ? 'default codecs' : 'zstd level 1'}`,
    rows: rows + rightRows,
    programs: programs.map((program) => withSize(program, outputOf(program.name, job))),
    absent,
    async answer(first) {
      let answer = String((JSON.parse(first.get(programs[0]!.name)!.stdout) as Rows).rows);
      for (const { name } of programs.slice(1)) {
        const pairs = await comparePairs(
          pairFilesOf(programs[0]!.name, job),
          pairFilesOf(name, job),
        );
        answer = `${pairs} pairs`;
      }
      return answer;
    },
  };
}

interface Rows {
  readonly rows: number;
}

function withSize(program: Program, output: string): Program {
  return {
    ...program,
    async run(): Promise<Measured> {
      const measured = await program.run();
      return { ...measured, more: { ...measured.more, 'output MB': bytesBelow(output) / 1e6 } };
    },
  };
}

function bytesBelow(dir: string): number {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

export const write: Suite = {
  name: 'write',
  about: 'all columns of the match written, default codecs and zstd level 1, beside LSDB and ACID',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};

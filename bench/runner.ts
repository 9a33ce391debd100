/** Runs a case: every program once for its answer, then all of them in turn, so that a drifting machine treats them alike. */
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { type Measured, type Spread, spread } from './process.ts';
import type { Absent, Case, Settings, Suite } from './suite.ts';

export interface ProgramFigures {
  readonly program: string;
  readonly command: string;
  readonly seconds: Spread;
  readonly cpuSeconds: Spread;
  readonly peakBytes: number;
  readonly readBytes: number;
  /** Rows per second of CPU time. */
  readonly rowsPerCpuSecond: number;
  /** How often the first program's time this one takes. */
  readonly wallRatio: number;
  readonly cpuRatio: number;
  readonly more: Readonly<Record<string, Spread>>;
  /** Medians of {@link Measured.profile}. */
  readonly profile: Readonly<Record<string, number>>;
}

export interface CaseFigures {
  readonly suite: string;
  readonly name: string;
  readonly rows: number;
  readonly runs: number;
  readonly answer: string;
  readonly programs: readonly ProgramFigures[];
  readonly absent: readonly Absent[];
  /** Of the last minute, before the first run and after the last. */
  readonly load: readonly [before: number, after: number];
}

export async function runSuite(
  suite: Suite,
  settings: Settings,
  onCase: (figures: CaseFigures) => void,
): Promise<void> {
  for await (const one of suite.cases(settings)) {
    onCase(await runCase(suite.name, one, settings.runs));
  }
}

/**
 * @param runs measured ones of each program; 0: the one for the answer counts
 * @throws where a program fails or the answers differ, before anything is measured
 */
export async function runCase(suite: string, one: Case, runs: number): Promise<CaseFigures> {
  const before = loadavg()[0]!;
  const first = new Map<string, Measured>();
  for (const { name, run } of one.programs) {
    flushDisks();
    first.set(name, await run());
  }
  const answer = await one.answer(first);
  const measured = new Map<string, Measured[]>(one.programs.map(({ name }) => [name, []]));
  if (runs === 0) for (const [name, only] of first) measured.get(name)!.push(only);
  for (let turn = 0; turn < runs; turn++) {
    for (const { name, run } of one.programs) {
      flushDisks();
      measured.get(name)!.push(await run());
    }
  }
  return {
    ...{ suite, name: one.name, rows: one.rows, runs, answer },
    programs: figuresOf(one, measured),
    absent: one.absent,
    load: [before, loadavg()[0]!],
  };
}

/** What one program left to be written must not take the time of the next. */
function flushDisks(): void {
  // Where there is no such command, the figures say what they say.
  spawnSync('sync', { stdio: 'ignore' });
}

/** Figures of all programs of a case, from what its runs measured. */
export function figuresOf(
  { programs, rows }: Pick<Case, 'programs' | 'rows'>,
  measured: ReadonlyMap<string, readonly Measured[]>,
): ProgramFigures[] {
  const times = (name: string) => {
    const all = measured.get(name)!;
    const seconds = spread(all.map((one) => one.seconds));
    return { all, seconds, cpuSeconds: spread(all.map((one) => one.cpuSeconds)) };
  };
  const ours = times(programs[0]!.name);
  return programs.map(({ name, command }) => {
    const { all, seconds, cpuSeconds } = times(name);
    const more = spreads(all.map((one) => one.more ?? {}));
    const profile = Object.fromEntries(
      Object.entries(spreads(all.map((one) => one.profile ?? {}))).map(([key, { median }]) => [
        key,
        median,
      ]),
    );
    return {
      ...{ program: name, command, seconds, cpuSeconds, more, profile },
      peakBytes: Math.max(...all.map((one) => one.peakBytes)),
      readBytes: spread(all.map((one) => one.readBytes)).median,
      rowsPerCpuSecond: rows / cpuSeconds.median,
      wallRatio: seconds.median / ours.seconds.median,
      cpuRatio: cpuSeconds.median / ours.cpuSeconds.median,
    };
  });
}

/** Of numbers by name: the names are those of the first. */
function spreads(all: readonly Readonly<Record<string, number>>[]): Record<string, Spread> {
  return Object.fromEntries(
    Object.keys(all[0] ?? {}).map((key) => [key, spread(all.map((one) => one[key]!))]),
  );
}

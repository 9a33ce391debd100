/** What a suite is: cases, each with programs that must give the same answer. Plain data but for what runs them. */
import type { Measured } from './process.ts';

/** What was asked for on the command line. */
export interface Settings {
  readonly rows: number;
  readonly rightRows: number;
  readonly workers: number;
  readonly runs: number;
  /** Small data and one run: whether it works, not how fast it is. */
  readonly quick: boolean;
  /** Catalogs as hats-import makes them of the same rows. */
  readonly imported: boolean;
  /** Without programs of others. */
  readonly alone: boolean;
}

export interface Program {
  readonly name: string;
  /** As a person would type it; for the report. */
  readonly command: string;
  run(): Promise<Measured>;
}

/** A program that has no part in a case, and why. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

export interface Case {
  readonly name: string;
  /** Rows of both sides, or whatever the rate is per. */
  readonly rows: number;
  /** The first one is what the others are held against. */
  readonly programs: readonly Program[];
  readonly absent: readonly Absent[];
  /** What all say, after one run of each by name; throws where they differ. */
  answer(first: ReadonlyMap<string, Measured>): Promise<string>;
}

export interface Suite {
  readonly name: string;
  readonly about: string;
  /** Rows of each side where the command line says nothing: of a whole run and of a quick one. */
  readonly rows: readonly [whole: readonly [number, number], quick: readonly [number, number]];
  /** Made one by one, each when the one before has been measured. */
  cases(settings: Settings): AsyncGenerator<Case>;
}

/** For {@link Case.answer}: what `answerOf` finds must be the same for all. */
export function sameAnswer(
  answerOf: (measured: Measured, program: string) => string = lastWord,
): Case['answer'] {
  return async (first) => {
    const answers = [...first].map(([name, measured]) => [name, answerOf(measured, name)] as const);
    if (new Set(answers.map(([, answer]) => answer)).size !== 1) {
      throw new Error(
        `the answers differ: ${answers.map(([name, answer]) => `${name} ${answer}`).join(', ')}`,
      );
    }
    return answers[0]![1];
  };
}

/** The number at the end of what a program prints: `rows` of our JSON, or the first word of the last line. */
export function lastWord({ stdout }: Measured): string {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  if (line.startsWith('{')) return String((JSON.parse(line) as { rows: number }).rows);
  return line.split(' ')[0]!;
}

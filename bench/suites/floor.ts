/** What parts of a count and of a write cost alone, beside the whole: how near the engine comes to what nothing can avoid. */
import { join } from 'node:path';
import { crosshatch, processProgram } from '../commands.ts';
import { askedPair, dataDir, type Pair } from '../data.ts';
import type { PARTS } from '../floor-run.ts';
import type { Measured } from '../process.ts';
import { type Case, lastWord, type Program, type Settings, type Suite } from '../suite.ts';

type Part = (typeof PARTS)[number];

const TITLES: Readonly<Record<Part, string>> = {
  threads: 'start',
  positions: 'read ra, dec',
  decode: 'ra, dec in DuckDB',
  arrays: 'the same, handed over',
  kernel: 'kernel',
  columns: 'decode all columns',
  encode: 'encode all columns',
};

async function* cases(settings: Settings): AsyncGenerator<Case> {
  const pair = await askedPair(settings);
  const { workers, rows, rightRows } = settings;
  const count = crosshatch('count', pair, { workers });
  const pairs = Number(lastWord(await count.run()));
  const part = (name: Part) => partProgram(name, pair, workers, pairs / rightRows);
  yield {
    name: `count of ${rows} × ${rightRows} rows, and its parts alone`,
    rows: rows + rightRows,
    programs: withSum(
      count,
      (['threads', 'positions', 'kernel'] as const).map(part),
      (['decode', 'arrays'] as const).map(part),
    ),
    absent: [],
    answer: (first) => answerOf(first, rows + rightRows, pairs),
  };
  const write = crosshatch('write', pair, { workers });
  // Positions are among its columns.
  const all = ['threads', 'kernel', 'columns', 'encode'] as const;
  yield {
    name: `write of ${rows} × ${rightRows} rows, and its parts alone`,
    rows: rows + rightRows,
    programs: withSum(write, all.map(part), []),
    absent: [],
    answer: (first) => answerOf(first, rows + rightRows, pairs),
  };
}

/** The part alone; of a start the process is what is measured. */
function partProgram(part: Part, { left, right }: Pair, workers: number, share: number): Program {
  const script = join(import.meta.dirname, '..', 'floor-run.ts');
  const output = join(dataDir, 'out', 'floor');
  const command = [process.execPath, script, part, left, right, String(workers)];
  if (part === 'encode') command.push(String(share), output);
  const whole = processProgram(TITLES[part], command, part === 'encode' ? { output } : {});
  if (part === 'threads') return whole;
  return {
    ...whole,
    async run(): Promise<Measured> {
      const measured = await whole.run();
      const { seconds, cpuSeconds } = JSON.parse(measured.stdout) as Measured;
      return { ...measured, seconds, cpuSeconds };
    },
  };
}

/** The whole, the parts, the sum of what they last took, and what is beside them for comparison. */
function withSum(
  whole: Program,
  parts: readonly Program[],
  beside: readonly Program[],
): readonly Program[] {
  const last = new Map<string, Measured>();
  const noted = parts.map((part) => ({
    ...part,
    async run() {
      const measured = await part.run();
      last.set(part.name, measured);
      return measured;
    },
  }));
  const sum: Program = {
    name: 'floor, their sum',
    command: parts.map(({ name }) => name).join(' + '),
    async run() {
      const all = [...last.values()];
      const of = (key: 'seconds' | 'cpuSeconds') => all.reduce((total, one) => total + one[key], 0);
      const figures = { seconds: of('seconds'), cpuSeconds: of('cpuSeconds') };
      return { ...figures, peakBytes: 0, readBytes: 0, stdout: '' };
    },
  };
  return [whole, ...noted, sum, ...beside];
}

/** Parts are about the rows and pairs of the whole: but for pairs across borders, as they read no margins. */
async function answerOf(
  first: ReadonlyMap<string, Measured>,
  rows: number,
  pairs: number,
): Promise<string> {
  const about = (title: string, least: number, most: number) => {
    const found = first.get(title);
    if (found === undefined) return;
    const number = Number(lastWord(found));
    if (!(number >= least && number <= most)) {
      throw new Error(`"${title}" is about ${number} rows or pairs, not ${least} to ${most}`);
    }
  };
  for (const part of ['positions', 'decode', 'arrays', 'columns'] as const)
    about(TITLES[part], rows, rows);
  for (const part of ['kernel', 'encode'] as const) about(TITLES[part], 0.98 * pairs, pairs);
  return `${pairs} pairs`;
}

export const floor: Suite = {
  name: 'floor',
  about: 'parts of a count and a write alone: start, reading, kernel, decoding, encoding',
  rows: [
    [10e6, 7e6],
    [200_000, 150_000],
  ],
  cases,
};

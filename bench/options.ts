/** What the command line asks of the benchmarks. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Settings } from './suite.ts';

export const HELP = `npm run bench -- [suite …] [options]      all suites without a name; 'model': the scale model

  --list             names of the suites
  --quick            small data, one run each: whether it works, in a minute a suite
  --rows N           rows of the left catalog (default: the suite's)
  --right-rows N     rows of the right one
  --workers N        threads of ours, processes of rivals (default: all cores)
  --runs N           measured runs of each program (default: 5); 0: the one that answers are compared of
  --import           catalogs as hats-import makes them of the same rows
  --alone            without the programs of others
  --profile          where the time of ours went, phase by phase (the figures have it always)
  --json FILE        where the figures go (default: bench/results/latest.json; the plot lies beside it)
  --figures FILE     for the model: figures of the suites cores and dispatch (default: the last whole runs)`;

export const resultsDir = join(import.meta.dirname, 'results');

export interface Options {
  /** `model` may be one of them; empty: all. */
  readonly names: readonly string[];
  readonly list: boolean;
  readonly help: boolean;
  readonly profile: boolean;
  /** Of every suite, where the command line says so. */
  readonly rows: number | undefined;
  readonly rightRows: number | undefined;
  readonly settings: Omit<Settings, 'rows' | 'rightRows'>;
  /** Where the figures go; undefined: where they go by default. */
  readonly json: string | undefined;
  readonly figures: string | undefined;
}

/** @throws where the request is wrong, with a message for its author */
export function optionsOf(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      ...{ list: { type: 'boolean' }, help: { type: 'boolean' }, quick: { type: 'boolean' } },
      ...{ import: { type: 'boolean' }, alone: { type: 'boolean' }, profile: { type: 'boolean' } },
      ...{ rows: { type: 'string' }, 'right-rows': { type: 'string' } },
      ...{ workers: { type: 'string' }, runs: { type: 'string' } },
      ...{ json: { type: 'string' }, figures: { type: 'string' } },
    } as const,
  });
  const number = (name: 'rows' | 'right-rows' | 'workers' | 'runs', least: number) =>
    wholeNumber(name, values[name], least);
  const quick = values.quick === true;
  return {
    names: positionals,
    list: values.list === true,
    help: values.help === true,
    profile: values.profile === true,
    rows: number('rows', 1),
    rightRows: number('right-rows', 1),
    settings: {
      ...{ quick, imported: values.import === true, alone: values.alone === true },
      workers: number('workers', 1) ?? availableParallelism(),
      runs: number('runs', 0) ?? (quick ? 0 : 5),
    },
    json: values.json,
    figures: values.figures,
  };
}

function wholeNumber(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(Number.isSafeInteger(value) && value >= least && text.trim() !== '')) {
    throw new Error(
      `--${name} is a whole number from ${least} on, such as 2 or 1e6, not "${text}"`,
    );
  }
  return value;
}

/** `crosshatch query`: rows of one catalog. */
import type { Command } from 'commander';
import type { Catalog } from '../../index.ts';
import {
  addExplainFlag,
  addOutputFlags,
  addRegionFlags,
  addRunFlags,
  addSourceFlags,
  type ExplainFlags,
  type OutputFlags,
  type RegionFlags,
  type RunFlags,
  type SourceFlags,
} from '../flags.ts';
import { countOf } from '../format.ts';
import { parseNumber } from '../parse.ts';
import { type Finished, type Run, runCommand } from '../run.ts';
import { explained, runInto } from '../sink.ts';
import { openSource, regionsOf } from '../source.ts';
import { targetOf } from '../target.ts';

type Flags = { readonly limit?: number; readonly dropInvalid?: boolean } & SourceFlags &
  RegionFlags &
  OutputFlags &
  ExplainFlags &
  RunFlags;

/** Rows that are printed when nobody says how many. */
const SHOWN_ROWS = 10;
/** Width of a table that does not go to a terminal. */
const DEFAULT_WIDTH = 100;

export function defineQuery(command: Command): void {
  command
    .argument('<catalog>', 'folder, URL or name of a HATS catalog or collection')
    .optionsGroup('Rows:');
  addSourceFlags(command).option(
    '--limit <rows>',
    `only the first in spatial order (default without --output: ${SHOWN_ROWS})`,
    parseNumber,
  );
  addRegionFlags(command);
  addExplainFlag(addOutputFlags(command));
  addRunFlags(command);
  command.addHelpText(
    'after',
    `
Without --output the first rows are printed.

Examples (crosshatch demo makes this catalog):
  crosshatch query demo-output/gaia --where 'phot_g_mean_mag < 12' --columns ra,dec,pm
  crosshatch query demo-output/gaia --cone 285,5,3600 --output bright.csv
`,
  );
  command.action((path: string, flags: Flags) =>
    runCommand(flags, (run) => query(path, flags, run)),
  );
}

async function query(path: string, flags: Flags, run: Run): Promise<Finished> {
  const target = targetOf(flags);
  const regions = await regionsOf(flags);
  const { columns, where, pathTemplate } = flags;
  const rows = await openSource(path, { columns, where, pathTemplate, regions });
  if (target.kind === 'none') {
    const limit = flags.limit ?? SHOWN_ROWS;
    const catalog = rows.limit(limit);
    return flags.explain === true ? explained(catalog, {}, run) : printed(catalog, limit, run);
  }
  const catalog = flags.limit === undefined ? rows : rows.limit(flags.limit);
  return runInto(target, { catalog, inputs: [path], noun: 'row' }, flags, run);
}

async function printed(catalog: Catalog, limit: number, run: Run): Promise<Finished> {
  const table = await catalog.collect(run.settings);
  const { tableLines } = await import('../table.ts');
  const rows = table.numRows;
  const width = process.stdout.columns ?? (Number(process.env['COLUMNS']) || DEFAULT_WIDTH);
  const count =
    rows < limit
      ? `${countOf(rows, 'row')}`
      : `the first ${countOf(rows, 'row')} (--limit for more)`;
  return { outcome: { rows }, lines: [...tableLines(table, width), count] };
}

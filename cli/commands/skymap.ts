/** `crosshatch skymap`: rows per HEALPix pixel. */
import type { Command } from 'commander';
import { requestError } from '../../partitioning/error.ts';
import {
  addExplainFlag,
  addRegionFlags,
  addRunFlags,
  addSourceFlags,
  type ExplainFlags,
  type OutputFlags,
  type RegionFlags,
  type RunFlags,
  type SourceFlags,
} from '../flags.ts';
import { parseNumber } from '../parse.ts';
import { type Finished, type Run, runCommand } from '../run.ts';
import { runInto } from '../sink.ts';
import { openSource, regionsOf } from '../source.ts';
import { targetOf } from '../target.ts';

interface MapFlags {
  readonly order: number;
  readonly value: string;
  readonly dropInvalid?: boolean;
}

type Flags = MapFlags &
  Omit<SourceFlags, 'columns'> &
  RegionFlags &
  Pick<OutputFlags, 'output' | 'overwrite'> &
  ExplainFlags &
  RunFlags;

export function defineSkymap(command: Command): void {
  command
    .argument('<catalog>', 'folder, URL or name of a HATS catalog or collection')
    .optionsGroup('Map:')
    .requiredOption('--order <k>', 'HEALPix order of the pixels, 0 to 13', parseNumber)
    .option('--value <expr>', 'what a pixel holds', 'count')
    .option('--output <map.fits>', 'write the map, NESTED, as healpy reads it')
    .option('--overwrite', 'replace the output if it exists')
    .optionsGroup('Rows:');
  addSourceFlags(command, { columns: false });
  addRegionFlags(command);
  command.optionsGroup('Running:');
  addRunFlags(addExplainFlag(command));
  command.addHelpText(
    'after',
    `
Without --output a summary of the map is printed.

Example (crosshatch demo makes this catalog):
  crosshatch skymap demo-output/gaia --order 8 --output gaia.fits
`,
  );
  command.action((path: string, flags: Flags) =>
    runCommand(flags, (run) => skymap(path, flags, run)),
  );
}

async function skymap(path: string, flags: Flags, run: Run): Promise<Finished> {
  if (!/^count(\(\*?\))?$/i.test(flags.value)) {
    throw requestError(`--value ${flags.value} is not in this version: only count is`);
  }
  const target = targetOf({ ...flags, skymap: flags.order });
  const regions = await regionsOf(flags);
  const { where, pathTemplate } = flags;
  const catalog = await openSource(path, { where, pathTemplate, regions });
  return runInto(target, { catalog, inputs: [path], noun: 'row' }, flags, run);
}

/** `crosshatch skymap`: rows, or an aggregate, per HEALPix pixel. */
import type { Command } from 'commander';
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
import { addPictureFlags, type PictureFlags } from '../picture-flags.ts';
import { type Finished, type Run, runCommand } from '../run.ts';
import { runInto } from '../sink.ts';
import { openSource, regionsOf } from '../source.ts';
import { targetOf } from '../target.ts';

interface MapFlags {
  readonly order: number;
  readonly dropInvalid?: boolean;
}

type Flags = MapFlags &
  Omit<SourceFlags, 'columns'> &
  RegionFlags &
  Pick<OutputFlags, 'output' | 'overwrite' | 'value' | 'by'> &
  PictureFlags &
  ExplainFlags &
  RunFlags;

export function defineSkymap(command: Command): void {
  command
    .argument('<catalog>', 'folder, URL or name of a HATS catalog or collection')
    .optionsGroup('Map:')
    .requiredOption('--order <k>', 'HEALPix order of the pixels, 0 to 13', parseNumber)
    .option('--value <expr>', 'count, or an aggregate such as mean(mag)', 'count')
    .option('--by <column>', 'a map for each value of a column or expression')
    .option('--output <file>', '.fits: the map, NESTED, as healpy reads it; .png, .svg: a picture')
    .option('--overwrite', 'replace the output if it exists')
    .optionsGroup('Rows:');
  addSourceFlags(command, { columns: false });
  addRegionFlags(command);
  addPictureFlags(command);
  command.optionsGroup('Running:');
  addRunFlags(addExplainFlag(command));
  command.addHelpText(
    'after',
    `
Without --output a summary of the map is printed. With --by the maps are columns of one FITS
table. Aggregates: count(*), count(x), count_if(condition), sum, mean, min, max, std, stddev_pop,
var, var_pop, bool_and, bool_or, and arithmetic over them; null and NaN are left out.

Examples (crosshatch demo makes this catalog):
  crosshatch skymap demo-output/gaia --order 8 --output gaia.fits
  crosshatch skymap demo-output/gaia --order 10 --output gaia-map.png --view gnomonic --center 285,5 --size 12
  crosshatch skymap demo-output/gaia --order 5 --value 'mean(phot_g_mean_mag)'
`,
  );
  command.action((path: string, flags: Flags) =>
    runCommand(flags, (run) => skymap(path, flags, run)),
  );
}

async function skymap(path: string, flags: Flags, run: Run): Promise<Finished> {
  const target = targetOf({ ...flags, skymap: flags.order });
  const regions = await regionsOf(flags);
  const { where, pathTemplate } = flags;
  // The map's expressions may name any column; only those are read.
  const catalog = await openSource(path, { where, pathTemplate, regions, columns: ['all'] });
  return runInto(target, { catalog, inputs: [path], noun: 'row' }, flags, run);
}

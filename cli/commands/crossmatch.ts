/** `crosshatch crossmatch`: the main job. */
import { type Command, Option } from 'commander';
import type { CrossmatchOptions } from '../../index.ts';
import { requestError } from '../../partitioning/error.ts';
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
import { parseNames, parseNeighbors, parseNumber, parseSuffixes } from '../parse.ts';
import { type Finished, type Run, runCommand } from '../run.ts';
import { runInto } from '../sink.ts';
import { openSource, regionsOf } from '../source.ts';
import { targetOf } from '../target.ts';

interface MatchFlags {
  readonly radius: number;
  readonly minRadius?: number;
  readonly neighbors: number | 'all';
  readonly how: string;
  readonly suffixes?: [string, string];
  readonly limit?: number;
  readonly rightColumns?: string[];
  readonly rightWhere?: string;
  readonly rightPathTemplate?: string;
  readonly leftMargin?: string;
  readonly rightMargin?: string;
  readonly dropInvalid?: boolean;
}

type Flags = MatchFlags & SourceFlags & RegionFlags & OutputFlags & ExplainFlags & RunFlags;

export function defineCrossmatch(command: Command): void {
  command
    .argument('<left>', 'catalog whose rows look for neighbours')
    .argument('<right>', 'catalog that they are looked for in')
    .optionsGroup('Matching:')
    .requiredOption('--radius <arcsec>', 'pairs are nearer than this', parseNumber)
    .option('--min-radius <arcsec>', 'pairs are further apart than this', parseNumber)
    .addOption(
      new Option('--neighbors <k>', "k nearest, or 'all' within the radius")
        .argParser(parseNeighbors)
        .default(1),
    )
    .option('--how <how>', 'inner: pairs; left: also rows without a neighbour', 'inner')
    .option('--suffixes <_a,_b>', 'added to column names (default: the names)', parseSuffixes)
    .option('--limit <rows>', 'only the first pairs in spatial order', parseNumber)
    .optionsGroup('Reading (--right-…: of the right catalog, the others: of the left):');
  addSourceFlags(command)
    .option('--right-where <sql>', 'as --where, before the match')
    .option('--right-columns <a,b>', 'as --columns', parseNames)
    .option('--right-path-template <path>', 'as --path-template')
    .option('--left-margin <path>', "a member of the collection, a path, or 'none'")
    .option('--right-margin <path>', "the same; 'none' gives the same pairs");
  addRegionFlags(command);
  addExplainFlag(addOutputFlags(command));
  addRunFlags(command);
  command.addHelpText(
    'after',
    `
Without --output the pairs are counted.

Examples (crosshatch demo makes these catalogs):
  crosshatch crossmatch demo-output/gaia demo-output/ztf --radius 1
  crosshatch crossmatch demo-output/gaia demo-output/ztf --radius 1 --output pairs
`,
  );
  command.action((left: string, right: string, flags: Flags) =>
    runCommand(flags, (run) => crossmatch(left, right, flags, run)),
  );
}

async function crossmatch(
  leftPath: string,
  rightPath: string,
  flags: Flags,
  run: Run,
): Promise<Finished> {
  const target = targetOf(flags);
  const options = matchOptions(flags);
  const regions = await regionsOf(flags);
  const opening = openSource(leftPath, {
    columns: flags.columns,
    where: flags.where,
    pathTemplate: flags.pathTemplate,
    margin: flags.leftMargin,
    regions,
  });
  const other = openSource(rightPath, {
    columns: flags.rightColumns,
    where: flags.rightWhere,
    pathTemplate: flags.rightPathTemplate,
    margin: flags.rightMargin,
  });
  // Both at once; what is wrong with the left one is told first.
  other.catch(() => {});
  const left = await opening;
  const right = await other;
  const pairs = left.crossmatch(right, options);
  const catalog = flags.limit === undefined ? pairs : pairs.limit(flags.limit);
  const noun = options.how === 'inner' ? 'pair' : 'row';
  return runInto(target, { catalog, inputs: [leftPath, rightPath], noun }, flags, run);
}

function matchOptions(flags: MatchFlags): CrossmatchOptions {
  const { how } = flags;
  if (how !== 'inner' && how !== 'left') {
    throw requestError(`--how ${how} is not in this version: only inner and left are`);
  }
  return {
    radiusArcsec: flags.radius,
    minRadiusArcsec: flags.minRadius,
    neighbors: flags.neighbors,
    how,
    suffixes: flags.suffixes,
  };
}

/** Runs a query into its target and says what came out. */
import type {
  Catalog,
  GenerateOptions,
  RunSummary,
  SkyMap,
  SkyMaps,
  WriteHatsOptions,
  WriteMarginOptions,
} from '../index.ts';
import { requestError } from '../partitioning/error.ts';
import type { MapPicture } from '../pictures/draw-map.ts';
import type { ExplainFlags, OutputFlags } from './flags.ts';
import { bytesText, countOf, secondsText } from './format.ts';
import { mapFacts, mapsText, mapText } from './map-text.ts';
import { type PictureFlags, pictureOf } from './picture-flags.ts';
import type { Finished, Run } from './run.ts';
import { elapsedSeconds } from './summary.ts';
import type { Target } from './target.ts';

/** What is to be run. */
export interface Request {
  readonly catalog: Catalog;
  /** Folders that an output must keep away from. */
  readonly inputs: readonly string[];
  /** What a row is called in messages: `pair`, `row`. */
  readonly noun: string;
}

/** Runs a request into a target that is not `none`, or counts its rows. */
export async function runInto(
  target: Target,
  request: Request,
  flags: OutputFlags & ExplainFlags & PictureFlags,
  run: Run,
): Promise<Finished> {
  const { catalog, noun } = request;
  run.opened();
  if (flags.explain === true) {
    if (target.kind === 'map') {
      const { value, by } = target;
      return explained(catalog, { map: { value, by } }, run);
    }
    // A count never reads a column.
    return explained(catalog, target.kind === 'none' ? { columns: [] } : {}, run);
  }
  switch (target.kind) {
    case 'none':
      return counted(await catalog.run(run.settings), noun);
    case 'catalog': {
      run.canResume();
      const written = await catalog.writeHats(target.path, hatsOptions(flags, run));
      const parts = `${countOf(written.partitions, 'partition')}, ${bytesText(written.bytes)}`;
      return saved(written, noun, `${written.output} (${parts})`);
    }
    case 'parquet':
    case 'csv':
    case 'arrow': {
      const written = await writeFile(catalog, target.kind, target.path, flags, run);
      return saved(written, noun, written.output);
    }
    case 'map':
      return mapped(target, request, flags, run);
    default:
      throw new Error(`unknown target ${JSON.stringify(target satisfies never)}`);
  }
}

/** Options for everything that writes a catalog. */
export function hatsOptions(flags: OutputFlags, run: Run): WriteHatsOptions {
  return {
    ...generatorOptions(flags, run),
    rowsPerPartition: flags.rowsPerPartition,
    resume: flags.resume === true,
  };
}

/** The same for a catalog that is made up, in cells of its own. */
export function generatorOptions(flags: OutputFlags, run: Run): GenerateOptions {
  const { margin } = flags;
  return { ...marginOptions(flags, run), marginArcsec: margin === 'none' ? undefined : margin };
}

/** The same for a margin catalog, whose partitions are those of its catalog. */
export function marginOptions(
  { compression, name, overwrite }: OutputFlags,
  run: Run,
): WriteMarginOptions {
  return { ...run.settings, ...compression, name, overwrite: overwrite === true };
}

/** The explanation of a query; `wanted`: the columns, or the map, that it is for. */
export async function explained(
  catalog: Catalog,
  wanted: Pick<NonNullable<Parameters<Catalog['explain']>[0]>, 'columns' | 'map'>,
  run: Run,
): Promise<Finished> {
  const { explanationText } = await import('../index.ts');
  const data = await catalog.explain({ ...run.settings, ...wanted });
  return { data, lines: [explanationText(data)] };
}

function writeFile(
  catalog: Catalog,
  kind: 'parquet' | 'csv' | 'arrow',
  path: string,
  flags: OutputFlags,
  run: Run,
): Promise<RunSummary & { readonly output: string }> {
  const options = {
    ...run.settings,
    ...flags.compression,
    overwrite: flags.overwrite === true,
  };
  if (kind === 'parquet') return catalog.writeParquet(path, options);
  return kind === 'csv' ? catalog.writeCsv(path, options) : catalog.writeArrow(path, options);
}

async function mapped(
  target: Extract<Target, { kind: 'map' }>,
  request: Request,
  flags: OutputFlags & PictureFlags,
  run: Run,
): Promise<Finished> {
  const { order, path, value, by } = target;
  const output = path === undefined ? undefined : await mapPath(path, request.inputs, flags);
  const picture = pictureOf(flags, output);
  if (picture !== undefined) await checkPicture(picture, by);
  const settings = { ...run.settings, order, value };
  const { catalog } = request;
  const made: SkyMap | SkyMaps =
    by === undefined ? await catalog.skymap(settings) : await catalog.skymap({ ...settings, by });
  const { rows, stats } = made.summary;
  const outcome = { rows, stats, maps: mapFacts(made) };
  const text = 'by' in made ? mapsText(made) : [mapText(made)];
  if (output === undefined) return { outcome, lines: text };
  if (picture === undefined) await made.writeFits(output);
  else await drawPicture(made as SkyMap, picture);
  const lines = [...text, `wrote ${output} in ${secondsText(elapsedSeconds())}`];
  return { outcome: { ...outcome, output }, lines };
}

/** Before the map is made, which may take long. */
async function checkPicture(picture: MapPicture, by: string | undefined): Promise<void> {
  if (by !== undefined) {
    throw requestError(
      '--by gives several maps, and a picture shows one',
      'Write them to a .fits file.',
    );
  }
  const { checkMapPicture } = await import('../pictures/draw-map.ts');
  checkMapPicture(picture);
}

async function drawPicture(map: SkyMap, picture: MapPicture): Promise<void> {
  const { drawMap } = await import('../pictures/draw-map.ts');
  await drawMap(map, picture);
}

/** The absolute path of a map or picture, after the checks that other outputs get from the engine. */
export async function mapPath(
  path: string,
  inputs: readonly string[],
  flags: Pick<OutputFlags, 'overwrite'>,
): Promise<string> {
  const { checkNotInside, checkTarget, resolveTarget } = await import(
    '../catalogs/output-target.ts'
  );
  const target = await resolveTarget(path);
  await checkTarget(target, 'file', flags.overwrite === true);
  await checkNotInside(target, inputs);
  return target;
}

function counted(summary: RunSummary, noun: string): Finished {
  const { rows, stats } = summary;
  return { outcome: { rows, stats }, lines: [`${countOf(rows, noun)}${inTime()}`] };
}

function saved(summary: RunSummary & { output: string }, noun: string, place: string): Finished {
  const { rows, stats, output } = summary;
  return {
    outcome: { rows, stats, output },
    lines: [`wrote ${countOf(rows, noun)} to ${place}${inTime()}`],
  };
}

function inTime(): string {
  return ` in ${secondsText(elapsedSeconds())}`;
}

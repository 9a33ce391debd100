/** Crosshatch: cross-match sky catalogs of any size. This file wires the rooms and is the public API. */
import type { Table } from 'apache-arrow';
import { openCatalogInfo as openInfo } from './catalogs/open.ts';
import type { CatalogReference } from './catalogs/reference.ts';
import { type CatalogInfo, OPEN_OPTIONS, type OpenOptions } from './catalogs/types.ts';
import type { Catalog } from './engine/catalog.ts';
import { generateCatalog as generate } from './engine/ends/generate-catalog.ts';
import { writeMarginCatalog as margin } from './engine/ends/write-margin-catalog.ts';
import type {
  GenerateOptions,
  WriteMarginOptions,
  WriteResult,
} from './engine/ends/write-options.ts';
import type { GenerateSpec } from './engine/generate/spec.ts';
import { type OpenCatalogOptions, openCatalog as open } from './engine/open-catalog.ts';
import { type TableOptions, TableSource } from './engine/table-source.ts';
import { checkOptions } from './partitioning/options.ts';
import type { LightCurve } from './pictures/curve-points.ts';
import type { DrawableMap } from './pictures/drawable-map.ts';
import type { LightCurveOptions } from './pictures/light-curve.ts';
import type { PlotPartitionsOptions } from './pictures/plot-partitions.ts';
import type { ReadSkyMapOptions } from './pictures/read-map.ts';
import { createRuntime } from './workers/runtime.ts';

export type { CatalogDescription } from './catalogs/describe.ts';
export type { CatalogReference } from './catalogs/reference.ts';
export { configureRemote, type RemoteOptions } from './catalogs/remote/configure.ts';
export type { CatalogInfo, Column } from './catalogs/types.ts';
export type { Catalog, CatalogJoinOptions } from './engine/catalog.ts';
export type { AggregateOptions, AggregateSpecs } from './engine/ends/aggregate.ts';
export type { Histogram, HistogramOptions } from './engine/ends/histogram.ts';
export type { SkyMapOptions } from './engine/ends/make-sky-map.ts';
export type { RunSummary } from './engine/ends/run.ts';
export type { CategoryValue, SkyMap, SkyMaps } from './engine/ends/sky-map.ts';
export type { FileResult, WriteFileOptions } from './engine/ends/write-file.ts';
export type {
  GenerateOptions,
  WriteHatsOptions,
  WriteMarginOptions,
  WriteResult,
} from './engine/ends/write-options.ts';
export { type Explanation, explanationText } from './engine/explain.ts';
export type { GenerateSpec } from './engine/generate/spec.ts';
export type { OpenCatalogOptions } from './engine/open-catalog.ts';
export type { Progress } from './engine/physical/progress.ts';
export type { MergeAsofOptions } from './engine/plan/join-settings.ts';
export type { MatchSettings as CrossmatchOptions } from './engine/plan/match-settings.ts';
export type { ExplodeOptions } from './engine/plan/nested-columns.ts';
export type { NestedJoinOptions, NestedMatchOptions } from './engine/plan/pairs.ts';
export type {
  MapPartitionsOptions,
  MapRowsOptions,
  PartitionFunction,
  RowFunction,
} from './engine/plan/user-code.ts';
export type { RunSettings } from './engine/runtime.ts';
export type { TableOptions, TableSource } from './engine/table-source.ts';
export type { ModuleFunction } from './engine/user/code.ts';
export { CrosshatchError } from './partitioning/error.ts';
export type { Pixel } from './partitioning/pixel.ts';
export type { Region } from './partitioning/region.ts';
export type { LightCurve } from './pictures/curve-points.ts';
export type { DrawableMap } from './pictures/drawable-map.ts';
export type { LightCurveOptions } from './pictures/light-curve.ts';
export type {
  CartviewOptions,
  GnomviewOptions,
  MapPictureOptions,
  OrthviewOptions,
} from './pictures/map-options.ts';
export type { PlotPartitionsOptions } from './pictures/plot-partitions.ts';
export type { ReadSkyMapOptions } from './pictures/read-map.ts';

const runtime = createRuntime();

/**
 * Opens a HATS catalog or collection at a local path, `s3://` or `https://`, by the name of a well-known catalog, or
 * by its places; reads metadata only.
 */
export function openCatalog(
  path: string | CatalogReference,
  options: OpenCatalogOptions = {},
): Promise<Catalog> {
  return open(path, runtime, options);
}

/** The metadata of a catalog or collection of any type but index, as `openCatalog` reads them, without a query. */
export async function openCatalogInfo(
  catalog: string | CatalogReference,
  options: OpenOptions = {},
): Promise<CatalogInfo> {
  checkOptions('openCatalogInfo', options, OPEN_OPTIONS);
  return openInfo(catalog, options);
}

/** Takes an Arrow table, or the path of a Parquet file, as the source of a catalog. */
export function fromTable(table: Table | string, options: TableOptions): TableSource {
  return new TableSource(table, options, runtime);
}

/** Writes a seeded, realistic catalog. */
export async function generateCatalog(
  dir: string,
  spec: GenerateSpec,
  options: GenerateOptions = {},
): Promise<WriteResult> {
  return generate(dir, spec, runtime, options);
}

/** Writes the margin catalog of a catalog: for every pixel, the rows just outside it. */
export function writeMarginCatalog(
  catalog: string,
  dir: string,
  thresholdArcsec: number,
  options: WriteMarginOptions = {},
): Promise<WriteResult> {
  return margin(catalog, dir, thresholdArcsec, runtime, options);
}

/**
 * Reads a HEALPix map of a FITS file, gzipped or not, NESTED or RING, of the whole sky or a part of it, in equatorial,
 * galactic or ecliptic coordinates. Pixels that are UNSEEN or NaN are left out.
 */
export async function readSkyMap(
  file: string,
  options: ReadSkyMapOptions = {},
): Promise<DrawableMap> {
  const { readMapFile } = await import('./pictures/read-map.ts');
  return readMapFile(file, options);
}

/**
 * Draws a light curve to a .png or .svg file: magnitudes upside down, error bars, a colour and a mark for each band;
 * folded over two cycles where a period is given. Points whose time or magnitude is not a number are left out.
 */
export async function plotLightCurve(
  curve: LightCurve,
  file: string,
  options: LightCurveOptions = {},
): Promise<void> {
  const { drawLightCurve } = await import('./pictures/light-curve.ts');
  return drawLightCurve(curve, file, options);
}

/**
 * Draws the partitions of a catalog, equatorial, to a .png or .svg file: on the whole sky, or close up where the
 * catalog is small.
 */
export async function plotPartitions(
  catalog: CatalogInfo,
  file: string,
  options: PlotPartitionsOptions = {},
): Promise<void> {
  const { drawPartitions } = await import('./pictures/plot-partitions.ts');
  return drawPartitions(catalog, file, options);
}

/** Ends worker threads and removes temporary folders; not needed before the process ends. */
export function close(): Promise<void> {
  return runtime.close();
}

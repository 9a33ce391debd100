/** The properties files of what we write: every key a HATS reader needs, and nothing that older ones refuse. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CrosshatchError } from '../partitioning/error.ts';
import { deepestOrder, INDEX_ORDER, type Pixel } from '../partitioning/pixel.ts';
import { formatProperties, type PropertyValue, parseProperties } from './properties.ts';
import type { CatalogType, Column } from './types.ts';
import { VERSION } from './version.ts';
import { writing } from './write-error.ts';

/** Name of the spatial index column in everything we write. */
export const INDEX_COLUMN = '_healpix_29';

/** Version of the IVOA note on HATS that the output follows, and its date. */
const HATS_VERSION = 'v1.0';
const HATS_RELEASE_DATE = '2025-08-22';

type Entries = Record<string, PropertyValue>;

/** Plain facts of a finished catalog. */
export interface CatalogFacts {
  readonly name: string;
  readonly type: CatalogType;
  readonly raColumn: string;
  readonly decColumn: string;
  readonly pixels: readonly Pixel[];
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly defaultColumns?: readonly string[];
  /** Row limit the partitions were made with. */
  readonly maxRows?: number;
  readonly mapOrder?: number;
  /** Name or path of the table that a margin belongs to. */
  readonly primary?: string;
  readonly marginThresholdArcsec?: number;
  /** Bytes of everything written so far. */
  readonly bytes: number;
  /** Further keys; those that are stated here already are left out. */
  readonly extraProperties: Readonly<Record<string, string>>;
}

/**
 * Writes `hats.properties` and its older name `properties`, identical. Do this last: it is what makes a
 * folder a catalog.
 */
export async function writeCatalogProperties(dir: string, facts: CatalogFacts): Promise<void> {
  const text = formatProperties(catalogEntries(facts), 'catalog');
  for (const name of ['properties', 'hats.properties']) {
    const file = path.join(dir, name);
    await writing(file, () => writeFile(file, text));
  }
}

function catalogEntries(facts: CatalogFacts): Entries {
  const { pixels, columns } = facts;
  const hasIndex = columns.some((column) => column.name === INDEX_COLUMN);
  return {
    ...facts.extraProperties,
    obs_collection: memberName(facts.name),
    dataproduct_type: facts.type,
    hats_nrows: facts.rows,
    hats_col_ra: facts.raColumn,
    hats_col_dec: facts.decColumn,
    hats_cols_default: expressibleColumns(facts.defaultColumns),
    hats_col_healpix: hasIndex ? INDEX_COLUMN : undefined,
    hats_col_healpix_order: hasIndex ? INDEX_ORDER : undefined,
    hats_primary_table_url: facts.primary,
    hats_margin_threshold: facts.marginThresholdArcsec,
    hats_npix_suffix: '.parquet',
    hats_skymap_order: facts.mapOrder,
    hats_max_rows: facts.maxRows,
    hats_estsize: Math.ceil(facts.bytes / 1024),
    moc_sky_fraction: skyFraction(pixels),
    hats_order: deepestOrder(pixels),
    ...builderEntries(),
  };
}

/** The list of default columns is separated by blanks: where one's own name has any, all columns are better. */
function expressibleColumns(names: readonly string[] | undefined): readonly string[] | undefined {
  return names?.some((name) => /[\s,;]/.test(name)) ? undefined : names;
}

/** Area of the partitions over that of the sphere, to five significant digits. */
function skyFraction(pixels: readonly Pixel[]): number {
  let fraction = 0;
  for (const { order } of pixels) fraction += 1 / (12 * 4 ** order);
  return Number(fraction.toPrecision(5));
}

function builderEntries(): Entries {
  return {
    hats_builder: `crosshatch ${VERSION}`,
    hats_creation_date: creationDate(),
    hats_release_date: HATS_RELEASE_DATE,
    hats_version: HATS_VERSION,
  };
}

/**
 * Now, or the time that SOURCE_DATE_EPOCH gives (reproducible-builds.org): the only thing in an output that
 * is not a function of its inputs.
 */
function creationDate(): string {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  const date = epoch && /^\d+$/.test(epoch) ? new Date(Number(epoch) * 1000) : new Date();
  return `${date.toISOString().slice(0, 16)}UTC`;
}

/** A margin of a collection. */
export interface CollectionMargin {
  /** Name of its folder in the collection. */
  readonly name: string;
  readonly thresholdArcsec: number;
}

export interface CollectionFacts {
  /** Folder of the collection, with its members finished. */
  readonly dir: string;
  readonly name: string;
  /** Name of the primary catalog's folder. */
  readonly primary: string;
  readonly margins: readonly CollectionMargin[];
  /** Name of the margin that readers take unless asked; the first by default. */
  readonly defaultMargin?: string;
  /** Field → folder of its index catalog. */
  readonly indexes?: Readonly<Record<string, string>>;
}

/**
 * Keys that a collection shares with its primary catalog. hats before 0.11 refuses collections with other
 * keys than these and those written below.
 */
const SHARED_KEYS =
  /^(addendum_did|bib_reference(_url)?|creator_did|data_ucd|hats_(coordinate_epoch|copyright|creator|progenitor_url|service_url|status)|moc_sky_fraction|obs_(ack|copyright(_url)?|description|regime|title)|prov_progenitor|publisher_id|t_(max|min))$/;

/**
 * Writes `collection.properties`, which makes a folder with finished catalogs a collection.
 * @throws the `internal` error when a member's name cannot be listed: take names from {@link memberName}
 */
export async function finishCollection(facts: CollectionFacts): Promise<void> {
  const { dir, margins, primary } = facts;
  const indexes = Object.entries(facts.indexes ?? {}).flat();
  for (const name of [primary, ...margins.map((margin) => margin.name), ...indexes]) {
    if (name === '' || /[\s,;]/.test(name)) throw internal(`'${name}' cannot be listed`, dir);
  }
  const defaultMargin = facts.defaultMargin ?? margins[0]?.name;
  if (defaultMargin !== undefined && !margins.some((margin) => margin.name === defaultMargin)) {
    throw internal(`the default margin '${defaultMargin}' is not a margin of the collection`, dir);
  }
  const shared = await sharedEntries(path.join(dir, primary));
  const sizes = await Promise.all(
    [primary, ...margins.map((margin) => margin.name)].map((name) => sizeOf(path.join(dir, name))),
  );
  const entries: Entries = {
    ...shared,
    obs_collection: memberName(facts.name),
    hats_primary_table_url: primary,
    all_margins: margins.map((margin) => margin.name),
    default_margin: defaultMargin,
    all_indexes: indexes,
    ...builderEntries(),
    hats_estsize: sizes.reduce((sum, size) => sum + size, 0),
  };
  const file = path.join(dir, 'collection.properties');
  await writing(file, () => writeFile(file, formatProperties(entries, 'collection')));
}

async function sharedEntries(primaryDir: string): Promise<Entries> {
  const all = await readProperties(primaryDir);
  return Object.fromEntries(Object.entries(all).filter(([key]) => SHARED_KEYS.test(key)));
}

async function sizeOf(memberDir: string): Promise<number> {
  return Number((await readProperties(memberDir)).hats_estsize ?? 0);
}

async function readProperties(dir: string): Promise<Record<string, string>> {
  const file = path.join(dir, 'hats.properties');
  try {
    return parseProperties(await readFile(file, 'utf8'));
  } catch (error) {
    throw internal(`a member is not finished: ${(error as Error).message}`, file);
  }
}

function internal(what: string, where: string): CrosshatchError {
  return new CrosshatchError({ tag: 'internal', what, where });
}

/** A name as one word, as catalogs and the members of collections need it: `my stars` → `my_stars`. */
export function memberName(name: string): string {
  return name.replace(/[\s,;]+/g, '_');
}

/** The usual name of a margin's folder: `gaia_10arcs`, `gaia_2arcmin`, `gaia_500msec`. */
export function marginName(name: string, thresholdArcsec: number): string {
  return `${memberName(name)}_${angleText(thresholdArcsec)}`;
}

function angleText(arcsec: number): string {
  if (arcsec >= 3600) return `${Math.trunc(arcsec / 3600)}deg`;
  if (arcsec >= 60) return `${Math.trunc(arcsec / 60)}arcmin`;
  if (arcsec >= 1) return `${Math.trunc(arcsec)}arcs`;
  return `${Math.trunc(arcsec * 1000)}msec`;
}

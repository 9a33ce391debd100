/** Small catalogs for tests: rows in memory become HATS through `fromTable`. */
import { Float64, Int32, makeVector, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { type Catalog, CrosshatchError, fromTable, openCatalog } from '../../index.ts';

/** A row of a test catalog. */
export interface SkyRow {
  readonly id: number;
  readonly ra: number;
  readonly dec: number;
  /** Payload that duplicates may differ in. */
  readonly tag: string | null;
  /** May be NaN as well as null. */
  readonly mag: number | null;
}

export interface MadeCatalog {
  readonly path: string;
  readonly rows: readonly SkyRow[];
}

export interface MakeOptions {
  readonly name: string;
  readonly rowsPerPartition?: number;
  /** Left out where the partitions are too small for a margin this wide. */
  readonly marginArcsec?: number | undefined;
}

/** Columns id, ra, dec, tag, mag. */
export function skyTable(rows: readonly SkyRow[]): Table {
  return new Table({
    id: vectorFromArray(
      rows.map(({ id }) => id),
      new Int32(),
    ),
    ra: makeVector(Float64Array.from(rows, ({ ra }) => ra)),
    dec: makeVector(Float64Array.from(rows, ({ dec }) => dec)),
    tag: vectorFromArray(
      rows.map(({ tag }) => tag),
      new Utf8(),
    ),
    mag: vectorFromArray(
      rows.map(({ mag }) => mag),
      new Float64(),
    ),
  });
}

/** Writes `rows` as a catalog in the folder `dir`. */
export async function makeCatalog(
  dir: string,
  rows: readonly SkyRow[],
  options: MakeOptions,
): Promise<MadeCatalog> {
  const source = fromTable(skyTable(rows), { ra: 'ra', dec: 'dec', name: options.name });
  const { rowsPerPartition, marginArcsec } = options;
  const settings = { name: options.name, workers: 1, rowsPerPartition };
  try {
    await source.writeHats(dir, { ...settings, marginArcsec });
  } catch (error) {
    const tooWide = error instanceof CrosshatchError && error.what.includes('is wider than');
    if (!tooWide || marginArcsec === undefined) throw error;
    await source.writeHats(dir, settings);
  }
  return { path: dir, rows };
}

export function openMade(made: MadeCatalog, margin?: 'none'): Promise<Catalog> {
  return openCatalog(made.path, margin === undefined ? {} : { margin });
}

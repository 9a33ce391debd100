/** What a map of the sky holds, and how it is written. */
import { standardName } from '../../catalogs/fits-write.ts';
import { UNSEEN, writeCountMap } from '../../catalogs/sky-map-file.ts';
import { type SparseMapColumn, writeHealpixMaps } from '../../catalogs/sky-maps-write.ts';
import { requestError } from '../../partitioning/error.ts';
import { DrawableMap, MAX_FULL_ORDER } from '../../pictures/drawable-map.ts';
import type { RunSummary } from './run.ts';

/** Deepest order of a sky map: pixels of 26 arcseconds. */
export const MAX_MAP_ORDER = 13;

/** Deepest order whose pixels may all be held in memory: 1.6 GB. */
const MAX_DENSE_ORDER = 12;

/** Four of the characters of a FITS card are kept for what tells equal names apart. */
const MAX_NAME_TEXT = 64;

export interface SkyMapData {
  readonly order: number;
  readonly pixels: Float64Array;
  readonly values: Float64Array;
  /** What the values are: the expression, or `COUNT` for the number of rows. */
  readonly name: string;
  readonly unit?: string;
  /** The map counts rows: pixels that are left out count 0. */
  readonly isCount: boolean;
  /** Rows that the map was made of. */
  readonly rows: number;
}

/** A sparse map of the sky: a number for each HEALPix pixel that has one; it draws itself. */
export class SkyMap extends DrawableMap {
  declare readonly name: string;
  readonly isCount: boolean;
  readonly rows: number;
  readonly summary: RunSummary;

  constructor(map: SkyMapData, summary: RunSummary) {
    const { order, pixels, values, name, unit } = map;
    super({ order, pixels, values, name, unit, label: map.isCount ? 'rows per pixel' : undefined });
    this.isCount = map.isCount;
    this.rows = map.rows;
    this.summary = summary;
  }

  /** The value of a pixel; undefined where there is none, for a count 0. */
  at(pixel: number): number | undefined {
    const { pixels, values } = this;
    let from = 0;
    let to = pixels.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (pixels[middle]! < pixel) from = middle + 1;
      else to = middle;
    }
    if (pixels[from] === pixel) return values[from]!;
    return this.isCount ? 0 : undefined;
  }

  /**
   * A value for every pixel of the sky in NESTED order, up to order 12. `missing` stands where there is none: by
   * default 0 for a count, else NaN.
   */
  dense(missing: number = this.isCount ? 0 : Number.NaN): Float64Array {
    const { order, pixels, values } = this;
    if (order > MAX_DENSE_ORDER) {
      throw requestError(
        `a map of order ${order} has ${12 * 4 ** order} pixels, too many to hold them all`,
        `Use pixels and values, or an order of at most ${MAX_DENSE_ORDER}.`,
      );
    }
    const all = new Float64Array(12 * 4 ** order);
    if (missing !== 0) all.fill(missing);
    for (let i = 0; i < pixels.length; i++) all[pixels[i]!] = values[i]!;
    return all;
  }

  /**
   * Writes the map as FITS, NESTED: `healpix` as healpy reads and writes them, `hats` as the count maps of HATS
   * catalogs. Up to order 10 every pixel of the sky is in the file, those without a value as 0 in a count and else as
   * UNSEEN; from there on only the pixels of the map.
   */
  override async writeFits(path: string, form: 'healpix' | 'hats' = 'healpix'): Promise<void> {
    const { order, pixels, values } = this;
    if (form === 'hats') {
      if (!this.isCount) throw requestError('the form hats is for counts of rows');
      return writeCountMap(path, {
        order,
        pixels,
        counts: values,
        explicit: order > MAX_FULL_ORDER,
      });
    }
    return this.writeHealpix(path, this.isCount ? 0 : UNSEEN);
  }
}

/** The value of a category: what the key is for its rows. */
export type CategoryValue = string | number | bigint | boolean | null;

/** Maps of one kind, one for each category of rows, in the order of categories. */
export class SkyMaps {
  /** What the categories are values of. */
  readonly by: string;
  readonly order: number;
  readonly summary: RunSummary;
  readonly #maps: ReadonlyMap<CategoryValue, SkyMap>;

  constructor(
    by: string,
    order: number,
    maps: ReadonlyMap<CategoryValue, SkyMap>,
    summary: RunSummary,
  ) {
    this.by = by;
    this.order = order;
    this.summary = summary;
    this.#maps = maps;
  }

  get size(): number {
    return this.#maps.size;
  }

  /** Ascending, null last. */
  get categories(): CategoryValue[] {
    return [...this.#maps.keys()];
  }

  get(category: CategoryValue): SkyMap | undefined {
    return this.#maps.get(category);
  }

  [Symbol.iterator](): IterableIterator<[CategoryValue, SkyMap]> {
    return this.#maps.entries();
  }

  /**
   * Writes all maps into one FITS table, a column for each category: healpy reads them with `field=None`, or one of
   * them by its number. Columns are called as `band_g`, in the letters that FITS has, and comments tell what each is
   * of. Pixels as for a single map; pixels that a category lacks are UNSEEN, or 0 in a count.
   */
  async writeFits(path: string): Promise<void> {
    const names = new Set<string>();
    const columns = [...this.#maps].map(([category, map]): SparseMapColumn => {
      const { pixels, values, unit, isCount } = map;
      const name = uniqueName(columnName(this.by, category), names);
      const comment = `${name}: ${this.by} = ${category}`;
      const notes = unit === undefined ? { comment } : { comment, unit };
      return { name, pixels, values, missing: isCount ? 0 : UNSEEN, ...notes };
    });
    await writeHealpixMaps(path, this.order, columns, this.order > MAX_FULL_ORDER);
  }
}

function columnName(by: string, category: CategoryValue): string {
  const isNegative = (typeof category === 'number' || typeof category === 'bigint') && category < 0;
  const text = isNegative ? `minus_${-category}` : String(category);
  return standardName(`${by}_${text}`).slice(0, MAX_NAME_TEXT);
}

function uniqueName(name: string, names: Set<string>): string {
  let unique = name;
  // Column names of FITS do not tell upper from lower case.
  for (let n = 2; names.has(unique.toLowerCase()); n++) unique = `${name}_${n}`;
  names.add(unique.toLowerCase());
  return unique;
}

/** What is known of a catalog from its metadata: plain data, cloneable, no open handles. */
import type { OptionNames } from '../partitioning/options.ts';
import type { Pixel } from '../partitioning/pixel.ts';

/** The place of a catalog that was chosen, and why. */
export interface ChosenPlace {
  readonly url: string;
  readonly why: string;
  /** Other places that hold the same. */
  readonly others: readonly string[];
}

export type CatalogType = 'object' | 'source' | 'margin' | 'association' | 'map' | 'index';

/** One column of a catalog. */
export interface Column {
  readonly name: string;
  /** DuckDB type text, for example `DOUBLE`, `BIGINT`, `STRUCT(mjd DOUBLE[], mag FLOAT[])`. */
  readonly type: string;
  readonly unit?: string;
  readonly description?: string;
  readonly ucd?: string;
}

/** The spatial index column and the order it is computed at (29 unless the properties say otherwise). */
export interface HealpixColumn {
  readonly name: string;
  readonly order: number;
}

/** One Parquet file of a partition. */
export interface LeafFile {
  /** Path or URL that a store takes. */
  readonly path: string;
  /** Size in bytes; 0 where it is not known before the file is read. */
  readonly bytes: number;
  /** Version of a remote file, where a listing told it. */
  readonly etag?: string;
}

/** One HEALPix partition. */
export interface Partition {
  readonly pixel: Pixel;
  /** One file, or several where a partition is a directory. */
  readonly files: readonly LeafFile[];
  /**
   * Rows: exact where `_metadata` was read, otherwise estimated from the file's share of the bytes.
   * Used to size tasks and to explain, never to compute answers.
   */
  readonly rows: number;
  readonly rowsExact: boolean;
}

/** A margin catalog that belongs to a catalog. */
export interface Margin {
  readonly name: string;
  readonly thresholdArcsec: number;
  readonly catalog: CatalogInfo;
}

/** Everything the planner needs to know of one HATS table. */
export interface CatalogInfo {
  /** Absolute path or URL of the table's own directory (of the primary table for a collection). */
  readonly path: string;
  /** Directory of the collection it was opened through, if any. */
  readonly collectionPath?: string;
  readonly name: string;
  readonly type: CatalogType;
  readonly raColumn?: string;
  readonly decColumn?: string;
  /** Absent where the table has no spatial index column. */
  readonly healpix?: HealpixColumn;
  /** All columns in file order, hive columns (Norder, Dir, Npix) left out unless stored. */
  readonly columns: readonly Column[];
  /** Columns read when none are asked for; absent: all. */
  readonly defaultColumns?: readonly string[];
  /**
   * A schema-only Parquet file (`_common_metadata`, `_metadata` or a leaf), read together with leaf files
   * so that columns missing in a leaf become null.
   */
  readonly schemaFile?: string;
  /** Version of a remote schema file. */
  readonly schemaEtag?: string;
  /** In NESTED order; never overlapping. */
  readonly partitions: readonly Partition[];
  /** `hats_nrows`, when it is there. */
  readonly totalRows?: number;
  /** Names and thresholds of all margins the collection lists; `margin` is the one in use. */
  readonly marginsAvailable: readonly {
    readonly name: string;
    readonly thresholdArcsec?: number;
  }[];
  readonly margin?: Margin;
  /** Field name → directory of index catalogs (from the collection). */
  readonly indexes: Readonly<Record<string, string>>;
  /** Margin threshold of a margin catalog, arcsec. */
  readonly marginThresholdArcsec?: number;
  /** Frame (`hats_frame`) and epoch (`hats_coordinate_epoch`) as the properties give them. */
  readonly frame?: string;
  readonly epoch?: string;
  /** Every key of the properties file, by its standard (alias) name, unknown ones included. */
  readonly properties: Readonly<Record<string, string>>;
  /** Which of several places it was opened at, and why. */
  readonly place?: ChosenPlace;
}

/** How to open a catalog. */
export interface OpenOptions {
  /** `undefined`: the collection's default; `'none'`: none; a member name; or a path. */
  readonly margin?: string | 'none';
  /** Leaf path below the catalog with `{order}`, `{dir}`, `{pixel}`; for trees with custom names. */
  readonly pathTemplate?: string;
}

export const OPEN_OPTIONS: OptionNames<OpenOptions> = { margin: true, pathTemplate: true };

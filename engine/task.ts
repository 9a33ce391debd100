/**
 * Physical tasks: what a worker is asked to do, and what it answers. Plain JSON-able data, so that a task can go
 * to a thread or to a queue, run twice, and be compared in tests.
 */
import type { Pixel } from '../partitioning/pixel.ts';
import type { Region } from '../partitioning/region.ts';
import type { ExpressionInput } from './expression/expression.ts';
import type { GenerateSpec } from './generate/spec.ts';

/** How rows of one catalog are read; the same for every cell. */
export interface ScanSpec {
  /** All columns of the dataset: rows that tie exactly are told apart by them, whatever the plan needs. */
  readonly allColumns: readonly { readonly name: string; readonly type: string }[];
  /** Catalog name, for messages. */
  readonly label: string;
  /** Position columns; absent where rows have none, as of an association. */
  readonly ra?: string;
  readonly dec?: string;
  /** Spatial index column stored in the files, if any. */
  readonly healpix?: { readonly name: string; readonly order: number };
  /** Columns of the dataset schema that this plan can need, in schema order. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly schemaFile?: string;
  /** Compiled boolean SQL, and what the names in it stand for; all must be true. */
  readonly filters: readonly {
    readonly sql: string;
    readonly inputs: readonly ExpressionInput[];
  }[];
  readonly regions: readonly Region[];
  /** Rows with unusable coordinates are dropped and counted instead of being an error. */
  readonly dropInvalid: boolean;
  /** Rows up to this far outside a cell are needed, arcsec; 0 for the scan that gives rows their place. */
  readonly reachArcsec: number;
  /** Rows lie around the pixels that they are stored under, as those of a margin catalog do. */
  readonly aroundPartitions?: true;
}

/** Where the rows around a cell's border come from. */
export type HaloSource =
  /** Margin catalog files: rows stored under `own` pixels are dropped, doubles across files too. */
  | { readonly kind: 'margin'; readonly files: readonly string[] }
  /** Files made by an edge pass: filters and regions are applied already. */
  | {
      readonly kind: 'edges';
      readonly parts: readonly {
        readonly file: string;
        /** The files its rows were copied from; its column of row numbers counts through them. */
        readonly sources: readonly string[];
      }[];
    }
  /** Whole neighbouring partitions; pixel null: rows from anywhere. */
  | {
      readonly kind: 'files';
      readonly parts: readonly {
        readonly pixel: Pixel | null;
        readonly files: readonly string[];
      }[];
    }
  | { readonly kind: 'none' };

/** The files one cell reads of one scan. */
export interface CellScan {
  /** Partitions that overlap the cell. */
  readonly own: readonly { readonly pixel: Pixel; readonly files: readonly string[] }[];
  readonly halo: HaloSource;
}

/** A column of a row set: where its values come from. Steps are numbered through the whole plan. */
export type ColumnRef =
  /** Stored; `field`: one list of a nested column. */
  | {
      readonly kind: 'scan';
      readonly scan: number;
      readonly column: string;
      readonly field?: string;
    }
  | { readonly kind: 'distance'; readonly match: number }
  /** The row's number in the files of a scan. */
  | { readonly kind: 'row'; readonly scan: number }
  /** The order-29 index of the row, computed from its position. */
  | { readonly kind: 'index' }
  /** SQL over other columns, by the names that they have in it; computed once per row. */
  | { readonly kind: 'computed'; readonly sql: string; readonly inputs: readonly BoundColumn[] }
  /** A nested column made of list columns; null where all of these are. */
  | { readonly kind: 'nest'; readonly fields: readonly BoundColumn[] }
  /** The number, from 1, of the list element that a row of an explode step stands for. */
  | { readonly kind: 'element'; readonly step: number }
  /** That element of a list column of the step's input. */
  | { readonly kind: 'exploded'; readonly step: number; readonly column: BoundColumn }
  /** The values of a column in the rows that a nest step put together, as a list. */
  | { readonly kind: 'gathered'; readonly step: number; readonly column: BoundColumn }
  /** A column that user code returned. */
  | { readonly kind: 'made'; readonly step: number; readonly column: string };

/** A named, typed output or intermediate column. */
export interface BoundColumn {
  readonly name: string;
  readonly type: string;
  readonly ref: ColumnRef;
}

/** Pairs of a left and a right row by their distance. */
export interface MatchCell {
  readonly kind: 'match';
  readonly match: number;
  readonly left: CellNode;
  readonly right: CellNode;
  readonly radiusArcsec: number;
  readonly minRadiusArcsec: number;
  readonly neighbors: number | 'all';
  readonly keepUnmatched: boolean;
}

/** Pairs of a left and a right row with equal keys, at most `withinArcsec` apart (null: rows without positions). */
export interface JoinCell {
  readonly kind: 'join';
  readonly left: CellNode;
  readonly right: CellNode;
  /** As many on either side, of comparable types. */
  readonly leftOn: readonly BoundColumn[];
  readonly rightOn: readonly BoundColumn[];
  readonly withinArcsec: number | null;
  readonly keepUnmatched: boolean;
  /** At most one right row per left row: the nearest in an ordered column. */
  readonly asof?: AsofCell;
}

export interface AsofCell {
  readonly left: BoundColumn;
  readonly right: BoundColumn;
  readonly direction: 'backward' | 'forward' | 'nearest';
  /** Largest difference, in the columns' unit. */
  readonly tolerance?: number;
}

/** The relational program of a cell; scans, matches and steps are numbered through the whole plan. */
export type CellNode =
  | { readonly kind: 'scan'; readonly scan: number }
  | {
      readonly kind: 'filter';
      readonly input: CellNode;
      readonly sql: string;
      /** The columns that `sql` names, bound. */
      readonly columns: readonly BoundColumn[];
    }
  | { readonly kind: 'region'; readonly input: CellNode; readonly region: Region }
  | MatchCell
  | JoinCell
  /** One row per left row, its right rows put together. */
  | { readonly kind: 'nest'; readonly step: number; readonly of: MatchCell | JoinCell }
  /** One row per element of a list; `keepEmpty`: and one for a row without any. */
  | {
      readonly kind: 'explode';
      readonly step: number;
      readonly input: CellNode;
      readonly list: BoundColumn;
      readonly keepEmpty: boolean;
    };

/** How Parquet is written. */
export interface ParquetOptions {
  readonly compression: 'zstd' | 'snappy' | 'lz4_raw' | 'uncompressed';
  readonly level?: number;
  readonly rowGroupRows: number;
}

/** What becomes of a cell's rows. */
export type Sink =
  | { readonly kind: 'count' }
  | { readonly kind: 'map'; readonly order: number }
  /** Parquet pieces of at most `maxRows` rows, each one HEALPix pixel, sorted by index. */
  | {
      readonly kind: 'pieces';
      readonly columns: readonly BoundColumn[];
      readonly dir: string;
      readonly maxRows: number;
      readonly mapOrder: number;
      readonly parquet: ParquetOptions;
    }
  /** One file per cell in row order: Parquet (uncompressed bridge or final) or CSV without header. */
  | {
      readonly kind: 'rows';
      readonly columns: readonly BoundColumn[];
      readonly dir: string;
      readonly format: 'parquet' | 'csv';
      readonly parquet: ParquetOptions;
    };

export interface CellWork {
  readonly pixel: Pixel;
  /** One entry per scan of the program. */
  readonly scans: readonly CellScan[];
}

/** Runs a program over one or more cells. */
export interface CellsTask {
  readonly kind: 'cells';
  readonly id: number;
  readonly program: { readonly root: CellNode; readonly scans: readonly ScanSpec[] };
  readonly cells: readonly CellWork[];
  readonly sink: Sink;
  /** How far rows may lie outside the partitions that they are stored in, arcsec. */
  readonly slackArcsec: number;
  /** Rows after which a cell may stop, in row order. */
  readonly limit?: number;
}

/** Extracts the rows near the border of partitions into small files, for the cells beside them. */
export interface EdgesTask {
  readonly kind: 'edges';
  readonly id: number;
  readonly scan: ScanSpec;
  readonly reachArcsec: number;
  readonly parts: readonly {
    readonly pixel: Pixel;
    readonly files: readonly string[];
    readonly output: string;
  }[];
}

/** Makes rows with the seeded generator and writes them as pieces. */
export interface GenerateTask {
  readonly kind: 'generate';
  readonly id: number;
  readonly spec: GenerateSpec;
  /** Numbers of the generator plan's cells. */
  readonly cells: readonly { readonly cell: number; readonly pixel: Pixel }[];
  readonly sink: Extract<Sink, { kind: 'pieces' }>;
}

/** Concatenates pieces, in order, into one Parquet file. */
export interface MergeTask {
  readonly kind: 'merge';
  readonly id: number;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Sort by this column where the inputs' ranges interleave. */
  readonly sortBy?: string;
  readonly parquet: ParquetOptions;
}

/** Picks margin rows out of edge files. */
export interface MarginTask {
  readonly kind: 'margin';
  readonly id: number;
  readonly scan: ScanSpec;
  /** Order of the cells that make up the margin. */
  readonly marginOrder: number;
  readonly parts: readonly {
    readonly pixel: Pixel;
    readonly files: readonly string[];
    readonly output: string;
  }[];
  readonly parquet: ParquetOptions;
}

/** Cuts a table that has no partitions into pieces. */
export interface TableTask {
  readonly kind: 'table';
  readonly id: number;
  readonly scan: ScanSpec;
  readonly files: readonly string[];
  readonly sink: Extract<Sink, { kind: 'pieces' }>;
}

/** Writes a Parquet file that has columns and no rows. */
export interface EmptyTask {
  readonly kind: 'empty';
  readonly id: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly output: string;
  readonly parquet: ParquetOptions;
}

export type Task =
  | CellsTask
  | EdgesTask
  | EmptyTask
  | GenerateTask
  | MarginTask
  | MergeTask
  | TableTask;

/** A Parquet file that holds rows of one pixel, sorted by index. */
export interface Piece {
  readonly pixel: Pixel;
  readonly file: string;
  readonly rows: number;
}

/** Sparse counts per NESTED pixel at one order, pixels ascending. */
export interface SparseMap {
  readonly order: number;
  readonly pixels: Float64Array;
  readonly counts: Float64Array;
}

/** Always-on counters of where the time of a task went, milliseconds of this thread. */
export interface PhaseTimes {
  scan: number;
  kernel: number;
  gather: number;
  write: number;
}

export interface CellResult {
  readonly pixel: Pixel;
  readonly rows: number;
  readonly map?: SparseMap;
  readonly pieces?: readonly Piece[];
  /** Files of a `rows` sink in row order; none where the cell gave no rows. */
  readonly files?: readonly string[];
  /** Largest distance of a row outside the partition it is stored in, arcsec, per scan. */
  readonly excursionArcsec: readonly number[];
}

export interface TaskResult {
  readonly id: number;
  readonly cells: readonly CellResult[];
  readonly phases: PhaseTimes;
  /** Rows with unusable coordinates that were dropped. */
  readonly droppedRows: number;
  /** Times a cell was cut into four because it did not fit the memory share. */
  readonly splits: number;
  /** Pairs of equal keys that joins left out because they lie too far apart, and the largest distance. */
  readonly farPairs: number;
  readonly farthestArcsec: number;
}

/**
 * Physical tasks: what a worker is asked to do, and what it answers. Plain JSON-able data, so that a task can go
 * to a thread or to a queue, run twice, and be compared in tests.
 */
import type { Pixel } from '../partitioning/pixel.ts';
import type { Region } from '../partitioning/region.ts';
import type { BoundColumn, CellProgram } from './cell-program.ts';
import type { ColumnBound } from './expression/bounds.ts';
import type { ExpressionInput } from './expression/expression.ts';
import type { GenerateSpec } from './generate/spec.ts';
import type { GroupPart, GroupsSink } from './groups.ts';
import type { LearntTypes } from './user/infer.ts';

export type {
  AsofCell,
  BoundColumn,
  CellNode,
  CellProgram,
  ColumnRef,
  Computation,
  JoinCell,
  MatchCell,
  RowsCell,
  TableCell,
} from './cell-program.ts';

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
  /** What the filters say of single columns: row groups whose statistics contradict it hold no rows of the scan. */
  readonly bounds?: readonly ColumnBound[];
  /** Rows further than that from a region can match nothing; some of them may be left out. */
  readonly near?: readonly NearRegion[];
  /** Which files are local stand-ins for parts of remote ones, by path; for messages. */
  readonly standIns?: Readonly<Record<string, StandIn>>;
}

/** Everything within a distance of a region. */
export interface NearRegion {
  readonly region: Region;
  readonly radiusArcsec: number;
}

/** A local file with some row groups of a remote one. */
export interface StandIn {
  readonly url: string;
  /** The row groups that are there: number of the first row in the remote file, and rows. */
  readonly groups: readonly { readonly firstRow: number; readonly rows: number }[];
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

/** How Parquet is written. */
export interface ParquetOptions {
  readonly compression: 'zstd' | 'snappy' | 'lz4_raw' | 'uncompressed';
  readonly level?: number;
  readonly rowGroupRows: number;
}

/** What becomes of a cell's rows. */
export type Sink =
  | { readonly kind: 'count' }
  /** What user code returns of the first rows: names and types. The program's root is that code. */
  | { readonly kind: 'infer'; readonly rows: number }
  | { readonly kind: 'map'; readonly order: number }
  | GroupsSink
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
  readonly program: CellProgram & { readonly scans: readonly ScanSpec[] };
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

/** Always-on counters of where the time of a task went, milliseconds of this thread; they add up to all of it. */
export interface PhaseTimes {
  /** Starting a worker: in its first task; and opening its database: in the first that needs it. */
  open: number;
  /** Footers of Parquet files. */
  metadata: number;
  /** Positions, and what filters need. */
  scan: number;
  /** Vectors, grid and pairs. */
  kernel: number;
  /** Columns of rows that are known: decoded from their files. */
  gather: number;
  /** Code of the user's. */
  user: number;
  /** Values picked by row, encoded and compressed. */
  encode: number;
  /** Files written; where the database writes, its statement, which gathers and encodes too. */
  write: number;
  /** What is left: regions, checks, sorting, freeing memory. */
  other: number;
}

export function newPhases(): PhaseTimes {
  const read = { open: 0, metadata: 0, scan: 0, kernel: 0, gather: 0 };
  return { ...read, user: 0, encode: 0, write: 0, other: 0 };
}

export interface CellResult {
  readonly pixel: Pixel;
  readonly rows: number;
  readonly map?: SparseMap;
  /** Of a `groups` sink: one for each part in which the cell was computed. */
  readonly groups?: readonly GroupPart[];
  readonly pieces?: readonly Piece[];
  /** Names and types that an `infer` sink found. */
  readonly returns?: LearntTypes;
  /** Files of a `rows` sink in row order; none where the cell gave no rows. */
  readonly files?: readonly string[];
  /** Largest distance of a row outside the partition it is stored in, arcsec, per scan. */
  readonly excursionArcsec: readonly number[];
}

export interface TaskResult {
  readonly id: number;
  readonly cells: readonly CellResult[];
  /** Number of the worker that ran it; 0 is the main thread. */
  readonly worker: number;
  readonly phases: PhaseTimes;
  /** Rows with unusable coordinates that were dropped. */
  readonly droppedRows: number;
  /** Times a cell was cut into four because it did not fit the memory share. */
  readonly splits: number;
  /** Pairs of equal keys that joins left out because they lie too far apart, and the largest distance. */
  readonly farPairs: number;
  readonly farthestArcsec: number;
  /** Rows that user code failed on and that were skipped or collected, and what the first failure was. */
  readonly userErrors: number;
  readonly firstUserError: string | null;
}

/**
 * The port through which the engine uses a columnar SQL engine: one in-memory database with one connection,
 * driven from one thread. `workers/` implements it over DuckDB; nothing else knows DuckDB's API.
 * All methods look at the stop flag between slices and throw the `aborted` error when it is set.
 */

/** A numeric column as one typed array; `valid` is absent when there are no nulls, else 1 = not null. */
export interface NumericColumn {
  readonly values: Float64Array | Float32Array | BigInt64Array | Int32Array;
  readonly valid?: Uint8Array;
}

/** The typed array a column is read into: the SQL type must be DOUBLE, FLOAT, BIGINT or INTEGER respectively. */
export type NumericKind = 'f64' | 'f32' | 'i64' | 'i32';

export type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Values of one column in a batch; `valid`: 1 = not null, null: no value is. */
export type ValueColumn =
  | { readonly kind: 'numbers'; readonly values: NumberArray; readonly valid: Uint8Array | null }
  /** 0 or 1. */
  | { readonly kind: 'booleans'; readonly values: Uint8Array; readonly valid: Uint8Array | null }
  | { readonly kind: 'texts'; readonly values: readonly (string | null)[] }
  /** Row i has the elements [starts[i], starts[i] + lengths[i]) of `items`. */
  | {
      readonly kind: 'lists';
      readonly starts: Uint32Array;
      readonly lengths: Uint32Array;
      readonly items: ValueColumn;
      readonly valid: Uint8Array | null;
    };

/** Some consecutive rows of a result. */
export interface ValueBatch {
  readonly rows: number;
  readonly columns: readonly ValueColumn[];
}

/** A column to load into a table. */
export interface TableColumn {
  readonly name: string;
  /** One per row; with `ends` the elements of all lists. */
  readonly values:
    | Float64Array
    | BigInt64Array
    | BigUint64Array
    | Int32Array
    | Float32Array
    | Int16Array
    | Int8Array
    | Uint8Array
    | readonly string[];
  /** Values of 0 and 1 are stored as BOOLEAN. */
  readonly boolean?: boolean;
  /** Int32 values of −1 are stored as null. */
  readonly nullIfNegative?: boolean;
  /** 0: the value, or with `ends` the element, is null. */
  readonly valid?: Uint8Array;
  /** A column of lists: row i has the elements [ends[i − 1], ends[i]). */
  readonly ends?: Uint32Array;
  /** With `ends`, 0: the whole list is null. */
  readonly listValid?: Uint8Array;
}

export interface ResultColumn {
  readonly name: string;
  /** DuckDB type text. */
  readonly type: string;
}

export interface Session {
  /** Runs one statement for its effect; returns the number of rows changed (rows written by COPY). */
  run(sql: string): Promise<number>;
  /** Runs a query whose columns are all numeric and returns them whole, in order. */
  columns(
    sql: string,
    kinds: readonly NumericKind[],
  ): Promise<{ rows: number; columns: NumericColumn[] }>;
  /** Runs a query for user code; its columns are numbers, booleans, texts, or lists of these, of the given types. */
  values(sql: string, types: readonly string[]): Promise<AsyncIterable<ValueBatch>>;
  /** Small results only (metadata, validation): plain JS rows; 64-bit integers as bigint. */
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** Names and types a query would return, without running it. Throws DuckDB's message when it is wrong. */
  describe(sql: string): Promise<ResultColumn[]>;
  /** Creates (replacing) a temporary table out of typed arrays of equal length. */
  createTable(
    name: string,
    columns: readonly TableColumn[],
    from?: number,
    to?: number,
  ): Promise<void>;
  /** Appends more rows to a table made by {@link createTable}. */
  appendTable(
    name: string,
    columns: readonly TableColumn[],
    from?: number,
    to?: number,
  ): Promise<void>;
  dropTable(name: string): Promise<void>;
  /** From now on `flag` is the one to look at: sessions outlive runs. */
  stopAt(flag: Int32Array): void;
  /** Throws the `aborted` error when the run was asked to stop; cheap enough for inner loops' outer steps. */
  checkStop(): void;
  /** Has `listener` told when the database is opened, and how long it took, where that happens at the first statement. */
  onOpen?(listener: (ms: number) => void): void;
  close(): void;
}

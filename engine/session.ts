/**
 * The port through which the engine uses a columnar SQL engine: one in-memory database with one connection,
 * driven from one thread. `workers/` implements it over DuckDB; nothing else knows DuckDB's API.
 * All methods look at the stop flag between slices and throw the `aborted` error when it is set.
 */

/** A numeric column as one typed array; `valid` is absent when there are no nulls, else 1 = not null. */
export interface NumericColumn {
  readonly values: Float64Array | BigInt64Array | Int32Array;
  readonly valid?: Uint8Array;
}

/** The typed array a column is read into: the SQL type must be DOUBLE, BIGINT or INTEGER respectively. */
export type NumericKind = 'f64' | 'i64' | 'i32';

/** A column to load into a table. Int32 values of −1 are stored as NULL when `nullIfNegative`. */
export interface TableColumn {
  readonly name: string;
  readonly values:
    | Float64Array
    | BigInt64Array
    | Int32Array
    | Float32Array
    | Int16Array
    | Int8Array
    | Uint8Array
    | readonly string[];
  readonly nullIfNegative?: boolean;
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
  close(): void;
}

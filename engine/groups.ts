/** Groups of rows: what a task is asked about them, and what it found out, as plain data that adds up exactly. */
import type { BoundColumn } from './cell-program.ts';
import type { ExactSums } from './exact/sums.ts';

/** An expression over rows, as SQL over the names of its columns. */
export interface RowExpression {
  readonly sql: string;
  readonly columns: readonly BoundColumn[];
  /** It never fails, so it may be worked out for rows that are not in the result. */
  readonly total: boolean;
}

/** A number of 64 bits of every row. Of integers `biased` says that they are 2⁶³ less than their values. */
export interface RowNumber extends RowExpression {
  readonly kind: 'f64' | 'i64';
  readonly biased: boolean;
}

/** A number of every row, and what is wanted of it besides how many rows have one. */
export interface GroupValue extends RowNumber {
  readonly sum: boolean;
  readonly squares: boolean;
  readonly least: boolean;
  readonly most: boolean;
}

/** An expression whose values make categories; `text`: they are no numbers of 64 bits. */
export interface GroupKey extends RowExpression {
  readonly kind: 'f64' | 'i64' | 'text';
}

/** Where a row stands within its category: all in one place, its HEALPix pixel, or the bin of a value. */
export type GroupPlace =
  | { readonly kind: 'one' }
  | { readonly kind: 'pixel'; readonly order: number }
  | { readonly kind: 'bin'; readonly value: RowNumber; readonly edges: readonly number[] };

/** Groups the rows by categories and places, and works out exact parts of aggregates for each group. */
export interface GroupsSink {
  readonly kind: 'groups';
  readonly place: GroupPlace;
  /** Expressions whose values make a category; none: all rows are of one. */
  readonly keys: readonly GroupKey[];
  readonly values: readonly GroupValue[];
  /** More categories than that are an error. */
  readonly maxCategories: number;
}

/** One value of a key: 64-bit numbers as bigint, doubles as number. */
export type KeyValue = string | number | bigint | null;

/** What is known of one number in each group of a part. */
export interface ValueState {
  /** Rows that have a number, neither null nor NaN; null: all rows. */
  readonly count: Float64Array | null;
  readonly sum: ExactSums | null;
  readonly squares: ExactSums | null;
  /** Smallest and largest number; zero where there is none. */
  readonly least: Float64Array | BigInt64Array | null;
  readonly most: Float64Array | BigInt64Array | null;
}

/** The groups of some rows, ascending by category and then by place. */
export interface GroupPart {
  /** Categories in their order: a value for each key. */
  readonly keys: readonly (readonly KeyValue[])[];
  /** Category of each group; null: all of the first. */
  readonly category: Int32Array | null;
  /** Place of each group; null: all in place 0. */
  readonly place: Int32Array | null;
  readonly rows: Float64Array;
  readonly values: readonly ValueState[];
}

/** Everything that is worked out of each row. */
export function groupExpressions({ place, keys, values }: GroupsSink): readonly RowExpression[] {
  return [...(place.kind === 'bin' ? [place.value] : []), ...keys, ...values];
}

/** The scan whose files have all columns of some expressions as they are; null where there is no such one. */
export function storedIn(expressions: readonly RowExpression[]): number | null {
  const scans = new Set<number>();
  for (const { columns } of expressions) {
    for (const { ref } of columns) {
      if (ref.kind !== 'scan' || ref.field !== undefined) return null;
      scans.add(ref.scan);
    }
  }
  const [scan] = scans;
  return scan === undefined || scans.size > 1 ? null : scan;
}

/** Whether the rows of a scan can be grouped without looking at where they are. */
export function groupsWithoutPositions(sink: GroupsSink, scan: number): boolean {
  const expressions = groupExpressions(sink);
  return (
    sink.place.kind !== 'pixel' && (expressions.length === 0 || storedIn(expressions) === scan)
  );
}

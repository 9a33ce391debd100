/**
 * The relational program that runs in every cell, and the columns of its rows: plain data, part of a task.
 */
import type { Region } from '../partitioning/region.ts';
import type { UserCode } from './user/code.ts';
import type { UserConstants } from './user/constants.ts';
import type { RowProperty } from './user/rows.ts';
import type { OutputColumn } from './user/types.ts';

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
  /** One of the program's {@link Computation}s, by its place in them. */
  | { readonly kind: 'computed'; readonly number: number }
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

/**
 * SQL over other columns, by the names that they have in it; computed once per row, whoever needs it. Columns refer to it by
 * number: a chain of steps on nested columns uses each step several times, and written out it would grow without bound.
 */
export interface Computation {
  readonly sql: string;
  /** Computed ones among them come before this one in the program. */
  readonly inputs: readonly BoundColumn[];
}

/** What every cell of a run is computed by, but for its scans. */
export interface CellProgram {
  readonly root: CellNode;
  readonly computed: readonly Computation[];
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

/** User code for each row. */
export interface RowsCell {
  readonly kind: 'user-rows';
  readonly step: number;
  readonly input: CellNode;
  readonly code: UserCode;
  readonly constants: UserConstants;
  /** What rows are made of; `properties` count through these. */
  readonly inputs: readonly BoundColumn[];
  readonly properties: readonly RowProperty[];
  /** Columns that tell a row apart in messages. */
  readonly id: readonly BoundColumn[];
  readonly outputs: readonly OutputColumn[];
  readonly onError: 'fail' | 'skip' | 'collect';
  /** A row may take so long; absent: for ever. */
  readonly rowTimeoutSeconds?: number;
  /** Name of the input, for messages. */
  readonly label: string;
}

/** User code for all rows of a cell, as an Arrow table. */
export interface TableCell {
  readonly kind: 'user-table';
  readonly step: number;
  readonly input: CellNode;
  readonly code: UserCode;
  readonly constants: UserConstants;
  readonly inputs: readonly BoundColumn[];
  readonly outputs: readonly { readonly name: string; readonly type: string }[];
  /** Position columns among the outputs, where rows still have positions. */
  readonly position: { readonly ra: string; readonly dec: string } | null;
  readonly label: string;
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
  | RowsCell
  | TableCell
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

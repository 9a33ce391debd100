/** The values of aggregates in every group, from the parts of all cells. */
import { abortedError } from '../../partitioning/error.ts';
import { roundMean, roundSum, roundVariance, wholeSum } from '../exact/round.ts';
import type { AggregateFunction } from '../expression/aggregate-functions.ts';
import type { GroupPart, KeyValue } from '../groups.ts';
import { allCategories, type MergedGroup, mergedGroups } from './merge-groups.ts';

/** An aggregate of one of the values that the parts hold. */
export interface PlannedCall {
  readonly function: AggregateFunction;
  /** Number of the value; null: rows are counted. */
  readonly value: number | null;
  /** The values are integers, and so is their sum. */
  readonly whole: boolean;
}

/** Numbers of one aggregate, one per group; whole ones of any size, biased as the values were. */
export interface CallColumn {
  readonly values: Float64Array | BigInt64Array | readonly bigint[];
  /** 1 where there is a number; null: everywhere. */
  readonly valid: Uint8Array | null;
}

export interface FinishedGroups {
  /** Categories in their order. */
  readonly keys: readonly (readonly KeyValue[])[];
  /** Of each group; ascending by category, then by place. */
  readonly category: Int32Array;
  readonly place: Float64Array;
  readonly rows: Float64Array;
  readonly columns: readonly CallColumn[];
}

/** Groups between two looks at the signal. */
const GROUPS_PER_TURN = 1 << 16;

/**
 * Adds up the parts, in which every place is below `places`, and rounds once.
 * The event loop gets a turn now and then, so that a signal can arrive.
 */
export async function finishGroups(
  parts: readonly GroupPart[],
  places: number,
  calls: readonly PlannedCall[],
  signal: AbortSignal | undefined,
): Promise<FinishedGroups> {
  const keys = allCategories(parts);
  const most = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const category = new Int32Array(most);
  const place = new Float64Array(most);
  const rows = new Float64Array(most);
  const columns = calls.map((call) => columnOf(call, most));
  let groups = 0;
  for (const group of mergedGroups(parts, keys, places)) {
    category[groups] = group.category;
    place[groups] = group.place;
    rows[groups] = group.rows;
    for (const column of columns) column.take(group, groups);
    groups++;
    if (groups % GROUPS_PER_TURN === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted) throw abortedError();
    }
  }
  return {
    keys,
    category: trimmed(category, groups),
    place: trimmed(place, groups),
    rows: trimmed(rows, groups),
    columns: columns.map((column) => column.finish(groups)),
  };
}

function trimmed<T extends Float64Array | Int32Array | BigInt64Array | Uint8Array>(
  values: T,
  length: number,
): T {
  return values.length === length ? values : (values.slice(0, length) as T);
}

interface ColumnBuilder {
  /** Works out the value of group number `at`. */
  take(group: MergedGroup, at: number): void;
  finish(groups: number): CallColumn;
}

function columnOf(call: PlannedCall, most: number): ColumnBuilder {
  if (call.function === 'count') return countColumn(call.value, most);
  if (call.value === null) throw new Error(`${call.function} of no value`);
  if (call.function === 'sum' && call.whole) return wholeColumn(call.value, most);
  if (isExtreme(call.function)) return extremeColumn(call, call.value, most);
  return doubleColumn(call.function, call.value, most);
}

function isExtreme(name: AggregateFunction): boolean {
  return ['min', 'max', 'bool_and', 'bool_or'].includes(name);
}

function countColumn(value: number | null, most: number): ColumnBuilder {
  const values = new BigInt64Array(most);
  return {
    take(group, at) {
      values[at] = BigInt(value === null ? group.rows : group.count(value));
    },
    finish: (groups) => ({ values: trimmed(values, groups), valid: null }),
  };
}

/** Null for a group without values. */
function doubleColumn(name: AggregateFunction, value: number, most: number): ColumnBuilder {
  const values = new Float64Array(most);
  const valid = new Validity(most);
  return {
    take(group, at) {
      const count = group.count(value);
      const found = count === 0 ? null : doubleOf(name, group, value, count);
      if (found === null) valid.without(at);
      else values[at] = found;
    },
    finish: (groups) => ({ values: trimmed(values, groups), valid: valid.finish(groups) }),
  };
}

/** A double out of at least one value; null: these are too few. */
function doubleOf(
  name: AggregateFunction,
  group: MergedGroup,
  value: number,
  count: number,
): number | null {
  switch (name) {
    case 'sum':
      return roundSum(group.sum(value));
    case 'mean':
      return roundMean(group.sum(value), count);
    case 'var_pop':
    case 'stddev_pop':
    case 'var_samp':
    case 'stddev_samp': {
      const isSample = name.endsWith('samp');
      if (isSample && count < 2) return null;
      const variance = roundVariance(group.sum(value), group.squares(value), count, isSample);
      return name.startsWith('std') ? Math.sqrt(variance) : variance;
    }
    case 'count':
    case 'min':
    case 'max':
    case 'bool_and':
    case 'bool_or':
      throw new Error(`${name} is not worked out from sums`);
    default:
      throw new Error(`unknown aggregate ${name satisfies never}`);
  }
}

function wholeColumn(value: number, most: number): ColumnBuilder {
  const narrow = new BigInt64Array(most);
  const wide = new Map<number, bigint>();
  const valid = new Validity(most);
  return {
    take(group, at) {
      if (group.count(value) === 0) {
        valid.without(at);
        return;
      }
      const sum = wholeSum(group.sum(value));
      narrow[at] = sum;
      if (narrow[at] !== sum) wide.set(at, sum);
    },
    finish(groups) {
      const values = trimmed(narrow, groups);
      const all = wide.size === 0 ? values : Array.from(values, (sum, at) => wide.get(at) ?? sum);
      return { values: all, valid: valid.finish(groups) };
    },
  };
}

function extremeColumn(call: PlannedCall, value: number, most: number): ColumnBuilder {
  const values = call.whole ? new BigInt64Array(most) : new Float64Array(most);
  const valid = new Validity(most);
  const isLeast = call.function === 'min' || call.function === 'bool_and';
  return {
    take(group, at) {
      if (group.count(value) === 0) valid.without(at);
      else values[at] = isLeast ? group.least(value) : group.most(value);
    },
    finish: (groups) => ({ values: trimmed(values, groups), valid: valid.finish(groups) }),
  };
}

/** Marks of the groups that have a value; none while all have one. */
class Validity {
  readonly #most: number;
  #valid: Uint8Array | null = null;

  constructor(most: number) {
    this.#most = most;
  }

  without(at: number): void {
    this.#valid ??= new Uint8Array(this.#most).fill(1);
    this.#valid[at] = 0;
  }

  finish(groups: number): Uint8Array | null {
    return this.#valid === null ? null : trimmed(this.#valid, groups);
  }
}

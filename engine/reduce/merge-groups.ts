/** Puts the groups of all parts together: one row per group, ascending by category and place. */
import { clearExpansion, createExpansion, type Expansion } from '../exact/expansion.ts';
import { addSums, sumsBytes } from '../exact/sums.ts';
import type { GroupPart, KeyValue, ValueState } from '../groups.ts';
import { compareKeys } from './group-keys.ts';
import { KeyMerge } from './key-merge.ts';

/** The parts of one group, and what they add up to. */
export interface MergedGroup {
  readonly category: number;
  readonly place: number;
  readonly rows: number;
  /** Rows that have value number `value`. */
  count(value: number): number;
  /** The sum of a value or of its squares; used up by rounding, until it is asked for again. */
  sum(value: number): Expansion;
  squares(value: number): Expansion;
  /** The smallest or largest of a value that has any. */
  least(value: number): number | bigint;
  most(value: number): number | bigint;
}

/** The categories of all parts, in their order. */
export function allCategories(parts: readonly GroupPart[]): (readonly KeyValue[])[] {
  const all = parts.flatMap(({ keys }) => keys).sort(compareKeys);
  return all.filter((keys, i) => i === 0 || compareKeys(all[i - 1]!, keys) !== 0);
}

/**
 * All groups in order. The object that is given changes as the next one is asked for.
 *
 * @param categories of {@link allCategories}
 * @param places above every place
 */
export function* mergedGroups(
  parts: readonly GroupPart[],
  categories: readonly (readonly KeyValue[])[],
  places: number,
): Generator<MergedGroup, void, void> {
  const merge = new KeyMerge(parts.map((part) => groupNumbers(part, categories, places)));
  const cursor = new Cursor(parts, merge, places);
  while (merge.advance()) {
    cursor.moved();
    yield cursor;
  }
}

/** A number for each group of a part: category · places + place, in all parts the same for the same group. */
function groupNumbers(
  { keys, category, place, rows }: GroupPart,
  categories: readonly (readonly KeyValue[])[],
  places: number,
): ArrayLike<number> {
  if (category === null && categories.length === 1) {
    return place ?? new Float64Array(rows.length);
  }
  const global = keys.map((key) => indexOf(categories, key));
  const numbers = new Float64Array(rows.length);
  for (let group = 0; group < numbers.length; group++) {
    const first = global[category === null ? 0 : category[group]!]!;
    numbers[group] = first * places + (place === null ? 0 : place[group]!);
  }
  return numbers;
}

function indexOf(categories: readonly (readonly KeyValue[])[], keys: readonly KeyValue[]): number {
  let low = 0;
  let high = categories.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (compareKeys(categories[middle]!, keys) <= 0) low = middle;
    else high = middle;
  }
  return low;
}

class Cursor implements MergedGroup {
  readonly #parts: readonly GroupPart[];
  readonly #merge: KeyMerge;
  readonly #places: number;
  readonly #sum = createExpansion();
  readonly #squares = createExpansion();
  category = 0;
  place = 0;
  rows = 0;

  constructor(parts: readonly GroupPart[], merge: KeyMerge, places: number) {
    this.#parts = parts;
    this.#merge = merge;
    this.#places = places;
  }

  /** Takes note of the group that the merge has come to. */
  moved(): void {
    const { key, lists, places, count } = this.#merge;
    this.category = Math.floor(key / this.#places);
    this.place = key - this.category * this.#places;
    let rows = 0;
    for (let i = 0; i < count; i++) rows += this.#parts[lists[i]!]!.rows[places[i]!]!;
    this.rows = rows;
  }

  count(value: number): number {
    const { lists, places, count } = this.#merge;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const part = this.#parts[lists[i]!]!;
      sum += (part.values[value]!.count ?? part.rows)[places[i]!]!;
    }
    return sum;
  }

  sum(value: number): Expansion {
    return this.#added(value, 'sum', this.#sum);
  }

  squares(value: number): Expansion {
    return this.#added(value, 'squares', this.#squares);
  }

  #added(value: number, name: 'sum' | 'squares', sum: Expansion): Expansion {
    const { lists, places, count } = this.#merge;
    clearExpansion(sum);
    for (let i = 0; i < count; i++) {
      addSums(sum, this.#parts[lists[i]!]!.values[value]![name]!, places[i]!);
    }
    return sum;
  }

  least(value: number): number | bigint {
    return this.#extreme(value, 'least', (a, b) => (isLess(a, b) ? a : b));
  }

  most(value: number): number | bigint {
    return this.#extreme(value, 'most', (a, b) => (isLess(a, b) ? b : a));
  }

  #extreme(
    value: number,
    name: 'least' | 'most',
    better: (a: number | bigint, b: number | bigint) => number | bigint,
  ): number | bigint {
    const { lists, places, count } = this.#merge;
    let best: number | bigint | null = null;
    for (let i = 0; i < count; i++) {
      const part = this.#parts[lists[i]!]!;
      const state = part.values[value]!;
      const place = places[i]!;
      if ((state.count ?? part.rows)[place] === 0) continue;
      const found = state[name]![place]!;
      best = best === null ? found : better(best, found);
    }
    if (best === null) throw new Error('a group without values has no extreme one');
    return best;
  }
}

/** Numbers in their order, in which −0 comes before 0. */
function isLess(a: number | bigint, b: number | bigint): boolean {
  return a < b || (a === b && Object.is(a, -0));
}

/** Bytes that a part takes. */
export function partBytes({ category, place, rows, values }: GroupPart): number {
  const own = rows.byteLength + (category?.byteLength ?? 0) + (place?.byteLength ?? 0);
  return values.reduce((bytes, state) => bytes + stateBytes(state), own);
}

function stateBytes({ count, sum, squares, least, most }: ValueState): number {
  const arrays = [count, least, most].reduce((bytes, part) => bytes + (part?.byteLength ?? 0), 0);
  return [sum, squares].reduce(
    (bytes, part) => bytes + (part === null ? 0 : sumsBytes(part)),
    arrays,
  );
}

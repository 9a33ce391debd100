/** Exact sums of many groups as plain data. */
import { addDigits, carry, isUnused } from './accumulator.ts';
import { addSmall, addTerm, clearExpansion, type Expansion, settle } from './expansion.ts';

/** One exact sum per group: the doubles of the group and its rest, added up. */
export interface ExactSums {
  readonly high: Float64Array;
  /** Null: zero in all groups. */
  readonly middle: Float64Array | null;
  readonly low: Float64Array | null;
  /** What three doubles cannot hold; null: nothing anywhere. */
  readonly rest: RestSums | null;
}

/** Rests of a few groups, in the digits of an accumulator. */
export interface RestSums {
  /** Numbers of the groups, ascending. */
  readonly groups: Uint32Array;
  /** Number of the lowest digit of each, and where its digits end; they start where those before it end. */
  readonly first: Uint8Array;
  readonly end: Uint32Array;
  readonly digits: Int32Array;
  /** Which infinities were among the terms. */
  readonly infinities: Uint8Array;
}

/** Collects the sums of groups, in their order. */
export class SumsBuilder {
  readonly #high: Float64Array;
  #middle: Float64Array | null = null;
  #low: Float64Array | null = null;
  #groups = 0;
  readonly #rest = { groups: [], first: [], end: [], digits: [], infinities: [] } as {
    readonly [key in keyof RestSums]: number[];
  };

  /** @param groups how many there will be */
  constructor(groups: number) {
    this.#high = new Float64Array(groups);
  }

  /** Takes the sum of the next group, and clears it. */
  take(sum: Expansion): void {
    const group = this.#groups++;
    settle(sum);
    this.#high[group] = sum.high;
    if (sum.middle !== 0) {
      this.#middle ??= new Float64Array(this.#high.length);
      this.#middle[group] = sum.middle;
    }
    if (sum.low !== 0) {
      this.#low ??= new Float64Array(this.#high.length);
      this.#low[group] = sum.low;
    }
    if (!isUnused(sum.rest)) this.#takeRest(group, sum);
    clearExpansion(sum);
  }

  finish(): ExactSums {
    const { groups, first, end, digits, infinities } = this.#rest;
    const rest = {
      groups: Uint32Array.from(groups),
      first: Uint8Array.from(first),
      end: Uint32Array.from(end),
      digits: Int32Array.from(digits),
      infinities: Uint8Array.from(infinities),
    };
    return {
      high: this.#high,
      middle: this.#middle,
      low: this.#low,
      rest: groups.length === 0 ? null : rest,
    };
  }

  #takeRest(group: number, { rest }: Expansion): void {
    carry(rest);
    const { groups, first, end, digits, infinities } = this.#rest;
    groups.push(group);
    first.push(rest.high < rest.low ? 0 : rest.low);
    for (let i = rest.low; i <= rest.high; i++) digits.push(rest.chunks[i]!);
    end.push(digits.length);
    infinities.push(rest.infinities);
  }
}

/** Adds the sum of one group to `sum`. */
export function addSums(sum: Expansion, sums: ExactSums, group: number): void {
  addTerm(sum, sums.high[group]!);
  if (sums.middle !== null) addSmall(sum, sums.middle[group]!);
  if (sums.low !== null) addSmall(sum, sums.low[group]!);
  if (sums.rest !== null) addRest(sum, sums.rest, group);
}

function addRest({ rest }: Expansion, sums: RestSums, group: number): void {
  const at = placeOf(sums.groups, group);
  if (at < 0) return;
  rest.infinities |= sums.infinities[at]!;
  addDigits(rest, sums.digits, at === 0 ? 0 : sums.end[at - 1]!, sums.end[at]!, sums.first[at]!);
}

/** Place of `group` in an ascending list; −1 where it is not in it. */
function placeOf(groups: Uint32Array, group: number): number {
  let from = 0;
  let to = groups.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (groups[middle]! < group) from = middle + 1;
    else to = middle;
  }
  return groups[from] === group ? from : -1;
}

/** Bytes that the sums take. */
export function sumsBytes({ high, middle, low, rest }: ExactSums): number {
  const parts = [high, middle, low, ...(rest === null ? [] : Object.values(rest))];
  return parts.reduce((bytes, part) => bytes + (part?.byteLength ?? 0), 0);
}

/** Groups of rows by their definition, with exact arithmetic, for comparing aggregates bit by bit. */
import { Bool, Int64, Table, vectorFromArray } from 'apache-arrow';
import { fromTable } from '../../index.ts';
import { nearestDouble, over, sumOf, varianceOf } from '../engine/exact-twin.ts';
import { hardSky, PLACES, type SkySpec, seeded } from './hard-sky.ts';
import { skyTable } from './make-catalog.ts';

/** A row with something of every kind to aggregate. */
export interface GroupRow {
  readonly id: number;
  readonly ra: number;
  readonly dec: number;
  readonly tag: string | null;
  /** Doubles of all sizes, null, NaN, now and then infinite. */
  readonly mag: number | null;
  readonly big: bigint | null;
  readonly flag: boolean | null;
}

const TAGS = ['a', 'b', 'B', 'é', 'ﬀ', '𝔄', '', null] as const;

const NUMBERS = [1e308, -1e308, 5e-324, -1, 0.1, 2 ** 53, 1e16, -1e16, 3e-5, 0, -0] as const;

/** Rows on hard places of the sky; `wild`: with values that overflow, cancel and are infinite. */
export function groupRowsOf(spec: Partial<SkySpec> & { seed: number }, wild: boolean): GroupRow[] {
  const random = seeded(spec.seed + 77);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const { left } = hardSky({
    places: [...PLACES],
    spreadDegrees: 1,
    scatterDegrees: 0.1,
    leftRows: 100,
    rightRows: 0,
    duplicates: 0.2,
    ...spec,
  });
  return left.map(({ id, ra, dec }): GroupRow => {
    const kind = random();
    const usual = 8 + 17 * random();
    const odd = wild && kind < 0.3 ? pick(NUMBERS) : usual;
    const mag =
      kind > 0.95
        ? null
        : kind > 0.9
          ? Number.NaN
          : kind > 0.89 && wild
            ? Number.POSITIVE_INFINITY
            : odd;
    const wide = BigInt(Math.floor((random() - 0.5) * 2 ** 53)) * 1023n;
    const ends = [2n ** 63n - 1n, -(2n ** 63n), null, 0n];
    return {
      id,
      ra,
      dec,
      tag: pick(TAGS),
      mag,
      big: random() < 0.2 ? pick(ends) : wide,
      flag: random() < 0.1 ? null : random() < 0.9,
    };
  });
}

function groupTable(rows: readonly GroupRow[]): Table {
  const more = new Table({
    big: vectorFromArray(
      rows.map(({ big }) => big),
      new Int64(),
    ),
    flag: vectorFromArray(
      rows.map(({ flag }) => flag),
      new Bool(),
    ),
  });
  return skyTable(rows).assign(more);
}

/** Writes rows as a catalog of partitions of at most so many rows. */
export async function writeGroupRows(
  dir: string,
  rows: readonly GroupRow[],
  rowsPerPartition: number,
): Promise<void> {
  const source = fromTable(groupTable(rows), { ra: 'ra', dec: 'dec', name: 'groups' });
  await source.writeHats(dir, { rowsPerPartition, workers: 1 });
}

/** Numbers that are there: neither null nor NaN. */
export function present<T extends number | bigint>(values: readonly (T | null)[]): T[] {
  return values.filter((value): value is T => value !== null && !Number.isNaN(value));
}

export type Numbers = readonly (number | bigint)[];

function infiniteSum(values: Numbers): number | null {
  const infinite = values.filter(
    (value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY,
  );
  if (infinite.length === 0) return null;
  return infinite.every((value) => value === infinite[0]) ? Number(infinite[0]) : Number.NaN;
}

export function sum(values: Numbers): number | null {
  return values.length === 0 ? null : (infiniteSum(values) ?? nearestDouble(sumOf(values)));
}

export function mean(values: Numbers): number | null {
  if (values.length === 0) return null;
  return infiniteSum(values) ?? nearestDouble(over(sumOf(values), BigInt(values.length)));
}

export function variance(values: Numbers, less: 0 | 1): number | null {
  if (values.length <= less) return null;
  return infiniteSum(values) !== null ? Number.NaN : nearestDouble(varianceOf(values, less));
}

export function deviation(values: Numbers, less: 0 | 1): number | null {
  const found = variance(values, less);
  return found === null ? null : Math.sqrt(found);
}

export function least<T extends number | bigint>(values: readonly T[]): T | null {
  return values.length === 0
    ? null
    : values.reduce((a, b) => (b < a || (Object.is(b, -0) && a === 0) ? b : a));
}

export function most<T extends number | bigint>(values: readonly T[]): T | null {
  return values.length === 0
    ? null
    : values.reduce((a, b) => (b > a || (Object.is(a, -0) && b === 0) ? b : a));
}

/** Rows by a key, the keys as they first come. */
export function groupBy<T, K>(rows: readonly T[], keyOf: (row: T) => K): Map<K, T[]> {
  return Map.groupBy(rows, keyOf);
}

/** Texts in the order of their bytes, null last. */
export function compareBytes(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The fixtures of fixtures/healpix/make.py: how they are read, and the parts of that script that tests repeat. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { wordsOf } from '../../partitioning/facet.ts';

export interface PositionsFixture {
  readonly stream: {
    readonly seed: number;
    readonly count: number;
    readonly unsettled: readonly number[];
    readonly checksums: readonly string[];
  };
  readonly points: readonly (readonly [ra: number, dec: number, index: string])[];
}

export interface CellsFixture {
  readonly cells: readonly CellFixture[];
  readonly ringChecksums: readonly string[];
}

export type Pair = readonly [ra: number, dec: number];

export interface CellFixture {
  readonly order: number;
  readonly pixel: string;
  readonly centre: Pair;
  readonly corners: readonly Pair[];
  readonly boundary: readonly Pair[];
  readonly neighbours: readonly string[];
  readonly ring: string;
}

export interface RingsFixture {
  readonly rings: readonly (readonly [
    order: number,
    pixel: string,
    fineOrder: number,
    count: number,
    checksum: string,
  ])[];
}

export function readFixture<T>(name: string): T {
  const file = path.join(import.meta.dirname, '..', 'fixtures', 'healpix', name);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** `mix` of make.py: the final mixing of MurmurHash3. */
export function mix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** `checksum` of make.py; rows whose ordinal is in `skipped` do not count. */
export function checksum(numbers: BigInt64Array, skipped: ReadonlySet<number> = new Set()): string {
  const words = wordsOf(numbers);
  let a = 0;
  let b = 0;
  for (let r = 0; r < numbers.length; r++) {
    if (skipped.size > 0 && skipped.has(r)) continue;
    a = (a + mix(words[2 * r]! ^ mix(r))) | 0;
    b = (b + mix(words[2 * r + 1]! ^ mix((r + 0x9e3779b9) | 0))) | 0;
  }
  return hex(a) + hex(b);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** `stream` of make.py: the same positions, bit for bit. */
export function streamPositions(
  seed: number,
  count: number,
): { ra: Float64Array; dec: Float64Array } {
  const ra = new Float64Array(count);
  const dec = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const w = [0, 1, 2, 3].map((k) => mix((4 * i + k + seed) | 0) >>> 0);
    const p = unitPart(w[0]!, w[1]!);
    const q = unitPart(w[2]!, w[3]!);
    const kind = i & 3;
    const sign = (w[3]! & 1) === 1 ? -1 : 1;
    const spare = (w[3]! >>> 1) & 31;
    ra[i] = kind === 3 ? p * 360 + 360 * (spare - 16) : p * 360;
    if (kind === 1) dec[i] = sign * (41.8 + q * 48.2);
    else if (kind === 2) dec[i] = sign * (90 - q * 2 ** -(spare * 1.5));
    else dec[i] = q * 180 - 90;
  }
  return { ra, dec };
}

/** 53 bits of two words as a number in [0, 1). */
function unitPart(high: number, low: number): number {
  return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;
}

/** Numbers in [0, 1), the same in every run. */
export function seededNumbers(seed: number): () => number {
  let count = mix(seed);
  return () => {
    count = (count + 2) | 0;
    return unitPart(mix(count) >>> 0, mix(count + 1) >>> 0);
  };
}

/**
 * Cells of an order where the grid is at its oddest: the four corners of every base facet, which lie at the poles, on
 * the equator and where three facets meet; and `more` cells anywhere.
 */
export function oddPixels(order: number, more: number, random: () => number): bigint[] {
  const facet = 4n ** BigInt(order);
  const corners = [0n, facet - 1n, (facet - 1n) / 3n, (2n * (facet - 1n)) / 3n];
  const found = new Set<bigint>();
  for (let f = 0n; f < 12n; f++) for (const corner of corners) found.add(f * facet + corner);
  for (let k = 0; k < more; k++) {
    const within =
      (BigInt(Math.floor(random() * 2 ** 30)) << 30n) | BigInt(Math.floor(random() * 2 ** 30));
    found.add(within % (12n * facet));
  }
  return [...found];
}

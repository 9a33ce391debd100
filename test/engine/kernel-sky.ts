/** Seeded positions for the kernel's tests: patches at hard places, clumps in clumps, lattices with exact ties. */
import type { Positions } from '../../engine/kernel/match.ts';
import { type Point, positionsOf } from './kernel-brute.ts';

/** Numbers in [0, 1), the same for the same seed (the mulberry32 generator, public domain). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Places where a crossmatch can go wrong: poles and next to them, RA 0/360, several turns, mid-latitudes. */
export const hardPlaces: readonly Point[] = [
  [0, 0],
  [360, 30],
  [180, -45],
  [123.4, 90],
  [300, -90],
  [77, 89.9999],
  [10, -89.999],
  [45, 41.8103],
  [-0.00001, 12],
  [719.9999, 66],
  [1e9 + 0.25, 20],
  [3e12 + 0.5, -20],
];

/** The point at an offset from a centre, in degrees on a flat map; over a pole it comes down beyond it. */
export function offsetPoint([ra0, dec0]: Point, x: number, y: number): Point {
  const stretch = Math.max(Math.cos((dec0 * Math.PI) / 180), 1e-4);
  let dec = dec0 + y;
  let ra = ra0 + Math.max(-180, Math.min(180, x / stretch));
  while (Math.abs(dec) > 90) {
    dec = Math.sign(dec) * 180 - dec;
    ra += 180;
  }
  return [ra, dec];
}

export interface PatchSpec {
  readonly centre: Point;
  /** Half-width, degrees. */
  readonly scale: number;
  /** Positions on a lattice of 17 × 17: duplicates and exact ties. */
  readonly lattice: boolean;
  readonly clumps: number;
  /** Size of a clump by the size of the patch; 0: all at one point. */
  readonly clumpScale: number;
}

/** Makes several sets of positions with the same clumps. */
export function patchMaker(spec: PatchSpec, random: () => number): (rows: number) => Positions {
  const { centre, scale, lattice, clumps, clumpScale } = spec;
  const side = () => {
    const x = 2 * random() - 1;
    return lattice ? Math.round(8 * x) / 8 : x;
  };
  const centres = Array.from({ length: clumps }, () => [side(), side()] as const);
  const point = (): Point => {
    const clump = centres[Math.floor(random() * centres.length)];
    if (clump === undefined || random() < 0.2) {
      return offsetPoint(centre, scale * side(), scale * side());
    }
    // The product makes a clump denser inside.
    const x = clump[0] + clumpScale * side() * random();
    const y = clump[1] + clumpScale * side() * random();
    return offsetPoint(centre, scale * x, scale * y);
  };
  return (rows) => positionsOf(Array.from({ length: rows }, point));
}

/** Uniform on the sphere. */
export function wholeSky(rows: number, random: () => number): Positions {
  const point = (): Point => [360 * random(), (Math.asin(2 * random() - 1) * 180) / Math.PI];
  return positionsOf(Array.from({ length: rows }, point));
}

/** The same rows in another order: row i of the result is row `order[i]`. */
export function reordered(positions: Positions, order: readonly number[]): Positions {
  return positionsOf(order.map((row): Point => [positions.ra[row]!, positions.dec[row]!]));
}

export function concatenated(...parts: readonly Positions[]): Positions {
  return positionsOf(
    parts.flatMap((part) =>
      Array.from({ length: part.length }, (_, i): Point => [part.ra[i]!, part.dec[i]!]),
    ),
  );
}

/** 0 … rows − 1 in a random order. */
export function shuffledRows(rows: number, random: () => number): number[] {
  const order = Array.from({ length: rows }, (_, row) => row);
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

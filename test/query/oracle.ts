/**
 * The crossmatch by its definition, every left row against every right row, with trigonometry of its own.
 * Only the spatial index is taken from the program; its tests hold it against healpy.
 */
import { hashPosition } from '../../partitioning/healpix.ts';
import type { SkyRow } from './make-catalog.ts';

export interface OracleOptions {
  readonly radiusArcsec: number;
  readonly minRadiusArcsec?: number;
  readonly neighbors?: number | 'all';
  readonly how?: 'inner' | 'left';
}

export interface OraclePair<L, R> {
  readonly left: L;
  readonly right: R | null;
  readonly distArcsec: number | null;
}

interface Placed {
  readonly ra: number;
  readonly dec: number;
}

/** Distances nearer than this to a limit are not settled by double arithmetic, arcsec. */
const DOUBTFUL_ARCSEC = 1e-7;

/** A pair lies so near to a limit of the distance window that the oracle cannot say on which side. */
export class DoubtfulCase extends Error {}

/** Great-circle distance in arcseconds, by the haversine formula; degrees, any finite ra. */
export function distanceArcsec(a: Placed, b: Placed): number {
  const rad = Math.PI / 180;
  const turn = Math.abs(a.ra - b.ra) % 360;
  const halfRa = (Math.min(turn, 360 - turn) / 2) * rad;
  const halfDec = ((a.dec - b.dec) / 2) * rad;
  const h =
    Math.sin(halfDec) ** 2 + Math.cos(a.dec * rad) * Math.cos(b.dec * rad) * Math.sin(halfRa) ** 2;
  return ((2 * Math.atan2(Math.sqrt(h), Math.sqrt(Math.max(0, 1 - h)))) / rad) * 3600;
}

/** Rows in the order of outputs: spatial index, then the order they were given in. */
export function inSpatialOrder<T extends Placed>(rows: readonly T[]): T[] {
  const index = new Map(rows.map((row) => [row, hashPosition(row.ra, row.dec, 29)]));
  // Array.prototype.sort is stable.
  return [...rows].sort((a, b) => compareBigint(index.get(a)!, index.get(b)!));
}

/**
 * Output rows of a match in output order. `compareContent` orders right rows that have one position.
 * @throws DoubtfulCase
 */
export function naiveMatch<L extends Placed, R extends Placed>(
  left: readonly L[],
  right: readonly R[],
  options: OracleOptions,
  compareContent: (a: R, b: R) => number,
): OraclePair<L, R>[] {
  const { radiusArcsec, minRadiusArcsec = 0, neighbors = 1, how = 'inner' } = options;
  const index = right.map(({ ra, dec }) => hashPosition(ra, dec, 29));
  const out: OraclePair<L, R>[] = [];
  for (const row of inSpatialOrder(left)) {
    const near: { at: number; dist: number }[] = [];
    for (let at = 0; at < right.length; at++) {
      // A degree of declination is a degree of distance at least.
      if (Math.abs(row.dec - right[at]!.dec) * 3600 > radiusArcsec + 1) continue;
      const dist = distanceArcsec(row, right[at]!);
      const limits = minRadiusArcsec === 0 ? [radiusArcsec] : [radiusArcsec, minRadiusArcsec];
      if (limits.some((limit) => Math.abs(dist - limit) < DOUBTFUL_ARCSEC)) {
        throw new DoubtfulCase(`a distance of ${dist}″ at a limit of ${limits}″`);
      }
      if (dist < radiusArcsec && (minRadiusArcsec === 0 || dist > minRadiusArcsec)) {
        near.push({ at, dist });
      }
    }
    near.sort((a, b) => {
      const [x, y] = [right[a.at]!, right[b.at]!];
      return (
        a.dist - b.dist ||
        compareBigint(index[a.at]!, index[b.at]!) ||
        x.ra - y.ra ||
        x.dec - y.dec ||
        compareContent(x, y) ||
        a.at - b.at
      );
    });
    const kept = neighbors === 'all' ? near : near.slice(0, neighbors);
    for (const { at, dist } of kept) out.push({ left: row, right: right[at]!, distArcsec: dist });
    if (kept.length === 0 && how === 'left') out.push({ left: row, right: null, distArcsec: null });
  }
  return out;
}

/** Order by id: the first payload column of test catalogs, and unique. */
export function byId(a: SkyRow, b: SkyRow): number {
  return a.id - b.id;
}

function compareBigint(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

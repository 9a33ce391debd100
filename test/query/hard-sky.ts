/** Seeded random positions on the places of the sky where crossmatches go wrong. */
import { pixelCorners } from '../../partitioning/projection.ts';
import { offset } from '../partitioning/random-sky.ts';
import type { SkyRow } from './make-catalog.ts';

export type Random = () => number;

/** Mulberry32: uniform in [0, 1), the same on every machine. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const PLACES = [
  'anywhere',
  'north pole',
  'south pole',
  'seam',
  'corners',
  'edges',
  'clump',
] as const;
export type Place = (typeof PLACES)[number];

type Position = readonly [ra: number, dec: number];

/** One position at a place; `spread` in degrees is how far from the place itself it may lie. */
export function positionAt(place: Place, spread: number, random: Random): Position {
  const near = (centre: Position) =>
    legal(offset(centre, random() * 360, spread * Math.sqrt(random())));
  switch (place) {
    case 'anywhere':
      return [random() * 360, (Math.asin(2 * random() - 1) * 180) / Math.PI];
    case 'north pole':
      // The pole itself now and then, where every right ascension is the same point.
      return random() < 0.1 ? [random() * 360, 90] : near([0, 90]);
    case 'south pole':
      return random() < 0.1 ? [random() * 360, -90] : near([0, -90]);
    case 'seam':
      return near([0, [-89.5, -41.8, 0, 20, 66][Math.floor(random() * 5)]!]);
    case 'corners':
      return near(legal(someCorner(random)));
    case 'edges':
      return near(legal(offset(someCorner(random), random() * 360, random() * 2)));
    case 'clump':
      return near([131.25, 33.3]);
    default:
      throw new Error(`unknown place ${place satisfies never}`);
  }
}

/** A corner of a pixel of order 0–6, of few enough different ones that the two sides meet. */
function someCorner(random: Random): Position {
  const order = Math.floor(random() * 7);
  const base = [0, 3, 5, 8, 11][Math.floor(random() * 5)]!;
  const { ra, dec } = pixelCorners(order, base * 4 ** order)[Math.floor(random() * 4)]!;
  return [ra, dec];
}

/** Right ascensions in forms that mean the same sky, declinations inside ±90 whatever rounding did. */
function legal([ra, dec]: Position): Position {
  return [ra, Math.max(-90, Math.min(90, dec))];
}

export interface SkySpec {
  readonly seed: number;
  readonly places: readonly Place[];
  /** How far rows lie from their places, degrees. */
  readonly spreadDegrees: number;
  /** Typical distance between a row and its counterparts on the other side, degrees. */
  readonly scatterDegrees: number;
  readonly leftRows: number;
  readonly rightRows: number;
  /** Share of rows that repeat another row's position exactly. */
  readonly duplicates: number;
}

/** Two sides with counterparts of each other; either may be empty. */
export function hardSky(spec: SkySpec): { left: SkyRow[]; right: SkyRow[] } {
  const random = seeded(spec.seed);
  const { places, spreadDegrees, scatterDegrees, duplicates } = spec;
  const base = Array.from({ length: Math.max(1, spec.leftRows, spec.rightRows) }, () =>
    positionAt(places[Math.floor(random() * places.length)]!, spreadDegrees, random),
  );
  const side = (rows: number): SkyRow[] => {
    const made: SkyRow[] = [];
    for (let id = 0; id < rows; id++) {
      const twin = random() < duplicates ? made[Math.floor(random() * id)] : undefined;
      made.push({
        ...(twin ?? scattered(base[id % base.length]!, scatterDegrees, random)),
        ...payload(id, random),
      });
    }
    return made;
  };
  return { left: side(spec.leftRows), right: side(spec.rightRows) };
}

function scattered(from: Position, degrees: number, random: Random): { ra: number; dec: number } {
  const [ra, dec] = legal(offset(from, random() * 360, degrees * random() * 1.5));
  // A full turn away is the same place; a tenth of the rows say it so.
  const turn = random() < 0.1 ? 360 * (random() < 0.5 ? 1 : -1) : 0;
  return { ra: ra + turn, dec };
}

function payload(id: number, random: Random): Pick<SkyRow, 'id' | 'tag' | 'mag'> {
  const kind = random();
  return {
    id,
    tag: kind < 0.1 ? null : `t${Math.floor(random() * 1000)}`,
    mag: kind < 0.2 ? null : kind < 0.3 ? Number.NaN : Math.round(random() * 3000) / 100,
  };
}

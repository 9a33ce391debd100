/**
 * Which rows of a partition lie inside its pixel, told by one look-up per row. Declination alone fixes the sum of the
 * two facet coordinates, and with it between which two right ascensions a pixel's points lie; a table of these, narrowed
 * to what holds in all of a bin of declination, settles nearly all rows. The few others, and all unusable positions,
 * are left for an exact test.
 */
import { facetCellOf } from './facet.ts';
import { inBlocks } from './in-blocks.ts';
import type { Pixel } from './pixel.ts';
import { positionAt } from './plane.ts';
import { RADIANS_PER_DEGREE } from './sphere.ts';

/** Positions that a table settles as inside. */
export interface InsideTable {
  /** Declination where the first bin begins, degrees, and bins per degree. */
  readonly south: number;
  readonly scale: number;
  /** Right ascension that `west` and `east` count from, degrees. */
  readonly centre: number;
  /** Per bin the right ascensions that are inside at all its declinations; empty where west > east. One more entry. */
  readonly west: Float64Array;
  readonly east: Float64Array;
}

const BINS = 512;
/** Degrees: rounding of positions and of this table, many times over. */
const ROUNDING = 1e-9;
/** Below so many rows making a table costs more than testing them. */
const LEAST_ROWS = 4096;

/** The table of a pixel, less a band of this width along its edges, in facet coordinates; null where nothing is left. */
export function insideTable(p: Pixel, band = 0): InsideTable | null {
  const { facet, x, y } = facetCellOf(p.order, p.pixel);
  const side = 2 ** p.order;
  const [x0, y0] = [x / side + band, y / side + band];
  const [x1, y1] = [(x + 1) / side - band, (y + 1) / side - band];
  if (x0 >= x1) return null;
  const south = positionAt(facet, x0, y0).dec;
  const north = positionAt(facet, x1, y1).dec;
  const centre = positionAt(facet, (x0 + x1) / 2, (y0 + y1) / 2).ra;
  const [ends, begins] = [new Float64Array(BINS + 1), new Float64Array(BINS + 1)];
  for (let k = 0; k <= BINS; k++) {
    const sum = heightOf(south + ((north - south) * k) / BINS) + (facet >> 2);
    // x − y, and with it right ascension, grows with x along a line of constant sum.
    const least = Math.max(x0, Math.min(x1, sum - y1));
    const most = Math.max(x0, Math.min(x1, sum - y0));
    begins[k] = turn(positionAt(facet, least, sum - least).ra - centre);
    ends[k] = turn(positionAt(facet, most, sum - most).ra - centre);
  }
  // The last entry is for what finds no bin: no comparison with it is true.
  const west = new Float64Array(BINS + 1).fill(Number.NaN);
  const east = new Float64Array(BINS + 1).fill(Number.NaN);
  for (let k = 0; k < BINS; k++) {
    west[k] = Math.max(begins[k]!, begins[k + 1]!) + ROUNDING;
    east[k] = Math.min(ends[k]!, ends[k + 1]!) - ROUNDING;
  }
  return { south, scale: BINS / (north - south), centre, west, east };
}

/** Height of a declination above the equator on the HEALPix plane, in [-2, 2]; beyond ±1 lie the polar caps. */
function heightOf(dec: number): number {
  const sine = Math.sin(dec * RADIANS_PER_DEGREE);
  if (Math.abs(sine) <= 2 / 3) return 1.5 * sine;
  const sigma = Math.sqrt(6) * Math.sin(0.5 * (90 - Math.abs(dec)) * RADIANS_PER_DEGREE);
  return Math.sign(dec) * (2 - sigma);
}

/** Degrees in [-180, 180). */
function turn(degrees: number): number {
  const rest = (((degrees + 180) % 360) + 360) % 360;
  return rest - 180;
}

/**
 * Indices, ascending, of the rows that are not surely inside `p` less a band along its edges, unusable positions among
 * them. Null: the rows are too few to be worth it, and all are to be tested.
 */
export function doubtfulRows(
  p: Pixel,
  ra: Float64Array,
  dec: Float64Array,
  band = 0,
): Int32Array | null {
  const rows = ra.length;
  if (rows < LEAST_ROWS) return null;
  const table = insideTable(p, band);
  if (table === null) return null;
  const found: number[] = [];
  inBlocks(rows, (from, to) => findDoubtful(table, ra, dec, from, to, found));
  return Int32Array.from(found);
}

function findDoubtful(
  { south, scale, centre, west, east }: InsideTable,
  ra: Float64Array,
  dec: Float64Array,
  from: number,
  to: number,
  found: number[],
): void {
  for (let i = from; i < to; i++) {
    const place = (dec[i]! - south) * scale;
    let offset = ra[i]! - centre;
    if (offset > 180) offset -= 360;
    else if (offset < -180) offset += 360;
    const bin = place >= 0 && place < BINS ? place | 0 : BINS;
    if (!(offset >= west[bin]! && offset <= east[bin]!)) found.push(i);
  }
}

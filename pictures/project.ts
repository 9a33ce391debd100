/** Looks up every image pixel of a view in a HEALPix map. */
import { UNSEEN } from '../catalogs/sky-map-file.ts';
import { hashPositions, hashToInt32, MAX_INT32_ORDER } from '../partitioning/healpix.ts';
import { DEGREES_PER_RADIAN } from '../partitioning/sphere.ts';
import type { Frame, Matrix } from './frame.ts';
import { createLookup } from './lookup.ts';
import { type Directions, unprojectRow } from './unproject.ts';
import { type View, viewToMap } from './view.ts';

/** What a picture is made of: plain data, as a sky map has it. */
export interface MapData {
  readonly order: number;
  /** NESTED, ascending, without repeats. */
  readonly pixels: Float64Array;
  /** One for each of `pixels`; NaN and the UNSEEN of HEALPix stand for none. */
  readonly values: Float64Array;
  /** Frame of the pixels; equatorial where absent. */
  readonly frame?: Frame;
}

/** Marks image pixels that lie outside of the sky; NaN marks those without a value. */
export const OUTSIDE = Number.NEGATIVE_INFINITY;

/** UNSEEN may have been rounded to 32 bits. */
const UNSEEN_ROUNDING = 1e24;

export function isUnseen(value: number): boolean {
  return Math.abs(value - UNSEEN) < UNSEEN_ROUNDING;
}

/** False for what stands for no value. */
export function isHeld(value: number): boolean {
  return Number.isFinite(value) && !isUnseen(value);
}

export interface Projected {
  /** Values at the pixel centres of a view, row after row from the top. */
  readonly grid: Float64Array;
  /** 1 for each pixel of the map that some image pixel shows. */
  readonly hits: Uint8Array;
}

/** Values of a map at the pixel centres of a view. */
export function projectMap(map: MapData, view: View): Projected {
  const { width, height } = view;
  const grid = new Float64Array(width * height);
  const { pixels, values } = map;
  const hits = new Uint8Array(pixels.length);
  const numbers = new Float64Array(width);
  const indexOf = createLookup(map.order, pixels);
  const sky = createSkyRows(view, viewToMap(view, map.frame ?? 'C'));
  for (let row = 0; row < height; row++) {
    sky.read(row);
    pixelNumbers(sky.ra, sky.dec, map.order, numbers);
    const start = row * width;
    for (let i = 0; i < width; i++) {
      if (sky.outside[i] === 1) {
        grid[start + i] = OUTSIDE;
        continue;
      }
      const index = indexOf(numbers[i]!);
      if (index >= 0) hits[index] = 1;
      const value = index < 0 ? Number.NaN : values[index]!;
      grid[start + i] = isHeld(value) ? value : Number.NaN;
    }
  }
  return { grid, hits };
}

export interface SkyRows {
  /** Position in the map's frame of each pixel of the row read last, degrees; (0, 0) outside of the sky. */
  readonly ra: Float64Array;
  readonly dec: Float64Array;
  /** 1 where a pixel lies outside of the sky. */
  readonly outside: Uint8Array;
  read(row: number): void;
}

/** Reads the sky positions of a view row by row. */
export function createSkyRows(view: View, toMap: Matrix): SkyRows {
  const { width } = view;
  const out: Directions = {
    x: new Float64Array(width),
    y: new Float64Array(width),
    z: new Float64Array(width),
  };
  const ra = new Float64Array(width);
  const dec = new Float64Array(width);
  const outside = new Uint8Array(width);
  const read = (row: number) => {
    unprojectRow(view, row, out);
    toPositions(out, toMap, { ra, dec, outside });
  };
  return { ra, dec, outside, read };
}

function toPositions(
  { x, y, z }: Directions,
  toMap: Matrix,
  { ra, dec, outside }: { ra: Float64Array; dec: Float64Array; outside: Uint8Array },
): void {
  const [xx = 0, xy = 0, xz = 0, yx = 0, yy = 0, yz = 0, zx = 0, zy = 0, zz = 0] = toMap;
  for (let i = 0; i < ra.length; i++) {
    const vx = x[i]!;
    if (Number.isNaN(vx)) {
      ra[i] = 0;
      dec[i] = 0;
      outside[i] = 1;
      continue;
    }
    const vy = y[i]!;
    const vz = z[i]!;
    const mx = xx * vx + xy * vy + xz * vz;
    const my = yx * vx + yy * vy + yz * vz;
    const mz = zx * vx + zy * vy + zz * vz;
    ra[i] = Math.atan2(my, mx) * DEGREES_PER_RADIAN;
    dec[i] = Math.atan2(mz, Math.sqrt(mx * mx + my * my)) * DEGREES_PER_RADIAN;
    outside[i] = 0;
  }
}

/** NESTED numbers of positions at any order that a map can have (0–24). */
export function pixelNumbers(
  ra: Float64Array,
  dec: Float64Array,
  order: number,
  out: Float64Array,
): void {
  if (order <= MAX_INT32_ORDER) {
    out.set(hashToInt32(ra, dec, order));
    return;
  }
  const words = new Uint32Array(hashPositions(ra, dec, order).buffer);
  for (let i = 0; i < out.length; i++) out[i] = words[2 * i]! + words[2 * i + 1]! * 2 ** 32;
}

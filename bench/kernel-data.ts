/** Seeded positions for the kernel's benchmark: two sides of a field, sorted as HATS files are. */
import { normalQuantile } from '../engine/generate/normal.ts';
import { PURPOSE, RandomStream } from '../engine/generate/random.ts';
import type { Positions } from '../engine/kernel/match.ts';
import { hashToInt32 } from '../partitioning/healpix.ts';

export interface KernelData {
  readonly left: Positions;
  readonly right: Positions;
}

/** Rows per square degree: Gaia's half-way between the poles and the plane of the Galaxy. */
const DENSITY = 40_000;
const CORNER = { ra: 100, dec: 20 };
/** Scatter of a counterpart in each coordinate, arcsec. */
const SCATTER_ARCSEC = 0.2;

/** Order of the sort: cells of 26″, finer than the mean distance of two rows is not needed. */
const SORT_ORDER = 13;

/** `rows` a side on a square field; every second right row is the counterpart of a left row. */
export function kernelData(rows: number, seed: number): KernelData {
  const side = Math.sqrt(rows / DENSITY);
  const stretch = Math.cos(((CORNER.dec + side / 2) * Math.PI) / 180);
  const random = new RandomStream();
  random.startAt(seed, PURPOSE.place, 0, 0);
  const [left, right] = [emptySide(rows), emptySide(rows)];
  for (let i = 0; i < rows; i++) {
    left.ra[i] = CORNER.ra + (side * random.uniform()) / stretch;
    left.dec[i] = CORNER.dec + side * random.uniform();
    if (i % 2 === 0) {
      const scatter = SCATTER_ARCSEC / 3600;
      right.ra[i] = left.ra[i]! + (scatter * normalQuantile(random.uniform())) / stretch;
      right.dec[i] = left.dec[i]! + scatter * normalQuantile(random.uniform());
    } else {
      right.ra[i] = CORNER.ra + (side * random.uniform()) / stretch;
      right.dec[i] = CORNER.dec + side * random.uniform();
    }
  }
  return { left: sorted(left), right: sorted(right) };
}

function emptySide(rows: number): Positions {
  return { ra: new Float64Array(rows), dec: new Float64Array(rows), length: rows };
}

/** Rows in the order of the spatial index. */
function sorted({ ra, dec, length }: Positions): Positions {
  const pixels = hashToInt32(ra, dec, SORT_ORDER);
  // Pixel and row in one double, which sorts fast: 12·4¹³ pixels leave room for 2²³ rows.
  const keys = Float64Array.from(pixels, (pixel, row) => pixel * 2 ** 23 + row).sort();
  const order = keys.map((key) => key % 2 ** 23);
  return {
    ra: Float64Array.from(order, (row) => ra[row]!),
    dec: Float64Array.from(order, (row) => dec[row]!),
    length,
  };
}

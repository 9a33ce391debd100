/** Counts rows per HEALPix pixel of one order, sparse. */
import { hashToInt32 } from '../../partitioning/healpix.ts';
import type { SparseMap } from '../task.ts';

/** Rows per pixel at `order` (at most 13); `weights[i]`: how often row i counts, absent: once. */
export function countPerPixel(
  ra: Float64Array,
  dec: Float64Array,
  order: number,
  weights?: Uint32Array,
): SparseMap {
  const pixels = new Int32Array(ra.length);
  hashToInt32(ra, dec, order, pixels);
  const counts = new Map<number, number>();
  // Rows come nearly in NESTED order: a run of one pixel touches the map once.
  let run = -1;
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    if (weight === 0) continue;
    const pixel = pixels[i]!;
    if (pixel !== run) {
      if (sum > 0) counts.set(run, (counts.get(run) ?? 0) + sum);
      run = pixel;
      sum = 0;
    }
    sum += weight;
  }
  if (sum > 0) counts.set(run, (counts.get(run) ?? 0) + sum);
  return sparseMap(order, counts);
}

/** The counts in ascending pixel order. */
export function sparseMap(order: number, counts: ReadonlyMap<number, number>): SparseMap {
  const pixels = Float64Array.from(counts.keys()).sort();
  const values = new Float64Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) values[i] = counts.get(pixels[i]!)!;
  return { order, pixels, counts: values };
}

/** Sums maps of one order; integer counts make the order of summation irrelevant. */
export function addMaps(order: number, maps: readonly SparseMap[]): SparseMap {
  const counts = new Map<number, number>();
  for (const map of maps) {
    for (let i = 0; i < map.pixels.length; i++) {
      const pixel = map.pixels[i]!;
      counts.set(pixel, (counts.get(pixel) ?? 0) + map.counts[i]!);
    }
  }
  return sparseMap(order, counts);
}

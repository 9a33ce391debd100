/** Adds up count maps. */
import type { SparseMap } from '../task.ts';
import { KeyMerge } from './key-merge.ts';

/** Sums maps of one order; integer counts make the order of summation irrelevant. */
export function addMaps(order: number, maps: readonly SparseMap[]): SparseMap {
  const some = maps.filter(({ pixels }) => pixels.length > 0);
  if (some.length === 1) return some[0]!;
  some.sort((a, b) => a.pixels[0]! - b.pixels[0]!);
  return areDisjoint(some) ? joinedMaps(order, some) : mergedMaps(order, some);
}

/** True where each map ends before the next one starts, as those of cells do that are no finer than the pixels. */
function areDisjoint(maps: readonly SparseMap[]): boolean {
  return maps.every(({ pixels }, i) => i === 0 || maps[i - 1]!.pixels.at(-1)! < pixels[0]!);
}

function joinedMaps(order: number, maps: readonly SparseMap[]): SparseMap {
  const length = maps.reduce((sum, { pixels }) => sum + pixels.length, 0);
  const pixels = new Float64Array(length);
  const counts = new Float64Array(length);
  let at = 0;
  for (const map of maps) {
    pixels.set(map.pixels, at);
    counts.set(map.counts, at);
    at += map.pixels.length;
  }
  return { order, pixels, counts };
}

function mergedMaps(order: number, maps: readonly SparseMap[]): SparseMap {
  const merge = new KeyMerge(maps.map(({ pixels }) => pixels));
  const most = maps.reduce((sum, { pixels }) => sum + pixels.length, 0);
  const pixels = new Float64Array(most);
  const counts = new Float64Array(most);
  let length = 0;
  while (merge.advance()) {
    let sum = 0;
    for (let i = 0; i < merge.count; i++) {
      sum += maps[merge.lists[i]!]!.counts[merge.places[i]!]!;
    }
    pixels[length] = merge.key;
    counts[length++] = sum;
  }
  return length === most
    ? { order, pixels, counts }
    : { order, pixels: pixels.slice(0, length), counts: counts.slice(0, length) };
}

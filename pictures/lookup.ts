/** Finds a pixel number among the sorted ones of a map. */

/** Deepest order of the buckets: 3 MB, and a handful of pixels in each for maps four times finer. */
const MAX_BUCKET_ORDER = 8;

/**
 * A function from a pixel number at `order` to its place in `pixels` (ascending), −1 where it is not there.
 * A table of the first place of each coarser pixel leaves a few steps of a binary search.
 */
export function createLookup(order: number, pixels: Float64Array): (pixel: number) => number {
  const count = pixels.length;
  // All pixels of the sky: the number is the place.
  if (count === 12 * 4 ** order) return (pixel) => pixel;
  const bucketOrder = Math.min(order, MAX_BUCKET_ORDER);
  const perBucket = 4 ** (order - bucketOrder);
  const starts = bucketStarts(pixels, 12 * 4 ** bucketOrder, perBucket);
  return (pixel) => {
    const bucket = Math.floor(pixel / perBucket);
    let low = starts[bucket]!;
    let high = starts[bucket + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pixels[middle]! < pixel) low = middle + 1;
      else high = middle;
    }
    return low < starts[bucket + 1]! && pixels[low] === pixel ? low : -1;
  };
}

function bucketStarts(pixels: Float64Array, buckets: number, perBucket: number): Uint32Array {
  const starts = new Uint32Array(buckets + 1);
  let bucket = 0;
  for (let i = 0; i < pixels.length; i++) {
    const own = Math.floor(pixels[i]! / perBucket);
    while (bucket < own) {
      bucket += 1;
      starts[bucket] = i;
    }
  }
  starts.fill(pixels.length, bucket + 1);
  return starts;
}

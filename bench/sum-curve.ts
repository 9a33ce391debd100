/** User code: the sums of a light curve's three lists. Runs in the workers. */
interface Curve {
  readonly mjd: Float64Array;
  readonly mag: Float32Array;
  readonly magerr: Float32Array;
}

export function sumCurve({ lc }: { readonly lc: Curve | null }) {
  if (lc === null) return { points: 0, mjd: 0, mag: 0, magerr: 0 };
  return { points: lc.mag.length, mjd: sum(lc.mjd), mag: sum(lc.mag), magerr: sum(lc.magerr) };
}

function sum(values: Float64Array | Float32Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

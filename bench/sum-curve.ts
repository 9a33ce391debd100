/** User code: the sums of a light curve's three lists. Runs in the workers. */
interface Curve {
  readonly mjd: Float64Array;
  readonly mag: Float32Array;
  readonly magerr: Float32Array;
}

export function sumCurve({ lc }: { readonly lc: Curve | null }) {
  if (lc === null) return { points: 0, mjd: 0, mag: 0, magerr: 0 };
  // Loops of their own: one that sees both types of arrays is slow.
  let mjd = 0;
  for (const value of lc.mjd) mjd += value;
  let mag = 0;
  for (const value of lc.mag) mag += value;
  let magerr = 0;
  for (const value of lc.magerr) magerr += value;
  return { points: lc.mag.length, mjd, mag, magerr };
}

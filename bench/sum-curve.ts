/** User code: the sum of a light curve. Runs in the workers. */
export function sumCurve({ lc }: { readonly lc: { readonly mag: Float32Array } | null }) {
  let total = 0;
  const mag = lc === null ? [] : lc.mag;
  for (const one of mag) total += one;
  return { points: mag.length, total };
}

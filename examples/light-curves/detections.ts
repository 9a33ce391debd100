/** User code: the detections of one object, seeded by its number. Runs in the workers. */

interface ObjectRow {
  readonly oid: bigint;
  readonly meanmag: number;
  readonly magrms: number;
}

/** Between half and one and a half times `constants.perObject` detections over 1,500 days. */
export function detections(
  { oid, meanmag, magrms }: ObjectRow,
  { constants }: { readonly constants: { readonly perObject: number } },
) {
  const random = seeded(Number(oid & 0xffffffffn));
  const count = Math.round(constants.perObject * (0.5 + random()));
  const mjd = new Float64Array(count);
  const mag = new Float32Array(count);
  const magerr = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    mjd[i] = 58_200 + (1500 * (i + random())) / count;
    // The sum of three uniform numbers is bell-shaped enough.
    mag[i] = meanmag + magrms * (2 * (random() + random() + random()) - 3);
    magerr[i] = magrms * (0.8 + 0.4 * random());
  }
  return { mjd, mag, magerr };
}

/** Mulberry32: uniform in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

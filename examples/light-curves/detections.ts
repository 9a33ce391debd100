/** User code: the detections of one object, seeded by its number. Runs in the workers. */
import { normal, seeded } from '../random.ts';

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
    mag[i] = meanmag + magrms * normal(random);
    magerr[i] = magrms * (0.8 + 0.4 * random());
  }
  return { mjd, mag, magerr };
}

/** The points of a light curve, band by band, as they are plotted. */
import { requestError } from '../partitioning/error.ts';

/** One object's measurements; arrays are equally long. */
export interface LightCurve {
  /** Days, of any calendar. */
  readonly time: ArrayLike<number>;
  readonly mag: ArrayLike<number>;
  /** Standard deviations of `mag`; one that is not above 0 is not drawn. */
  readonly error?: ArrayLike<number>;
  /** Name of the filter of each point, or of all of them. */
  readonly band?: ArrayLike<string> | string;
}

export interface CurvePoints {
  /** Empty where bands have no names. */
  readonly band: string;
  /** Times, or phases from 0 to 2 with every point in it twice. */
  readonly x: Float64Array;
  readonly mag: Float64Array;
  /** 0 where there is none. */
  readonly error: Float64Array;
}

/** From short to long wavelengths. */
const USUAL_BANDS = 'ugrizy';

/** @throws the request error for arrays of different lengths */
export function curvePoints(
  curve: LightCurve,
  fold: { readonly period: number; readonly epoch?: number } | undefined,
): CurvePoints[] {
  checkLengths(curve);
  const { time, mag, error, band = '' } = curve;
  const rows = new Map<string, number[]>();
  let first = Number.POSITIVE_INFINITY;
  for (let i = 0; i < time.length; i++) {
    if (!(Number.isFinite(time[i]) && Number.isFinite(mag[i]))) continue;
    first = Math.min(first, time[i]!);
    const name = typeof band === 'string' ? band : (band[i] ?? '');
    const known = rows.get(name);
    if (known === undefined) rows.set(name, [i]);
    else known.push(i);
  }
  return [...rows]
    .sort(([a], [b]) => compareBands(a, b))
    .map(([name, places]) => {
      const cycles = fold === undefined ? 1 : 2;
      const count = places.length;
      const x = new Float64Array(cycles * count);
      const out = {
        band: name,
        x,
        mag: new Float64Array(x.length),
        error: new Float64Array(x.length),
      };
      for (let cycle = 0; cycle < cycles; cycle++) {
        for (let k = 0; k < count; k++) {
          const i = places[k]!;
          const at = cycle * count + k;
          x[at] =
            fold === undefined
              ? time[i]!
              : cycle + phaseOf(time[i]!, fold.epoch ?? first, fold.period);
          out.mag[at] = mag[i]!;
          const spread = error?.[i] ?? 0;
          out.error[at] = spread > 0 && spread < Number.POSITIVE_INFINITY ? spread : 0;
        }
      }
      return out;
    });
}

function checkLengths({ time, mag, error, band }: LightCurve): void {
  const lengths: [string, number][] = [['mag', mag.length]];
  if (error !== undefined) lengths.push(['error', error.length]);
  if (band !== undefined && typeof band !== 'string') lengths.push(['band', band.length]);
  for (const [name, length] of lengths) {
    if (length !== time.length) {
      throw requestError(
        `the light curve has ${time.length} times and ${length} values of ${name}`,
      );
    }
  }
}

/** In [0, 1). */
function phaseOf(time: number, epoch: number, period: number): number {
  const cycles = (time - epoch) / period;
  const phase = cycles - Math.floor(cycles);
  return phase < 1 ? phase : 0;
}

/** The letter of a filter such as `g`, `zg`, `ztf_r`, `lsst-i`; `undefined` for another name. */
export function usualBand(band: string): string | undefined {
  return /^(?:z|ztf|lsst|sdss|ps1|des)?[^a-z]*([ugrizy])$/i.exec(band)?.[1]?.toLowerCase();
}

function compareBands(a: string, b: string): number {
  const [first, second] = [a, b].map((band) => {
    const letter = usualBand(band);
    return letter === undefined ? USUAL_BANDS.length : USUAL_BANDS.indexOf(letter);
  });
  return first! - second! || (a < b ? -1 : 1);
}

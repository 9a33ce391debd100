/**
 * User code: how much a light curve looks like an RR Lyrae star. Features are its period, by a Lomb–Scargle periodogram
 * and Fourier fits to the best peaks, the share of the variance that the fit explains, the amplitude and the amplitude
 * ratio of the first two harmonics; a logistic function of them gives the probability. Runs in the workers.
 */
import { type FourierFit, fitFourier } from './fourier.ts';
import { gridOf, lombScargle, peaksOf, type Series } from './lomb-scargle.ts';

interface ObjectRow {
  readonly lc: {
    readonly mjd: Float64Array;
    readonly mag: Float64Array;
    readonly magerr: Float64Array;
    readonly band: readonly string[];
  } | null;
}

export interface Classified {
  readonly pRRLy: number;
  readonly period: number | null;
  readonly amplitude: number | null;
  readonly explained: number | null;
  readonly r21: number | null;
  readonly phi21: number | null;
}

/** Names and types of {@link Classified}, for the plan. */
export const returns = {
  pRRLy: 'double',
  period: 'double',
  amplitude: 'double',
  explained: 'double',
  r21: 'double',
  phi21: 'double',
} as const;

/** Periods of RR Lyrae stars, days, with some room. */
const LONGEST = 0.95;
const SHORTEST = 0.2;
/** Fewer points in the band say nothing. */
const LEAST_POINTS = 20;
const HARMONICS = 4;
const PEAKS = 24;
const SAMPLES_PER_PEAK = 4;

export function classify({ lc }: ObjectRow): Classified {
  const series = lc === null ? null : seriesOf(lc, 'g');
  const best = series === null ? null : bestPeriod(series);
  if (best === null) return unknown;
  const { fit, period } = best;
  const r21 = fit.amplitude[1]! / fit.amplitude[0]!;
  const phi21 = turned(fit.phase[1]! - 2 * fit.phase[0]!);
  return {
    pRRLy: probability(fit, r21),
    period,
    amplitude: fit.range,
    explained: fit.explained,
    r21,
    phi21,
  };
}

const unknown: Classified = {
  pRRLy: 0,
  period: null,
  amplitude: null,
  explained: null,
  r21: null,
  phi21: null,
};

/** The points of one band, less those that are far out; null where there are too few. */
function seriesOf(lc: NonNullable<ObjectRow['lc']>, band: string): Series | null {
  const rows: number[] = [];
  for (let i = 0; i < lc.mjd.length; i++) {
    if (lc.band[i] === band && lc.magerr[i]! > 0 && lc.magerr[i]! < 0.3) rows.push(i);
  }
  if (rows.length < LEAST_POINTS) return null;
  const start = lc.mjd[rows[0]!]!;
  const time = Float64Array.from(rows, (i) => lc.mjd[i]! - start);
  const value = Float64Array.from(rows, (i) => lc.mag[i]!);
  // Errors below a hundredth of a magnitude would let a few points decide.
  const weight = Float64Array.from(rows, (i) => 1 / (lc.magerr[i]! ** 2 + 0.01 ** 2));
  const sum = weight.reduce((a, b) => a + b, 0);
  return { time, value, weight: weight.map((w) => w / sum) };
}

/** Of the best peaks the one at which a Fourier series fits best: an alias has the wrong shape. */
function bestPeriod(series: Series): { fit: FourierFit; period: number } | null {
  const baseline = Math.max(...series.time) - Math.min(...series.time);
  if (!(baseline > 10)) return null;
  const grid = gridOf(1 / LONGEST, 1 / SHORTEST, baseline, SAMPLES_PER_PEAK);
  const peaks = peaksOf(lombScargle(series, grid), grid, PEAKS);
  let best: { fit: FourierFit; period: number } | null = null;
  for (const frequency of peaks) {
    const refined = refine(series, frequency, grid.step);
    if (refined !== null && refined.fit.explained > (best?.fit.explained ?? 0)) best = refined;
  }
  return best;
}

/** Moves a frequency within a step to where the series fits best. */
function refine(series: Series, frequency: number, step: number) {
  let best: { fit: FourierFit; period: number } | null = null;
  for (let k = -4; k <= 4; k++) {
    const at = frequency + (k * step) / 4;
    const fit = fitFourier(series, at, HARMONICS);
    if (fit !== null && fit.explained > (best?.fit.explained ?? 0)) best = { fit, period: 1 / at };
  }
  return best;
}

/**
 * Weights set by hand on what is known of the class (Sesar et al. 2010, ApJ 708, 717): amplitudes in g from a fifth of a
 * magnitude on, curves that a short Fourier series explains nearly whole, a second harmonic below the first.
 */
function probability(fit: FourierFit, r21: number): number {
  const score =
    -9 +
    18 * (fit.explained - 0.6) +
    6 * Math.min(1, Math.max(0, (fit.range - 0.15) / 0.25)) -
    8 * Math.max(0, fit.range - 1.7) -
    4 * Math.max(0, r21 - 0.75);
  return 1 / (1 + Math.exp(-score));
}

/** An angle in [0, 2π). */
function turned(angle: number): number {
  const turns = angle / (2 * Math.PI);
  return 2 * Math.PI * (turns - Math.floor(turns));
}

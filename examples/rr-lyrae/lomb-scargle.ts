/**
 * The generalised Lomb–Scargle periodogram: for each frequency the share of the weighted variance that a sinusoid with a
 * free mean explains (Zechmeister & Kürster 2009, A&A 496, 577, equations 4 to 13).
 *
 * Frequencies are evenly spaced, so the phase of each point is turned on by a fixed rotation, and no sine or cosine is
 * computed in the loop; every 512 frequencies the phases are set afresh, before rounding can add up.
 */

export interface Series {
  readonly time: Float64Array;
  readonly value: Float64Array;
  /** One over the variance of each point; they sum to 1. */
  readonly weight: Float64Array;
}

export interface FrequencyGrid {
  /** Cycles per unit of time. */
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Frequencies between two, closely enough for a peak of a series that is `baseline` long. */
export function gridOf(
  least: number,
  most: number,
  baseline: number,
  samplesPerPeak: number,
): FrequencyGrid {
  const step = 1 / (samplesPerPeak * baseline);
  return { first: least, step, count: Math.floor((most - least) / step) + 1 };
}

const TURNS_BEFORE_RESET = 512;

/** Power at each frequency of the grid, 0 to 1. */
export function lombScargle(series: Series, grid: FrequencyGrid): Float64Array {
  const { time, weight } = series;
  const n = time.length;
  const power = new Float64Array(grid.count);
  const centred = centre(series);
  let variance = 0;
  for (let i = 0; i < n; i++) variance += weight[i]! * centred[i]! * centred[i]!;
  if (!(variance > 0)) return power;
  const phases = phasesOf(series, centred, grid.step);
  for (let k = 0; k < grid.count; k++) {
    if (k % TURNS_BEFORE_RESET === 0) setPhases(phases, time, grid.first + k * grid.step);
    power[k] = nextPower(phases) / variance;
  }
  return power;
}

/** Numbers per point: cosine and sine of its phase, those of its turn per step, weight, weight times value. */
const STRIDE = 6;

function phasesOf({ time, weight }: Series, centred: Float64Array, step: number): Float64Array {
  const phases = new Float64Array(STRIDE * time.length);
  for (let i = 0; i < time.length; i++) {
    const turn = 2 * Math.PI * step * time[i]!;
    phases[STRIDE * i + 2] = Math.cos(turn);
    phases[STRIDE * i + 3] = Math.sin(turn);
    phases[STRIDE * i + 4] = weight[i]!;
    phases[STRIDE * i + 5] = weight[i]! * centred[i]!;
  }
  return phases;
}

function setPhases(phases: Float64Array, time: Float64Array, frequency: number): void {
  for (let i = 0; i < time.length; i++) {
    // Whole turns fall away first: the sine of a large angle loses digits.
    const phase = 2 * Math.PI * ((frequency * time[i]!) % 1);
    phases[STRIDE * i] = Math.cos(phase);
    phases[STRIDE * i + 1] = Math.sin(phase);
  }
}

/** Weighted variance that a sinusoid with a free mean explains at these phases; turns them on to the next frequency. */
function nextPower(phases: Float64Array): number {
  let c = 0;
  let s = 0;
  let yc = 0;
  let ys = 0;
  let cc = 0;
  let cs = 0;
  for (let at = 0; at < phases.length; at += STRIDE) {
    const cos = phases[at]!;
    const sin = phases[at + 1]!;
    const turnCos = phases[at + 2]!;
    const turnSin = phases[at + 3]!;
    const weighted = phases[at + 5]!;
    const wc = phases[at + 4]! * cos;
    c += wc;
    s += phases[at + 4]! * sin;
    yc += weighted * cos;
    ys += weighted * sin;
    cc += wc * cos;
    cs += wc * sin;
    phases[at] = cos * turnCos - sin * turnSin;
    phases[at + 1] = sin * turnCos + cos * turnSin;
  }
  // The weights sum to 1, and so do the squares of sine and cosine.
  const cosCos = cc - c * c;
  const sinSin = 1 - cc - s * s;
  const cosSin = cs - c * s;
  const determinant = cosCos * sinSin - cosSin * cosSin;
  if (!(determinant > 1e-14)) return 0;
  return (sinSin * yc * yc + cosCos * ys * ys - 2 * cosSin * yc * ys) / determinant;
}

/** The values less their weighted mean. */
export function centre({ value, weight }: Series): Float64Array {
  let mean = 0;
  for (let i = 0; i < value.length; i++) mean += weight[i]! * value[i]!;
  return value.map((v) => v - mean);
}

/** The highest local maxima, highest first, as frequencies. */
export function peaksOf(power: Float64Array, grid: FrequencyGrid, count: number): number[] {
  const tops: number[] = [];
  for (let k = 1; k + 1 < power.length; k++) {
    if (power[k]! >= power[k - 1]! && power[k]! > power[k + 1]!) tops.push(k);
  }
  tops.sort((a, b) => power[b]! - power[a]!);
  return tops.slice(0, count).map((k) => grid.first + (k + vertex(power, k)) * grid.step);
}

/** Where, within half a step, the parabola through three points has its top. */
function vertex(power: Float64Array, k: number): number {
  const [a, b, c] = [power[k - 1]!, power[k]!, power[k + 1]!];
  const bend = a - 2 * b + c;
  return bend < 0 ? (0.5 * (a - c)) / bend : 0;
}

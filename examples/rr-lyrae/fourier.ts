/** Weighted least-squares fit of a Fourier series at one frequency, and what it says of the shape of a curve. */
import { centre, type Series } from './lomb-scargle.ts';

export interface FourierFit {
  /** Share of the weighted variance explained, 0 to 1. */
  readonly explained: number;
  /** Amplitudes and phases (radians, of cosines) of the harmonics, the fundamental first. */
  readonly amplitude: readonly number[];
  readonly phase: readonly number[];
  /** Difference between the highest and the lowest point of the fitted curve. */
  readonly range: number;
}

/** Fits `harmonics` cosines and sines and a constant; null where the points do not determine them. */
export function fitFourier(
  series: Series,
  frequency: number,
  harmonics: number,
): FourierFit | null {
  const { time, weight } = series;
  const value = centre(series);
  const terms = 2 * harmonics + 1;
  const normal = new Float64Array(terms * terms);
  const right = new Float64Array(terms);
  const row = new Float64Array(terms);
  let variance = 0;
  for (let i = 0; i < time.length; i++) {
    const angle = 2 * Math.PI * ((frequency * time[i]!) % 1);
    fillTerms(row, angle);
    const w = weight[i]!;
    variance += w * value[i]! * value[i]!;
    for (let a = 0; a < terms; a++) {
      right[a]! += w * row[a]! * value[i]!;
      for (let b = 0; b <= a; b++) normal[a * terms + b]! += w * row[a]! * row[b]!;
    }
  }
  const solved = solveSymmetric(normal, right, terms);
  if (solved === null || !(variance > 0)) return null;
  let explained = 0;
  for (let a = 0; a < terms; a++) explained += solved[a]! * right[a]!;
  const amplitude: number[] = [];
  const phase: number[] = [];
  for (let k = 1; k <= harmonics; k++) {
    const [c, s] = [solved[2 * k - 1]!, solved[2 * k]!];
    amplitude.push(Math.hypot(c, s));
    phase.push(Math.atan2(-s, c));
  }
  return { explained: explained / variance, amplitude, phase, range: rangeOf(solved, terms) };
}

/** 1, cos θ, sin θ, cos 2θ, sin 2θ, … */
function fillTerms(row: Float64Array, angle: number): void {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  row[0] = 1;
  let [ck, sk] = [1, 0];
  for (let k = 1; 2 * k < row.length; k++) {
    [ck, sk] = [ck * c - sk * s, sk * c + ck * s];
    row[2 * k - 1] = ck;
    row[2 * k] = sk;
  }
}

/** Cholesky's method on the lower triangle; null where the matrix is singular. */
function solveSymmetric(matrix: Float64Array, right: Float64Array, n: number): Float64Array | null {
  const l = Float64Array.from(matrix);
  for (let j = 0; j < n; j++) {
    let diagonal = l[j * n + j]!;
    for (let k = 0; k < j; k++) diagonal -= l[j * n + k]! ** 2;
    if (!(diagonal > 1e-12)) return null;
    const root = Math.sqrt(diagonal);
    l[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = l[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = sum / root;
    }
  }
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}

function rangeOf(solved: Float64Array, terms: number): number {
  const row = new Float64Array(terms);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let step = 0; step < 64; step++) {
    fillTerms(row, (2 * Math.PI * step) / 64);
    let value = 0;
    for (let a = 0; a < terms; a++) value += solved[a]! * row[a]!;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}

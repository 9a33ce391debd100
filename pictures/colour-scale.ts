/** How values become places on a palette, and which values its bar names. */
import { tickStep, ticks } from 'd3-array';
import { powerText, tickTexts, valueText } from './number-text.ts';
import { PALETTE_STEPS } from './palette.ts';

export type ScaleKind = 'linear' | 'log' | 'histeq';

export const SCALE_KINDS: readonly ScaleKind[] = ['linear', 'log', 'histeq'];

export interface ScaleTick {
  /** Along the bar, 0 to 1. */
  readonly place: number;
  /** Empty for the small ticks between. */
  readonly text: string;
}

export interface ColourScale {
  readonly kind: ScaleKind;
  /** Values of both ends of the palette; beyond them the end's colour goes on. */
  readonly low: number;
  readonly high: number;
  /** Some value lies beyond an end. */
  readonly isBelow: boolean;
  readonly isAbove: boolean;
  readonly ticks: readonly ScaleTick[];
  /** `histeq` only: different values ascending, and the place of each. */
  readonly steps?: { readonly values: Float64Array; readonly places: Float64Array };
}

export interface ScaleRequest {
  readonly kind: ScaleKind;
  readonly min?: number;
  readonly max?: number;
}

/** The scale for the finite values of a grid; `undefined` where there is nothing to show. */
export function createScale(grid: Float64Array, request: ScaleRequest): ColourScale | undefined {
  const { kind } = request;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of grid) {
    if (!isShown(value, kind)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) return undefined;
  const low = request.min ?? Math.min(least, request.max ?? least);
  const high = request.max ?? Math.max(most, low);
  const ends = { kind, low, high, isBelow: least < low, isAbove: most > high };
  if (low === high) return { ...ends, ticks: [{ place: 0.5, text: valueText(low) }] };
  switch (kind) {
    case 'linear':
      return { ...ends, ticks: linearTicks(low, high) };
    case 'log':
      return { ...ends, ticks: logTicks(low, high) };
    case 'histeq': {
      const steps = equalised(grid, low, high);
      return { ...ends, steps, ticks: quantileTicks(steps) };
    }
    default:
      throw new Error(`unknown scale ${kind satisfies never}`);
  }
}

/** A scale of logarithms has no place for zero and for negative values. */
function isShown(value: number, kind: ScaleKind): boolean {
  return kind === 'log' ? value > 0 && value < Number.POSITIVE_INFINITY : Number.isFinite(value);
}

/** Marks a grid pixel that has no colour: missing, or outside of the scale's domain. */
export const NO_COLOUR = -1;

/** The palette step of every value of a grid, −1 where it has none. */
export function paletteSteps(grid: Float64Array, scale: ColourScale | undefined): Int16Array {
  const out = new Int16Array(grid.length).fill(NO_COLOUR);
  if (scale === undefined) return out;
  const { kind, low, high } = scale;
  if (low === high) {
    for (let i = 0; i < grid.length; i++) {
      const value = grid[i]!;
      if (isShown(value, kind)) out[i] = stepAt(value < low ? 0 : value > low ? 1 : 0.5);
    }
    return out;
  }
  const log = kind === 'log';
  const start = log ? Math.log(low) : low;
  const span = (log ? Math.log(high) : high) - start;
  for (let i = 0; i < grid.length; i++) {
    const value = grid[i]!;
    if (!isShown(value, kind)) continue;
    const place =
      scale.steps === undefined
        ? ((log ? Math.log(value) : value) - start) / span
        : value > high
          ? 1
          : placeAmong(scale.steps, value);
    out[i] = stepAt(place);
  }
  return out;
}

function stepAt(place: number): number {
  if (place <= 0) return 0;
  return place >= 1 ? PALETTE_STEPS - 1 : Math.floor(place * PALETTE_STEPS);
}

function linearTicks(low: number, high: number): ScaleTick[] {
  const values = ticks(low, high, 5);
  const texts = tickTexts(values, tickStep(low, high, 5));
  return values.map((value, i) => ({ place: (value - low) / (high - low), text: texts[i]! }));
}

/** Named factors of a power of ten where there are few powers in range. */
const NAMED_FACTORS = [1, 2, 5];

/** Powers of ten, or 1, 2 and 5 times them, with small ticks between; over a short range those of a linear scale. */
function logTicks(low: number, high: number): ScaleTick[] {
  const placeOf = (value: number) => Math.log(value / low) / Math.log(high / low);
  if (high / low < 5) {
    const values = ticks(low, high, 5);
    const texts = tickTexts(values, tickStep(low, high, 5));
    return values.map((value, i) => ({ place: placeOf(value), text: texts[i]! }));
  }
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const powers = last - Math.ceil(Math.log10(low) - 1e-9) + 1;
  const named = powers < 3 ? NAMED_FACTORS : [1];
  const every = Math.ceil(powers / 8);
  const found: { readonly value: number; readonly isNamed: boolean }[] = [];
  for (let power = first; power <= last; power++) {
    for (let factor = 1; factor < 10; factor++) {
      const value = factor * 10 ** power;
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
      const isNamed = named.includes(factor) && (power - first) % every === 0;
      if (isNamed || every === 1 || factor === 1) found.push({ value, isNamed });
    }
  }
  const names = found.filter(({ isNamed }) => isNamed).map(({ value }) => value);
  const isWide = names.some((value) => value > 99_999 || value < 0.000_99);
  return found.map(({ value, isNamed }) => ({
    place: placeOf(value),
    text: isNamed ? decadeText(value, isWide) : '',
  }));
}

/** In powers of ten where the bar has some that are too long otherwise. */
function decadeText(value: number, isWide: boolean): string {
  return isWide && (value > 1001 || value < 0.009) ? powerText(value) : valueText(value);
}

const QUANTILES = [0, 0.25, 0.5, 0.75, 1];

function quantileTicks(steps: { values: Float64Array; places: Float64Array }): ScaleTick[] {
  const { values, places } = steps;
  const found: ScaleTick[] = [];
  if (values.length === 0) return found;
  for (const quantile of QUANTILES) {
    let best = 0;
    for (let i = 1; i < places.length; i++) {
      if (Math.abs(places[i]! - quantile) < Math.abs(places[best]! - quantile)) best = i;
    }
    const tick = { place: places[best]!, text: valueText(values[best]!, 3) };
    if (found.at(-1)?.place !== tick.place) found.push(tick);
  }
  return found;
}

/**
 * Places by rank among the image pixels, so that each colour covers about the same part of the picture. Equal
 * values share the middle of their ranks; the least is put at 0 and the greatest at 1.
 */
function equalised(grid: Float64Array, low: number, high: number) {
  const sorted = grid.filter((value) => value >= low && value <= high).sort();
  const values: number[] = [];
  const middles: number[] = [];
  for (let from = 0; from < sorted.length; ) {
    const value = sorted[from]!;
    let to = from + 1;
    while (to < sorted.length && sorted[to] === value) to += 1;
    values.push(value);
    middles.push((from + to) / 2);
    from = to;
  }
  const first = middles[0] ?? 0;
  const span = (middles.at(-1) ?? 0) - first;
  const places = middles.map((middle) => (span === 0 ? 0.5 : (middle - first) / span));
  return { values: Float64Array.from(values), places: Float64Array.from(places) };
}

function placeAmong(
  { values, places }: { readonly values: Float64Array; readonly places: Float64Array },
  value: number,
): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  // All values within range have a place; what has none lies below.
  return values[low] === value ? places[low]! : 0;
}

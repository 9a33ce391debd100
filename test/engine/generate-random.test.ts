import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  normalCdf,
  normalQuantile,
  truncatedCdf,
  truncatedQuantile,
} from '../../engine/generate/normal.ts';
import { drawAt, PURPOSE, RandomStream } from '../../engine/generate/random.ts';

function numbers(seed: number, purpose: (typeof PURPOSE)[keyof typeof PURPOSE], pixel: number) {
  const stream = new RandomStream();
  stream.startAt(seed, purpose, 12, pixel);
  return Array.from({ length: 8 }, () => stream.uniform());
}

const GOLDEN = [
  824589587, 2840846746, 3666056478, 951337347, 2978352914, 3289921533, 2042554454, 2150043125,
];

describe('random streams', () => {
  test('start with these numbers on every platform', () => {
    expect(numbers(1, PURPOSE.place, 77).map((u) => u * 2 ** 32 - 0.5)).toEqual(GOLDEN);
  });

  test('are a function of seed, purpose and place, all 53 bits of the numbers included', () => {
    const base = numbers(5, PURPOSE.place, 9);
    expect(numbers(5, PURPOSE.place, 9)).toEqual(base);
    expect(numbers(6, PURPOSE.place, 9)).not.toEqual(base);
    expect(numbers(5 + 2 ** 40, PURPOSE.place, 9)).not.toEqual(base);
    expect(numbers(5, PURPOSE.light, 9)).not.toEqual(base);
    expect(numbers(5, PURPOSE.place, 9 + 2 ** 40)).not.toEqual(base);
    expect(drawAt(5, PURPOSE.texture, 6, 9)).not.toBe(drawAt(5, PURPOSE.texture, 7, 9));
  });

  test('are uniform, within a stream and across neighbouring places', () => {
    const stream = new RandomStream();
    stream.startAt(3, PURPOSE.place, 8, 1);
    expect(chiSquare(Array.from({ length: 64_000 }, () => stream.uniform()))).toBeLessThan(110);
    const across = Array.from({ length: 64_000 }, (_, i) => drawAt(3, PURPOSE.texture, 8, i));
    expect(chiSquare(across)).toBeLessThan(110);
    const firsts = Array.from({ length: 64_000 }, (_, i) => {
      stream.startAt(3, PURPOSE.place, 8, i);
      return stream.uniform();
    });
    expect(chiSquare(firsts)).toBeLessThan(110);
  });
});

/** Of 64 equal bins: mean 63, standard deviation 11.2. */
function chiSquare(values: readonly number[]): number {
  const bins = new Float64Array(64);
  for (const value of values) bins[Math.floor(value * 64)]! += 1;
  const expected = values.length / 64;
  return bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('the normal distribution', () => {
  // Reference values from scipy.stats.norm.
  test.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.001, -3.090232306167813],
    [0.9999, 3.719016485455709],
    [1e-9, -5.997807015007687],
  ])('quantile of %f', (p, z) => {
    expect(Math.abs(normalQuantile(p) - z)).toBeLessThan(2e-8);
  });

  test.each([
    [0, 0.5],
    [1, 0.8413447460685429],
    [-2.5, 0.006209665325776132],
    [4, 0.9999683287581669],
  ])('probability below %f', (z, p) => {
    expect(Math.abs(normalCdf(z) - p)).toBeLessThan(3e-7);
  });

  test('cut off at four sigmas, never falls and inverts', () => {
    expect([truncatedCdf(-4), truncatedCdf(9), truncatedCdf(-5)]).toEqual([0, 1, 0]);
    const z = fc.double({ min: -4, max: 4, noNaN: true });
    fc.assert(
      fc.property(z, z, (a, b) => {
        expect(truncatedCdf(Math.max(a, b))).toBeGreaterThanOrEqual(truncatedCdf(Math.min(a, b)));
        expect(Math.abs(truncatedQuantile(truncatedCdf(a)) - a)).toBeLessThan(3e-3);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createScale,
  NO_COLOUR,
  paletteSteps,
  type ScaleKind,
} from '../../pictures/colour-scale.ts';
import { PALETTE_STEPS } from '../../pictures/palette.ts';
import { OUTSIDE } from '../../pictures/project.ts';

const LAST = PALETTE_STEPS - 1;

function stepsOf(values: readonly number[], kind: ScaleKind, min?: number, max?: number): number[] {
  const grid = Float64Array.from(values);
  return [...paletteSteps(grid, createScale(grid, { kind, min, max }))];
}

function ticksOf(values: readonly number[], kind: ScaleKind, min?: number, max?: number): string[] {
  const scale = createScale(Float64Array.from(values), { kind, min, max });
  return scale!.ticks.map(({ text }) => text).filter((text) => text !== '');
}

describe('colours', () => {
  test('run evenly from the least value to the greatest', () => {
    expect(stepsOf([10, 20, 15, 12.5], 'linear')).toEqual([0, LAST, 128, 64]);
    expect(stepsOf([-1, 1, 0], 'linear')).toEqual([0, LAST, 128]);
  });

  test('run over powers on a log scale, which has no place for zero and negative values', () => {
    expect(stepsOf([1, 100, 10, 0, -5], 'log')).toEqual([0, LAST, 128, NO_COLOUR, NO_COLOUR]);
  });

  test('go on beyond the ends that are given', () => {
    expect(stepsOf([0, 5, 10, 20], 'linear', 5, 10)).toEqual([0, 0, LAST, LAST]);
    expect(stepsOf([0.1, 1, 10, 99], 'log', 1, 10)).toEqual([0, 0, LAST, LAST]);
    expect(stepsOf([0, 5, 10, 20], 'histeq', 5, 10)).toEqual([0, 0, LAST, LAST]);
    expect(stepsOf([1, 2], 'linear', 5)).toEqual([0, 0]);
    expect(stepsOf([1, 2], 'linear', undefined, 0)).toEqual([LAST, LAST]);
    expect(stepsOf([1, 2], 'histeq', 5, 6)).toEqual([0, 0]);
    expect(stepsOf([8, 9], 'histeq', 5, 6)).toEqual([LAST, LAST]);
  });

  test.each(['linear', 'log', 'histeq'] as const)('of %s: missing values have none', (kind) => {
    expect(stepsOf([Number.NaN, OUTSIDE, 1, 2], kind)).toEqual([NO_COLOUR, NO_COLOUR, 0, LAST]);
    expect(stepsOf([Number.NaN, OUTSIDE], kind)).toEqual([NO_COLOUR, NO_COLOUR]);
    expect(stepsOf([], kind)).toEqual([]);
  });

  test.each(['linear', 'log', 'histeq'] as const)(
    'of %s: equal values have the middle one',
    (kind) => {
      expect(stepsOf([7, 7, 7], kind)).toEqual([128, 128, 128]);
      expect(ticksOf([7, 7, 7], kind)).toEqual(['7']);
    },
  );

  test('of equal ranks are equal, and later ranks never come earlier', () => {
    const value = fc.oneof(
      fc.integer({ min: 0, max: 5 }),
      fc.double({ min: -9, max: 9, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 80 }), (values) => {
        const steps = stepsOf(values, 'histeq');
        const middles = values.map(
          (v) =>
            values.filter((other) => other < v).length +
            values.filter((other) => other === v).length / 2,
        );
        const [least, most] = [Math.min(...middles), Math.max(...middles)];
        middles.forEach((middle, i) => {
          const place = least === most ? 0.5 : (middle - least) / (most - least);
          expect(steps[i]).toBe(Math.min(LAST, Math.floor(place * PALETTE_STEPS)));
        });
      }),
    );
  });
});

describe('the numbers of the bar', () => {
  test.each<[string, number[], ScaleKind, string[]]>([
    ['small ones', [0, 1], 'linear', ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    ['negative ones', [-20, 20], 'linear', ['−20', '−10', '0', '10', '20']],
    ['large ones', [0, 4e7], 'linear', ['0', '1×10⁷', '2×10⁷', '3×10⁷', '4×10⁷']],
    ['tiny ones', [0, 4e-9], 'linear', ['0', '1×10⁻⁹', '2×10⁻⁹', '3×10⁻⁹', '4×10⁻⁹']],
    [
      'close together',
      [1e6, 1e6 + 2],
      'linear',
      ['1000000.0', '1000000.5', '1000001.0', '1000001.5', '1000002.0'],
    ],
    ['powers', [1, 12_000], 'log', ['1', '10', '100', '1000', '10000']],
    ['few powers', [2, 70], 'log', ['2', '5', '10', '20', '50']],
    ['less than a power', [2, 7], 'log', ['2', '3', '4', '5', '6', '7']],
    ['many powers', [1e-12, 1e8], 'log', ['10⁻¹²', '10⁻⁹', '10⁻⁶', '10⁻³', '1', '1000', '10⁶']],
    ['quantiles', [1, 2, 3, 4, 100], 'histeq', ['1', '2', '3', '4', '100']],
    ['few values', [1, 1, 2], 'histeq', ['1', '2']],
  ])('%s', (_, values, kind, texts) => {
    expect(ticksOf(values, kind)).toEqual(texts);
  });

  test('stand where their colours are', () => {
    const scale = createScale(Float64Array.of(1, 1000), { kind: 'log' })!;
    const places = scale.ticks.filter(({ text }) => text !== '').map(({ place }) => place);
    expect(places.map((place) => Math.round(place * 1e6) / 1e6)).toEqual([
      0, 0.333333, 0.666667, 1,
    ]);
    expect(scale.ticks).toHaveLength(28);
  });

  test('tell whether there are values beyond', () => {
    const grid = Float64Array.of(1, 5, 9);
    const ends = (min?: number, max?: number) => {
      const { isBelow, isAbove } = createScale(grid, { kind: 'linear', min, max })!;
      return [isBelow, isAbove];
    };
    expect([ends(), ends(2), ends(1, 8), ends(2, 8)]).toEqual([
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ]);
  });
});

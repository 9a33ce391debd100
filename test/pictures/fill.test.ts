/** Areas are known exactly: the coverage of all pixels must add up to them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOf } from '../../pictures/fill.ts';
import { paintScene } from '../../pictures/raster.ts';
import { ellipse, type Line, rectangle } from '../../pictures/scene.ts';
import { strokeOutlines } from '../../pictures/stroke.ts';

const [WIDTH, HEIGHT] = [40, 30];

function coveredArea(outlines: readonly Line[]): number {
  const coverage = coverageOf(outlines, WIDTH, HEIGHT);
  return coverage === undefined ? 0 : coverage.amount.reduce((sum, part) => sum + part, 0);
}

/** Half the sum of the cross products of its sides (the shoelace formula). */
function polygonArea(line: Line): number {
  let sum = 0;
  for (let i = 0; i < line.length; i += 2) {
    const j = (i + 2) % line.length;
    sum += line[i]! * line[j + 1]! - line[j]! * line[i + 1]!;
  }
  return Math.abs(sum) / 2;
}

describe('outlines are filled', () => {
  test('pixel by pixel, by the part that is covered', () => {
    const coverage = coverageOf([rectangle(1.25, 2.5, 2, 1)], WIDTH, HEIGHT)!;
    expect([coverage.x, coverage.y, coverage.width, coverage.height]).toEqual([1, 2, 3, 2]);
    expect([...coverage.amount]).toEqual([0.375, 0.5, 0.125, 0.375, 0.5, 0.125]);
  });

  test('by their area, whichever way they run', () => {
    const x = fc.double({ min: 0, max: WIDTH, noNaN: true });
    const y = fc.double({ min: 0, max: HEIGHT, noNaN: true });
    fc.assert(
      fc.property(x, y, x, y, x, y, (...corners) => {
        const triangle = Float64Array.from(corners);
        expect(coveredArea([triangle])).toBeCloseTo(polygonArea(triangle), 2);
      }),
    );
  });

  test('once where they overlap, and not where one runs the other way', () => {
    expect(coveredArea([rectangle(5, 5, 10, 10), rectangle(10, 5, 10, 10)])).toBeCloseTo(150, 4);
    const hole = Float64Array.of(7, 7, 7, 10, 10, 10, 10, 7);
    expect(coveredArea([rectangle(5, 5, 10, 10), hole])).toBeCloseTo(91, 4);
  });

  test('as far as they lie in the picture', () => {
    expect(coveredArea([rectangle(-10, -10, 15, 20)])).toBeCloseTo(50, 4);
    expect(coveredArea([rectangle(30, 20, 100, 100)])).toBeCloseTo(100, 4);
    expect(coveredArea([rectangle(-10, 2, 100, 3)])).toBeCloseTo(120, 4);
    expect(coverageOf([rectangle(-10, 2, 5, 5)], WIDTH, HEIGHT)).toBeUndefined();
    expect(coverageOf([rectangle(50, 2, 5, 5)], WIDTH, HEIGHT)).toBeUndefined();
    expect(coverageOf([], WIDTH, HEIGHT)).toBeUndefined();
  });

  test('round ones too', () => {
    // Corners of the outline lie on the ellipse, its sides a twentieth of a pixel within.
    const share = coveredArea([ellipse(20, 15, 10, 8)]) / (80 * Math.PI);
    expect(share).toBeGreaterThan(0.99);
    expect(share).toBeLessThan(1);
  });
});

describe('lines cover their length times their width', () => {
  test('straight, closed, bent, and of one point', () => {
    const area = (line: number[], closed: boolean) =>
      coveredArea(strokeOutlines([Float64Array.from(line)], 2, closed));
    expect(area([5, 5, 25, 5], false)).toBeCloseTo(40, 4);
    expect(area([5, 5, 21, 17], false)).toBeCloseTo(40, 3);
    expect(area([5, 5, 25, 5, 25, 5, 25, 20], false)).toBeCloseTo(70, 4);
    expect(area([...rectangle(10, 10, 10, 10)], true)).toBeCloseTo(80, 4);
    // A ring that repeats its first point, as lines of the sky do.
    expect(area([...rectangle(10, 10, 10, 10), 10, 10], true)).toBeCloseTo(80, 4);
    expect(area([5, 5], false)).toBe(0);
    expect(area([5, 5, 5, 5], false)).toBe(0);
  });

  test('even where a line turns back', () => {
    const spike = strokeOutlines([Float64Array.of(5, 5, 25, 5, 5, 5)], 2, false);
    const area = coveredArea(spike);
    expect(area).toBeGreaterThan(20);
    expect(area).toBeLessThan(60);
  });
});

describe('scenes are painted', () => {
  const shown = (items: Parameters<typeof paintScene>[0]['items'], background?: string) => {
    const { rgba } = paintScene({ width: 3, height: 2, background, items });
    return [...rgba];
  };
  const red = { kind: 'fill', outlines: [rectangle(0, 0, 1, 1)], colour: '#ff0000' } as const;

  test('over a background, or over nothing', () => {
    expect(shown([], '#0a0b0c').slice(0, 8)).toEqual([10, 11, 12, 255, 10, 11, 12, 255]);
    expect(shown([red]).slice(0, 8)).toEqual([255, 0, 0, 255, 0, 0, 0, 0]);
    expect(shown([{ ...red, opacity: 0.5 }]).slice(0, 4)).toEqual([255, 0, 0, 128]);
    expect(shown([{ ...red, opacity: 0.5 }], '#ffffff').slice(0, 4)).toEqual([255, 128, 128, 255]);
  });

  test('later items over earlier ones, images where they are not transparent', () => {
    const rgba = Uint8Array.of(1, 2, 3, 255, 9, 9, 9, 0);
    const image = { kind: 'image', x: 0, y: 0, width: 2, height: 1, rgba } as const;
    const wide = { ...red, outlines: [rectangle(0, 0, 2, 1)] };
    expect(shown([wide, image]).slice(0, 8)).toEqual([1, 2, 3, 255, 255, 0, 0, 255]);
    expect(shown([image, red]).slice(0, 4)).toEqual([255, 0, 0, 255]);
  });
});

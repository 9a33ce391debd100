import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UNSEEN } from '../../catalogs/sky-map-file.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { createLookup } from '../../pictures/lookup.ts';
import { createSkyRows, OUTSIDE, projectMap } from '../../pictures/project.ts';
import { createView, viewToMap } from '../../pictures/view.ts';
import { VIEWS, wholeMap } from './picture-fixture.ts';

describe('the place of a pixel in a map', () => {
  test('is that of a plain search', () => {
    const cells = (order: number) =>
      fc.uniqueArray(fc.integer({ min: 0, max: Math.min(2 ** 50, 12 * 4 ** order) - 1 }), {
        maxLength: 60,
      });
    const maps = fc
      .integer({ min: 0, max: 20 })
      .chain((order) => fc.tuple(fc.constant(order), cells(order), cells(order)));
    fc.assert(
      fc.property(maps, ([order, held, asked]) => {
        const pixels = Float64Array.from(held).sort();
        const placeOf = createLookup(order, pixels);
        const last = 12 * 4 ** order - 1;
        for (const pixel of [...held, ...asked, 0, last]) {
          expect(placeOf(pixel)).toBe(pixels.indexOf(pixel));
        }
      }),
    );
  });

  test('needs no search where all are there', () => {
    const placeOf = createLookup(1, wholeMap(1, () => 0).pixels);
    expect([0, 17, 47].map(placeOf)).toEqual([0, 17, 47]);
  });
});

describe('a grid holds the value of the pixel at each point', () => {
  test.each([0, 3, 13, 20])('at order %i', (order) => {
    for (const request of VIEWS.filter((_, i) => i % 3 === 0)) {
      const view = createView({ ...request, width: 60 });
      const sky = createSkyRows(view, viewToMap(view, 'C'));
      const expected: number[] = [];
      const held = new Map<number, number>();
      for (let row = 0; row < view.height; row++) {
        sky.read(row);
        for (let column = 0; column < view.width; column++) {
          const pixel = Number(hashPosition(sky.ra[column]!, sky.dec[column]!, order));
          // Every third pixel holds something.
          if (pixel % 3 === 0) held.set(pixel, pixel % 1000);
          const value = held.get(pixel) ?? Number.NaN;
          expected.push(sky.outside[column] === 1 ? OUTSIDE : value);
        }
      }
      const pixels = Float64Array.from(held.keys()).sort();
      const values = pixels.map((pixel) => held.get(pixel)!);
      expect(projectMap({ order, pixels, values }, view).grid).toEqual(Float64Array.from(expected));
    }
  });

  test('and NaN where that is UNSEEN, also in 32 bits, or not a number', () => {
    const view = createView({ kind: 'cartesian', width: 50, frame: 'C', centre: [0, 0], east: -1 });
    const none = [UNSEEN, Math.fround(UNSEEN), Number.NaN, Number.POSITIVE_INFINITY];
    const { grid } = projectMap(
      wholeMap(0, (pixel) => none[pixel] ?? 5),
      view,
    );
    const { grid: numbers } = projectMap(
      wholeMap(0, (pixel) => pixel),
      view,
    );
    expect(new Set(numbers).size).toBe(12);
    grid.forEach((value, i) => {
      expect(value).toBe(numbers[i]! < none.length ? Number.NaN : 5);
    });
  });

  test('in the frame of the map', () => {
    const common = { kind: 'mollweide', width: 80, centre: [0, 0], east: -1 } as const;
    const map = wholeMap(3, (pixel) => pixel);
    const same = projectMap(map, createView({ ...common, frame: 'C' })).grid;
    const galactic = { ...map, frame: 'G' as const };
    expect(projectMap(galactic, createView({ ...common, frame: 'G' })).grid).toEqual(same);
    expect(projectMap(galactic, createView({ ...common, frame: 'C' })).grid).not.toEqual(same);
  });
});

/** No pixel that holds something is lost between the image pixels. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facetCellOf } from '../../partitioning/facet.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { positionAt } from '../../partitioning/plane.ts';
import { fillGaps } from '../../pictures/gaps.ts';
import { imagePixelOf } from '../../pictures/image-pixel.ts';
import { createSkyRows, projectMap } from '../../pictures/project.ts';
import { createSkyPen } from '../../pictures/sky-lines.ts';
import { createView, type View, viewToMap } from '../../pictures/view.ts';
import { VIEWS } from './picture-fixture.ts';

function vectorOf(longitude: number, latitude: number): [number, number, number] {
  const [l, b] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
  return [Math.cos(b) * Math.cos(l), Math.cos(b) * Math.sin(l), Math.sin(b)];
}

function centreOf(order: number, pixel: number): [number, number] {
  const { facet, x, y } = facetCellOf(order, pixel);
  const { ra, dec } = positionAt(facet, (x + 0.5) / 2 ** order, (y + 0.5) / 2 ** order);
  return [ra, dec];
}

describe('the image pixel of a direction', () => {
  test.each(VIEWS.map((request) => [request.kind, request] as const))('%s %j', (_, request) => {
    const view = createView(request);
    const toMap = viewToMap(view, 'C');
    const sky = createSkyRows(view, toMap);
    let seen = 0;
    for (let row = 3; row < view.height - 1; row += 5) {
      sky.read(row);
      for (let column = 3; column < view.width - 1; column += 5) {
        if (sky.outside[column] === 1) continue;
        const vector = vectorOf(sky.ra[column]!, sky.dec[column]!);
        expect(imagePixelOf(view, toMap, vector)).toBe(row * view.width + column);
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(100);
  });
});

/** Values that a picture shows, once its gaps are filled. */
function shown(map: { order: number; pixels: Float64Array; values: Float64Array }, view: View) {
  const projected = projectMap(map, view);
  const before = projected.grid.slice();
  fillGaps(map, view, projected);
  // What was there stays.
  projected.grid.forEach((value, i) => {
    if (!Number.isNaN(before[i]!)) expect(value).toBe(before[i]);
  });
  return new Set(projected.grid);
}

describe('every pixel of a sparse map is seen', () => {
  const whole = VIEWS.filter(({ kind, halfSky }) => kind === 'mollweide' && halfSky === false);

  test.each([5, 8, 13, 20])('at order %i', (order) => {
    const pixel = fc.integer({ min: 0, max: 12 * 4 ** order - 1 });
    fc.assert(
      fc.property(
        fc.uniqueArray(pixel, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...whole),
        (numbers, request) => {
          const pixels = Float64Array.from(numbers).sort();
          const values = pixels.map((_, i) => i + 1);
          const view = createView(request);
          const found = shown({ order, pixels, values }, view);
          const pen = createSkyPen(view, { x: 0, y: 0 });
          pixels.forEach((number, i) => {
            // One that is not shown stands behind another in its image pixel.
            if (found.has(i + 1)) return;
            const placeOf = (other: number) =>
              (pen.pointsOf(...centreOf(order, other))[0] ?? [0, 0]).map(Math.floor);
            const [x = 0, y = 0] = placeOf(number);
            const hidden = [...pixels].some((other, j) => {
              const [otherX = 0, otherY = 0] = placeOf(other);
              return j !== i && Math.abs(otherX - x) <= 1 && Math.abs(otherY - y) <= 1;
            });
            expect(hidden).toBe(true);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  test('and none of those that are out of view', () => {
    const request = {
      kind: 'gnomonic',
      width: 300,
      frame: 'C',
      centre: [40, 10],
      east: -1,
    } as const;
    const view = createView({ ...request, sizeDegrees: 30 });
    const order = 11;
    const near = Number(hashPosition(42, 11, order));
    const pixels = Float64Array.of(near, 12 * 4 ** order - 1);
    const found = shown({ order, pixels, values: Float64Array.of(1, 2) }, view);
    expect([found.has(1), found.has(2)]).toEqual([true, false]);
  });

  test('of those in one image pixel the greatest', () => {
    const view = createView({ ...whole[0]!, width: 100 });
    const pixels = Float64Array.from({ length: 64 }, (_, i) => 4 ** 9 + i);
    const values = pixels.map((_, i) => (i * 29) % 64);
    const found = shown({ order: 12, pixels, values }, view);
    expect([...found].filter((value) => value >= 0)).toEqual([63]);
  });

  test('and a map that leaves no gap is as it was', () => {
    const view = createView({ ...whole[0]!, width: 100 });
    const pixels = Float64Array.from({ length: 12 * 4 ** 6 }, (_, i) => i);
    const map = { order: 6, pixels, values: pixels };
    const { grid } = projectMap(map, view);
    const projected = projectMap(map, view);
    fillGaps(map, view, projected);
    expect(projected.grid).toEqual(grid);
  });
});

/** Boxes around what can match the rows of a region: no row of it, and none within the radius, may be outside. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearBoxes, rowsInBox } from '../../engine/run/near-rows.ts';
import type { ScanSpec } from '../../engine/task.ts';
import type { Region } from '../../partitioning/region.ts';
import { offset, somePosition } from '../partitioning/random-sky.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const degrees = fc.oneof(
  fc.integer({ min: -6, max: 1 }).map((power) => 3 * 10 ** power),
  fc.double({ min: 0.001, max: 179, noNaN: true }),
);

function boxesOf(region: Region, radiusArcsec: number) {
  return nearBoxes({ near: [{ region, radiusArcsec }] } as unknown as ScanSpec);
}

test('rows within the radius of a cone are in its boxes', () => {
  const way = fc.double({ min: 0, max: 360, noNaN: true });
  const rows = fc.array(fc.tuple(way, unit, way, unit), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      somePosition,
      degrees,
      fc.constantFrom(0, 0.1, 60, 7200),
      rows,
      (centre, r, radiusArcsec, list) => {
        const region: Region = {
          kind: 'cone',
          ra: centre[0] - 360,
          dec: centre[1],
          radiusArcsec: r * 3600,
        };
        const boxes = boxesOf(region, radiusArcsec);
        expect(boxes.length).toBe(1);
        const near = list.map(([a, share, b, step]) =>
          offset(offset(centre, a, share * r), b, (step * radiusArcsec) / 3600),
        );
        const ra = Float64Array.from(near, ([at]) => at);
        const dec = Float64Array.from(near, ([, at]) => at);
        expect(rowsInBox(boxes[0]!, ra, dec).length).toBe(near.length);
      },
    ),
    { numRuns: 1000 },
  );
});

test('rows within the radius of a box are in its boxes, and rows far away are not', () => {
  const region: Region = { kind: 'box', ra: [359, 1], dec: [-1, 1] };
  const [box] = boxesOf(region, 3600);
  const rows = [
    [359, 0],
    [1, 1],
    [358.01, 0],
    [1.99, 0],
    [0, 1.99],
    [361.5, 0],
    [-1.5, -1.5],
    [357, 0],
    [3, 0],
    [180, 0],
    [0, 2.1],
    [0, -3],
    [Number.NaN, 0],
    [180, Number.NaN],
    [180, 91],
    [Number.POSITIVE_INFINITY, 50],
  ] as const;
  const kept = rowsInBox(
    box!,
    Float64Array.from(rows, ([ra]) => ra),
    Float64Array.from(rows, ([, dec]) => dec),
  );
  // Rows without a usable position stay, for those who check.
  expect([...kept]).toEqual([0, 1, 2, 3, 4, 5, 6, 12, 13, 14, 15]);
});

test('both parts of an intersection count, and shapes without a simple box say nothing', () => {
  const cone: Region = { kind: 'cone', ra: 10, dec: 10, radiusArcsec: 3600 };
  const box: Region = { kind: 'box', ra: [5, 15], dec: [9, 10] };
  expect(boxesOf({ kind: 'and', regions: [cone, box] }, 1).length).toBe(2);
  const polygon: Region = {
    kind: 'polygon',
    vertices: [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
  };
  expect(boxesOf(polygon, 1)).toEqual([]);
});

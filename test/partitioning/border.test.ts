import { describe, expect, test } from 'vitest';
import {
  borderRows,
  maxExcursionArcsec,
  maybeBorderRows,
  minWidthRadians,
  ringOrderFor,
} from '../../partitioning/border.ts';
import { facetCellOf } from '../../partitioning/facet.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import { externalRing } from '../../partitioning/neighbours.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import {
  createPlaneRows,
  EQUATORIAL_STRETCH,
  POLAR_STRETCH,
  positionAt,
  projectRows,
} from '../../partitioning/plane.ts';
import { boundaryPoint, type Positions, pixelBoundary } from '../../partitioning/projection.ts';
import { ARCSEC_PER_RADIAN, angularDistance, wrapRa } from '../../partitioning/sphere.ts';
import { cross, normalised, unitVector } from '../../partitioning/vector.ts';
import { oddPixels, seededNumbers } from './healpix-fixture.ts';

const partitionOrders = Array.from({ length: 13 }, (_, order) => order);

/** The position at an angle (radians) from another in a direction (radians, from any fixed one). */
function destination(ra: number, dec: number, bearing: number, angle: number): [number, number] {
  const p = unitVector(ra, dec);
  const side = normalised(cross(Math.abs(p[2]) < 0.7 ? [0, 0, 1] : [1, 0, 0], p));
  const ahead = cross(p, side);
  const [a, b, c] = [0, 1, 2].map(
    (k) =>
      p[k]! * Math.cos(angle) +
      Math.sin(angle) * (side[k]! * Math.cos(bearing) + ahead[k]! * Math.sin(bearing)),
  ) as [number, number, number];
  const degrees = 180 / Math.PI;
  return [Math.atan2(b, a) * degrees, Math.atan2(c, Math.hypot(a, b)) * degrees];
}

/** Points just within `angle` of the boundary of a pixel, in all directions, its corners among their origins. */
function pointsBeside(p: Pixel, angle: number, count: number, random: () => number): Positions {
  const { facet, x, y } = facetCellOf(p.order, p.pixel);
  const side = 2 ** p.order;
  const ra = new Float64Array(count);
  const dec = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const { i, j } = boundaryPoint(k % 5 === 0 ? (k / 5) % 4 : random() * 4);
    const from = positionAt(facet, (x + i) / side, (y + j) / side);
    const share = k % 3 === 0 ? random() : 1 - 1e-7;
    const [a, d] = destination(from.ra, from.dec, random() * 2 * Math.PI, angle * share);
    ra[k] = a;
    dec[k] = d;
  }
  return { ra, dec };
}

/** Points inside a pixel; x and y are of its square. */
function pointsInside(p: Pixel, count: number, part: () => number): Positions {
  const { facet, x, y } = facetCellOf(p.order, p.pixel);
  const side = 2 ** p.order;
  const ra = new Float64Array(count);
  const dec = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const point = positionAt(facet, (x + part()) / side, (y + part()) / side);
    ra[k] = point.ra;
    dec[k] = point.dec;
  }
  return { ra, dec };
}

/** Brute force: the distance in radians to the nearest of many points of the boundary. */
function distanceToBoundary(boundary: Positions, ra: number, dec: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < boundary.ra.length; k++) {
    nearest = Math.min(nearest, angularDistance(ra, dec, boundary.ra[k]!, boundary.dec[k]!));
  }
  return nearest;
}

function pixelsOf(order: number, more: number, random: () => number): Pixel[] {
  return oddPixels(order, more, random).map((pixel) => ({ order, pixel: Number(pixel) }));
}

describe('border rows of many rows at once', () => {
  const random = seededNumbers(7);
  const pixels = [0, 3, 9].flatMap((order) => pixelsOf(order, 5, random));

  test.each([0, 1, 60, 3000])('are those of a few at a time, %i″ wide', (reach) => {
    for (const p of pixels) {
      const beside = pointsBeside(p, 1e-3 / 2 ** p.order, 3000, random);
      const inside = pointsInside(p, 3000, random);
      const ra = Float64Array.from([...beside.ra, ...inside.ra]);
      const dec = Float64Array.from([...beside.dec, ...inside.dec]);
      const parts: number[] = [];
      for (let from = 0; from < ra.length; from += 1500) {
        const to = from + 1500;
        const part = borderRows(p, ra.subarray(from, to), dec.subarray(from, to), reach);
        for (const row of part) parts.push(from + row);
      }
      expect([...borderRows(p, ra, dec, reach)]).toEqual(parts);
    }
  });

  test.each([0, 1, 60, 3000])(
    'are among those that one look-up finds, with all unusable ones, %i″ wide',
    (reach) => {
      for (const p of pixels) {
        const beside = pointsBeside(p, 1e-3 / 2 ** p.order, 3000, random);
        const inside = pointsInside(p, 3000, random);
        const ra = Float64Array.from([...beside.ra, ...inside.ra]);
        const dec = Float64Array.from([...beside.dec, ...inside.dec]);
        const border = borderRows(p, ra, dec, reach);
        const unusable = [5, 1000, 4000];
        ra[5] = Number.NaN;
        dec[1000] = 91;
        dec[4000] = Number.NEGATIVE_INFINITY;
        const maybe = maybeBorderRows(p, ra, dec, reach);
        const found = new Set(maybe ?? ra.keys());
        expect([...border, ...unusable].filter((row) => !found.has(row))).toEqual([]);
        // Most rows well inside are not looked at.
        if (reach <= 60 && p.order <= 3) expect(maybe!.length).toBeLessThan(4500);
      }
    },
  );
});

describe('borderRows', () => {
  test('misses no row within reach of the border, inside or outside', () => {
    const random = seededNumbers(31);
    for (const order of partitionOrders) {
      for (const p of pixelsOf(order, 20, random)) {
        const angle = (0.4 / 2 ** order) * 10 ** (-4 * random());
        const { ra, dec } = pointsBeside(p, angle, 300, random);
        const found = borderRows(p, ra, dec, angle * ARCSEC_PER_RADIAN);
        expect(found.length, `${order}/${p.pixel}, ${angle}`).toBe(300);
      }
    }
  });

  test('keeps all rows of other pixels, and none well inside', () => {
    const random = seededNumbers(32);
    for (const order of partitionOrders) {
      for (const p of pixelsOf(order, 10, random)) {
        const far = pixelsOf(order, 1, random).at(-1)!;
        const outside = pointsInside(far, 20, random);
        const kept = borderRows(p, outside.ra, outside.dec, 0);
        expect(kept.length, `${order}/${p.pixel}`).toBe(far.pixel === p.pixel ? 0 : 20);
        const inner = pointsInside(p, 20, () => 0.3 + 0.4 * random());
        const reach = (0.2 / 2 ** order) * ARCSEC_PER_RADIAN;
        expect(borderRows(p, inner.ra, inner.dec, reach).length).toBe(0);
      }
    }
  });

  test('keeps less than twice the rows it must, near the poles too', () => {
    const random = seededNumbers(33);
    for (const order of [0, 1, 3, 6, 12]) {
      for (const p of pixelsOf(order, 6, random).filter((_, k) => k % 4 === order % 4)) {
        const reach = 0.04 / 2 ** order;
        // Inside, and within a tenth of an edge.
        const { ra, dec } = pointsInside(p, 400, random);
        const boundary = pixelBoundary(p.order, p.pixel, 64);
        const found = borderRows(p, ra, dec, reach * ARCSEC_PER_RADIAN);
        const exact = ra.reduce(
          (sum, a, k) => sum + (distanceToBoundary(boundary, a, dec[k]!) <= reach ? 1 : 0),
          0,
        );
        expect(found.length).toBeGreaterThanOrEqual(exact);
        expect(found.length, `${order}/${p.pixel}`).toBeLessThan(2 * exact + 10);
      }
    }
  });

  test('finds rows wherever they stand among the others', () => {
    const p = { order: 3, pixel: 400 };
    const rows = 5000;
    const centre = pointsInside(p, rows, () => 0.5);
    const away = pointsInside({ order: 3, pixel: 20 }, rows, () => 0.5);
    const expected = [0, 511, 512, 1023, 4000, 4999];
    for (const row of expected) {
      centre.ra[row] = away.ra[row]!;
      centre.dec[row] = away.dec[row]!;
    }
    expect([...borderRows(p, centre.ra, centre.dec, 10)]).toEqual(expected);
    expect(borderRows(p, new Float64Array(0), new Float64Array(0), 10).length).toBe(0);
  });

  test('refuses a reach that is no angle', () => {
    const none = new Float64Array(0);
    expect(() => borderRows({ order: 0, pixel: 0 }, none, none, -1)).toThrow(RangeError);
    expect(() => borderRows({ order: 0, pixel: 0 }, none, none, Number.NaN)).toThrow(RangeError);
  });
});

describe('maxExcursionArcsec', () => {
  test('is 0 when all rows lie inside', () => {
    const random = seededNumbers(34);
    for (const order of partitionOrders) {
      for (const p of pixelsOf(order, 10, random)) {
        const { ra, dec } = pointsInside(p, 600, random);
        expect(maxExcursionArcsec(p, ra, dec), `${order}/${p.pixel}`).toBe(0);
      }
    }
  });

  test('is the distance of the furthest row outside, by brute force', () => {
    const random = seededNumbers(35);
    for (const order of [0, 1, 2, 5, 9, 12]) {
      for (const p of pixelsOf(order, 4, random).filter((_, k) => k % 3 === 0)) {
        const inside = pointsInside(p, 3, random);
        const { ra, dec } = pointsBeside(p, (0.3 + 2 * random()) / 2 ** order / 4, 4, random);
        const boundary = pixelBoundary(order, p.pixel, 1000);
        const plane = hashPositions(ra, dec, order);
        let expected = 0;
        plane.forEach((pixel, k) => {
          if (Number(pixel) === p.pixel) return;
          expected = Math.max(expected, distanceToBoundary(boundary, ra[k]!, dec[k]!));
        });
        const found = maxExcursionArcsec(
          p,
          Float64Array.of(...inside.ra, ...ra),
          Float64Array.of(...inside.dec, ...dec),
        );
        const arcsec = expected * ARCSEC_PER_RADIAN;
        // The brute force overshoots by its spacing, the bound by its rounding.
        expect(found, `${order}/${p.pixel}`).toBeGreaterThanOrEqual(arcsec * 0.999);
        expect(found, `${order}/${p.pixel}`).toBeLessThan(arcsec * 1.001 + 1e-8);
      }
    }
  });

  test('stays tiny for rows a rounding beyond the border, across edges of base pixels too', () => {
    const random = seededNumbers(36);
    for (const order of partitionOrders) {
      for (const p of pixelsOf(order, 4, random)) {
        const angle = 1e-5 / ARCSEC_PER_RADIAN;
        const { ra, dec } = pointsBeside(p, angle, 60, random);
        const found = maxExcursionArcsec(p, ra, dec);
        expect(found, `${order}/${p.pixel}`).toBeGreaterThan(5e-6);
        expect(found, `${order}/${p.pixel}`).toBeLessThan(1.0005e-5);
      }
    }
  });

  test('does not depend on the order of the rows, nor on how far the antipode is', () => {
    const p = { order: 2, pixel: 77 };
    const all = pointsInside({ order: 0, pixel: 2 }, 2000, seededNumbers(37));
    const forth = maxExcursionArcsec(p, all.ra, all.dec);
    const back = maxExcursionArcsec(p, all.ra.toReversed(), all.dec.toReversed());
    expect(back / forth).toBeCloseTo(1, 6);
    const centre = pointsInside(p, 1, () => 0.5);
    const far = maxExcursionArcsec(
      p,
      Float64Array.of(wrapRa(centre.ra[0]! + 180)),
      Float64Array.of(-centre.dec[0]!),
    );
    expect(far / ARCSEC_PER_RADIAN).toBeGreaterThan(2.8);
    expect(far / ARCSEC_PER_RADIAN).toBeLessThan(Math.PI);
  });
});

describe('how the projection stretches', () => {
  test.each([
    ['equatorial zone', EQUATORIAL_STRETCH, 0, 41.8],
    ['polar caps', POLAR_STRETCH, 41.82, 90],
  ])('%s', (_zone, stretch, from, to) => {
    const random = seededNumbers(38);
    const pair = createPlaneRows(2);
    let largest = 0;
    for (let k = 0; k < 200_000; k++) {
      const ra = random() * 360;
      const dec = (random() < 0.5 ? 1 : -1) * (from + random() * (to - from));
      const step = 1e-6 * (k % 2 === 0 ? 1 : (90 - Math.abs(dec)) / 90);
      const [ra2, dec2] = destination(ra, dec, random() * 2 * Math.PI, step);
      if (Math.abs(dec2) < from || Math.abs(dec2) > to) continue;
      projectRows(Float64Array.of(ra, ra2), Float64Array.of(dec, dec2), 0, 2, pair);
      if (pair.facet[0] !== pair.facet[1]) continue;
      const moved = Math.max(Math.abs(pair.x[0]! - pair.x[1]!), Math.abs(pair.y[0]! - pair.y[1]!));
      // Coordinates are rounded to 3e-16.
      largest = Math.max(largest, (moved - 1e-15) / step);
    }
    expect(largest).toBeLessThan(stretch * (1 + 1e-5));
    expect(largest).toBeGreaterThan(stretch * 0.98);
  });
});

describe('minWidthRadians', () => {
  /** Share of points just within `angle` of a pixel that are in it or in its ring of cells of an order. */
  function shareWithin(p: Pixel, fineOrder: number, angle: number, random: () => number): number {
    const near = new Set(externalRing(p, fineOrder));
    const { ra, dec } = pointsBeside(p, angle, 200, random);
    const cells = hashPositions(ra, dec, fineOrder);
    const shift = BigInt(2 * (fineOrder - p.order));
    const within = cells.filter((c) => near.has(c) || Number(c >> shift) === p.pixel);
    return within.length / cells.length;
  }

  test('every point within it of a cell lies in the cell or next to it', () => {
    const random = seededNumbers(39);
    for (let order = 0; order <= 24; order++) {
      for (const p of pixelsOf(order, 30, random)) {
        expect(shareWithin(p, order, minWidthRadians(order), random), `${order}/${p.pixel}`).toBe(
          1,
        );
      }
    }
  });

  test('every point within it of a larger pixel lies in the pixel or its external ring', () => {
    const random = seededNumbers(40);
    for (let order = 0; order <= 10; order++) {
      for (const p of pixelsOf(order, 10, random)) {
        const fine = order + 1 + Math.floor(random() * 5);
        expect(shareWithin(p, fine, minWidthRadians(fine), random), `${order}/${p.pixel}`).toBe(1);
      }
    }
  });

  test('a tenth more would not be true', () => {
    const random = seededNumbers(41);
    const beside = pixelsOf(10, 0, random);
    const shares = beside.map((p) => shareWithin(p, 10, 1.1 * minWidthRadians(10), random));
    expect(Math.min(...shares)).toBeLessThan(1);
  });

  test('is somewhat more than the width HATS counts on', () => {
    for (let order = 0; order < 30; order++) {
      const hats = Math.sqrt((4 * Math.PI) / (12 * 4 ** order)) / 1.6;
      expect(minWidthRadians(order) / hats).toBeGreaterThan(1.07);
      expect(minWidthRadians(order) / hats).toBeLessThan(1.08);
    }
  });
});

describe('ringOrderFor', () => {
  test('is the finest order whose cells are wide enough', () => {
    for (let order = 0; order < 29; order++) {
      const width = minWidthRadians(order) * ARCSEC_PER_RADIAN;
      expect(ringOrderFor(width * (1 - 1e-12))).toBe(order);
      expect(ringOrderFor(width * (1 + 1e-12))).toBe(order - 1);
    }
    expect(ringOrderFor(0)).toBe(29);
    expect(ringOrderFor(648_000)).toBe(-1);
    expect(() => ringOrderFor(-1)).toThrow(RangeError);
    expect(() => ringOrderFor(Number.NaN)).toThrow(RangeError);
  });
});

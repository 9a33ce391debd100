import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { polygonContains, preparePolygon } from '../../partitioning/polygon.ts';
import type { Region } from '../../partitioning/region.ts';
import { DEGREES_PER_RADIAN } from '../../partitioning/sphere.ts';
import { distanceToArc, normalised, unitVector, type Vector } from '../../partitioning/vector.ts';
import { offset, somePosition, someStar } from './random-sky.ts';
import { inside, type Position, rowsWhere } from './rows-inside.ts';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const direction = fc.double({ min: 0, max: 360, noNaN: true });

describe('polygons', () => {
  /** Great circles become straight lines in the gnomonic projection: the plane rule of odd crossings. */
  function insideOnPlane(centre: Position, vertices: readonly Position[], p: Position): boolean {
    const project = ([ra, dec]: Position): [number, number] | undefined => {
      const [a, d, d0] = [ra - centre[0], dec, centre[1]].map(
        (angle) => (angle * Math.PI) / 180,
      ) as [number, number, number];
      const up = Math.sin(d0) * Math.sin(d) + Math.cos(d0) * Math.cos(d) * Math.cos(a);
      if (up <= 0) return undefined;
      const x = (Math.cos(d) * Math.sin(a)) / up;
      return [x, (Math.cos(d0) * Math.sin(d) - Math.sin(d0) * Math.cos(d) * Math.cos(a)) / up];
    };
    const q = project(p);
    if (q === undefined) return false;
    const corners = vertices.map((vertex) => project(vertex)!);
    let odd = false;
    corners.forEach(([x1, y1], i) => {
      const [x2, y2] = corners[(i + 1) % corners.length]!;
      if (y1 > q[1] !== y2 > q[1] && q[0] < ((x2 - x1) * (q[1] - y1)) / (y2 - y1) + x1) odd = !odd;
    });
    return odd;
  }

  function fromBorder(vertices: readonly Position[], [ra, dec]: Position): number {
    const corners = vertices.map((vertex) => unitVector(...vertex));
    const p = unitVector(ra, dec);
    return Math.min(
      ...corners.map((a, i) => distanceToArc(a, corners[(i + 1) % corners.length]!, p)),
    );
  }

  test('concave ones, in both windings, against odd crossings in a plane', () => {
    const near = fc.array(fc.tuple(direction, unit), { maxLength: 20 });
    fc.assert(
      fc.property(
        someStar,
        near,
        fc.array(somePosition),
        ({ centre, size, vertices }, ways, far) => {
          const close = ways.map(([way, share]) => offset(centre, way, share * size * 1.2));
          const sure = [...close, ...far].filter((p) => fromBorder(vertices, p) > 1e-12);
          expect(inside({ kind: 'polygon', vertices }, sure)).toEqual(
            rowsWhere(sure, (p) => insideOnPlane(centre, vertices, p)),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  test('hold their vertices, and points on edges that are exact', () => {
    fc.assert(
      fc.property(someStar, ({ vertices }) => {
        expect(inside({ kind: 'polygon', vertices }, vertices)).toEqual(vertices.map((_, i) => i));
      }),
    );
    const square: Region = {
      kind: 'polygon',
      vertices: [
        [0, 0],
        [10, 0],
        [10, 10],
        [0, 10],
      ],
    };
    const points: Position[] = [
      [5, 0],
      [5, -1e-12],
      [10, 5],
      [10.0000000001, 5],
      [360, 3],
      [-1e-9, 3],
    ];
    expect(inside(square, points)).toEqual([0, 2, 4]);
  });

  test('wider than any hemisphere: a belt of great-circle pieces, against its pieces', () => {
    const steps = 14;
    const south = Array.from({ length: steps + 1 }, (_, i): Position => [i * 20, -12]);
    const north = Array.from({ length: steps + 1 }, (_, i): Position => [i * 20, 15]);
    const belt = [...south, ...north.toReversed()];
    const pieces = Array.from({ length: steps }, (_, i) => [
      south[i]!,
      south[i + 1]!,
      north[i + 1]!,
      north[i]!,
    ]);
    const near = fc.tuple(direction, fc.double({ min: -25, max: 25, noNaN: true }));
    fc.assert(
      fc.property(fc.array(fc.oneof(near, somePosition), { minLength: 20 }), (positions) => {
        const sure = positions.filter((p) => pieces.every((piece) => fromBorder(piece, p) > 1e-12));
        const wanted = rowsWhere(sure, (p) =>
          pieces.some((piece) => insideOnPlane([piece[0]![0] + 10, 0], piece, p)),
        );
        expect(inside({ kind: 'polygon', vertices: belt }, sure)).toEqual(wanted);
        expect(inside({ kind: 'polygon', vertices: belt.toReversed() }, sure)).toEqual(wanted);
      }),
    );
  });

  test('the side below half the sky is inside, also where it holds a pole', () => {
    const cap: Region = {
      kind: 'polygon',
      vertices: [
        [0, 5],
        [90, 5],
        [180, 5],
        [270, 5],
      ],
    };
    expect(
      inside(cap, [
        [12, 90],
        [0, 5.1],
        [0, 4.9],
        [45, 10],
        [45, 4],
        [7, -90],
      ]),
    ).toEqual([0, 1, 3]);
    const south: Region = {
      kind: 'polygon',
      vertices: [
        [0, -60],
        [90, -60],
        [180, -60],
        [270, -60],
      ],
    };
    expect(
      inside(south, [
        [0, -90],
        [33, -90],
        [0, 90],
        [45, -60],
        [45, -80],
      ]),
    ).toEqual([0, 1, 4]);
  });

  test('a vertex at a pole', () => {
    const slice: Region = {
      kind: 'polygon',
      vertices: [
        [0, 90],
        [10, 70],
        [40, 70],
      ],
    };
    expect(
      inside(slice, [
        [25, 80],
        [50, 80],
        [205, 80],
        [99, 90],
        [25, 89.9999],
        [205, 89.9999],
      ]),
    ).toEqual([0, 3, 4]);
  });

  test('points in line with a reference and a vertex, and opposite a reference', () => {
    fc.assert(
      fc.property(someStar, fc.double({ min: 0.01, max: 3, noNaN: true }), (star, beyond) => {
        const { centre, vertices } = star;
        const polygon = preparePolygon({ vertices });
        for (const { point } of polygon.references) {
          const opposite: Vector = [-point[0], -point[1], -point[2]];
          const inLine = polygon.vertices.map((vertex) =>
            normalised(vertex.map((v, k) => v + beyond * (v - point[k]!)) as unknown as Vector),
          );
          for (const p of [point, opposite, ...inLine]) {
            const ra = Math.atan2(p[1], p[0]) * DEGREES_PER_RADIAN;
            const dec = Math.atan2(p[2], Math.hypot(p[0], p[1])) * DEGREES_PER_RADIAN;
            if (fromBorder(vertices, [ra, dec]) < 1e-12) continue;
            const wanted = insideOnPlane(centre, vertices, [ra, dec]);
            expect(polygonContains(polygon, ...p)).toBe(wanted);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test('the point opposite a reference may lie inside', () => {
    const round = Array.from({ length: 24 }, (_, i) => offset([50, 20], i * 15, 70));
    const polygon = preparePolygon({ vertices: round });
    const [x, y, z] = polygon.references[0].point;
    // Far from the centre's opposite there is no room for a reference: this is the case meant.
    const middle = unitVector(50, 20);
    expect(middle[0] * x + middle[1] * y + middle[2] * z).toBeLessThan(-0.9);
    expect(polygonContains(polygon, -x, -y, -z)).toBe(true);
    expect(polygonContains(polygon, x, y, z)).toBe(false);
  });
});

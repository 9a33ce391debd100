/** Random pixels, trees and positions for the tests of the sky, with the edges of the sky among them. */
import fc from 'fast-check';
import { childrenOf, type Pixel } from '../../partitioning/pixel.ts';

/** `order/pixel` texts, separated by blanks. */
export function parsePixels(texts: string): Pixel[] {
  return texts.split(' ').map((text) => {
    const [order, pixel] = text.split('/').map(Number);
    return { order: order!, pixel: pixel! };
  });
}

export function somePixel(deepest: number): fc.Arbitrary<Pixel> {
  return fc
    .integer({ min: 0, max: deepest })
    .chain((order) =>
      fc.integer({ min: 0, max: 12 * 4 ** order - 1 }).map((pixel) => ({ order, pixel })),
    );
}

/**
 * Disjoint pixels in NESTED order, of very different orders: the twelve base pixels, some cut into four again
 * and again, some dropped.
 */
export function someTree(deepest: number): fc.Arbitrary<Pixel[]> {
  const cut = fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), drop: fc.boolean() });
  return fc.array(cut, { minLength: 2, maxLength: 30 }).map((cuts) => {
    const leaves: Pixel[] = Array.from({ length: 12 }, (_, pixel) => ({ order: 0, pixel }));
    for (const { place, drop } of cuts) {
      const at = Math.floor(place * (leaves.length - 1));
      const leaf = leaves[at]!;
      if (drop) leaves.splice(at, 1);
      else if (leaf.order < deepest) leaves.splice(at, 1, ...childrenOf(leaf));
      if (leaves.length === 0) break;
    }
    return leaves;
  });
}

/** Positions in degrees: anywhere, and at poles, RA 0/360 and borders of base pixels more often than by chance. */
export const somePosition: fc.Arbitrary<readonly [ra: number, dec: number]> = fc.oneof(
  fc.tuple(
    fc.double({ min: 0, max: 360, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }).map((z) => (Math.asin(z) * 180) / Math.PI),
  ),
  fc.tuple(
    fc.constantFrom(0, 45, 90, 180, 270, 315, 359.9999999999, 1e-12),
    fc.constantFrom(
      -90,
      -89.99999999,
      -41.810314895778596,
      0,
      1e-13,
      41.810314895778596,
      89.9999,
      90,
    ),
  ),
);

/** The position at an angle from another in a direction (north through east), all in degrees. */
export function offset(
  [ra, dec]: readonly [number, number],
  direction: number,
  distance: number,
): readonly [ra: number, dec: number] {
  const rad = Math.PI / 180;
  const [d, t, a] = [dec * rad, direction * rad, distance * rad];
  const z = Math.sin(d) * Math.cos(a) + Math.cos(d) * Math.sin(a) * Math.cos(t);
  const east = Math.sin(t) * Math.sin(a);
  const out = Math.cos(d) * Math.cos(a) - Math.sin(d) * Math.sin(a) * Math.cos(t);
  return [ra + Math.atan2(east, out) / rad, Math.atan2(z, Math.hypot(east, out)) / rad];
}

/** Vertices around a centre, star-shaped and often concave, in either winding; at most 60° from the centre. */
export const someStar = fc
  .record({
    centre: somePosition,
    size: fc.constantFrom(1e-4, 0.01, 1, 20, 60),
    steps: fc.array(
      fc.tuple(
        fc.double({ min: 0.3, max: 1, noNaN: true }),
        fc.double({ min: 0.2, max: 1, noNaN: true }),
      ),
      { minLength: 4, maxLength: 12 },
    ),
    reversed: fc.boolean(),
  })
  .map(({ centre, size, steps, reversed }) => {
    const whole = steps.reduce((sum, [step]) => sum + step, 0);
    let direction = 0;
    const vertices = steps.map(([step, radius]) => {
      direction += (step / whole) * 360;
      return offset(centre, direction, radius * size);
    });
    return { centre, size, vertices: reversed ? vertices.toReversed() : vertices };
  });

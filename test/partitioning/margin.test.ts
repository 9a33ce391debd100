import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minWidthRadians } from '../../partitioning/border.ts';
import {
  marginCells,
  marginDestinations,
  marginMinDistArcsec,
  marginOrder,
  marginPixels,
} from '../../partitioning/margin.ts';
import { neighbours } from '../../partitioning/neighbours.ts';
import { containsPixel, indexRange, pixelText } from '../../partitioning/pixel.ts';
import {
  fromPixels,
  intersect,
  overlapsRange,
  type RangeSet,
  toPixels,
} from '../../partitioning/ranges.ts';
import { ARCSEC_PER_RADIAN } from '../../partitioning/sphere.ts';
import { buildTree } from '../../partitioning/tree.ts';
import golden from '../fixtures/moc/margin.json' with { type: 'json' };
import { parsePixels, somePixel, someTree } from './random-sky.ts';

const [numbers, ...rings] = golden as unknown as [
  { minDistArcsec: number[]; orders: [number, number][] },
  ...{ order: number; pixel: number; deeper: number; cells: number[] }[],
];

/** Single cells of one order in a coverage. */
function cellsAt(set: RangeSet, order: number): number[] {
  return toPixels(set, order).flatMap((p) => {
    const size = 4 ** (order - p.order);
    return Array.from({ length: size }, (_, i) => p.pixel * size + i);
  });
}

describe('thresholds', () => {
  test('minimal distances are those of hats', () => {
    numbers.minDistArcsec.forEach((arcsec, order) => {
      expect(marginMinDistArcsec(order) / arcsec).toBeCloseTo(1, 13);
    });
  });

  test.each(numbers.orders)('%d arcsec: order %d', (arcsec, order) => {
    expect(marginOrder(arcsec)).toBe(order);
  });

  test('a threshold made from an order gives the order back', () => {
    for (let order = 0; order < 30; order++) {
      expect(marginOrder(marginMinDistArcsec(order))).toBe(order);
      expect(marginOrder(marginMinDistArcsec(order) * (1 + 1e-12))).toBe(Math.max(0, order - 1));
    }
  });

  test('the distance of hats is one that a ring of cells really spans', () => {
    for (let order = 0; order < 30; order++) {
      expect(marginMinDistArcsec(order)).toBeLessThan(minWidthRadians(order) * ARCSEC_PER_RADIAN);
    }
  });

  test.each([0, -1, Number.NaN])('refuses %d', (arcsec) => {
    expect(() => marginOrder(arcsec)).toThrow(`margin threshold ${arcsec} is not a positive angle`);
  });
});

describe('cells around a pixel', () => {
  test.each(rings)('as hats has them: $order/$pixel, $deeper deeper', (ring) => {
    const at = ring.order + ring.deeper;
    expect(cellsAt(marginCells({ order: ring.order, pixel: ring.pixel }, at), at)).toEqual(
      ring.cells,
    );
  });

  test('are those with a neighbour inside it', () => {
    fc.assert(
      fc.property(somePixel(2), fc.integer({ min: 0, max: 2 }), (p, deeper) => {
        const order = p.order + deeper;
        const wanted = Array.from({ length: 12 * 4 ** order }, (_, pixel) => pixel).filter(
          (pixel) => {
            if (containsPixel(p, { order, pixel })) return false;
            const around = neighbours(order, BigInt(pixel)).filter((cell) => cell >= 0n);
            return around.some((cell) => containsPixel(p, { order, pixel: Number(cell) }));
          },
        );
        expect(cellsAt(marginCells(p, order), order)).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test('inside one pixel only: the same by either way', () => {
    fc.assert(
      fc.property(someTree(3), fc.nat(), fc.nat(), (pixels, i, j) => {
        fc.pre(pixels.length > 1);
        const p = pixels[i % pixels.length]!;
        const inside = pixels[j % pixels.length]!;
        fc.pre(p !== inside);
        const wanted = intersect(marginCells(p, 5), fromPixels([inside]));
        expect(marginCells(p, 5, inside)).toEqual(wanted);
      }),
    );
  });
});

describe('margin partitions', () => {
  test('are the catalog and the coarsest rest of the sky', () => {
    const tree = buildTree(parsePixels('1/44 1/45 1/46 1/47'));
    expect(marginPixels(tree).map(pixelText).join(' ')).toBe(
      '0/0 0/1 0/2 0/3 0/4 0/5 0/6 0/7 0/8 0/9 0/10 1/44 1/45 1/46 1/47',
    );
  });

  test('destinations of a pixel are those whose cells meet it', () => {
    fc.assert(
      fc.property(someTree(3), fc.nat(), (pixels, i) => {
        fc.pre(pixels.length > 0);
        const all = buildTree(marginPixels(buildTree(pixels)));
        const source = pixels[i % pixels.length]!;
        const { start, end } = indexRange(source);
        const order = all.deepest + 1;
        const wanted = all.pixels.filter((p) => overlapsRange(marginCells(p, order), start, end));
        expect(marginDestinations(source, all)).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test('of one base pixel are its parts and the base pixels around it', () => {
    // In the sample catalog small_sky_order1 of HATS, the margin has 0/4, 0/7 and 0/8 beside its own.
    const all = buildTree(marginPixels(buildTree(parsePixels('1/44 1/45 1/46 1/47'))));
    const reached = new Set<string>();
    for (const source of parsePixels('1/44 1/45 1/46 1/47')) {
      for (const p of marginDestinations(source, all)) reached.add(pixelText(p));
    }
    expect([...reached].sort().join(' ')).toBe('0/10 0/3 0/4 0/7 0/8 0/9 1/44 1/45 1/46 1/47');
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { externalRing } from '../../partitioning/neighbours.ts';
import { indexRange, type Pixel, pixelsOverlap, pixelText } from '../../partitioning/pixel.ts';
import { circumradius, pixelCentre } from '../../partitioning/projection.ts';
import { fromPixels, mocFromJson, overlapsRange, union } from '../../partitioning/ranges.ts';
import { ARCSEC_PER_RADIAN, angularDistance } from '../../partitioning/sphere.ts';
import {
  buildTree,
  complementPixels,
  overlapping,
  prunedBy,
  treeRanges,
  within,
} from '../../partitioning/tree.ts';
import golden from '../fixtures/moc/align.json' with { type: 'json' };
import { parsePixels, somePixel, someTree } from './random-sky.ts';

const A = parsePixels('2/128 2/130 2/131 1/33 1/35 0/10 1/44 1/45 1/46');

function texts(pixels: Iterable<Pixel>): string[] {
  return Array.from(pixels, pixelText);
}

describe('buildTree', () => {
  test('sorts along the NESTED curve', () => {
    expect(texts(buildTree(parsePixels('1/46 0/10 2/131 1/33 2/128')).pixels)).toEqual(
      '2/128 2/131 1/33 0/10 1/46'.split(' '),
    );
  });

  test('keeps the places of pixels that come sorted', () => {
    fc.assert(
      fc.property(someTree(4), (pixels) => {
        expect(buildTree(pixels).pixels).toEqual(pixels);
        expect(buildTree(pixels.toReversed()).pixels).toEqual(pixels);
      }),
    );
  });

  test.each([
    ['1/33 0/8', 'overlapping partitions 0/8 and 1/33'],
    ['3/700 1/43 2/5', 'overlapping partitions 1/43 and 3/700'],
    ['2/5 2/5', 'overlapping partitions 2/5 and 2/5'],
  ])('refuses %s', (pixels, message) => {
    expect(() => buildTree(parsePixels(pixels))).toThrow(message);
  });

  test('refuses exactly the sets in which two overlap', () => {
    fc.assert(
      fc.property(fc.array(somePixel(3), { maxLength: 12 }), (pixels) => {
        const clash = pixels.some((p, i) => pixels.some((q, j) => i < j && pixelsOverlap(p, q)));
        if (clash) expect(() => buildTree(pixels)).toThrow('overlapping partitions');
        else expect(buildTree(pixels).pixels).toHaveLength(pixels.length);
      }),
    );
  });
});

describe('look-ups against trying every partition', () => {
  test('overlapping a pixel or a range', () => {
    const bound = fc.bigInt({ min: 0n, max: indexRange({ order: 0, pixel: 11 }).end });
    fc.assert(
      fc.property(someTree(5), somePixel(7), bound, bound, (pixels, p, a, b) => {
        const tree = buildTree(pixels);
        const all = pixels.map((_, i) => i);
        expect(overlapping(tree, p)).toEqual(all.filter((i) => pixelsOverlap(pixels[i]!, p)));
        expect(overlapping(tree, indexRange(p))).toEqual(overlapping(tree, p));
        const [start, end] = a < b ? [a, b] : [b, a];
        expect(overlapping(tree, { start, end })).toEqual(
          all.filter((i) => {
            const range = indexRange(pixels[i]!);
            return range.start < end && range.end > start && start < end;
          }),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('a range of one index finds the one partition around it', () => {
    const tree = buildTree(parsePixels('24/7 24/8'));
    const { start, end } = indexRange({ order: 24, pixel: 8 });
    expect(overlapping(tree, { start: start - 1n, end: start })).toEqual([0]);
    expect(overlapping(tree, { start: start - 1n, end: start + 1n })).toEqual([0, 1]);
    expect(overlapping(tree, { start: end - 1n, end: end + 1n })).toEqual([1]);
    expect(overlapping(tree, { start: end, end: end + 1n })).toEqual([]);
    expect(overlapping(tree, { start, end: start })).toEqual([]);
  });

  test('pruned by a coverage', () => {
    fc.assert(
      fc.property(someTree(5), fc.array(somePixel(7), { maxLength: 20 }), (pixels, searched) => {
        const coverage = fromPixels(searched);
        expect(prunedBy(buildTree(pixels), coverage)).toEqual(
          pixels.flatMap((p, i) => {
            const { start, end } = indexRange(p);
            return overlapsRange(coverage, start, end) ? [i] : [];
          }),
        );
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    [{ '1': [45, 46], '2': [128] }, '2/128 1/45 1/46'],
    [{ '0': [11], '1': [32] }, '2/128 2/130 2/131 1/44 1/45 1/46'],
    [{ '1': [40], '3': [520] }, '2/130 0/10'],
  ])('golden filters of hats: %j', (moc, wanted) => {
    const tree = buildTree(A);
    const kept = prunedBy(tree, mocFromJson(moc));
    expect(texts(kept.map((i) => tree.pixels[i]!))).toEqual(wanted.split(' '));
  });
});

describe('the sky outside', () => {
  test('tiles the sphere together with the tree', () => {
    fc.assert(
      fc.property(someTree(5), (pixels) => {
        const rest = complementPixels(buildTree(pixels));
        const whole = buildTree([...pixels, ...rest]);
        expect([...union(treeRanges(whole), fromPixels([])).ranges]).toHaveLength(2);
        expect(whole.starts[0]).toBe(0);
        // Coarsest: no four sisters left apart.
        const seen = new Set(texts(rest));
        for (const { order, pixel } of rest) {
          if (order === 0 || pixel % 4 !== 0) continue;
          const sisters = [1, 2, 3].map((k) => pixelText({ order, pixel: pixel + k }));
          expect(sisters.every((text) => seen.has(text))).toBe(false);
        }
      }),
    );
  });

  test.each(golden)('as hats has it: $leftTree.length partitions', ({ leftTree, negative }) => {
    const tree = buildTree(leftTree.map(([order, pixel]) => ({ order: order!, pixel: pixel! })));
    expect(complementPixels(tree).map((p) => [p.order, p.pixel])).toEqual(negative);
  });
});

describe('within', () => {
  test('misses no partition in reach and takes none that is far', () => {
    const reach = fc.integer({ min: -3, max: 6 }).map((power) => 3.7 * 10 ** power);
    fc.assert(
      fc.property(someTree(4), somePixel(5), reach, (pixels, p, reachArcsec) => {
        const tree = buildTree(pixels);
        const found = within(tree, p, reachArcsec);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
        const touching = fromPixels(
          Array.from(externalRing(p, Math.max(p.order, 5)), (cell) => ({
            order: Math.max(p.order, 5),
            pixel: Number(cell),
          })),
        );
        pixels.forEach((q, i) => {
          const { start, end } = indexRange(q);
          // What overlaps or touches is in reach, whatever the reach.
          if (pixelsOverlap(p, q) || overlapsRange(touching, start, end)) {
            expect(found).toContain(i);
          }
          const a = pixelCentre(p.order, p.pixel);
          const b = pixelCentre(q.order, q.pixel);
          const apart = angularDistance(a.ra, a.dec, b.ra, b.dec) * ARCSEC_PER_RADIAN;
          if (apart <= reachArcsec) expect(found).toContain(i);
          const sizes = (3 * circumradius(p) + circumradius(q)) * ARCSEC_PER_RADIAN;
          if (apart > 1.5 * reachArcsec + sizes) expect(found).not.toContain(i);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('a short reach finds just what touches, also where partitions are finer', () => {
    const fine = Array.from({ length: 12 * 4 ** 4 }, (_, pixel) => ({ order: 4, pixel }));
    const p = { order: 1, pixel: 22 };
    // 64 partitions inside, 4·8 + 4 around.
    expect(within(buildTree(fine), p, 1)).toHaveLength(64 + 36);
    expect(within(buildTree(fine), p, 0)).toHaveLength(64 + 36);
  });
});

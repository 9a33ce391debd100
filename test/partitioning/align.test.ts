import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AlignHow, align, cells } from '../../partitioning/align.ts';
import {
  containsPixel,
  indexRange,
  type Pixel,
  parentAt,
  pixelsOverlap,
  pixelText,
} from '../../partitioning/pixel.ts';
import {
  fromPixels,
  intersect,
  mocFromJson,
  overlapsRange,
  type RangeSet,
  union,
} from '../../partitioning/ranges.ts';
import { buildTree, treeRanges } from '../../partitioning/tree.ts';
import golden from '../fixtures/moc/align.json' with { type: 'json' };
import { parsePixels, somePixel, someTree } from './random-sky.ts';

const A = buildTree(parsePixels('2/128 2/130 2/131 1/33 1/35 0/10 1/44 1/45 1/46'));
const B = buildTree(parsePixels('0/8 1/36 1/37 1/40 1/42 1/43 1/44 1/46 1/47'));
const HOWS = ['inner', 'left', 'right', 'outer'] as const;

function nested(texts: string): string[] {
  return buildTree(parsePixels(texts)).pixels.map(pixelText);
}

describe('align, golden vectors of hats', () => {
  const inner = '1/33 1/35 1/40 1/42 1/43 1/44 1/46 2/128 2/130 2/131';
  test.each([
    ['inner', inner],
    ['left', `${inner} 1/41 1/45`],
    ['right', `${inner} 1/34 1/36 1/37 1/47 2/129`],
    ['outer', `${inner} 1/34 1/36 1/37 1/41 1/45 1/47 2/129`],
  ] as const)('%s', (how, wanted) => {
    expect(align(A, B, how).map(({ pixel }) => pixelText(pixel))).toEqual(nested(wanted));
  });

  test('a pixel against one of its children, outer', () => {
    const aligned = align(buildTree(parsePixels('0/0')), buildTree(parsePixels('1/1')), 'outer');
    expect(aligned).toEqual([
      { pixel: { order: 1, pixel: 0 }, left: 0 },
      { pixel: { order: 1, pixel: 1 }, left: 0, right: 0 },
      { pixel: { order: 1, pixel: 2 }, left: 0 },
      { pixel: { order: 1, pixel: 3 }, left: 0 },
    ]);
  });

  test('limited to a coverage', () => {
    const moc = mocFromJson({ '1': [45, 46], '2': [128], '4': [2049] });
    const aligned = align(A, B, 'outer', moc);
    expect(aligned.map(({ pixel }) => pixelText(pixel))).toEqual(['2/128', '1/45', '1/46']);
  });

  test('empty sides', () => {
    const nothing = buildTree([]);
    expect(align(nothing, nothing, 'outer')).toEqual([]);
    expect(align(A, nothing, 'inner')).toEqual([]);
    expect(align(A, nothing, 'right')).toEqual([]);
    expect(align(A, nothing, 'left')).toEqual(A.pixels.map((pixel, left) => ({ pixel, left })));
    expect(align(nothing, A, 'outer')).toEqual(A.pixels.map((pixel, right) => ({ pixel, right })));
  });

  test.each(golden)('random trees, case %#', (example) => {
    const [left, right] = [example.leftTree, example.rightTree].map((pixels) =>
      buildTree(pixels.map(([order, pixel]) => ({ order: order!, pixel: pixel! }))),
    );
    for (const how of HOWS) {
      const rows = align(left!, right!, how).map((aligned) => [
        aligned.pixel.order,
        aligned.pixel.pixel,
        aligned.left ?? null,
        aligned.right ?? null,
      ]);
      expect(rows).toEqual(example[how]);
    }
  });
});

describe('align against pairing every partition with every other', () => {
  /** What is covered on the sides that `how` keeps, each aligned pixel being as large as it can be. */
  function keptSky(left: RangeSet, right: RangeSet, how: AlignHow): RangeSet {
    if (how === 'inner') return intersect(left, right);
    if (how === 'outer') return union(left, right);
    return how === 'left' ? left : right;
  }

  test('pairs are the smaller pixels of overlaps; the rest is filled without gap or overlap', () => {
    fc.assert(
      fc.property(someTree(4), someTree(4), fc.constantFrom(...HOWS), (a, b, how) => {
        const left = buildTree(a);
        const right = buildTree(b);
        const aligned = align(left, right, how);
        const pairs = aligned.filter((p) => p.left !== undefined && p.right !== undefined);
        const wanted = a.flatMap((p, i) =>
          b.flatMap((q, j) =>
            pixelsOverlap(p, q) ? [{ pixel: containsPixel(p, q) ? q : p, left: i, right: j }] : [],
          ),
        );
        expect(pairs).toEqual(wanted);
        // Building a tree refuses overlaps, and keeps places only of what is sorted.
        const pixels = aligned.map(({ pixel }) => pixel);
        expect(buildTree(pixels).pixels).toEqual(pixels);
        const sky = fromPixels(pixels);
        expect(sky).toEqual(keptSky(treeRanges(left), treeRanges(right), how));
        for (const p of aligned) {
          if (p.left !== undefined) expect(containsPixel(a[p.left]!, p.pixel)).toBe(true);
          if (p.right !== undefined) expect(containsPixel(b[p.right]!, p.pixel)).toBe(true);
          if (p.left === undefined) expect(a.some((q) => pixelsOverlap(p.pixel, q))).toBe(false);
          if (p.right === undefined) expect(b.some((q) => pixelsOverlap(p.pixel, q))).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a coverage keeps exactly the aligned pixels that it overlaps', () => {
    fc.assert(
      fc.property(someTree(3), someTree(3), fc.array(somePixel(5)), (a, b, searched) => {
        const moc = fromPixels(searched);
        const [left, right] = [buildTree(a), buildTree(b)];
        const wanted = align(left, right, 'outer').filter(({ pixel }) => {
          const { start, end } = indexRange(pixel);
          return overlapsRange(moc, start, end);
        });
        expect(align(left, right, 'outer', moc)).toEqual(wanted);
      }),
    );
  });
});

describe('cells', () => {
  test('the coarsest partition around is the cell, through any number of trees', () => {
    const left = buildTree(parsePixels('2/33 3/200 1/20'));
    const rights = ['1/8 1/9', '0/2 2/80 2/83', '3/201 5/5'].map((texts) =>
      buildTree(parsePixels(texts)),
    );
    expect(cells(left, rights)).toEqual([
      { pixel: { order: 0, pixel: 2 }, left: [0], rights: [[0, 1], [0], []] },
      { pixel: { order: 3, pixel: 200 }, left: [1], rights: [[], [], []] },
      { pixel: { order: 1, pixel: 20 }, left: [2], rights: [[], [1, 2], []] },
    ]);
  });

  test('fine cells are merged into cells of the order asked for', () => {
    const left = buildTree(parsePixels('3/0 3/1 3/17 1/3'));
    const right = buildTree(parsePixels('2/1 2/5 1/3'));
    expect(cells(left, [right], { coarsestOrder: 1 })).toEqual([
      { pixel: { order: 1, pixel: 0 }, left: [0, 1], rights: [[0]] },
      { pixel: { order: 1, pixel: 1 }, left: [2], rights: [[1]] },
      { pixel: { order: 1, pixel: 3 }, left: [3], rights: [[2]] },
    ]);
  });

  test('no right tree: each left partition is a cell', () => {
    expect(cells(A, [])).toEqual(A.pixels.map((pixel, i) => ({ pixel, left: [i], rights: [] })));
    expect(cells(buildTree([]), [A])).toEqual([]);
  });

  /** Merges whatever overlaps until nothing changes. */
  function naiveCells(left: Pixel[], rights: Pixel[][], coarsestOrder: number) {
    const lift = (p: Pixel) => (p.order > coarsestOrder ? parentAt(p, coarsestOrder) : p);
    let found = [left, ...rights].flat().map(lift);
    for (let before = -1; before !== found.length; ) {
      before = found.length;
      const kept = found.filter((p) =>
        found.every((q) => pixelText(p) === pixelText(q) || !containsPixel(q, p)),
      );
      found = [...new Map(kept.map((p) => [pixelText(p), p])).values()];
    }
    const inside = (pixels: Pixel[], cell: Pixel) =>
      pixels.flatMap((p, i) => (pixelsOverlap(p, cell) ? [i] : []));
    return buildTree(found)
      .pixels.map((pixel) => ({
        pixel,
        left: inside(left, pixel),
        rights: rights.map((pixels) => inside(pixels, pixel)),
      }))
      .filter((cell) => cell.left.length > 0);
  }

  test('against a naive fixpoint', () => {
    const order = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(
        someTree(4),
        fc.array(someTree(5), { maxLength: 3 }),
        order,
        (a, bs, coarsest) => {
          const found = cells(buildTree(a), bs.map(buildTree), { coarsestOrder: coarsest });
          expect(found).toEqual(naiveCells(a, bs, coarsest));
          // Every left partition lies in exactly one cell, every right one in at most one, whole.
          expect(found.flatMap((cell) => cell.left)).toEqual(a.map((_, i) => i));
          bs.forEach((b, k) => {
            const used = found.flatMap((cell) => cell.rights[k]!);
            expect(new Set(used).size).toBe(used.length);
            for (const cell of found) {
              for (const i of cell.rights[k]!) expect(containsPixel(cell.pixel, b[i]!)).toBe(true);
            }
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

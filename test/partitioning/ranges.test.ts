import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INDEX_ORDER, type Pixel } from '../../partitioning/pixel.ts';
import {
  complement,
  containsIndex,
  coversRange,
  degrade,
  emptyRanges,
  fromCells,
  fromPixels,
  fromRanges,
  fullSky,
  intersect,
  isEmpty,
  mocFromJson,
  mocToJson,
  overlapsRange,
  type RangeSet,
  rangesFromText,
  rangesToText,
  SKY_END,
  simplify,
  skyFraction,
  subtract,
  toPixels,
  union,
} from '../../partitioning/ranges.ts';
import golden from '../fixtures/moc/sets.json' with { type: 'json' };

const ORDER = 2;
const CELLS = 12 * 4 ** ORDER;
const CELL = 1n << BigInt(2 * (INDEX_ORDER - ORDER));

/** A set of the cells of one low order, the brute-force twin of a coverage. */
const someBits = fc
  .array(fc.integer({ min: 0, max: CELLS - 1 }), { maxLength: 60 })
  .map((cells) => new Set(cells));

function toRanges(bits: Set<number>): RangeSet {
  return fromPixels(Array.from(bits, (pixel) => ({ order: ORDER, pixel })));
}

function toBits(set: RangeSet): Set<number> {
  const bits = new Set<number>();
  for (let cell = 0; cell < CELLS; cell++) {
    if (containsIndex(set, BigInt(cell) * CELL)) bits.add(cell);
  }
  return bits;
}

function expectNormal(set: RangeSet): void {
  for (let i = 1; i < set.ranges.length; i++) {
    expect(set.ranges[i]! > set.ranges[i - 1]!).toBe(true);
  }
}

function sorted(bits: Iterable<number>): number[] {
  return [...bits].sort((a, b) => a - b);
}

describe('set algebra against sets of cells', () => {
  test('union, intersection, difference, complement', () => {
    fc.assert(
      fc.property(someBits, someBits, (a, b) => {
        const x = toRanges(a);
        const y = toRanges(b);
        const cellsWhere = (keep: (cell: number) => boolean) =>
          new Set(Array.from({ length: CELLS }, (_, cell) => cell).filter(keep));
        for (const [got, wanted] of [
          [union(x, y), cellsWhere((cell) => a.has(cell) || b.has(cell))],
          [intersect(x, y), cellsWhere((cell) => a.has(cell) && b.has(cell))],
          [subtract(x, y), cellsWhere((cell) => a.has(cell) && !b.has(cell))],
          [complement(x), cellsWhere((cell) => !a.has(cell))],
        ] as const) {
          expectNormal(got);
          expect(sorted(toBits(got))).toEqual(sorted(wanted));
          expect(got).toEqual(toRanges(wanted));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('overlap and cover of a range', () => {
    const bound = fc.bigInt({ min: 0n, max: BigInt(2 * CELLS) });
    fc.assert(
      fc.property(someBits, bound, bound, (bits, a, b) => {
        // Half cells, so that bounds fall inside cells as well as between them.
        const [first, last] = a < b ? [a, b] : [b, a];
        const halves = Array.from({ length: Number(last - first) }, (_, i) => Number(first) + i);
        const inside = halves.map((half) => bits.has(half >> 1));
        const set = toRanges(bits);
        const start = (first * CELL) / 2n;
        const end = (last * CELL) / 2n;
        expect(overlapsRange(set, start, end)).toBe(inside.some(Boolean));
        expect(coversRange(set, start, end)).toBe(inside.every(Boolean));
      }),
      { numRuns: 500 },
    );
  });

  test('a range is normalised however it comes', () => {
    const pair = fc
      .tuple(fc.integer({ min: 0, max: CELLS }), fc.integer({ min: 0, max: CELLS }))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 12 }), (pairs) => {
        const bits = new Set<number>();
        for (const [start, end] of pairs) for (let i = start; i < end; i++) bits.add(i);
        const bigs = pairs.map(([a, b]) => [BigInt(a) * CELL, BigInt(b) * CELL] as const);
        expect(fromRanges(bigs)).toEqual(toRanges(bits));
        expect(fromRanges(BigInt64Array.from(bigs.flat()))).toEqual(toRanges(bits));
      }),
      { numRuns: 500 },
    );
  });

  test('degrading keeps exactly the coarser cells that are touched', () => {
    fc.assert(
      fc.property(someBits, fc.integer({ min: 0, max: ORDER }), (bits, order) => {
        const parents = Array.from(bits, (cell) => ({
          order,
          pixel: Math.floor(cell / 4 ** (ORDER - order)),
        }));
        expect(degrade(toRanges(bits), order)).toEqual(fromPixels(parents));
      }),
    );
  });
});

describe('pixels of a set', () => {
  test('make up the set, and are the fewest that do', () => {
    fc.assert(
      fc.property(someBits, (bits) => {
        const set = toRanges(bits);
        const pixels = toPixels(set);
        expect(fromPixels(pixels)).toEqual(set);
        expect(pixels.length).toBe(blocksOf(bits).length);
        expect(pixels).toEqual(blocksOf(bits));
        expect(mocFromJson(JSON.parse(JSON.stringify(mocToJson(set))))).toEqual(set);
        expect(skyFraction(set)).toBeCloseTo(bits.size / CELLS, 15);
      }),
      { numRuns: 300 },
    );
  });

  test('are no finer than asked, and cover finer ranges outward', () => {
    fc.assert(
      fc.property(someBits, fc.integer({ min: 0, max: ORDER }), (bits, order) => {
        const pixels = toPixels(toRanges(bits), order);
        expect(Math.max(0, ...pixels.map((p) => p.order))).toBeLessThanOrEqual(order);
        expect(fromPixels(pixels)).toEqual(degrade(toRanges(bits), order));
      }),
    );
    const one = fromRanges([[5n, 6n]]);
    expect(toPixels(one)).toEqual([{ order: 24, pixel: 0 }]);
  });

  /** The largest blocks by trying every pixel, coarse ones first. */
  function blocksOf(bits: Set<number>): Pixel[] {
    const left = new Set(bits);
    const blocks: Pixel[] = [];
    for (let order = 0; order <= ORDER; order++) {
      const size = 4 ** (ORDER - order);
      for (let pixel = 0; pixel < 12 * 4 ** order; pixel++) {
        const inside = Array.from({ length: size }, (_, i) => pixel * size + i);
        if (!inside.every((cell) => left.has(cell))) continue;
        for (const cell of inside) left.delete(cell);
        blocks.push({ order, pixel });
      }
    }
    return blocks.sort(
      (a, b) => a.pixel * 4 ** (ORDER - a.order) - b.pixel * 4 ** (ORDER - b.order),
    );
  }
});

describe('simplify', () => {
  test('gives the smallest superset of so many ranges', () => {
    fc.assert(
      fc.property(someBits, fc.integer({ min: 1, max: 6 }), (bits, count) => {
        const set = toRanges(bits);
        const simple = simplify(set, count);
        expectNormal(simple);
        expect(simple.ranges.length / 2).toBe(Math.min(count, set.ranges.length / 2));
        expect(isEmpty(subtract(set, simple))).toBe(true);
        // Each bound is one of the set's, so the closed gaps are whole; and none kept open is smaller.
        const closed = gapsOf(set).filter((gap) => containsIndex(simple, gap.start));
        const open = gapsOf(simple);
        const widestClosed = closed.reduce((most, gap) => (gap.size > most ? gap.size : most), 0n);
        for (const gap of open) expect(gap.size >= widestClosed).toBe(true);
        expect(closed.length + open.length).toBe(gapsOf(set).length);
      }),
      { numRuns: 300 },
    );
  });

  test('refuses to make a coverage of nothing', () => {
    expect(() => simplify(fullSky, 0)).toThrow('a coverage cannot be made of 0 ranges');
  });

  function gapsOf(set: RangeSet): { start: bigint; size: bigint }[] {
    const gaps: { start: bigint; size: bigint }[] = [];
    for (let i = 1; i + 1 < set.ranges.length; i += 2) {
      gaps.push({ start: set.ranges[i]!, size: set.ranges[i + 1]! - set.ranges[i]! });
    }
    return gaps;
  }
});

describe('edges of the sky and of numbers', () => {
  test('the whole sky and nothing', () => {
    expect(complement(emptyRanges)).toEqual(fullSky);
    expect(isEmpty(complement(fullSky))).toBe(true);
    expect(toPixels(fullSky)).toEqual(
      Array.from({ length: 12 }, (_, pixel) => ({ order: 0, pixel })),
    );
    expect(skyFraction(fullSky)).toBe(1);
    expect(containsIndex(fullSky, SKY_END - 1n)).toBe(true);
    expect(containsIndex(fullSky, SKY_END)).toBe(false);
    expect(overlapsRange(fullSky, 7n, 7n)).toBe(false);
    expect(coversRange(emptyRanges, 7n, 7n)).toBe(true);
  });

  test('single cells of order 29 at both ends', () => {
    const set = fromCells(29, BigInt64Array.of(SKY_END - 1n, 0n, 2n, 1n));
    expect([...set.ranges]).toEqual([0n, 3n, SKY_END - 1n, SKY_END]);
    expect([...degrade(set, 28).ranges]).toEqual([0n, 4n, SKY_END - 4n, SKY_END]);
  });

  test('texts survive JSON exactly', () => {
    const set = fromRanges([
      [3n, 5n],
      [SKY_END - 1n, SKY_END],
    ]);
    expect(rangesToText(set)).toEqual(['3', '5', '3458764513820540927', '3458764513820540928']);
    expect(rangesFromText(JSON.parse(JSON.stringify(rangesToText(set))))).toEqual(set);
  });

  test.each([
    [() => fromRanges([[5n, 3n]]), 'coverage range [5, 3) is not a range of the order-29 index'],
    [
      () => fromRanges([[0n, SKY_END + 1n]]),
      'coverage range [0, 3458764513820540929) is not a range of the order-29 index',
    ],
    [() => fromRanges(BigInt64Array.of(1n)), 'coverage has 1 bounds, an odd number'],
    [() => rangesFromText(['1', '2x']), 'coverage bound "2x" is not a decimal whole number'],
    [() => mocFromJson([1]), 'a MOC in JSON is an object of pixel lists by order'],
    [() => mocFromJson({ '30': [1] }), 'MOC order "30" is not 0–29'],
    [() => mocFromJson({ '-1': [1] }), 'MOC order "-1" is not 0–29'],
    [() => mocFromJson({ '1': 4 }), 'MOC order 1 is not a list'],
    [() => mocFromJson({ '1': [48] }), 'MOC pixel 48 does not exist at order 1'],
    [() => mocFromJson({ '1': [1.5] }), 'MOC pixel 1.5 does not exist at order 1'],
    [() => mocFromJson({ '29': [1e18] }), 'MOC pixel 1000000000000000000 at order 29 is too large'],
  ])('refuses what is not a coverage: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('mocpy gives the same', () => {
  test.each(golden)(
    '$name',
    ({ a, b, union: u, intersection, difference, complement: c, coarse }) => {
      const x = mocFromJson(a);
      const y = mocFromJson(b);
      expect(rangesToText(union(x, y))).toEqual(u);
      expect(rangesToText(intersect(x, y))).toEqual(intersection);
      expect(rangesToText(subtract(x, y))).toEqual(difference);
      expect(rangesToText(complement(x))).toEqual(c);
      expect(rangesToText(degrade(x, coarse.order))).toEqual(coarse.ranges);
      expect(mocToJson(x)).toEqual(withoutEmpty(a));
    },
  );

  function withoutEmpty(moc: object): object {
    return Object.fromEntries(Object.entries(moc).filter(([, pixels]) => pixels.length > 0));
  }
});

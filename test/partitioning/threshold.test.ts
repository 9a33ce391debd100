import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containsPixel, type Pixel, parentAt, pixelText } from '../../partitioning/pixel.ts';
import { type Histogram, layout } from '../../partitioning/threshold.ts';
import golden from '../fixtures/moc/layout.json' with { type: 'json' };

function histogram(order: number, rows: Iterable<readonly [number, number]>): Histogram {
  const entries = [...rows];
  return {
    order,
    pixels: Float64Array.from(entries, ([pixel]) => pixel),
    counts: Float64Array.from(entries, ([, count]) => count),
  };
}

function texts(pixels: readonly Pixel[]): string {
  return pixels.map(pixelText).join(' ');
}

function rowsIn(p: Pixel, { order, pixels, counts }: Histogram): number {
  let sum = 0;
  pixels.forEach((pixel, i) => {
    if (containsPixel(p, { order, pixel: Number(pixel) })) sum += counts[i]!;
  });
  return sum;
}

const someRows = fc.integer({ min: 0, max: 4 }).chain((order) =>
  fc.record({
    order: fc.constant(order),
    rows: fc.array(
      fc.tuple(fc.integer({ min: 0, max: 12 * 4 ** order - 1 }), fc.integer({ min: 0, max: 50 })),
      { maxLength: 40 },
    ),
    orders: fc.tuple(fc.integer({ min: 0, max: order }), fc.integer({ min: 0, max: order })),
  }),
);

describe('layout', () => {
  test('covers every row once, in pixels that had to be cut no less and no more', () => {
    fc.assert(
      fc.property(
        someRows,
        fc.integer({ min: 1, max: 200 }),
        ({ order, rows, orders }, maxRows) => {
          const counts = histogram(order, rows);
          const [minOrder, maxOrder] = [Math.min(...orders), Math.max(...orders)];
          const partitions = layout(counts, maxRows, { minOrder, maxOrder });
          let total = 0;
          for (const p of partitions) {
            const inside = rowsIn(p, counts);
            total += inside;
            expect(inside).toBeGreaterThan(0);
            expect(p.order).toBeGreaterThanOrEqual(minOrder);
            if (p.order < maxOrder) expect(inside).toBeLessThanOrEqual(maxRows);
            if (p.order > minOrder) {
              expect(rowsIn(parentAt(p, p.order - 1), counts)).toBeGreaterThan(maxRows);
            }
          }
          expect(total).toBe(rows.reduce((sum, [, count]) => sum + count, 0));
          for (const [pixel, count] of rows) {
            const holders = partitions.filter((p) => containsPixel(p, { order, pixel }));
            if (count > 0) expect(holders).toHaveLength(1);
          }
          // NESTED order: each ends before the next begins.
          const starts = partitions.map((p) => p.pixel * 4 ** (order - p.order));
          expect(starts).toEqual(starts.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('does not depend on the order or the type of the pixels', () => {
    fc.assert(
      fc.property(someRows, fc.integer({ min: 1, max: 100 }), ({ order, rows }, maxRows) => {
        const options = { maxOrder: order };
        const wanted = layout(histogram(order, rows), maxRows, options);
        expect(layout(histogram(order, rows.toReversed()), maxRows, options)).toEqual(wanted);
        const big = {
          ...histogram(order, rows),
          pixels: BigInt64Array.from(rows, ([pixel]) => BigInt(pixel)),
        };
        expect(layout(big, maxRows, options)).toEqual(wanted);
      }),
    );
  });

  test('takes order-29 histograms, to partitions of order 24', () => {
    const last = 12n * 4n ** 29n - 1n;
    const counts = {
      order: 29,
      pixels: BigInt64Array.of(last, last - 1n, 0n),
      counts: Float64Array.of(1, 1, 1),
    };
    expect(texts(layout(counts, 1, { maxOrder: 24 }))).toBe(`0/0 24/${12 * 4 ** 24 - 1}`);
  });

  test('of nothing is nothing', () => {
    expect(layout(histogram(3, []), 10, { maxOrder: 3 })).toEqual([]);
    expect(layout(histogram(3, [[5, 0]]), 10, { maxOrder: 3 })).toEqual([]);
  });
});

describe('golden examples of the Python import tools', () => {
  const small = [4, 11, 14, 13, 5, 7, 8, 9, 11, 23, 4, 4, 17, 0, 1, 0];
  const smallSky = histogram(
    2,
    small.map((count, i) => [176 + i, count] as const),
  );

  test('131 rows below the threshold are one base pixel', () => {
    expect(texts(layout(smallSky, 250, { maxOrder: 2 }))).toBe('0/11');
    expect(texts(layout(smallSky, 130, { maxOrder: 2 }))).toBe('1/44 1/45 1/46 1/47');
  });

  test('a uniform sky is cut at one order', () => {
    const uniform = histogram(
      7,
      Array.from({ length: 12 * 4 ** 7 }, (_, pixel) => [pixel, 40] as const),
    );
    const partitions = layout(uniform, 1000, { maxOrder: 7 });
    expect(partitions).toHaveLength(12 * 4 ** 5);
    expect(partitions.every((p) => p.order === 5)).toBe(true);
  });

  test('unlike the bottom-up rule, a lone full pixel does not stay deep', () => {
    // drop_empty_siblings=True gives 1/44 here.
    expect(texts(layout(histogram(1, [[44, 100]]), 250, { maxOrder: 1 }))).toBe('0/11');
  });

  test.each(golden)('order $order, $maxRows rows', (example) => {
    const { order, minOrder, maxRows } = example;
    const counts = {
      order,
      pixels: Float64Array.from(example.pixels),
      counts: Float64Array.from(example.counts),
    };
    const partitions = layout(counts, maxRows, { minOrder, maxOrder: order });
    expect(partitions.map((p) => [p.order, p.pixel])).toEqual(example.partitions);
  });
});

describe('refuses', () => {
  const one = histogram(2, [[5, 1]]);
  test.each([
    [() => layout(one, 0, { maxOrder: 2 }), 'rows per partition must be positive, not 0'],
    [
      () => layout(one, Number.NaN, { maxOrder: 2 }),
      'rows per partition must be positive, not NaN',
    ],
    [() => layout(one, 5, { maxOrder: 3 }), 'partition order 3 is not an integer from 0 to 2'],
    [() => layout(one, 5, { maxOrder: 1.5 }), 'partition order 1.5 is not an integer from 0 to 2'],
    [
      () => layout(one, 5, { minOrder: 2, maxOrder: 1 }),
      'lowest partition order 2 is above the highest, 1',
    ],
    [() => layout(histogram(2, [[5, -1]]), 5, { maxOrder: 2 }), 'a pixel cannot hold -1 rows'],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});

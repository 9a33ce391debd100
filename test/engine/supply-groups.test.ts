import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Footer } from '../../catalogs/parquet-footer.ts';
import { groupChoice } from '../../engine/supply/groups.ts';
import type { ScanSpec } from '../../engine/task.ts';
import { angularDistance, RADIANS_PER_ARCSEC } from '../../partitioning/sphere.ts';

type Place = readonly [ra: number, dec: number];

const place = fc.tuple(
  fc.double({ min: 0, max: 359.99, noNaN: true }),
  fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, -80, 0, 79, 90)),
);

/** Rows within some degrees of a place, as a partition has them. */
const group = fc
  .tuple(
    place,
    fc.constantFrom(0, 0.1, 2, 30),
    fc.array(
      fc.tuple(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
      ),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([[ra, dec], spread, offsets]) =>
    offsets.map(([x, y]): Place => {
      const east = ra + spread * x;
      return [((east % 360) + 360) % 360, Math.max(-90, Math.min(90, dec + spread * y))];
    }),
  );

function footerOf(groups: readonly (readonly Place[])[]): Footer {
  const chunk = (path: string, values: number[]) => ({
    path,
    min: Math.min(...values),
    max: Math.max(...values),
  });
  const rowGroups = groups.map((rows) => ({
    rows: rows.length,
    columns: [
      chunk(
        'ra',
        rows.map(([ra]) => ra),
      ),
      chunk(
        'dec',
        rows.map(([, dec]) => dec),
      ),
    ],
  }));
  return { rowGroups } as unknown as Footer;
}

const specOf = (parts: Partial<ScanSpec>) =>
  ({ ra: 'ra', dec: 'dec', regions: [], ...parts }) as ScanSpec;

describe('row groups of a region', () => {
  test.each([1, 3])('are all that have a row in it, or near it: files of %i', (count) => {
    let left = 0;
    fc.assert(
      fc.property(
        fc.array(group, { minLength: count, maxLength: count }),
        place,
        fc.constantFrom(10, 4000, 100_000, 300_000),
        fc.constantFrom(null, 1, 3000),
        (groups, [ra, dec], radiusArcsec, reach) => {
          const region = { kind: 'cone', ra, dec, radiusArcsec } as const;
          const spec =
            reach === null
              ? specOf({ regions: [region] })
              : specOf({ near: [{ region, radiusArcsec: reach }] });
          const chosen = groupChoice(spec)(footerOf(groups));
          const most = (radiusArcsec + (reach ?? 0)) * RADIANS_PER_ARCSEC;
          const needed = groups.flatMap((rows, i) =>
            rows.some(([a, d]) => angularDistance(a, d, ra, dec) <= most) ? [i] : [],
          );
          expect(needed.filter((i) => !chosen.includes(i))).toEqual([]);
          left += groups.length - chosen.length;
        },
      ),
      { numRuns: 500 },
    );
    expect(left).toBeGreaterThan(100);
  });

  test('of a file of one are not those whose rows are far away', () => {
    const region = { kind: 'cone', ra: 40, dec: 10, radiusArcsec: 3600 } as const;
    const choose = groupChoice(specOf({ regions: [region] }));
    expect(
      choose(
        footerOf([
          [
            [40.5, 10.2],
            [41, 10.4],
          ],
        ]),
      ),
    ).toEqual([0]);
    expect(
      choose(
        footerOf([
          [
            [45, 10],
            [46, 12],
          ],
        ]),
      ),
    ).toEqual([]);
  });
});

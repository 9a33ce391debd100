/** The rule that tells right sides where their rows can matter, and what forming cells makes of it. */
import { describe, expect, test } from 'vitest';
import type { Catalog } from '../../engine/catalog.ts';
import { nearTest } from '../../engine/physical/near-partitions.ts';
import { printPlan } from '../../engine/plan/print.ts';
import { narrowRight } from '../../engine/rules/narrow-right.ts';
import { pushRegions } from '../../engine/rules/push-regions.ts';
import { match, open } from './plan-fixture.ts';

const narrowed = (catalog: Catalog) => printPlan(narrowRight(pushRegions(catalog.plan)));
const cone = (name: string) => open(name).select(['id']).coneSearch(0, 0, 3600);

describe('a right side', () => {
  test('is told the regions of the left one, grown by the radius', () => {
    const pairs = match(cone('gaia'), open('ztf').select(['id']));
    expect(printPlan(pairs.plan)).toMatchInlineSnapshot(`
      "crossmatch (inner) nearest 1 within 1″
        region cone 0°, 0°, 3600″
          select id
            scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag
        select id
          scan ztf [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag"
    `);
    expect(narrowed(pairs)).toMatchInlineSnapshot(`
      "crossmatch (inner) nearest 1 within 1″
        select id
          scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, in cone 0°, 0°, 3600″
        select id
          scan ztf [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, near (1″) cone 0°, 0°, 3600″"
    `);
  });

  test('is told the sum of both radii below another match', () => {
    const inner = open('ztf')
      .select(['id'])
      .crossmatch(open('ps1').select(['id']), {
        radiusArcsec: 2,
        suffixes: ['_z', '_p'],
      });
    expect(narrowed(match(cone('gaia'), inner))).toMatchInlineSnapshot(`
      "crossmatch (inner) nearest 1 within 1″
        select id
          scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, in cone 0°, 0°, 3600″
        crossmatch (inner) nearest 1 within 2″
          select id
            scan ztf [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, near (1″) cone 0°, 0°, 3600″
          select id
            scan ps1 [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, near (3″) cone 0°, 0°, 3600″"
    `);
  });

  test('is left alone without a region, and when a limit takes its rows first', () => {
    const plain = match(open('gaia').select(['id']), open('ztf').select(['id']));
    expect(narrowRight(plain.plan)).toBe(plain.plan);
    const limited = match(cone('gaia'), open('ztf').select(['id']).limit(5));
    expect(narrowed(limited)).not.toContain(', near (');
  });
});

describe('partitions near a region', () => {
  const pixel = (number: number) => ({ order: 0, pixel: number });

  test('are those within the radius of all regions', () => {
    // The centre of base pixel 4 is at (0, 0), its corners 45° away.
    const region = { kind: 'cone', ra: 0, dec: 0, radiusArcsec: 3600 } as const;
    const isNear = nearTest([{ region, radiusArcsec: 10 }], 1, 0);
    expect([4, 5, 0].map((number) => isNear(pixel(number)))).toEqual([true, false, false]);
    const wide = nearTest([{ region, radiusArcsec: 50 * 3600 }], 1, 0);
    expect([4, 5, 0].map((number) => wide(pixel(number)))).toEqual([true, true, true]);
  });

  test('are all where nothing is said', () => {
    expect(nearTest(undefined, 1, 0)(pixel(7))).toBe(true);
    expect(
      nearTest([{ region: { kind: 'orders', min: 1, max: 2 }, radiusArcsec: 1 }], 1, 0)(pixel(7)),
    ).toBe(true);
  });
});

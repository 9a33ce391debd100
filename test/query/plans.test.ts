/** What the rules that move filters and regions do to a plan, and what they must leave alone. */
import { describe, expect, test } from 'vitest';
import { printPlan } from '../../engine/plan/print.ts';
import { pushFilters } from '../../engine/rules/push-filters.ts';
import { pushRegions } from '../../engine/rules/push-regions.ts';
import { at, filtersOf, gaia, match, open, ztf } from './plan-fixture.ts';

const BY_MAG = { columns: ['mag'], sql: '"mag" < 18' };

describe('filters', () => {
  test('go below selections and regions into the scan, in the order written', () => {
    const { plan } = gaia.query('mag < 18').coneSearch(10, 20, 30).query('id > 5');
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "filter id > 5
        region cone 10°, 20°, 30″
          filter mag < 18
            select id, mag
              scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag"
    `);
    const pushed = pushFilters(plan);
    expect(printPlan(pushed)).toMatchInlineSnapshot(`
      "region cone 10°, 20°, 30″
        select id, mag
          scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, where mag < 18, where id > 5"
    `);
    expect(filtersOf(at(pushed, 'input', 'input'))).toEqual([
      BY_MAG,
      { columns: ['id'], sql: '"id" > 5' },
    ]);
  });

  test.each(['inner', 'left'] as const)('on left columns go below a match (%s)', (how) => {
    const { plan } = match(gaia, ztf, how).query('mag_g < 18');
    const pushed = pushFilters(plan);
    expect(pushed.kind).toBe('match');
    // The scan knows the column by the name it had before the match.
    expect(filtersOf(at(pushed, 'left', 'input'))).toEqual([BY_MAG]);
    expect(filtersOf(at(pushed, 'right', 'input'))).toEqual([]);
    expect(at(pushed, 'right')).toEqual(at(plan, 'input', 'right'));
  });

  test.each([
    ['inner', 'mag_z < 18'],
    ['left', 'mag_z < 18'],
    ['left', 'mag_z is null'],
    ['inner', 'mag_g < mag_z'],
    ['left', 'mag_g < 18 or mag_z < 18'],
    ['inner', '_dist_arcsec < 0.5'],
    ['inner', '1 < 2'],
  ] as const)('of an %s match stay above it: %s', (how, text) => {
    const { plan } = match(gaia, ztf, how).query(text);
    expect(pushFilters(plan)).toEqual(plan);
  });

  test('asked of the right catalog before the match stay before it', () => {
    const pushed = pushFilters(match(gaia, ztf.query('mag < 18')).plan);
    expect(printPlan(pushed)).toMatchInlineSnapshot(`
      "crossmatch (inner) nearest 1 within 1″
        select id, mag
          scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag
        select id, mag
          scan ztf [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, where mag < 18"
    `);
    expect(filtersOf(at(pushed, 'right', 'input'))).toEqual([BY_MAG]);
    expect(filtersOf(at(pushed, 'left', 'input'))).toEqual([]);
  });

  test('pass those that have to stay', () => {
    const { plan } = match(gaia, ztf).query('mag_z < 20').query('mag_g < 18');
    const pushed = pushFilters(plan);
    expect(printPlan(pushed)).toMatchInlineSnapshot(`
      "filter mag_z < 20
        crossmatch (inner) nearest 1 within 1″
          select id, mag
            scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, where mag_g < 18
          select id, mag
            scan ztf [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag"
    `);
    expect(filtersOf(at(pushed, 'input', 'left', 'input'))).toEqual([BY_MAG]);
  });

  test('on the left of a chain of matches go all the way down', () => {
    const chain = match(gaia, ztf).crossmatch(open('third'), {
      radiusArcsec: 2,
      suffixes: ['_a', '_b'],
    });
    const pushed = pushFilters(chain.query('mag_g_a < 18').plan);
    expect(filtersOf(at(pushed, 'left', 'left', 'input'))).toEqual([BY_MAG]);
    // A column of the right side of the inner match stops above that one.
    const stopped = pushFilters(chain.query('mag_z_a < 18').plan);
    expect(at(stopped, 'left')).toMatchObject({
      kind: 'filter',
      expression: { columns: ['mag_z'], sql: '"mag_z" < 18' },
    });
  });

  test('stay above a limit, which takes rows before they look', () => {
    const { plan } = gaia.limit(5).query('mag < 18');
    expect(pushFilters(plan)).toEqual(plan);
    // Below it they move as ever.
    const below = pushFilters(gaia.query('mag < 18').limit(5).plan);
    expect(below.kind).toBe('limit');
    expect(filtersOf(at(below, 'input', 'input'))).toEqual([BY_MAG]);
  });
});

describe('regions', () => {
  const cone = { kind: 'cone', ra: 10, dec: 20, radiusArcsec: 30 } as const;

  test('go to the left-most scan, through filters, selections and matches', () => {
    const { plan } = match(gaia, ztf).query('mag_z < 20').search(cone);
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "region cone 10°, 20°, 30″
        filter mag_z < 20
          crossmatch (inner) nearest 1 within 1″
            select id, mag
              scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag
            select id, mag
              scan ztf [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag"
    `);
    const pushed = pushRegions(plan);
    expect(printPlan(pushed)).toMatchInlineSnapshot(`
      "filter mag_z < 20
        crossmatch (inner) nearest 1 within 1″
          select id, mag
            scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, in cone 10°, 20°, 30″
          select id, mag
            scan ztf [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag"
    `);
    expect(at(pushed, 'input', 'left', 'input')).toMatchObject({ regions: [cone] });
    expect(at(pushed, 'input', 'right')).toEqual(at(plan, 'input', 'input', 'right'));
  });

  test('one upon another go down together', () => {
    const pushed = pushRegions(open('gaia').orderSearch(0, 1).search(cone).plan);
    // Left above the scan, a search by order would select nothing: rows do not know their partition.
    expect(pushed).toMatchObject({
      kind: 'scan',
      regions: [{ kind: 'orders', min: 0, max: 1 }, cone],
    });
  });

  test('of either side stay on that side, and stay above a limit', () => {
    const right = pushRegions(match(gaia, ztf.search(cone)).plan);
    expect(at(right, 'right', 'input')).toMatchObject({ regions: [cone] });
    expect(at(right, 'left', 'input')).toMatchObject({ regions: [] });
    const { plan } = gaia.limit(5).search(cone);
    expect(pushRegions(plan)).toEqual(plan);
  });
});

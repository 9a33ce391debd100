/** What the rules that leave partitions and columns out do to a plan, and all rules together. */
import { describe, expect, test } from 'vitest';
import type { Catalog } from '../../engine/catalog.ts';
import { catalogOf } from '../../engine/open-catalog.ts';
import { printPlan } from '../../engine/plan/print.ts';
import { optimise } from '../../engine/rules/optimise.ts';
import { type PartitionBounds, pruneByStatistics } from '../../engine/rules/prune-by-statistics.ts';
import { pruneColumns } from '../../engine/rules/prune-columns.ts';
import { prunePartitions } from '../../engine/rules/prune-partitions.ts';
import { pushFilters } from '../../engine/rules/push-filters.ts';
import { pushRegions } from '../../engine/rules/push-regions.ts';
import { wantedOf } from '../../engine/rules/wanted.ts';
import { at, gaia, infoOf, match, open, runtime, ztf } from './plan-fixture.ts';

describe('partitions', () => {
  const kept = (catalog: Catalog) => {
    const plan = prunePartitions(pushRegions(catalog.plan));
    return plan.kind === 'scan' ? plan.partitions : undefined;
  };

  test('that a region cannot reach are left out', () => {
    // The centre of base pixel 4 is at (0, 0).
    expect(kept(open('gaia').coneSearch(0, 0, 3600))).toEqual([4]);
    const plan = prunePartitions(pushRegions(open('gaia').coneSearch(0, 0, 3600).plan));
    expect(printPlan(plan)).toMatchInlineSnapshot(
      `"scan gaia [1 of 12 partitions] columns: _healpix_29, id, ra, dec, mag, in cone 0°, 0°, 3600″"`,
    );
    // Base pixels 0 to 3 meet at the pole.
    expect(kept(open('gaia').coneSearch(77, 90, 1))).toEqual([0, 1, 2, 3]);
    expect(kept(open('gaia').pixelSearch([{ order: 1, pixel: 47 }]))).toContain(11);
    expect(kept(open('gaia').orderSearch(1, 29))).toEqual([]);
    expect(kept(open('gaia').orderSearch(0, 1))?.length).toBe(12);
  });

  test('must be reached by all regions', () => {
    expect(kept(open('gaia').coneSearch(0, 0, 3600).coneSearch(180, 0, 3600))).toEqual([]);
  });

  test('all stay without a region', () => {
    const { plan } = open('gaia').query('mag < 18');
    expect(prunePartitions(plan)).toBe(plan);
  });
});

describe('statistics', () => {
  /** Partition i holds magnitudes from i to i + 1; of the others nothing is known. */
  const bounds: PartitionBounds = (_, partition, column) =>
    column === 'mag' && partition < 6 ? { min: partition, max: partition + 1 } : undefined;
  const UNKNOWN = [6, 7, 8, 9, 10, 11];
  const kept = (text: string, known = bounds) => {
    const plan = pruneByStatistics(pushFilters(open('gaia').query(text).plan), known);
    if (plan.kind !== 'scan') throw new Error('the filter did not reach the scan');
    return plan.partitions;
  };

  test.each([
    ['mag < 2', [0, 1]],
    ['mag <= 2', [0, 1, 2]],
    ['mag > 4', [4, 5]],
    ['mag >= 4', [3, 4, 5]],
    ['mag = 3', [2, 3]],
    ['4 < mag', [4, 5]],
    ['mag > 1.5 and mag < 1.75', [1]],
    ['mag > -1 and mag < 1 and id > 7', [0]],
    ['mag > 100', []],
  ] as const)('leave out what cannot pass %s', (text, expected) => {
    expect(kept(text)).toEqual([...expected, ...UNKNOWN]);
  });

  test.each([
    'mag < 2 or id > 7',
    'not (mag < 2)',
    'mag != 2',
    'mag is null',
    'isnan(mag)',
    'mag + 1 < 2',
    'id < 5',
    'mag < id',
  ])('say nothing of %s', (text) => {
    expect(kept(text)).toBeUndefined();
  });

  test('compare integers beyond the doubles exactly', () => {
    const large = () => ({ min: 2n ** 53n + 1n, max: 2n ** 53n + 1n });
    expect(kept(`id > ${2 ** 53 - 1}`, large)).toBeUndefined();
    expect(kept(`id <= ${2 ** 53 - 1}`, large)).toEqual([]);
  });

  test('only look at what the regions have left', () => {
    const { plan } = open('gaia').coneSearch(0, 0, 3600).query('mag > 100');
    const pruned = prunePartitions(pushRegions(pushFilters(plan)));
    const asked: number[] = [];
    pruneByStatistics(pruned, (_, partition) => {
      asked.push(partition);
      return undefined;
    });
    expect(asked).toEqual([4]);
  });
});

describe('columns', () => {
  const prune = (catalog: Catalog, ...wanted: string[]) =>
    pruneColumns(pushFilters(catalog.plan), wantedOf(wanted.map((column) => ({ column }))));

  test('a count reads none, not even of filters that its scans evaluate', () => {
    const plan = prune(match(gaia, ztf).query('mag_g < 18'));
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "crossmatch (inner) nearest 1 within 1″
        select 
          scan gaia [12 of 12 partitions] columns: positions only, where mag_g < 18
        select 
          scan ztf [12 of 12 partitions] columns: positions only"
    `);
    for (const side of ['left', 'right'] as const) {
      expect(at(plan, side, 'input')).toMatchObject({ columns: [] });
    }
  });

  test('a filter above a match adds its own to those of the sink', () => {
    const plan = prune(match(gaia, ztf).query('mag_z < mag_g'), 'id_g');
    expect(at(plan, 'input', 'left', 'input')).toMatchObject({ columns: ['id', 'mag'] });
    expect(at(plan, 'input', 'right', 'input')).toMatchObject({ columns: ['mag'] });
  });

  test('a selection keeps its order, a scan that of its catalog', () => {
    const plan = prune(open('gaia').select(['mag', 'dec', 'id']), 'id', 'mag');
    expect(plan).toMatchObject({ kind: 'select', columns: ['mag', 'id'] });
    expect(at(plan, 'input')).toMatchObject({ columns: ['id', 'mag'] });
  });

  test('hidden position and index can be asked for', () => {
    const plan = prune(gaia, 'ra', '_healpix_29', 'mag');
    expect(plan).toMatchObject({ kind: 'select', columns: ['mag', 'ra', '_healpix_29'] });
  });

  test('all rules together', () => {
    const { plan } = match(gaia, ztf).query('mag_g < 18').coneSearch(0, 0, 3600);
    const steps = optimise(plan, ['id_z', '_dist_arcsec']);
    expect(steps.map(({ rule }) => rule)).toEqual([
      'push filters',
      'push regions',
      'narrow right sides',
      'prune partitions',
      'prune by statistics',
      'prune columns',
    ]);
    expect(printPlan(steps.at(-1)!.plan)).toMatchInlineSnapshot(`
      "crossmatch (inner) nearest 1 within 1″
        select 
          scan gaia [1 of 12 partitions] columns: positions only, where mag_g < 18, in cone 0°, 0°, 3600″
        select id
          scan ztf [12 of 12 partitions] columns: id, near (1″) cone 0°, 0°, 3600″"
    `);
    // Rules copy: what the user holds is as it was, and frozen.
    expect(printPlan(plan)).toMatchInlineSnapshot(`
      "region cone 0°, 0°, 3600″
        filter mag_g < 18
          crossmatch (inner) nearest 1 within 1″
            select id, mag
              scan gaia [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag
            select id, mag
              scan ztf [12 of 12 partitions] columns: _healpix_29, id, ra, dec, mag"
    `);
    expect(Object.isFrozen(steps.at(-1)!.plan)).toBe(true);
  });

  test('that a rule changes are noticed', () => {
    let type = 'DOUBLE';
    const changing = {
      ...infoOf('gaia'),
      get columns() {
        return infoOf('gaia').columns.map((c) => (c.name === 'mag' ? { ...c, type } : c));
      },
    };
    const { plan } = catalogOf(changing, runtime).query('mag < 18');
    // No rule does this, so the catalog stands in: its column changes while the rules are at work.
    const change = () => {
      type = 'VARCHAR';
      return undefined;
    };
    expect(optimise(plan, ['mag']).length).toBe(6);
    expect(() => optimise(plan, ['mag'], change)).toThrow(
      /^rule "prune columns" changed column mag from DOUBLE to VARCHAR$/,
    );
  });
});

/** What every rule of the optimiser does to a plan, and what it must leave alone. */
import { describe, expect, test } from 'vitest';
import type { CatalogInfo } from '../../catalogs/types.ts';
import type { Catalog } from '../../engine/catalog.ts';
import { catalogOf } from '../../engine/open-catalog.ts';
import type { PlanNode } from '../../engine/plan/node.ts';
import { printPlan } from '../../engine/plan/print.ts';
import { optimise } from '../../engine/rules/optimise.ts';
import { type PartitionBounds, pruneByStatistics } from '../../engine/rules/prune-by-statistics.ts';
import { pruneColumns } from '../../engine/rules/prune-columns.ts';
import { prunePartitions } from '../../engine/rules/prune-partitions.ts';
import { pushFilters } from '../../engine/rules/push-filters.ts';
import { pushRegions } from '../../engine/rules/push-regions.ts';
import type { Runtime } from '../../engine/runtime.ts';

/** Metadata of a catalog with one partition per base pixel; its files do not exist. */
function infoOf(name: string, order = 0): CatalogInfo {
  return {
    path: `/sky/${name}`,
    name,
    type: 'object',
    raColumn: 'ra',
    decColumn: 'dec',
    healpix: { name: '_healpix_29', order: 29 },
    columns: [
      { name: '_healpix_29', type: 'BIGINT' },
      { name: 'id', type: 'BIGINT' },
      { name: 'ra', type: 'DOUBLE' },
      { name: 'dec', type: 'DOUBLE' },
      { name: 'mag', type: 'DOUBLE' },
    ],
    partitions: Array.from({ length: 12 * 4 ** order }, (_, pixel) => ({
      pixel: { order, pixel },
      files: [{ path: `/sky/${name}/Npix=${pixel}.parquet`, bytes: 1000 }],
      rows: 100,
      rowsExact: true,
    })),
    marginsAvailable: [],
    indexes: {},
    properties: {},
  };
}

const unused = () => {
  throw new Error('plans are built without running anything');
};
const runtime: Runtime = {
  executor: unused,
  session: unused,
  tempDir: unused,
  removeTempDir: unused,
};
const open = (name: string, order?: number) => catalogOf(infoOf(name, order), runtime);
const gaia = open('gaia').select(['id', 'mag']);
const ztf = open('ztf').select(['id', 'mag']);
const match = (left: Catalog, right: Catalog, how: 'inner' | 'left' = 'inner') =>
  left.crossmatch(right, { radiusArcsec: 1, how, suffixes: ['_g', '_z'] });

/** A node below others: `at(plan, 'input', 'left')`. */
function at(plan: PlanNode, ...path: ('input' | 'left' | 'right')[]): PlanNode {
  return path.reduce((from, step) => (from as unknown as Record<string, PlanNode>)[step]!, plan);
}

/** Column names and SQL of a scan's filters. */
function filtersOf(plan: PlanNode) {
  if (plan.kind !== 'scan') throw new Error(`a ${plan.kind} is no scan`);
  return plan.filters.map(({ columns, sql }) => ({ columns, sql }));
}

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

  test.fails('one upon another go down together', () => {
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

  test.fails('must be reached by all regions', () => {
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
    pruneColumns(pushFilters(catalog.plan), new Set(wanted));

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
      'prune partitions',
      'prune by statistics',
      'prune columns',
    ]);
    expect(printPlan(steps.at(-1)!.plan)).toMatchInlineSnapshot(`
      "crossmatch (inner) nearest 1 within 1″
        select 
          scan gaia [1 of 12 partitions] columns: positions only, where mag_g < 18, in cone 0°, 0°, 3600″
        select id
          scan ztf [12 of 12 partitions] columns: id"
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
    expect(optimise(plan, ['mag']).length).toBe(5);
    expect(() => optimise(plan, ['mag'], change)).toThrow(
      /^rule "prune columns" changed column mag from DOUBLE to VARCHAR$/,
    );
  });
});

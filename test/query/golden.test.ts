/** The reference implementation's own expectations: crossmatches and cone searches of its sample catalogs. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Catalog,
  type CrossmatchOptions,
  close,
  openCatalog,
  writeMarginCatalog,
} from '../../index.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

const lsdb = (...parts: string[]) => sharedPath('hats-samples', 'lsdb', ...parts);

interface ExpectedPair {
  readonly left: number;
  readonly right: number;
  readonly distArcsec: number;
}

function csv(...parts: string[]): Record<string, string>[] {
  const [header, ...lines] = readFileSync(lsdb('raw', ...parts), 'utf8')
    .trim()
    .split('\n');
  const names = header!.split(',');
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  });
}

/** The expected pairs, by ids; their distances are in degrees. */
function expectedPairs(file: string): ExpectedPair[] {
  return csv('xmatch_expected', file)
    .map((row) => ({
      left: Number(row['ss_id']),
      right: Number(row['xmatch_id']),
      distArcsec: Number(row['dist']) * 3600,
    }))
    .sort(byIds);
}

function byIds(a: ExpectedPair, b: ExpectedPair): number {
  return a.left - b.left || a.right - b.right;
}

async function pairsOf(left: Catalog, right: Catalog, options: CrossmatchOptions) {
  const table = await left.crossmatch(right, { ...options, suffixes: ['_l', '_r'] }).collect();
  return rowsOf(table)
    .map((row) => ({
      left: Number(row['id_l']),
      right: Number(row['id_r']),
      distArcsec: Number(row['_dist_arcsec']),
    }))
    .sort(byIds);
}

const CROSSMATCHES = [
  ['xmatch_correct.csv', 103, 'small_sky', { radiusArcsec: 36 }],
  ['xmatch_correct_0_005.csv', 36, 'small_sky', { radiusArcsec: 18 }],
  ['xmatch_correct_002_005.csv', 30, 'small_sky', { radiusArcsec: 18, minRadiusArcsec: 7.2 }],
  ['xmatch_correct_3n_2t.csv', 190, 'small_sky', { radiusArcsec: 7200, neighbors: 3 }],
  [
    'xmatch_correct_3n_2t_negative.csv',
    191,
    'small_sky_left_xmatch',
    { radiusArcsec: 7200, neighbors: 3 },
  ],
  [
    'xmatch_correct_05_2_3n_margin.csv',
    78,
    'small_sky',
    { radiusArcsec: 7200, minRadiusArcsec: 1800, neighbors: 3 },
  ],
] as const;

describeShared('golden crossmatches', () => {
  const rights: Record<string, Catalog> = {};
  beforeAll(async () => {
    const right = lsdb('small_sky_xmatch');
    // Wide enough for none of the radii but the two smallest ones.
    await writeMarginCatalog(right, temp('narrow'), 20, { workers: 1 });
    rights['a margin'] = await openCatalog(right, { margin: lsdb('small_sky_xmatch_margin') });
    rights['a margin that is too narrow'] = await openCatalog(right, { margin: temp('narrow') });
    rights['no margin'] = await openCatalog(right, { margin: 'none' });
  });

  const lefts = {
    small_sky: ['small_sky', 'small_sky_order1_collection', 'small_sky_healpix13'],
    small_sky_left_xmatch: ['small_sky_left_xmatch'],
  };

  for (const [file, count, left, options] of CROSSMATCHES) {
    test.each(['a margin', 'a margin that is too narrow', 'no margin'])(
      `${file}: ${count} pairs with %s`,
      async (form) => {
        const expected = expectedPairs(file);
        expect(expected.length).toBe(count);
        for (const name of lefts[left]) {
          const catalog = await openCatalog(lsdb(name));
          const pairs = await pairsOf(catalog, rights[form]!, options);
          expect(pairs.map(({ left: l, right: r }) => `${l} ${r}`)).toEqual(
            expected.map(({ left: l, right: r }) => `${l} ${r}`),
          );
          for (const [i, { distArcsec }] of pairs.entries()) {
            expect(Math.abs(distArcsec - expected[i]!.distArcsec)).toBeLessThan(1e-6);
          }
          expect(await catalog.crossmatch(rights[form]!, options).count()).toBe(count);
        }
      },
    );
  }

  test('how each form has the rows beside a cell', async () => {
    const left = await openCatalog(lsdb('small_sky_order1_collection'));
    const borders = await Promise.all(
      Object.values(rights).map(async (right) => {
        const { scans } = await left.crossmatch(right, { radiusArcsec: 36 }).explain();
        return scans[1]!.border;
      }),
    );
    expect(borders).toEqual(['margin', 'edges', 'edges']);
  });

  test('a right side with margins of 1° and 2° in its collection', async () => {
    const left = await openCatalog(lsdb('small_sky_xmatch'));
    const collection = lsdb('small_sky_order1_collection');
    const margins = ['small_sky_order1_margin_1deg', 'small_sky_order1_margin_2deg', 'none'];
    const found: { border: string; pairs: ExpectedPair[] }[] = [];
    for (const margin of margins) {
      const right = await openCatalog(collection, { margin });
      const query = left.crossmatch(right, { radiusArcsec: 7199, neighbors: 4 });
      const { scans } = await query.explain();
      found.push({
        border: scans[1]!.border,
        pairs: await pairsOf(left, right, { radiusArcsec: 7199, neighbors: 4 }),
      });
    }
    expect(found.map(({ border }) => border)).toEqual(['edges', 'margin', 'edges']);
    expect(found[0]!.pairs.length).toBe(191);
    expect(found[1]!.pairs).toEqual(found[0]!.pairs);
    expect(found[2]!.pairs).toEqual(found[0]!.pairs);
  });
});

describeShared('golden cone searches', () => {
  const CONE = { ra: -35, dec: -55, radiusArcsec: 7200 };
  const source = lsdb('small_sky_order1_source_collection', 'small_sky_order1_source');
  const margin = lsdb('small_sky_order1_source_collection', 'small_sky_order1_source_margin');

  test.each([
    ['catalog.csv', 152, source],
    ['margin.csv', 105, margin],
  ])('%s: %i rows, value by value', async (file, count, path) => {
    const expected = csv('cone_search_expected', file);
    expect(expected.length).toBe(count);
    const catalog = await openCatalog(path, { margin: 'none', columns: 'all' });
    const query = catalog.coneSearch(CONE.ra, CONE.dec, CONE.radiusArcsec);
    expect(await query.count()).toBe(count);
    const rows = rowsOf(await query.collect());
    const text = (row: Readonly<Record<string, unknown>>) =>
      Object.keys(expected[0]!).map((name) => String(row[name]));
    // Numbers are compared as doubles: Python and JavaScript both print the shortest text that reads back.
    expect(rows.map(text).sort()).toEqual(
      expected
        .map((row) =>
          text(
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [
                name,
                /^-?\d+\.\d+(e[+-]?\d+)?$/.test(value) ? Number(value) : value,
              ]),
            ),
          ),
        )
        .sort(),
    );
  });
});

/** Catalogs of hats-samples/README.md that have rows and positions, with its row counts. */
const SAMPLES: readonly (readonly [path: string, rows: number])[] = [
  ['hats/small_sky', 131],
  ['hats/small_sky_healpix13', 131],
  ['hats/small_sky_nested', 131],
  ['hats/small_sky_npix_alt_suffix', 131],
  ['hats/small_sky_npix_as_dir', 131],
  ['hats/small_sky_o1_collection', 131],
  ['hats/small_sky_o1_collection/small_sky_order1', 131],
  ['hats/small_sky_o1_collection/small_sky_order1_margin', 47],
  ['hats/small_sky_o1_collection/small_sky_order1_margin_10arcs', 0],
  ['hats/small_sky_source', 17161],
  ['lsdb/small_sky', 131],
  ['lsdb/small_sky_healpix13', 131],
  ['lsdb/small_sky_healpix13/small_sky_healpix13_1deg', 23],
  ['lsdb/small_sky_healpix13/small_sky_healpix13_2deg', 47],
  ['lsdb/small_sky_left_xmatch', 132],
  ['lsdb/small_sky_npix_alt_suffix', 131],
  ['lsdb/small_sky_npix_as_dir', 131],
  ['lsdb/small_sky_order1_collection', 131],
  ['lsdb/small_sky_order1_collection/small_sky_order1_margin_1deg', 23],
  ['lsdb/small_sky_order1_collection/small_sky_order1_margin_2deg', 47],
  ['lsdb/small_sky_order1_default_columns', 131],
  ['lsdb/small_sky_order1_nested_sources', 131],
  ['lsdb/small_sky_order1_nested_sources/small_sky_order1_nested_sources_margin', 47],
  ['lsdb/small_sky_order1_no_pandas_meta', 131],
  ['lsdb/small_sky_order1_source_collection', 17161],
  ['lsdb/small_sky_order1_source_collection/small_sky_order1_source_margin', 6388],
  ['lsdb/small_sky_order3_source', 17161],
  ['lsdb/small_sky_order3_source_margin', 5102],
  ['lsdb/small_sky_source', 17161],
  ['lsdb/small_sky_source_margin', 1717],
  ['lsdb/small_sky_xmatch', 111],
  ['lsdb/small_sky_xmatch_margin', 39],
];

describeShared('every sample catalog, scanned', () => {
  test.each(SAMPLES)('%s: %i rows', async (name, rows) => {
    const catalog = await openCatalog(sharedPath('hats-samples', ...name.split('/')), {
      columns: 'all',
    });
    expect(await catalog.count()).toBe(rows);
    const table = await catalog.collect();
    expect(table.numRows).toBe(rows);
    expect(table.schema.names).toEqual(catalog.columns.map((column) => column.name));
    const index = catalog.columns.find((column) => column.name === '_healpix_29');
    // Rows of a margin lie outside the partitions that they are stored in.
    if (index === undefined || catalog.describe().type === 'margin') return;
    const order = [...(table.getChild('_healpix_29') as Iterable<bigint>)];
    expect(order).toEqual([...order].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  });

  test('the custom tree, by its path template', async () => {
    const catalog = await openCatalog(lsdb('small_sky_order1_custom_tree'), {
      pathTemplate: 'parquet/{order}_{pixel}.parquet',
    });
    expect(await catalog.count()).toBe(131);
    expect((await catalog.collect()).numRows).toBe(131);
  });

  test('catalogs without positions are open to joins and to nothing that looks at the sky', async () => {
    for (const name of ['square_map', 'small_sky_to_o1source']) {
      const catalog = await openCatalog(lsdb(name));
      expect(() => catalog.coneSearch(0, 0, 10)).toThrow(
        `${catalog.name} has no positions\nIt can only be the right side of a join; see \`through\` and \`mergeAsof\`.`,
      );
    }
  });
});

describe('the tables above', () => {
  test('name every golden file once', () => {
    expect(new Set(CROSSMATCHES.map(([file]) => file)).size).toBe(CROSSMATCHES.length);
    expect(new Set(SAMPLES.map(([name]) => name)).size).toBe(SAMPLES.length);
  });
});

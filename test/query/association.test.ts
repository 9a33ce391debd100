/** Joins through association catalogs, which list the pairs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, openCatalog } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { keyedSky, writeKeyed } from './keyed-sky.ts';
import { distanceArcsec, inSpatialOrder, naiveMatch } from './oracle.ts';
import { writePlain } from './plain-catalog.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(close);

const { objects, detections } = keyedSky({
  seed: 31,
  objects: 120,
  detections: 6,
  scatterArcsec: 4,
});
/** Pairs that no key tells of: by their numbers, within the separation. */
const LISTED = inSpatialOrder(objects).flatMap((object) =>
  detections
    .filter((d) => distanceArcsec(object, d) < 5 && (object.n + d.n) % 3 !== 0)
    .map((d) => ({ object, d, score: object.n * 1000 + d.n })),
);
const PROPERTIES = {
  obs_collection: 'pairs',
  dataproduct_type: 'association',
  hats_nrows: LISTED.length,
  hats_primary_table_url: 'objects',
  hats_assn_join_table_url: 'detections',
  hats_col_assn_primary: 'n',
  hats_col_assn_primary_assn: 'n_object',
  hats_col_assn_join: 'n',
  hats_col_assn_join_assn: 'n_detection',
  hats_assn_max_separation: 5,
  hats_assn_leaf_files: 'True',
};

beforeAll(async () => {
  await writeKeyed(temp('objects'), objects, { name: 'objects', rowsPerPartition: 25 });
  await writeKeyed(temp('detections'), detections, { name: 'detections', rowsPerPartition: 120 });
  for (const order of [0, 2]) {
    const groups = Map.groupBy(LISTED, ({ object }) =>
      Number(hashPosition(object.ra, object.dec, order)),
    );
    await writePlain(
      temp(`pairs-${order}`),
      PROPERTIES,
      [...groups].map(([pixel, rows]) => ({
        ...{ order, pixel },
        sql: `SELECT unnest([${rows.map((r) => r.object.n)}]) AS n_object, unnest([${rows.map((r) => r.d.n)}]) AS n_detection, unnest([${rows.map((r) => r.score)}]) AS score, ${order} AS Norder`,
      })),
    );
  }
});

const open = (order: number) =>
  Promise.all(['objects', 'detections', `pairs-${order}`].map((name) => openCatalog(temp(name))));
const SUFFIXES = { suffixes: ['', '_d'] } as const;

test.each([0, 2])('an association cut at order %i', async (order) => {
  const [left, right, through] = await open(order);
  const query = left!.join(right!, { through: through!, ...SUFFIXES });
  expect(query.columns.map(({ name }) => name)).toEqual([
    ...['_healpix_29', 'n', 'ra', 'dec', 'id', 'name', 'band', 't', 'mag'],
    ...['n_d', 'ra_d', 'dec_d', 'id_d', 'name_d', 'band_d', 't_d', 'mag_d', 'score'],
  ]);
  const found = rowsOf(await query.select(['n', 'n_d', 'score']).collect());
  expect(found.length).toBeGreaterThan(200);
  expect(found.map(Object.values)).toEqual(
    LISTED.map(({ object, d, score }) => [object.n, d.n, score]),
  );
});

test('an association around the cells of a match', async () => {
  const [left, right, through] = await open(2);
  const pairs = left!.join(right!, { through: through!, ...SUFFIXES });
  const query = left!.crossmatch(pairs, {
    ...{ radiusArcsec: 4, neighbors: 'all', suffixes: ['_a', ''] },
  });
  const byObject = Map.groupBy(LISTED, ({ object }) => object.n);
  const expected = naiveMatch(
    objects,
    objects,
    { radiusArcsec: 4, neighbors: 'all' },
    (a, b) => a.n - b.n,
  ).flatMap(({ left: a, right: b }) =>
    (byObject.get(b!.n) ?? []).map(({ d }) => `${a.n} ${b!.n} ${d.n}`),
  );
  const rows = rowsOf(await query.select(['n_a', 'n', 'n_d']).collect());
  expect(rows.map((row) => Object.values(row).join(' ')).sort()).toEqual(expected.sort());
});

test('an association without rows says which columns are equal', async () => {
  await writePlain(
    temp('rule'),
    {
      ...PROPERTIES,
      hats_assn_leaf_files: 'False',
      hats_nrows: 0,
      hats_col_assn_primary: 'id',
      hats_col_assn_join: 'id',
    },
    [],
  );
  const [left, right] = await open(0);
  const through = await openCatalog(temp('rule'));
  const query = left!.join(right!, { through, ...SUFFIXES });
  const plain = left!.join(right!, { on: 'id', ...SUFFIXES });
  expect(rowsOf(await query.collect())).toEqual(rowsOf(await plain.collect()));
});

test.each([
  [{ on: 'id' }, 'a join through an association takes its keys from it, and is not nested'],
  [{ nested: 'lc' }, 'a join through an association takes its keys from it, and is not nested'],
  [{ how: 'left' }, 'a join through an association is an inner one'],
] as const)('refused with %o', async (options, message) => {
  const [left, right, through] = await open(0);
  expect(() => left!.join(right!, { through: through!, ...options })).toThrow(message);
  expect(() => left!.join(right!, { through: right! })).toThrow(
    'detections is a object catalog, not an association',
  );
});

/** Right sides of joins with more rows than a cell had better hold: cut where that helps, read where it does not. */
import { Float64, Int32, makeVector, Table, vectorFromArray } from 'apache-arrow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import { type Catalog, close, fromTable } from '../../index.ts';
import { writePlain } from './plain-catalog.ts';
import { rowsOf } from './result-rows.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';
import { fromModule } from './user-catalog.ts';

const temp = tempFolder();
/** Some 16,000 rows of a right side are all that a worker of this one likes to hold. */
const tight = smallRuntime(40);
afterAll(async () => {
  await tight.close();
  await close();
});

const OBJECTS = 50;
const ROWS = 20_000;
/** Row r belongs to object r % 400, of which there are only the first. */
const keyOf = (row: number) => row % 400;

function tableOf(rows: number, dec: (row: number) => number, key: (row: number) => number): Table {
  const numbers = Array.from({ length: rows }, (_, i) => i);
  return new Table({
    n: vectorFromArray(numbers, new Int32()),
    key: vectorFromArray(numbers.map(key), new Int32()),
    one: vectorFromArray(
      numbers.map(() => 1),
      new Int32(),
    ),
    ra: makeVector(Float64Array.from(numbers, () => 45)),
    dec: makeVector(Float64Array.from(numbers, dec)),
    mag: vectorFromArray(
      numbers.map((n) => n / 8),
      new Float64(),
    ),
  } as never);
}

const objectDec = (key: number) => 10 + key / 100;
beforeAll(async () => {
  const write = (name: string, table: Table) =>
    fromTable(table, { ra: 'ra', dec: 'dec', name }).writeHats(temp(name), { workers: 1 });
  await write(
    'objects',
    tableOf(OBJECTS, objectDec, (n) => n),
  );
  const detectionDec = (row: number) => objectDec(keyOf(row)) + Math.floor(row / 400) / 1e5;
  await write('detections', tableOf(ROWS, detectionDec, keyOf));
  const pairs = `SELECT i % 400 AS a, i AS b, i * 2 AS score, 0 AS Norder FROM range(${ROWS}) t(i)`;
  const association = {
    ...{ obs_collection: 'pairs', dataproduct_type: 'association', hats_nrows: ROWS },
    ...{ hats_primary_table_url: 'objects', hats_assn_join_table_url: 'detections' },
    ...{ hats_col_assn_primary: 'key', hats_col_assn_primary_assn: 'a' },
    ...{ hats_col_assn_join: 'n', hats_col_assn_join_assn: 'b' },
    ...{ hats_assn_max_separation: 5, hats_assn_leaf_files: 'True' },
  };
  await writePlain(temp('pairs'), association, [{ order: 0, pixel: 0, sql: pairs }]);
});

const open = (name: string): Promise<Catalog> => openWith(temp(name), tight);
const SUFFIXES = { suffixes: ['', '_d'] } as const;
/** Every pair of an object and a detection, by their numbers. */
const PAIRS = Array.from({ length: OBJECTS }, (_, key) =>
  Array.from({ length: ROWS / 400 }, (_, i) => [key, key + 400 * i]),
).flat();
const pairsOf = async (query: Catalog, columns = ['n', 'n_d']) =>
  rowsOf(await query.collect())
    .map((row) => columns.map((name) => Number(row[name])))
    .sort(([a, b], [c, d]) => a! - c! || b! - d!);

test('a cell is cut where its parts are wider than the reach', async () => {
  const query = (await open('objects')).join(await open('detections'), {
    ...{ on: 'key', withinArcsec: 5 },
    ...SUFFIXES,
  });
  expect(await pairsOf(query)).toEqual(PAIRS);
  const written = await query.writeHats(temp('written'));
  expect([written.rows, written.stats.splits > 0]).toEqual([PAIRS.length, true]);
});

test('a reach as wide as everything', async () => {
  const query = (await open('objects')).join(await open('detections'), {
    ...{ on: 'key', withinArcsec: 36_000 },
    ...SUFFIXES,
  });
  expect(await pairsOf(query)).toEqual(PAIRS);
});

test('sides without positions, left and right', async () => {
  const [objects, detections, pairs] = await Promise.all(
    ['objects', 'detections', 'pairs'].map(open),
  );
  const through = objects!.join(detections!, { through: pairs!, ...SUFFIXES });
  expect(await pairsOf(through)).toEqual(PAIRS);
  const some = pairs!.query('score < 2000');
  const onLeft = some.join(detections!, { on: ['b', 'n'], ...SUFFIXES });
  const found = await pairsOf(onLeft, ['b', 'n_d']);
  expect(found).toEqual(Array.from({ length: 1000 }, (_, i) => [i, i]));
});

test('before code that takes partitions whole', async () => {
  const query = (await open('objects'))
    .join(await open('detections'), { on: 'key', withinArcsec: 5, ...SUFFIXES })
    .mapPartitions(fromModule('sameTable'));
  expect(await pairsOf(query)).toEqual(PAIRS);
});

test('lists of all columns of thousands of rows in one row', async () => {
  const [objects, detections] = [await open('objects'), await open('detections')];
  const one = detections.query('n < 6000');
  const left = objects.query('n = 20');
  const query = left.join(one, { on: 'one', withinArcsec: 36_000, nested: 'lc' });
  const table = await query.select(['n', 'lc']).collect();
  const lists = table.getChild('lc')!.get(0).toJSON() as Record<string, Iterable<number>>;
  expect(Object.keys(lists).sort()).toEqual(
    expect.arrayContaining(['dec', 'key', 'mag', 'n', 'ra']),
  );
  const numbers = [...lists['n']!];
  expect([table.numRows, numbers.length, new Set(numbers).size]).toEqual([1, 6000, 6000]);
  expect([...lists['mag']!]).toEqual(numbers.map((n) => n / 8));
  expect([...lists['key']!]).toEqual(numbers.map(keyOf));
});

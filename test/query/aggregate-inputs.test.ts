/** Aggregates over matches, joins, nested and computed columns, and what is read for them. */
import { Float32, Int32, makeVector, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { compareBytes, deviation, groupBy, mean, present, sum } from './group-twin.ts';
import { hardSky } from './hard-sky.ts';
import { makeCatalog } from './make-catalog.ts';
import { type ResultRow, rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

const SKY = hardSky({
  seed: 11,
  places: ['corners', 'seam', 'north pole'],
  spreadDegrees: 0.4,
  scatterDegrees: 15 / 3600,
  leftRows: 250,
  rightRows: 250,
  duplicates: 0.2,
});

let left: Catalog;
let right: Catalog;
beforeAll(async () => {
  await makeCatalog(temp('left'), SKY.left, { name: 'left', rowsPerPartition: 60 });
  await makeCatalog(temp('right'), SKY.right, { name: 'right', rowsPerPartition: 90 });
  [left, right] = [await openCatalog(temp('left')), await openCatalog(temp('right'))];
});

const numbersOf = (found: readonly ResultRow[], of: (row: ResultRow) => unknown) =>
  present(found.map((row) => (of(row) ?? null) as number | null));

describe.each(['inner', 'left'] as const)('of a match (%s)', (how) => {
  const terms = { radiusArcsec: 60, neighbors: 2, how, suffixes: ['_l', '_r'] } as const;

  test('both sides and the distance, as the rows say that are collected', async () => {
    const match = left.crossmatch(right, terms);
    const all = rowsOf(await match.collect());
    expect(all.length).toBeGreaterThan(200);
    const [found] = rowsOf(
      await match.aggregate({
        n: 'count',
        d: 'mean(_dist_arcsec)',
        l: 'sum(mag_l)',
        r: 'std(mag_r)',
        both: 'mean(mag_l - mag_r)',
        missing: 'count_if(id_r is null)',
        filled: 'sum(coalesce(id_r, 1000))',
        text: 'count(tag_r)',
        even: 'sum(case when id_l % 2 = 0 then _dist_arcsec end)',
      }),
    );
    const distances = numbersOf(all, (row) => row['_dist_arcsec']);
    const evens = all.filter((row) => (row['id_l'] as number) % 2 === 0);
    const difference = (row: ResultRow) =>
      row['mag_l'] == null || row['mag_r'] == null
        ? null
        : (row['mag_l'] as number) - (row['mag_r'] as number);
    expect(found).toEqual({
      n: BigInt(all.length),
      d: mean(distances),
      l: sum(numbersOf(all, (row) => row['mag_l'])),
      r: deviation(
        numbersOf(all, (row) => row['mag_r']),
        1,
      ),
      both: mean(numbersOf(all, difference)),
      missing: BigInt(all.filter((row) => row['id_r'] === null).length),
      filled: BigInt(all.reduce((s, row) => s + Number(row['id_r'] ?? 1000), 0)),
      text: BigInt(all.filter((row) => row['tag_r'] !== null).length),
      even: sum(numbersOf(evens, (row) => row['_dist_arcsec'])),
    });
  });

  test('maps at the left position, by a column of the right', async () => {
    const match = left.crossmatch(right, terms).query('id_l > 20');
    const all = rowsOf(await match.collect());
    const maps = await match.skymap({ order: 6, value: 'mean(mag_r)', by: 'id_r % 3' });
    const expected = [
      ...groupBy(all, (row) => (row['id_r'] === null ? null : Number(row['id_r']) % 3)),
    ]
      .sort(([a], [b]) => (a ?? 9) - (b ?? 9))
      .map(([key, of]) => {
        const pixelOf = (row: ResultRow) =>
          Number(hashPosition(row['ra_l'] as number, row['dec_l'] as number, 6));
        const pixels = [...groupBy(of, pixelOf)]
          .map(([pixel, some]) => [pixel, mean(numbersOf(some, (row) => row['mag_r']))] as const)
          .filter(([, value]) => value !== null)
          .sort(([a], [b]) => a - b);
        return { key, rows: of.length, pixels };
      });
    const found = Array.from(maps, ([key, map]) => ({
      key: typeof key === 'bigint' ? Number(key) : key,
      rows: map.rows,
      pixels: Array.from(map.pixels, (pixel, i) => [pixel, map.values[i]]),
    }));
    expect(found).toEqual(expected);
  });
});

test('of computed columns, and of one value of each row of a nested column', async () => {
  const nested = left.crossmatchNested(right, { radiusArcsec: 60, neighbors: 'all', name: 'near' });
  const wide = nested.withColumns({ double: 'mag * 2', nearest: 'min(near._dist_arcsec)' });
  const all = rowsOf(await wide.select(['id', 'mag', 'double', 'nearest']).collect());
  const flat = rowsOf(
    await left
      .crossmatch(right, { radiusArcsec: 60, neighbors: 'all', suffixes: ['_l', '_r'] })
      .collect(),
  );
  const [found] = rowsOf(
    await wide.aggregate({
      d: 'sum(double)',
      n: 'mean(nearest)',
      len: 'sum(len(near))',
      far: 'max(max(near._dist_arcsec))',
    }),
  );
  expect(found).toEqual({
    d: sum(numbersOf(all, (row) => row['double'])),
    n: mean(numbersOf(all, (row) => row['nearest'])),
    len: BigInt(flat.length),
    far: Math.max(...numbersOf(flat, (row) => row['_dist_arcsec'])),
  });
  const map = await wide.skymap({ order: 5, value: 'sum(len(near))' });
  expect(map.values.reduce((a, b) => a + b)).toBe(flat.length);
});

test('of a join on a column', async () => {
  const joined = left.join(right, {
    leftOn: 'id',
    rightOn: 'id',
    withinArcsec: 3600,
    suffixes: ['_l', '_r'],
  });
  const all = rowsOf(await joined.collect());
  expect(all.length).toBeGreaterThan(50);
  const table = rowsOf(
    await joined.aggregate({ m: 'mean(mag_r)', n: 'count(*)' }, { by: 'tag_l' }),
  );
  const expected = [...groupBy(all, (row) => row['tag_l'] as string | null)].sort(([a], [b]) =>
    compareBytes(a, b),
  );
  expect(table).toEqual(
    expected.map(([tag_l, of]) => ({
      tag_l,
      m: mean(numbersOf(of, (row) => row['mag_r'])),
      n: BigInt(of.length),
    })),
  );
});

test("DuckDB's own groups over the files, to rounding", async () => {
  const session = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: temp('spill') });
  try {
    const files = `read_parquet('${temp('left')}/dataset/Norder=*/Dir=*/*.parquet', hive_partitioning=false)`;
    const values = {
      n: 'count(*)',
      s: 'sum(ra)',
      m: 'avg(dec)',
      d: 'stddev_samp(dec)',
      r: 'max(id) - min(id)',
      share: 'count_if(dec > 0) / count(*)',
      v: 'sqrt(var_pop(ra)) + 1',
    };
    const list = Object.entries(values).map(([name, sql]) => `(${sql})::DOUBLE AS ${name}`);
    const expected = await session.rows(
      `SELECT id % 5 AS k, ${list.join(', ')} FROM ${files} GROUP BY k ORDER BY k`,
    );
    const found = rowsOf(await left.aggregate(values, { by: { k: 'id % 5' } }));
    expect(found.length).toBe(5);
    for (const [i, row] of found.entries()) {
      for (const name of ['k', ...Object.keys(values)]) {
        const [value, other] = [Number(row[name]), Number(expected[i]![name])];
        expect(Math.abs(value - other)).toBeLessThan(1e-12 * Math.max(1, Math.abs(other)) * 100);
      }
    }
  } finally {
    session.close();
  }
});

describe('rows that are left out are not looked at', () => {
  /** A text that is a number in all rows but those that a filter, a region or a match leaves out. */
  test('by a filter, a region, a match', async () => {
    const table = new Table({
      id: vectorFromArray([0, 1, 2, 3], new Int32()),
      ra: makeVector(Float64Array.of(10, 10.001, 10.002, 50)),
      dec: makeVector(Float64Array.of(5, 5, 5, 5)),
      text: vectorFromArray(['1', '2', 'three', 'four'], new Utf8()),
    });
    await fromTable(table, { ra: 'ra', dec: 'dec', name: 'texts' }).writeHats(temp('texts'), {});
    const texts = await openCatalog(temp('texts'));
    const value = 'sum(text::integer)';
    const [two] = rowsOf(await texts.query('id < 2').aggregate({ value }));
    expect(two).toEqual({ value: 3n });
    const cone = texts.coneSearch(10, 5, 5);
    expect(rowsOf(await cone.aggregate({ value }, { by: 'text::integer' }))).toHaveLength(2);
    expect((await cone.skymap({ order: 3, value })).values).toEqual(Float64Array.of(3));
    const others = texts
      .query('id < 2')
      .crossmatch(texts, { radiusArcsec: 1, suffixes: ['_a', '_b'] });
    const [matched] = rowsOf(await others.aggregate({ value: 'sum(text_b::integer)' }));
    expect(matched).toEqual({ value: 3n });
    await expect(texts.aggregate({ value })).rejects.toThrow(/three/);
  });
});

test('a map reads positions and its columns only', async () => {
  const { scans } = await left.explain({ map: { value: 'mean(mag)' } });
  expect(scans[0]!.columns).toEqual(['_healpix_29', 'ra', 'dec', 'mag']);
  const { scans: plain } = await left.explain({ map: {} });
  expect(plain[0]!.columns).toEqual(['_healpix_29', 'ra', 'dec']);
  const match = left.crossmatch(right, { radiusArcsec: 60, suffixes: ['_l', '_r'] });
  const explained = await match.explain({ map: { value: 'max(id_r)', by: 'tag_l' } });
  expect(explained.scans.map(({ columns }) => columns)).toEqual([
    ['_healpix_29', 'ra', 'dec', 'tag'],
    ['_healpix_29', 'id', 'ra', 'dec'],
  ]);
});

test('unusable positions: tables do not look at them, maps refuse or leave them out', async () => {
  const table = new Table({
    ra: makeVector(Float64Array.of(1, 2, 3)),
    dec: makeVector(Float64Array.of(1, 2, 3)),
    mag: vectorFromArray([1, 2, 4], new Float32()),
  });
  await fromTable(table, { ra: 'ra', dec: 'dec', name: 'bad' }).writeHats(temp('bad'), {});
  const catalog = (await openCatalog(temp('bad'))).withColumns({ id: 'mag * 1' });
  expect(rowsOf(await catalog.aggregate({ s: 'sum(mag)' }))).toEqual([{ s: 7 }]);
  const dropped = await catalog.aggregate({ s: 'sum(mag)' }, { dropInvalid: true });
  expect(rowsOf(dropped)).toEqual([{ s: 7 }]);
});

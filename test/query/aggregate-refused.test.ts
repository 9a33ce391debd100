/** What aggregates, maps and histograms refuse, what they give for nothing, and the types of what they give. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, CrosshatchError, close, openCatalog } from '../../index.ts';
import { type GroupRow, groupRowsOf, writeGroupRows } from './group-twin.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

let rows: GroupRow[];
let groups: Catalog;
beforeAll(async () => {
  rows = groupRowsOf({ seed: 3, leftRows: 200 }, false);
  await writeGroupRows(temp('groups'), rows, 50);
  groups = await openCatalog(temp('groups'));
});

/** What + hint of the error. */
async function refusal(act: () => Promise<unknown>): Promise<{ tag: string; message: string }> {
  try {
    await act();
  } catch (error) {
    if (error instanceof CrosshatchError) return { tag: error.tag, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}

const LISTED =
  'Aggregates: count(*), count(x), count_if(condition), sum, mean, min, max, std, stddev_pop, var, var_pop, bool_and, bool_or.';

describe('refused before any row is read', () => {
  test.each([
    [
      'median(mag)',
      'median() needs all values of a group at once, and results are put together from parts of the catalog (character 1 of the expression median(mag))\n' +
        'Use the method histogram for the distribution of values, or collect the column and work it out from there.',
    ],
    [
      'mean(magg)',
      'unknown column magg (character 6 of the expression mean(magg))\n' +
        'Did you mean mag? Columns: _healpix_29, id, ra, dec, tag, mag, big, flag',
    ],
    [
      'mag',
      'mag stands outside an aggregate, where many rows have one value (expression mag)\n' +
        'Write mean(mag), max(mag) or another aggregate of it.',
    ],
    ['1 + 1', `there is no aggregate in this expression (expression 1 + 1)\n${LISTED}`],
    [
      'mean(tag)',
      'mean(tag) needs numbers, but tag is VARCHAR (expression mean(tag))\n' +
        'Numbers in texts can be cast: (tag)::double.',
    ],
    [
      'min(tag)',
      'min(tag) needs numbers, dates or times, but tag is VARCHAR (expression min(tag))\n' +
        'Numbers in texts can be cast: (tag)::double.',
    ],
    ['bool_or(mag)', 'bool_or(mag) needs conditions, but mag is DOUBLE (expression bool_or(mag))'],
    [
      "case when count(*) > 1 then 'many' end",
      "an aggregate must be a number, but this is VARCHAR (expression case when count(*) > 1 then 'many' end)",
    ],
    [
      'count(distinct tag)',
      'count(DISTINCT …) is not available: it needs all values at once (character 7 of the expression count(distinct tag))\n' +
        "Count the groups instead: aggregate({ n: 'count(*)' }, { by: 'x' }) has one row for each value of x.",
    ],
    ['sum(mag, id)', 'sum() takes one value (character 8 of the expression sum(mag, id))'],
    [
      'first(mag)',
      'first() depends on the order of rows, which have none in a group (character 1 of the expression first(mag))\nUse min(x) or max(x).',
    ],
    [
      'kurtosis(mag)',
      `kurtosis() is not among the aggregates here (character 1 of the expression kurtosis(mag))\n${LISTED}`,
    ],
    [
      'sum(mag) filter (where id > 1)',
      'FILTER is not supported after an aggregate (character 10 of the expression sum(mag) filter (where id > 1))\nWrite sum(case when condition then x end).',
    ],
  ])('%s', async (value, message) => {
    expect(await refusal(() => groups.skymap({ order: 3, value }))).toEqual({
      tag: 'request',
      message,
    });
    expect(await refusal(() => groups.aggregate({ value }))).toEqual({ tag: 'request', message });
  });

  test('elements of a nested column, where one value of each row is needed', async () => {
    const nested = groups.crossmatchNested(groups, { radiusArcsec: 60, name: 'near' });
    expect(await refusal(() => nested.aggregate({ m: 'mean(near.mag)' }))).toEqual({
      tag: 'request',
      message:
        'mean() over rows needs one value of each row, and near has many elements in a row (character 1 of the expression mean(near.mag))\n' +
        'Make one of them first, such as mean(mean(lc.mag)) or mean(len(lc)).',
    });
    expect(
      (await refusal(() => nested.aggregate({ n: 'count' }, { by: 'near.mag' }))).message,
    ).toBe(
      'near has many elements in a row, and one value of each row is needed (expression near.mag)\n' +
        'Make one of them, such as mean(lc.mag) or len(lc).',
    );
  });

  test.each([
    [
      'a wrong order',
      () => groups.skymap({ order: 14, value: 'mean(mag)' }),
      'sky map order 14 is not an integer from 0 to 13',
    ],
    [
      'no aggregates',
      () => groups.aggregate({}),
      "there is nothing to aggregate\nFor example { n: 'count(*)' }.",
    ],
    [
      'two columns of one name',
      () => groups.aggregate({ tag: 'count(*)' }, { by: 'tag' }),
      'two columns of the result would be called "tag"\nGive the key another name: by: { key: \'band\' }.',
    ],
    [
      'an unknown key',
      () => groups.aggregate({ n: 'count(*)' }, { by: 'tga' }),
      'unknown column tga (character 1 of the expression tga)\nDid you mean tag? Columns: _healpix_29, id, ra, dec, tag, mag, big, flag',
    ],
    [
      'bins that are none',
      () => groups.histogram('mag', { bins: 0 }),
      'bins 0 is not a whole number from 1 to 100000',
    ],
    [
      'a range that is none',
      () => groups.histogram('mag', { range: [2, 1] }),
      'the range from 2 to 1 is not one of ascending numbers',
    ],
    [
      'edges with bins',
      () => groups.histogram('mag', { edges: [0, 1], bins: 2 }),
      'a histogram takes either edges, or bins and a range',
    ],
    [
      'edges that do not ascend',
      () => groups.histogram('mag', { edges: [0, 1, 1] }),
      'edge 1 follows 1: edges must ascend\nTake fewer bins, or a wider range.',
    ],
    [
      'a histogram of texts',
      () => groups.histogram('tag'),
      "a histogram needs numbers, but this is VARCHAR (expression tag)\nFor the number of rows of each text use aggregate({ n: 'count(*)' }, { by }).",
    ],
    [
      'workers',
      () => groups.aggregate({ n: 'count' }, { workers: 0 }),
      'workers 0 is not a whole number from 1 to 1024',
    ],
  ])('%s', async (_, act, message) => {
    expect(await refusal(act)).toEqual({ tag: 'request', message });
  });
});

describe('refused when it is met', () => {
  test('a sum of integers that 64 bits do not hold', async () => {
    const act = () => groups.aggregate({ s: 'sum(9223372036854775807 - id % 2)' });
    expect(await refusal(act)).toEqual({
      tag: 'data',
      message: expect.stringMatching(
        /^sum\(9223372036854775807 - id % 2\) is 1844\d+, which is more than 64 bits hold\nSum doubles instead: sum\(x::double\)\.$/,
      ),
    });
    const [fine] = rowsOf(
      await groups.aggregate({ m: 'sum(9223372036854775807 - id % 2) / count(*)' }),
    );
    expect(fine!['m']).toBeCloseTo(2 ** 63, -5);
  });

  test('more categories than a map set has', async () => {
    const act = () =>
      groups
        .crossmatch(groups, { radiusArcsec: 36_000, neighbors: 'all', suffixes: ['_a', '_b'] })
        .skymap({ order: 1, by: 'id_a * 1000 + id_b' });
    expect(await refusal(act)).toEqual({
      tag: 'data',
      message:
        'there are more than 512 groups\nGroup by something with fewer values, for example floor(x), or take a part of the catalog.',
    });
  });

  test('a run that is stopped', async () => {
    const signal = AbortSignal.abort();
    const act = () => groups.skymap({ order: 3, value: 'mean(mag)', signal });
    expect(await refusal(act)).toEqual({ tag: 'aborted', message: 'interrupted' });
  });
});

test('nothing: no rows, no values, one row', async () => {
  const none = groups.query('id < 0');
  expect(
    rowsOf(
      await none.aggregate({
        n: 'count',
        c: 'count(mag)',
        s: 'sum(big)',
        m: 'mean(mag)',
        b: 'bool_or(flag)',
        lo: 'min(mag)',
      }),
    ),
  ).toEqual([{ n: 0n, c: 0n, s: null, m: null, b: null, lo: null }]);
  const empty = await none.aggregate({ n: 'count' }, { by: ['tag', 'id'] });
  expect([empty.numRows, empty.schema.names]).toEqual([0, ['tag', 'id', 'n']]);
  const map = await none.skymap({ order: 9, value: 'mean(mag)' });
  expect([map.pixels.length, map.rows, map.name]).toEqual([0, 0, 'mean(mag)']);
  expect((await none.skymap({ order: 2, by: 'tag' })).size).toBe(0);
  const nulls = groups.withColumns({
    no: 'case when id < 0 then mag end',
    nan: "case when id >= 0 then 'nan'::double end",
  });
  const [all] = rowsOf(
    await nulls.aggregate({
      a: 'mean(no)',
      b: 'max(nan)',
      c: 'count(nan)',
      d: 'count(*)',
      e: 'count(no)',
    }),
  );
  expect(all).toEqual({ a: null, b: null, c: 0n, d: 200n, e: 0n });
  expect((await nulls.skymap({ order: 3, value: 'mean(nan)' })).pixels.length).toBe(0);
  const one = await groups
    .query('id = 5')
    .aggregate({ v: 'var(id)', p: 'var_pop(id)', m: 'mean(id)', s: 'stddev(id)' });
  expect(rowsOf(one)).toEqual([{ v: null, p: 0, m: 5, s: null }]);
});

test('types of keys and results, and their order', async () => {
  const typed = groups.withColumns({
    small: 'id::tinyint',
    day: "date '2020-01-01' + (id % 3)::integer",
    time: 'make_timestamp(id * 1000000)',
    ub: '(id % 2)::ubigint + 18446744073709551614',
    single: 'mag::float',
  });
  const table = await typed.query('id < 100').aggregate(
    {
      lo: 'min(small)',
      t: 'max(time)',
      u: 'max(ub::ubigint)',
      f: 'min(single)',
      any: 'bool_or(flag)',
      d: 'max(day)',
      r: 'mean(id) > 3',
    },
    { by: { day: 'day', flag: 'flag' } },
  );
  expect(table.schema.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'day Date32<DAY>',
    'flag Bool',
    'lo Int8',
    't Timestamp<MICROSECOND>',
    'u Uint64',
    'f Float32',
    'any Bool',
    'd Date32<DAY>',
    'r Bool',
  ]);
  const found = rowsOf(table);
  expect(found.map(({ flag }) => flag).slice(0, 3)).toEqual([false, true, null]);
  expect(
    found
      .map(({ day }) => new Date(Number(day)).toISOString().slice(8, 10))
      .filter((d, i, all) => all.indexOf(d) === i),
  ).toEqual(['01', '02', '03']);
  expect(Math.max(...found.map(({ u }) => Number(u)))).toBe(2 ** 64);
  expect(found.some(({ u }) => u === 18446744073709551615n)).toBe(true);
  const floats = rowsOf(
    await groups.aggregate(
      { n: 'count' },
      {
        by: {
          k: "case when id % 4 = 0 then 'nan'::double when id % 4 = 1 then -0.0 when id % 4 = 2 then 0.0 end",
        },
      },
    ),
  );
  expect(floats.map(({ k }) => k)).toEqual([0, Number.NaN, null]);
  expect(floats[0]!['n']).toBe(
    BigInt(rows.filter(({ id }) => id % 4 === 1 || id % 4 === 2).length),
  );
});

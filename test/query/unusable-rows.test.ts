/** Rows without a usable position: what looks at positions refuses or drops them, what does not must not mind. */
import { Float64, makeVector, Table, vectorFromArray } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { writePlain } from './plain-catalog.ts';
import { rowsOf } from './result-rows.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
/** So little memory that a file of this many rows is read in several parts. */
const tight = smallRuntime(100);
afterAll(async () => {
  await tight.close();
  await close();
});

const ROWS = 12_000;
const UNUSABLE = 700;
const [RA, DEC] = [45, 10];

beforeAll(async () => {
  const pixel = Number(hashPosition(RA, DEC, 0));
  // Unusable rows at the end, and among others.
  const ra = `CASE WHEN i % 20 = 7 OR i >= ${ROWS - 100} THEN 'nan'::DOUBLE ELSE ${RA} + (i % 97) / 97 END`;
  await writePlain(
    temp('stars'),
    {
      ...{ obs_collection: 'stars', dataproduct_type: 'object', hats_nrows: ROWS },
      ...{ hats_col_ra: 'ra', hats_col_dec: 'dec' },
    },
    [
      {
        ...{ order: 0, pixel },
        sql: `SELECT i::BIGINT AS id, ${ra} AS ra, ${DEC}::DOUBLE AS dec, (i % 5)::INTEGER AS kind FROM range(${ROWS}) t(i)`,
      },
    ],
  );
  const others = Array.from({ length: 97 }, (_, i) => RA + i / 97);
  const table = new Table({
    ra: makeVector(Float64Array.from(others)),
    dec: vectorFromArray(
      others.map(() => DEC),
      new Float64(),
    ),
  });
  await fromTable(table, { ra: 'ra', dec: 'dec', name: 'others' }).writeHats(temp('others'));
});

const ids = Array.from({ length: ROWS }, (_, i) => i);

describe('an aggregate without positions', () => {
  const expected = (kept: readonly number[]) =>
    [0, 1, 2, 3, 4].map((kind) => {
      const of = kept.filter((id) => id % 5 === kind);
      return [kind, BigInt(of.length), of.reduce((sum, id) => sum + id, 0)];
    });
  const found = async (catalog: Catalog) => {
    const table = await catalog.aggregate({ n: 'count(*)', s: 'sum(id)' }, { by: 'kind' });
    return rowsOf(table).map(({ kind, n, s }) => [kind, n, Number(s)]);
  };

  test('counts them, in one part and in several', async () => {
    expect(await found(await openCatalog(temp('stars')))).toEqual(expected(ids));
    expect(await found(await openWith(temp('stars'), tight))).toEqual(expected(ids));
  });

  test('and those that pass a filter', async () => {
    const kept = ids.filter((id) => id % 3 === 1 && id > 4000);
    for (const catalog of [
      await openCatalog(temp('stars')),
      await openWith(temp('stars'), tight),
    ]) {
      expect(await found(catalog.query('id % 3 = 1 AND id > 4000'))).toEqual(expected(kept));
      expect(await found(catalog.query('id < 0'))).toEqual([]);
    }
  });
});

describe('a step that is written first', () => {
  const options = { radiusArcsec: 1, suffixes: ['', '_o'] } as const;
  const query = async () => {
    const stars = await openCatalog(temp('stars'));
    return stars.limit(ROWS).crossmatch(await openCatalog(temp('others')), options);
  };

  test('is another one with unusable rows left out', async () => {
    const matches = await query();
    const dropped = await matches.count({ dropInvalid: true });
    expect(dropped).toBe(
      ROWS - UNUSABLE + ids.filter((id) => id >= ROWS - 100 && id % 20 === 7).length,
    );
    await expect(matches.count()).rejects.toMatchObject({ tag: 'data' });
    expect(await matches.count({ dropInvalid: true })).toBe(dropped);
  });

  test('is not lost to a run that goes on when another is stopped', async () => {
    const matches = await query();
    const stopped = new AbortController();
    const first = matches.count({ dropInvalid: true, signal: stopped.signal });
    const second = matches.count({ dropInvalid: true });
    const third = matches.count({ dropInvalid: true, signal: AbortSignal.timeout(60_000) });
    stopped.abort();
    await expect(first).rejects.toMatchObject({ tag: 'aborted' });
    expect(await second).toBeGreaterThan(0);
    expect(await third).toBe(await second);
  });

  test('is not waited for by a run that was stopped', async () => {
    const matches = await query();
    const stopped = new AbortController();
    const first = matches.count({ dropInvalid: true });
    const second = matches.count({ dropInvalid: true, signal: stopped.signal });
    stopped.abort();
    await expect(second).rejects.toMatchObject({ tag: 'aborted' });
    expect(await first).toBeGreaterThan(0);
  });
});

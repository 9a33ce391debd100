/** User code on whole partitions: Arrow tables in and out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, close, openCatalog } from '../../index.ts';
import { fileTree } from './file-tree.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';
import { fromModule, openUser, USER_ROWS, writeUserCatalog } from './user-catalog.ts';

const temp = tempFolder();
let user: Catalog;
beforeAll(async () => {
  await writeUserCatalog(temp());
  user = await openUser(temp());
});
afterAll(() => close());

const SETTINGS = { workers: 2 } as const;
const MOVED = { n: 'INTEGER', ra: 'DOUBLE', dec: 'DOUBLE', cell: 'VARCHAR' } as const;
const text = (value: unknown) =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part));

test('a table of every type that is given back is the same', async () => {
  const query = user.mapPartitions(fromModule('sameTable'));
  const [before, after] = await Promise.all([user, query].map((q) => q.collect(SETTINGS)));
  expect(after!.schema.fields.map(String)).toEqual(before!.schema.fields.map(String));
  expect(rowsOf(after!).map(text)).toEqual(rowsOf(before!).map(text));
  expect(after!.numRows).toBe(USER_ROWS);
});

test('other rows, other positions, another order: still a catalog that can be matched and written', async () => {
  const query = user.select(['n', 'ra', 'dec']).mapPartitions(fromModule('moved'), {
    returns: MOVED,
    constants: { by: 1 },
  });
  const rows = rowsOf(await query.select(['n', 'ra', 'cell']).collect(SETTINGS));
  const before = rowsOf(await user.select(['n', 'ra']).collect(SETTINGS));
  const ra = new Map(before.map((row) => [row['n'], Number(row['ra'])]));
  expect(rows.length).toBeGreaterThan(USER_ROWS / 2 - 1);
  expect(rows.every((row) => row['ra'] === ra.get(row['n'])! + 1)).toBe(true);
  expect(new Set(rows.map(({ cell }) => cell)).size).toBe((await user.explain()).cells);
  for (const workers of [1, 2]) await query.writeHats(temp(`m${workers}`), { workers, name: 'm' });
  expect(fileTree(temp('m1'))).toEqual(fileTree(temp('m2')));
  const written = await openCatalog(temp('m1'));
  expect(await written.count()).toBe(rows.length);
  const found = written.crossmatch(user.select(['n']), {
    radiusArcsec: 5400,
    neighbors: 'all',
    suffixes: ['', '_u'],
  });
  const pairs = rowsOf(await found.select(['n', 'n_u', '_dist_arcsec']).collect());
  // Each moved row meets the one it was, a degree of right ascension away.
  expect(pairs.filter((row) => row['n'] === row['n_u'])).toHaveLength(rows.length);
});

test('no rows', async () => {
  const query = user.select(['n', 'ra', 'dec']).mapPartitions(fromModule('nothing'));
  expect(await query.count(SETTINGS)).toBe(0);
});

describe('what ends the run', () => {
  const only = () => user.select(['n', 'ra', 'dec']);
  const options = { returns: MOVED, constants: { by: 1 } };

  test.each([
    ['noTable', options, /it returned something else than an Arrow table$/],
    ['throwing', options, /it threw RangeError: no such partition$/],
    ['sameTable', options, /the table it returned has no column cell$/],
    ['moved', { ...options, returns: { ...MOVED, more: 'DOUBLE' } }, /has no column more$/],
    [
      'moved',
      { ...options, returns: { ...MOVED, n: 'BIGINT' } },
      /column n of the table it returned is INTEGER, not BIGINT$/,
    ],
    [
      'moved',
      { ...options, returns: { n: 'INTEGER', ra: 'DOUBLE', dec: 'DOUBLE' } },
      /the table it returned has one more column, cell$/,
    ],
  ])('%s', async (name, settings, what) => {
    const query = only().mapPartitions(fromModule(name), settings);
    await expect(query.count(SETTINGS)).rejects.toMatchObject({
      tag: 'user',
      what: expect.stringMatching(
        new RegExp(`^${name} of user-functions.ts failed on a partition of user: .*${what.source}`),
      ),
      where: expect.stringMatching(/^pixel \d+\/\d+$/),
    });
  });

  test('a type that there is none of', async () => {
    const query = only().mapPartitions(fromModule('moved'), { returns: { n: 'COMPLEX' } });
    await expect(query.count(SETTINGS)).rejects.toThrow(
      'n is returned as "COMPLEX", which is no type',
    );
    expect(() =>
      only().mapPartitions(fromModule('moved'), { returns: { n: 'DOUBLE', N: 'DOUBLE' } }),
    ).toThrow('the returned columns "n" and "N" differ by case only');
  });
});

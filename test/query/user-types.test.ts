/** Types of what user code returns: learnt from the first rows, and then held. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalog, close } from '../../index.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';
import { fromModule, idOf, openUser, writeUserCatalog } from './user-catalog.ts';

const temp = tempFolder();
let user: Catalog;
beforeAll(async () => {
  await writeUserCatalog(temp());
  user = await openUser(temp());
});
afterAll(() => close());

const SETTINGS = { workers: 4 } as const;

interface Row {
  readonly n: number;
  readonly ra: number;
  readonly dec: number;
}

test('the first rows tell', async () => {
  const table = await user.mapRows(fromModule('everyType')).collect(SETTINGS);
  const types = Object.fromEntries(
    table.schema.fields.slice(-12).map(({ name, type }) => [name, String(type)]),
  );
  expect(types).toEqual({
    ...{ boolean: 'Bool', integer: 'Float64', bigint: 'Int64', float: 'Float64' },
    ...{ double: 'Float64', string: 'Utf8', booleans: 'List<Bool>', integers: 'List<Int32>' },
    ...{ bigints: 'List<Int64>', floats: 'List<Float32>', doubles: 'List<Float64>' },
    strings: 'List<Utf8>',
  });
});

test('those that tell nothing leave it to others, of other partitions too', async () => {
  // Of these rows, 54 is alone in the last partition.
  const fn = ({ n }: Row) => ({
    late: n === 54 ? 'late' : null,
    lists: n === 54 ? ['late'] : [],
    never: null,
    empty: [],
    nulls: [null],
  });
  const few = user.query('n > 52').mapRows(fn);
  const table = await few.collect(SETTINGS);
  const types = table.schema.fields.slice(-5).map(({ type }) => String(type));
  expect(types).toEqual(['Utf8', 'List<Utf8>', 'Float64', 'List<Float64>', 'List<Float64>']);
  const row = rowsOf(table).find(({ n }) => n === 54)!;
  expect([row['late'], [...(row['lists'] as Iterable<string>)]]).toEqual(['late', ['late']]);
  expect([...(row['empty'] as Iterable<number>)]).toEqual([]);
  expect([...(row['nulls'] as Iterable<number>)]).toEqual([null]);
});

test('and then hold', async () => {
  const fn = ({ n, ra, dec }: Row) => ({ v: n === 59 ? 'other' : ra + dec });
  await expect(user.mapRows(fn).count(SETTINGS)).rejects.toMatchObject({
    tag: 'user',
    what: "the function failed on a row of user: v is the text 'other', which is no DOUBLE",
    where: expect.stringMatching(`^pixel \\d+/\\d+, row \\d+, id ${idOf(59)}$`),
    hint: expect.stringMatching(/^Without returns: \{ name: type \} the first rows decide/),
  });
});

test.each([undefined, { big: 'ubigint', bigs: 'uint64[]' }])(
  'unsigned numbers of 64 bits come back as they were, returns %j',
  async (returns) => {
    const fn = ({ ubig }: { ubig: bigint | null }) => ({
      big: ubig,
      bigs: ubig === null ? null : BigUint64Array.of(ubig, 1n),
    });
    const table = await user.mapRows(fn, { returns }).collect(SETTINGS);
    expect(table.schema.fields.slice(-2).map(({ type }) => String(type))).toEqual([
      'Uint64',
      'List<Uint64>',
    ]);
    for (const { ubig, big, bigs } of rowsOf(table)) {
      expect(big).toBe(ubig);
      expect(bigs === null ? null : [...(bigs as Iterable<bigint>)]).toEqual(
        ubig === null ? null : [ubig, 1n],
      );
    }
  },
);

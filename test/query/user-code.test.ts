/** User code on rows: what it is given, what it gives back, where it runs, and what becomes of its failures. */
import { mkdirSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import { type Catalog, close } from '../../index.ts';
import { fileTree } from './file-tree.ts';
import { rowsOf } from './result-rows.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';
import { fromModule, idOf, openUser, USER_ROWS, writeUserCatalog } from './user-catalog.ts';
import { everyType, told } from './user-functions.ts';

const temp = tempFolder();
let user: Catalog;
beforeAll(async () => {
  await writeUserCatalog(temp());
  user = await openUser(temp());
});
afterAll(() => close());

const SETTINGS = { workers: 4 } as const;
const NUMBERS = Array.from({ length: USER_ROWS }, (_, n) => n);

/** Rows by their number `n`. */
async function byNumber(query: Catalog): Promise<Record<string, unknown>[]> {
  const rows = rowsOf(await query.collect(SETTINGS));
  return rows.sort((a, b) => Number(a['n']) - Number(b['n']));
}

async function toldOf(query: Catalog): Promise<unknown[]> {
  const rows = await byNumber(query.select(['n', 'told']));
  return rows.map((row) => JSON.parse(String(row['told'])));
}

describe('what a row is', () => {
  test('columns of every type, those that cannot be passed left out', async () => {
    const query = user.mapRows(fromModule('describeRow'), { returns: { told: 'string' } });
    const rows = await toldOf(query);
    expect(rows).toHaveLength(USER_ROWS);
    const { _healpix_29, ra, dec, ...fifth } = rows[2] as Record<string, unknown>;
    expect([_healpix_29, ra, dec].map((text) => String(text).split(' ')[0])).toEqual([
      'bigint',
      'number',
      'number',
    ]);
    expect(fifth).toEqual({
      ...{ n: 'number 2', id: `bigint ${idOf(2)}`, tiny: 'number -28' },
      ...{ ubig: 'bigint 18446744073709551613', huge: 'number 2000', f: 'number 0.5' },
      ...{ d: 'number 0.25', flag: 'boolean true', word: 'string word 2' },
      ...{ day: 'Date 2020-01-03T00:00:00.000Z', stamp: 'Date 2020-01-01T02:00:00.250Z' },
      ...{ price: 'number 0.5', numbers: ['number 2', 'null'] },
      times: ['Date 2020-01-03T00:00:00.000Z'],
      lc: {
        t: 'Float64Array 0 1',
        id: `BigInt64Array ${idOf(2)} ${idOf(3)}`,
        band: ['string g', 'string r'],
      },
      ls: { x: 'Float32Array 0 1', ok: ['boolean false', 'boolean true'] },
    });
    expect(rows[1]).toMatchObject({ d: 'number NaN' });
    expect(rows[0]).toMatchObject({ lc: { t: 'Float64Array ' }, ls: { x: 'Float32Array ' } });
    const {
      n,
      id,
      _healpix_29: _,
      ra: _ra,
      dec: _dec,
      ...rest
    } = rows[5] as Record<string, unknown>;
    expect([n, id]).toEqual(['number 5', `bigint ${idOf(5)}`]);
    expect(new Set(Object.values(rest))).toEqual(new Set(['null']));
  });

  test('only the columns and fields asked for', async () => {
    const query = user.mapRows(fromModule('describeRow'), {
      columns: ['word', 'lc.id', 'lc.t'],
      returns: { told: 'string' },
    });
    const rows = await toldOf(query);
    expect(rows[2]).toEqual({
      word: 'string word 2',
      lc: { id: `BigInt64Array ${idOf(2)} ${idOf(3)}`, t: 'Float64Array 0 1' },
    });
  });

  test('a column that cannot be passed is refused where it is asked for', () => {
    expect(() => user.mapRows(() => null, { columns: ['raw'] })).toThrow(
      'raw is BLOB, which cannot be passed to user code\nMake a simpler column of it with withColumns, or use mapPartitions.',
    );
  });

  test('slices stay what they were', async () => {
    const query = user.mapRows(fromModule('keepSlices'), {
      returns: { slices: 'integer', buffers: 'integer', same: 'boolean' },
    });
    const rows = await byNumber(query.select(['n', 'slices', 'same']));
    expect(Math.max(...rows.map(({ slices }) => Number(slices)))).toBeGreaterThan(10);
    expect(rows.every(({ same }) => same === true)).toBe(true);
  });
});

/** The columns of `everyType`, by all the names that types have. */
const RETURNS = {
  ...{ boolean: 'boolean', integer: 'int32', bigint: 'int64', float: 'float32' },
  ...{ double: 'number', string: 'text', booleans: 'bool[]', integers: 'integer[]' },
  ...{ bigints: 'bigint[]', floats: 'float[]', doubles: 'double[]', strings: 'string[]' },
};

describe('what is returned', () => {
  const plain = (value: unknown): unknown => {
    if (value === undefined || value === null) return null;
    return typeof value === 'object' ? [...(value as Iterable<unknown>)].map(plain) : value;
  };

  test('every type comes back as it was, nulls too', async () => {
    const rows = await byNumber(user.mapRows(fromModule('everyType'), { returns: RETURNS }));
    for (const n of NUMBERS) {
      const expected = everyType({ n, id: idOf(n) });
      const found = Object.fromEntries(
        Object.keys(RETURNS).map((name) => [name, plain(rows[n]![name])]),
      );
      const wanted = Object.fromEntries(
        Object.entries(expected).map(([name, value]) => [name, plain(value)]),
      );
      if (typeof wanted['float'] === 'number') wanted['float'] = Math.fround(wanted['float']);
      expect(found).toEqual(wanted);
    }
  });
});

describe('where it runs', () => {
  test('setup once per worker and set of constants', async () => {
    mkdirSync(temp('marks'));
    const query = user.mapRows(fromModule('thread'), {
      returns: { thread: 'integer', own: 'integer' },
      constants: { marks: temp('marks') },
    });
    for (let run = 0; run < 2; run++) {
      const rows = await byNumber(query);
      expect(rows.every(({ thread, own }) => thread === own && thread !== 0)).toBe(true);
    }
    const threads = readdirSync(temp('marks')).map((name) => name.split('-')[0]);
    expect(new Set(threads).size).toBe(threads.length);
    expect(threads.length).toBeGreaterThan(0);
  });

  test('the same bytes from one worker and from four', async () => {
    const query = user
      .mapRows(fromModule('everyType'), {
        returns: {
          string: 'string',
          doubles: 'double[]',
          boolean: 'boolean',
          integer: 'integer',
          bigint: 'bigint',
          float: 'float',
          double: 'double',
          booleans: 'boolean[]',
          integers: 'integer[]',
          bigints: 'bigint[]',
          floats: 'float[]',
          strings: 'string[]',
        },
      })
      .query('integer < -3 or integer is null');
    expect((await query.explain()).cells).toBeGreaterThan(3);
    for (const workers of [1, 4]) {
      await query.writeHats(temp(`by-${workers}`), { workers, name: 'by', rowsPerPartition: 24 });
    }
    expect(fileTree(temp('by-4'))).toEqual(fileTree(temp('by-1')));
  });

  test('constants of every kind', async () => {
    const constants = {
      ...{ number: 1.5, nan: Number.NaN, big: 2n ** 70n, text: 'é', none: null, not: undefined },
      ...{ yes: true, date: new Date(0), pattern: /a+/gi, error: new RangeError('far') },
      map: new Map([['a', [1, { b: 2n }]]]),
      set: new Set([1, 'x']),
      arrays: [Float64Array.of(1, 2), BigInt64Array.of(3n), new Uint8Array([4])],
      buffer: Uint8Array.of(5, 6).buffer,
      nested: { deep: [{ er: true }] },
    };
    const query = user.mapRows(fromModule('describeConstants'), {
      returns: { told: 'string' },
      constants,
    });
    expect((await toldOf(query))[0]).toEqual(JSON.parse(JSON.stringify(told(constants))));
  });

  test('constants are those of the call, whatever happens to them afterwards', async () => {
    const constants = { v: 1 };
    const query = user.mapRows((_row, context) => ({ v: context.constants.v }), {
      returns: { v: 'double' },
      constants,
    });
    constants.v = 2;
    const other = user.mapRows((_row, context) => ({ v: context.constants.v }), {
      returns: { v: 'double' },
      constants,
    });
    expect(new Set((await byNumber(query)).map(({ v }) => v))).toEqual(new Set([1]));
    expect(new Set((await byNumber(other)).map(({ v }) => v))).toEqual(new Set([2]));
  });
});

test('rows of a cell that do not fit come in blocks', async () => {
  await user
    .mapRows(({ n }: { n: number }) => ({ t: new Float64Array(3000).fill(n) }), {
      ...{ columns: ['n'], returns: { t: 'double[]' } },
    })
    .select(['n', 't'])
    .nestLists('lc', { t: 't' })
    .writeHats(temp('long'), { ...SETTINGS, rowsPerPartition: 24 });
  const tight = smallRuntime(1);
  try {
    const long = await openWith(temp('long'), tight);
    const query = long.mapRows(fromModule('keepSlices'), {
      returns: { slices: 'integer', buffers: 'integer', same: 'boolean' },
    });
    const rows = await byNumber(query.select(['n', 'buffers', 'same']));
    expect(rows.map(({ n }) => n)).toEqual(NUMBERS);
    expect(rows.every(({ same }) => same === true)).toBe(true);
    const buffers = Math.max(...rows.map((row) => Number(row['buffers'])));
    expect(buffers).toBeGreaterThan(2 * (await long.explain()).cells);
  } finally {
    await tight.close();
  }
});

describe('rows that fail', () => {
  const options = { columns: ['n'], returns: { v: 'double' } };
  const failing = NUMBERS.filter((n) => [3, 7, 8].includes(n % 10));

  test('skip leaves them out and tells of them', async () => {
    const warnings: string[] = [];
    const query = user.mapRows(fromModule('flaky'), { ...options, onError: 'skip' });
    const table = await query
      .select(['n', 'v'])
      .collect({ ...SETTINGS, onWarning: (text) => warnings.push(text) });
    const rows = rowsOf(table).sort((a, b) => Number(a['n']) - Number(b['n']));
    expect(rows).toEqual(NUMBERS.filter((n) => !failing.includes(n)).map((n) => ({ n, v: n })));
    expect(warnings).toEqual([
      expect.stringMatching(
        /^user code failed on 18 rows; one of them: flaky of user-functions\.ts failed on a row of user: .+ \(pixel \d+\/\d+, row \d+, id 11529215\d+\)$/,
      ),
    ]);
    expect(await query.count({ ...SETTINGS, onWarning: () => {} })).toBe(USER_ROWS - 18);
  });

  test('collect keeps them with the message', async () => {
    const query = user.mapRows(fromModule('flaky'), { ...options, onError: 'collect' });
    const messages: Record<number, string> = {
      7: "v is the text 'seven', which is no DOUBLE",
      8: 'a text',
    };
    expect(await byNumber(query.select(['n', 'v', '_error']))).toEqual(
      NUMBERS.map((n) => {
        const fails = failing.includes(n);
        const message = n % 10 === 3 ? `RangeError: no ${n}` : messages[n % 10];
        return { n, v: fails ? null : n, _error: fails ? message : null };
      }),
    );
    const warned = { ...SETTINGS, onWarning: () => {} };
    expect(await query.query('_error is not null').count(warned)).toBe(18);
  });
});

describe('above and below other steps', () => {
  const plus = (name: string, add: number) =>
    [
      ({ n }: { n: number }, context: { constants: { name: string; add: number } }) => ({
        [context.constants.name]: n + context.constants.add,
      }),
      { columns: ['n'], returns: { [name]: 'double' }, constants: { name, add } },
    ] as const;

  test('filters, matches, joins and itself', async () => {
    const left = user
      .query('n < 50')
      .mapRows(...plus('a', 1))
      .query('a % 2 = 0');
    const right = user
      .mapRows(...plus('b', 10))
      .select(['n', 'id', 'b'])
      .query('b > 20');
    const matched = left
      .select(['n', 'id', 'a'])
      .crossmatch(right, { radiusArcsec: 1, suffixes: ['', '_r'] })
      .mapRows(({ a, b_r }: { a: number; b_r: number }) => ({ sum: a + b_r }), {
        columns: ['a', 'b_r'],
        returns: { sum: 'double' },
      })
      .query('sum <> 34')
      .join(user.mapRows(...plus('c', 100)).select(['id', 'c']), { on: 'id', suffixes: ['', '_j'] })
      .select(['n', 'a', 'b_r', 'sum', 'c_j']);
    const expected = NUMBERS.filter((n) => n < 50 && (n + 1) % 2 === 0 && n + 10 > 20)
      .map((n) => ({ n, a: n + 1, b_r: n + 10, sum: 2 * n + 11, c_j: n + 100 }))
      .filter(({ sum }) => sum !== 34);
    expect(await byNumber(matched)).toEqual(expected);
  });

  test('a column of code that is not said cannot be named, and the message says how', () => {
    expect(() => user.mapRows(() => ({ v: 1 })).query('v > 0')).toThrow(
      "What user code returns can be named once it is said: returns: { name: 'double' } beside the function.",
    );
  });
});

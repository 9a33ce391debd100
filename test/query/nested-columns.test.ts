/** Nested columns of both forms against plain TypeScript, with nulls, NaN and empty lists in every place. */
import { StructRow } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import {
  condition,
  elementsOf,
  FIELDS,
  type Nest,
  type NestRow,
  nestOf,
  nestRow,
  nestTable,
  ofRow,
  type Value,
} from './nested-twin.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

const rows: readonly NestRow[] = fc
  .sample(nestRow, { numRuns: 150, seed: 4 })
  .map((row, n) => ({ n, ...row }));
const COLUMNS = ['lc', 'ls'] as const;
let catalog: Catalog;
beforeAll(async () => {
  const source = fromTable(nestTable(rows), { ra: 'ra', dec: 'dec', name: 'nests' });
  await source.writeHats(temp('nests'), { rowsPerPartition: 60, workers: 1 });
  catalog = await openCatalog(temp('nests'));
});

/** Rows of a result by `n`, nests as plain lists. */
async function found(query: Catalog): Promise<Record<string, unknown>[]> {
  const all = rowsOf(await query.collect()).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
  );
  return all.sort((a, b) => Number(a['n']) - Number(b['n']));
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (value instanceof StructRow) {
    return Object.fromEntries([...value].map(([name, part]) => [name, plain(part)]));
  }
  return [...(value as Iterable<unknown>)].map(plain);
}

/** As results show a nest: −0 is 0, and a nest whose lists are all null is none. */
function shown(nest: Nest): unknown {
  if (nest === null || FIELDS.every((field) => nest[field] === null)) return null;
  return nest;
}

test('what is written is read', async () => {
  const all = await found(catalog.select(['n', 'lc', 'ls']));
  expect(all).toEqual(rows);
  const kinds = rows.map(({ lc }) => (lc === null ? 'null' : lc.m!.length > 1 ? 2 : lc.m!.length));
  for (const kind of ['null', 0, 1, 2]) expect(kinds).toContain(kind);
  expect(catalog.columns.slice(-2).map(({ type }) => type)).toEqual([
    'STRUCT(t DOUBLE[], m FLOAT[], k INTEGER[])',
    'STRUCT(t DOUBLE, m FLOAT, k INTEGER)[]',
  ]);
});

test.each(COLUMNS)('values of rows computed from elements: %s', async (column) => {
  await fc.assert(
    fc.asyncProperty(fc.array(ofRow, { minLength: 16, maxLength: 16 }), async (values) => {
      const names = values.map((_, i) => `v${i}`);
      const texts = values.map(({ text }) => text(column));
      const expressions = Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
      const query = catalog.withColumns(expressions).select(['n', ...names]);
      const all = await found(query);
      for (const [i, { of }] of values.entries()) {
        const expected = rows.map((row) => of(row, column));
        const got = all.map((row) => row[`v${i}`]);
        expect({ [texts[i]!]: got.map(positive) }).toEqual({ [texts[i]!]: expected.map(positive) });
      }
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

const positive = (value: unknown) => (value === 0 ? 0 : value);

test.each(COLUMNS)('whether any or all elements are so: %s', async (column) => {
  const query = catalog.withColumns({
    some: `any(${column}.k > 0)`,
    every: `all(${column}.k > 0)`,
  });
  const all = await found(query.select(['n', 'some', 'every']));
  for (const [n, { some, every }] of all.entries()) {
    const known = (elementsOf(nestOf(rows[n]!, column)) ?? []).flatMap(({ k }) =>
      k === null ? [] : k > 0,
    );
    expect([n, some]).toEqual([n, known.length === 0 ? null : known.includes(true)]);
    expect([n, every]).toEqual([n, known.length === 0 ? null : !known.includes(false)]);
  }
});

describe.each(COLUMNS)('filters of %s', (column) => {
  const kept = (nest: Nest, row: NestRow, of: (e: never, row: NestRow) => boolean | null): Nest => {
    const all = elementsOf(nest);
    if (all === null) return nest;
    const places = [...all.keys()].filter((i) => of(all[i] as never, row) === true);
    const list = (name: (typeof FIELDS)[number]) =>
      nest![name] === null ? null : places.map((i) => nest![name]![i] ?? null);
    return { t: list('t'), m: list('m'), k: list('k') };
  };

  test('of elements', async () => {
    await fc.assert(
      fc.asyncProperty(condition, async ({ text, of }) => {
        const query = catalog.query(text(column)).select(['n', column]);
        const expected = rows.map((row) => shown(kept(nestOf(row, column), row, of)));
        const got = (await found(query)).map((row) => row[column]);
        expect({ [text(column)]: got }).toEqual({ [text(column)]: expected });
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  test('of elements by an aggregate over them, then of rows', async () => {
    const query = catalog
      .query(`${column}.t >= mean(${column}.t)`)
      .query(`len(${column}) > 1 or n % 5 = 0`)
      .select(['n', column]);
    const expected = rows
      .map((row) => {
        const nest = nestOf(row, column);
        const known = (nest?.t ?? []).filter((t): t is number => t !== null && !Number.isNaN(t));
        const mean = known.reduce((a, b) => a + b, 0) / known.length;
        return {
          n: row.n,
          [column]: shown(kept(nest, row, (e: { t: Value }) => e.t! >= mean && e.t !== null)),
        };
      })
      .filter((row) => row.n % 5 === 0 || ((row[column] as Nest)?.m?.length ?? 0) > 1);
    expect(await found(query)).toEqual(expected);
  });

  test.each([false, true])('sorted, descending %s', async (descending) => {
    const query = catalog.sortNested(column, 't', { descending }).select(['n', column]);
    const expected = rows.map((row) => {
      const nest = nestOf(row, column);
      const all = elementsOf(nest);
      if (all === null) return null;
      const known = (i: number) => all[i]!.t !== null && !Number.isNaN(all[i]!.t);
      const places = [...all.keys()].sort((a, b) => {
        if (!known(a) || !known(b)) return Number(known(b)) - Number(known(a)) || a - b;
        return (descending ? all[b]!.t! - all[a]!.t! : all[a]!.t! - all[b]!.t!) || a - b;
      });
      const list = (name: (typeof FIELDS)[number]) =>
        nest![name] === null ? null : places.map((i) => nest![name]![i] ?? null);
      return { t: list('t'), m: list('m'), k: list('k') };
    });
    expect((await found(query)).map((row) => row[column])).toEqual(expected);
  });

  test.each(['inner', 'left'] as const)('exploded, %s', async (how) => {
    const query = catalog.select(['n', column]).explode(column, { how });
    const none = { t: null, m: null, k: null };
    const expected = rows.flatMap((row) => {
      const all = elementsOf(nestOf(row, column)) ?? [];
      const of = all.length === 0 && how === 'left' ? [none] : all;
      return of.map((e) => ({ n: row.n, ...e }));
    });
    const all = rowsOf(await query.select(['n', 't', 'm', 'k']).collect());
    expect(all).toEqual(expected);
  });

  test('exploded and nested again: what had elements is what it was', async () => {
    const parts = catalog.select(['n', 'ra', 'dec', column]).explode(column);
    const query = catalog
      .select(['n'])
      .joinNested(parts.select(['n', 't', 'm', 'k']), { on: 'n', how: 'left', name: 'again' });
    const expected = rows.map((row) => {
      const all = elementsOf(nestOf(row, column)) ?? [];
      if (all.length === 0) return null;
      return Object.fromEntries(FIELDS.map((name) => [name, all.map((e) => e[name])]));
    });
    expect((await found(query)).map(({ again }) => again)).toEqual(expected);
  });
});

test('written and read again, a filtered, sorted, joined nest is what it was', async () => {
  const parts = catalog.select(['n', 'ra', 'dec', 'ls']).explode('ls');
  const query = catalog
    .select(['n', 'lc', 'ls'])
    .query('lc.t < 1 or lc.k > 0')
    .sortNested('ls', 'm')
    .joinNested(parts.select(['n', 't', 'k']), { on: 'n', how: 'left', name: 'of' })
    .withColumns({ brightest: 'max(of.t)' });
  await query.writeHats(temp('again'), { workers: 1, rowsPerPartition: 40 });
  const again = await openCatalog(temp('again'));
  expect(await found(again.select(['n', 'lc', 'ls', 'of', 'brightest']))).toEqual(
    await found(query),
  );
  expect(again.columns.slice(-4).map(({ name, type }) => `${name} ${type}`)).toEqual([
    'lc STRUCT(t DOUBLE[], m FLOAT[], k INTEGER[])',
    'ls STRUCT(t DOUBLE[], m FLOAT[], k INTEGER[])',
    'of STRUCT(t DOUBLE[], k INTEGER[])',
    'brightest DOUBLE',
  ]);
});

describe('only the fields that are needed are read', () => {
  const read = async (query: Catalog, columns?: string[]) =>
    (await query.explain(columns === undefined ? {} : { columns })).scans[0]!.columns.filter(
      (name) => !['_healpix_29', 'ra', 'dec'].includes(name),
    );

  test.each([
    ['selected', (c: Catalog) => c.select(['lc.k', 'n']), ['n', 'lc.k']],
    ['two of them, in order', (c: Catalog) => c.select(['lc.m', 'lc.t']), ['lc.t', 'lc.m']],
    ['whole', (c: Catalog) => c.select(['lc']), ['lc']],
    ['a list of structs, whole', (c: Catalog) => c.select(['ls.k']), ['ls']],
    ['a filter of rows', (c: Catalog) => c.query('mean(lc.t) > 1').select(['n']), ['n', 'lc.t']],
    [
      'a length: the narrowest',
      (c: Catalog) => c.query('len(lc) > 1').select(['n']),
      ['n', 'lc.m'],
    ],
    [
      'a filter of elements',
      (c: Catalog) => c.query('lc.t > 1').select(['lc.k']),
      ['lc.t', 'lc.k'],
    ],
    [
      'a filter above what it does not touch',
      (c: Catalog) => c.query('lc.t > 1').query('n > 5').select(['n']),
      ['n'],
    ],
    ['an order', (c: Catalog) => c.sortNested('lc', 't').select(['lc.m']), ['lc.t', 'lc.m']],
    ['exploded', (c: Catalog) => c.explode('lc').select(['n', 'k']), ['n', 'lc.m', 'lc.k']],
    [
      'a value that nobody wants',
      (c: Catalog) => c.withColumns({ a: 'max(lc.t)', b: 'max(lc.k)' }).select(['b']),
      ['lc.k'],
    ],
  ] as const)('%s', async (_name, build, expected) => {
    expect(await read(build(catalog))).toEqual(expected);
  });

  test('bytes are those of the fields', async () => {
    const bytes = async (query: Catalog) => (await query.explain()).scans[0]!.bytes;
    const [one, all] = [await bytes(catalog.select(['lc.k'])), await bytes(catalog.select(['lc']))];
    expect(one).toBeLessThan(all);
  });
});

test('wrong requests are refused where they are made', () => {
  const two = 'Write two queries: one keeps elements, the other keeps rows.';
  for (const [build, message] of [
    [
      () => catalog.query('lc.t < 1 and n > 2'),
      `one part of the expression is about elements of lc, another about whole rows (expression lc.t < 1 and n > 2)\n${two}`,
    ],
    [
      () => catalog.query('lc.t < ls.t'),
      'the expression is about the elements of lc and of ls (expression lc.t < ls.t)\nWrite one query for each nested column.',
    ],
    [
      () => catalog.withColumns({ a: 'lc.t + 1' }),
      'a would have many values per row: lc.t + 1 is about the elements of lc\nTake an aggregate, for example mean(lc.t).',
    ],
    [() => catalog.select(['lc.x']), 'lc has no field "x"\nFields: t, m, k'],
    [() => catalog.select(['lc', 'lc.t']), 'column "lc.t" is listed twice'],
    [() => catalog.sortNested('n', 't'), 'n is INTEGER, not a nested column'],
    [() => catalog.explode('n'), 'n is INTEGER, neither a nested column nor a list'],
    [
      () => catalog.withColumns({ t: 'n' }).explode('lc'),
      "there is a column \"t\" already, beside that field of lc\nGive a prefix: explode('lc', { prefix: 'lc_' }).",
    ],
    [
      () => catalog.nestLists('a', { x: 'n' }),
      'n is INTEGER, not a list\nOnly list columns can be nested.',
    ],
    [() => catalog.nestLists('a', {}), 'there is no list column to nest'],
    [() => catalog.withColumns({}), 'there is no column to compute'],
    [
      () => catalog.withColumns({ ra: 'n' }),
      'there is a column "ra" already\nPositions and the spatial index cannot be replaced.',
    ],
    [
      () => catalog.joinNested(catalog, { on: 'n', name: 'lc' }),
      'there is a column "lc" already\nChoose another name.',
    ],
  ] as const) {
    expect(build).toThrow(expect.objectContaining({ tag: 'request', message }));
  }
});

test('lists of different lengths are no nest', async () => {
  const lists = catalog
    .mapRows(
      ({ n }: { n: number }) => ({
        a: new Float64Array(n % 3),
        b: n === 7 ? null : Array(n % 3).fill('x'),
      }),
      { columns: ['n'], returns: { a: 'double[]', b: 'string[]' } },
    )
    .select(['n', 'a', 'b'])
    .nestLists('ab', { x: 'a', y: 'b' });
  await expect(lists.collect({ workers: 1 })).rejects.toThrow(
    'lists of different lengths cannot be nested as ab: a has 1, b has none',
  );
  const expected = rows
    .filter(({ n }) => n !== 7)
    .map(({ n }) => ({
      n,
      ab: { x: Array(n % 3).fill(0), y: Array(n % 3).fill('x') },
    }));
  expect(await found(lists.query('n <> 7'))).toEqual(expected);
});

test('computed columns go on into user code, and not to what needs their types before', async () => {
  const computed = catalog.withColumns({ a: 'n * 2.0', b: 'list_slice(lc.t, 1, 2)' });
  const told = computed
    .select(['n', 'a', 'b'])
    .mapRows(
      ({ a, b }: { a: number; b: Float64Array | null }) => ({ sum: a + (b?.length ?? -1) }),
      { returns: { sum: 'double' } },
    );
  expect((await found(told)).map(({ sum }) => sum)).toEqual(
    rows.map(({ n, lc }) => 2 * n + Math.min(2, lc?.t?.length ?? -1)),
  );
  const raw = catalog.withColumns({ raw: "unhex('00')" });
  await expect(raw.mapRows(() => null, { returns: {} }).count({ workers: 1 })).rejects.toThrow(
    'raw is BLOB, which cannot be passed to user code',
  );
  for (const build of [
    () => computed.explode('b'),
    () => computed.nestLists('c', { b: 'b' }),
    () => computed.join(catalog, { on: ['b', 'n'] }),
  ]) {
    expect(build).toThrow('the type of b is known when the query runs, and is needed now');
  }
});

/** Joins, nests and explodes above and below matches and each other, against the same steps by their definitions. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalog, close, openCatalog } from '../../index.ts';
import { type KeyedRow, keyedSky, partners, writeKeyed } from './keyed-sky.ts';
import { inSpatialOrder, naiveMatch } from './oracle.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(close);

/** a and b are objects that lie near each other; c holds detections of both. */
const sky = keyedSky({ seed: 11, objects: 90, detections: 6, scatterArcsec: 4 });
const a = sky.objects;
const b = sky.objects.filter(({ n }) => n % 3 !== 0);
const c = sky.detections;

beforeAll(async () => {
  await writeKeyed(temp('a'), a, { name: 'a', rowsPerPartition: 20 });
  await writeKeyed(temp('b'), b, { name: 'b', rowsPerPartition: 12 });
  await writeKeyed(temp('c'), c, { name: 'c', rowsPerPartition: 60, marginArcsec: 5 });
});

const open = async (): Promise<Catalog[]> =>
  Promise.all(['a', 'b', 'c'].map((name) => openCatalog(temp(name))));

const WITHIN = { key: 'id', withinArcsec: 10 } as const;
const near = (left: readonly KeyedRow[], right: readonly KeyedRow[], how: 'inner' | 'left') =>
  naiveMatch(
    left,
    right,
    { radiusArcsec: 3, neighbors: 'all', how },
    (x, y) => Number((x.id ?? 0n) - (y.id ?? 0n)) || x.n - y.n,
  );

/** Pairs of both kinds have no order of their own among exact duplicates: compared as sets of rows. */
const numbers = (rows: readonly Record<string, unknown>[], ...names: string[]) =>
  rows.map((row) => names.map((name) => row[name] ?? null).join(' ')).sort();

async function found(query: Catalog, ...names: string[]): Promise<string[]> {
  return numbers(rowsOf(await query.select(names).collect()), ...names);
}

const sorted = (rows: readonly (readonly (number | null | undefined)[])[]) =>
  rows.map((row) => row.map((n) => n ?? null).join(' ')).sort();

test('a join on the left of a match: every pair is matched from where its left row is', async () => {
  const [A, B, C] = await open();
  const query = A!
    .join(C!, { on: 'id', suffixes: ['', '_c'] })
    .crossmatch(B!, { radiusArcsec: 3, neighbors: 'all', suffixes: ['', '_b'] });
  const expected = partners(a, c, WITHIN).flatMap(({ row, of }) =>
    of.flatMap((d) => near([row], b, 'inner').map(({ right }) => [row.n, d.n, right!.n])),
  );
  expect(expected.length).toBeGreaterThan(100);
  expect(await found(query, 'n', 'n_c', 'n_b')).toEqual(sorted(expected));
});

test('a join on the right of a match reaches as far as both', async () => {
  const [A, B, C] = await open();
  const right = B!.join(C!, { on: 'id', how: 'left', suffixes: ['', '_c'] });
  const query = A!.crossmatch(right, {
    ...{ radiusArcsec: 3, neighbors: 'all', how: 'left' },
    suffixes: ['_a', ''],
  });
  const ofB = new Map(partners(b, c, WITHIN).map(({ row, of }) => [row.n, of]));
  const expected = near(a, b, 'left').flatMap(({ left, right: other }) => {
    if (other === null) return [[left.n, null, null]];
    const of = ofB.get(other.n)!;
    if (of.length === 0) return [[left.n, other.n, null]];
    return of.map((d) => [left.n, other.n, d.n]);
  });
  expect(await found(query, 'n_a', 'n', 'n_c')).toEqual(sorted(expected));
});

test('a join of joins', async () => {
  const [A, B, C] = await open();
  const pairs = B!.join(C!, { on: 'id', suffixes: ['', '_c'] });
  const query = A!.join(pairs, { on: 'id', withinArcsec: 3, suffixes: ['_a', ''] });
  const ofB = new Map(partners(b, c, WITHIN).map(({ row, of }) => [row.n, of]));
  const expected = partners(a, b, { key: 'id', withinArcsec: 3 }).flatMap(({ row, of }) =>
    of.flatMap((other) => ofB.get(other.n)!.map((d) => [row.n, other.n, d.n])),
  );
  expect(expected.length).toBeGreaterThan(100);
  expect(await found(query, 'n_a', 'n', 'n_c')).toEqual(sorted(expected));
});

test('matches nested, exploded, and matched again', async () => {
  const [A, B, C] = await open();
  const nested = B!
    .crossmatchNested(C!.select(['n', 'mag']), { radiusArcsec: 3, neighbors: 'all', name: 'm' })
    .explode('m', { prefix: 'm_' });
  const query = A!.crossmatch(nested, {
    ...{ radiusArcsec: 3, neighbors: 'all' },
    suffixes: ['_a', ''],
  });
  const ofB = new Map<number, number[]>();
  for (const { left, right } of near(b, c, 'inner')) {
    ofB.set(left.n, [...(ofB.get(left.n) ?? []), right!.n]);
  }
  const expected = near(a, b, 'inner').flatMap(({ left, right }) =>
    (ofB.get(right!.n) ?? []).map((d) => [left.n, right!.n, d]),
  );
  expect(expected.length).toBeGreaterThan(100);
  expect(await found(query, 'n_a', 'n', 'm_n')).toEqual(sorted(expected));
});

test('left joins over sides that come to nothing have nulls, nests and columns of user code too', async () => {
  const [A, B, C] = await open();
  const nothing = B!.query('mag > 1e9').crossmatch(
    B!
      .crossmatchNested(C!, { radiusArcsec: 3, neighbors: 'all', name: 'm' })
      .mapRows(() => ({ made: 1 }), { returns: { made: 'double' } }),
    { radiusArcsec: 3, suffixes: ['', '_r'] },
  );
  const query = A!.join(nothing, { on: 'id', how: 'left', suffixes: ['', '_x'] });
  const rows = rowsOf(await query.select(['n', 'm_r_x', 'made_r_x', '_dist_arcsec_x']).collect());
  expect(rows.map(({ n }) => n)).toEqual(inSpatialOrder(a).map(({ n }) => n));
  expect(new Set(rows.flatMap((row) => [row.m_r_x, row.made_r_x, row._dist_arcsec_x]))).toEqual(
    new Set([null]),
  );
});

test('exact duplicates with nests are matched like those without', async () => {
  const [A, , C] = await open();
  const options = { radiusArcsec: 3, neighbors: 1, suffixes: ['', '_r'] } as const;
  const plain = await A!.crossmatch(A!, options).select(['n', 'n_r']).collect();
  const nested = A!.joinNested(C!, { on: 'id', how: 'left', name: 'lc' });
  const withNests = await A!.crossmatch(nested, options).select(['n', 'n_r']).collect();
  expect(rowsOf(withNests)).toEqual(rowsOf(plain));
});

test('filters and selections above and below', async () => {
  const [A, B, C] = await open();
  const query = A!
    .query("band = 'g' or mag > 10")
    .select(['n', 'id'])
    .join(C!.query('t >= 2').select(['id', 'n', 't']), { on: 'id', suffixes: ['', '_c'] })
    .query('t_c < 5 and n % 2 = 0')
    .crossmatch(B!.select(['n']), { radiusArcsec: 3, neighbors: 'all', suffixes: ['', '_b'] })
    .query('n_b > n_c - 300')
    .select(['n_b', 'n', 'n_c']);
  const lefts = a.filter(({ band, mag, n }) => (band === 'g' || (mag ?? 0) > 10) && n % 2 === 0);
  const rights = c.filter(({ t }) => t !== null && t >= 2 && t < 5);
  const expected = partners(lefts, rights, WITHIN)
    .flatMap(({ row, of }) =>
      of.flatMap((d) => near([row], b, 'inner').map(({ right }) => [row.n, d.n, right!.n])),
    )
    .filter(([, d, other]) => other! > d! - 300);
  expect(expected.length).toBeGreaterThan(20);
  expect(await found(query, 'n', 'n_c', 'n_b')).toEqual(sorted(expected));
});

test('a limit before a join takes rows before they have partners', async () => {
  const [A, , C] = await open();
  const query = A!.limit(30).join(C!, { on: 'id', suffixes: ['', '_c'] });
  const first = inSpatialOrder(a).slice(0, 30);
  const expected = partners(first, c, WITHIN).flatMap(({ row, of }) => of.map((d) => [row.n, d.n]));
  expect(await found(query, 'n', 'n_c')).toEqual(sorted(expected));
  const last = A!.join(C!.limit(100), { on: 'id', suffixes: ['', '_c'] }).limit(25);
  const firstC = inSpatialOrder(c).slice(0, 100);
  const pairs = partners(a, firstC, WITHIN).flatMap(({ row, of }) => of.map((d) => [row.n, d.n]));
  expect(rowsOf(await last.select(['n', 'n_c']).collect()).map(Object.values)).toEqual(
    pairs.slice(0, 25),
  );
});

test('a search below or above a join is one for its left rows', async () => {
  const [A, , C] = await open();
  const pole = (of: Catalog) => of.coneSearch(0, 90, 400);
  const terms = { on: 'id', suffixes: ['', '_c'] } as const;
  const above = await found(pole(A!.join(C!, terms)), 'n', 'n_c');
  expect(above.length).toBeGreaterThan(5);
  expect(await found(pole(A!).join(C!, terms), 'n', 'n_c')).toEqual(above);
});

test('written joins read back the same', async () => {
  const [A, , C] = await open();
  const query = A!.joinNested(C!.select(['id', 'n', 't', 'band']), {
    on: 'id',
    how: 'left',
    name: 'lc',
  });
  const written = await query.writeHats(temp('written'), { rowsPerPartition: 15 });
  expect(written.rows).toBe(a.length);
  const again = await openCatalog(temp('written'));
  expect(again.columns.at(-1)).toEqual({
    name: 'lc',
    type: 'STRUCT(n INTEGER[], t DOUBLE[], band VARCHAR[])',
  });
  const plain = (rows: readonly Record<string, unknown>[]) =>
    rows.map(({ n, lc }) => ({ n, lc: lc === null ? null : JSON.parse(JSON.stringify(lc)) }));
  expect(plain(rowsOf(await again.select(['n', 'lc']).collect()))).toEqual(
    plain(rowsOf(await query.select(['n', 'lc']).collect())),
  );
});

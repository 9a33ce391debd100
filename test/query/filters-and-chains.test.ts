/** Where a filter stands, what it makes of NaN and null, and matches of matches: against naive computations. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, close } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { offset } from '../partitioning/random-sky.ts';
import { hardSky, seeded } from './hard-sky.ts';
import { makeCatalog, openMade, type SkyRow } from './make-catalog.ts';
import { byId, inSpatialOrder, naiveMatch, type OraclePair } from './oracle.ts';
import { type ResultRow, rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

const RADIUS_ARCSEC = 180.3;
const SPEC = {
  seed: 21,
  places: ['corners', 'edges', 'seam', 'north pole'],
  spreadDegrees: 0.1,
  scatterDegrees: 40 / 3600,
  duplicates: 0.1,
  leftRows: 150,
  rightRows: 150,
} as const;
const { left: A, right: B } = hardSky(SPEC);
const random = seeded(22);
const C: readonly SkyRow[] = B.map((row) => {
  const [ra, dec] = offset([row.ra, row.dec], random() * 360, (random() * 60) / 3600);
  return { ...row, id: row.id + 5000, ra, dec: Math.max(-90, Math.min(90, dec)) };
});

/** Small partitions for rows that lie together, one or a few for all, without and with a margin. */
const CUTS = [
  { rowsPerPartition: 30 },
  { rowsPerPartition: 60, marginArcsec: 200 },
  { rowsPerPartition: 1000 },
];

/** A side under every cut. */
async function cutsOf(name: string, rows: readonly SkyRow[]): Promise<Catalog[]> {
  const cuts: Catalog[] = [];
  for (const cut of CUTS) {
    const dir = temp(`${name}-${cut.rowsPerPartition}`);
    cuts.push(await openMade(await makeCatalog(dir, rows, { name, ...cut })));
  }
  return cuts;
}

/** Rows as texts of the columns named, nulls as such. */
function linesOf(rows: readonly ResultRow[], names: readonly string[]): string[] {
  return rows.map((row) => names.map((name) => String(row[name])).join(' '));
}

/** Pairs with a border of order 6 between them: the smallest partitions are no larger. */
function acrossBorders(pairs: readonly OraclePair<SkyRow, SkyRow>[]): number {
  const pixel = ({ ra, dec }: SkyRow) => hashPosition(ra, dec, 6);
  return pairs.filter(({ left, right }) => right !== null && pixel(left) !== pixel(right)).length;
}

describe('on hard places of the sky', () => {
  let a: Catalog[];
  let b: Catalog[];
  let c: Catalog[];
  beforeAll(async () => {
    [a, b, c] = [await cutsOf('a', A), await cutsOf('b', B), await cutsOf('c', C)];
  });

  const bright = ({ mag }: SkyRow) => mag !== null && mag > 15;
  const suffixes = ['_l', '_r'] as const;

  test('a right filter before the match leaves the nearest survivor, after it drops pairs', async () => {
    const options = { radiusArcsec: RADIUS_ARCSEC, neighbors: 1 };
    const all = naiveMatch(A, B, options, byId);
    expect(acrossBorders(all)).toBeGreaterThan(5);
    const textOf = (pairs: typeof all) =>
      pairs.map(({ left, right }) => `${left.id} ${right!.id} ${right!.mag}`);
    const before = textOf(naiveMatch(A, B.filter(bright), options, byId));
    const after = textOf(all.filter(({ right }) => bright(right!)));
    expect(before.length).toBeGreaterThan(after.length);
    for (const [i, left] of a.entries()) {
      const right = b[(i + 2) % b.length]!;
      const match = (other: Catalog) => left.crossmatch(other, { ...options, suffixes });
      const lines = async (query: Catalog) =>
        linesOf(rowsOf(await query.collect()), ['id_l', 'id_r', 'mag_r']);
      expect(await lines(match(right.query('mag > 15'))), `cut ${i}`).toEqual(before);
      expect(await lines(match(right).query('mag_r > 15')), `cut ${i}`).toEqual(after);
      expect(await match(right.query('mag > 15')).count()).toBe(before.length);
      expect(await match(right).query('mag_r > 15').count()).toBe(after.length);
    }
  });

  test('a left join with a right filter before it keeps every left row, after it does not', async () => {
    const options = { radiusArcsec: RADIUS_ARCSEC, neighbors: 2, how: 'left' } as const;
    const all = naiveMatch(A, B, options, byId);
    const textOf = (pairs: typeof all) =>
      pairs.map(({ left, right }) => `${left.id} ${right?.id ?? null}`);
    const before = textOf(naiveMatch(A, B.filter(bright), options, byId));
    const after = textOf(all.filter(({ right }) => right !== null && bright(right)));
    for (const [i, left] of a.entries()) {
      const right = b[(i + 1) % b.length]!;
      const match = (other: Catalog) => left.crossmatch(other, { ...options, suffixes });
      const lines = async (query: Catalog) =>
        linesOf(rowsOf(await query.collect()), ['id_l', 'id_r']);
      expect(await lines(match(right.query('mag > 15')))).toEqual(before);
      expect(await lines(match(right).query('mag_r > 15'))).toEqual(after);
    }
  });

  const near = { radiusArcsec: RADIUS_ARCSEC, neighbors: 2 };
  const second = { radiusArcsec: 120.7, neighbors: 2 };
  /** Distances differ in their last digits between two formulas. */
  const rounded = (dist: unknown) => Number(dist).toFixed(6);

  test('a match of a match: the third side is near the first', async () => {
    const ab = naiveMatch(A, B, near, byId);
    const pairs = ab.map((pair) => ({ ...pair, ra: pair.left.ra, dec: pair.left.dec }));
    const expected = naiveMatch(pairs, C, second, byId).map(
      ({ left, right, distArcsec }) =>
        `${left.left.id} ${left.right!.id} ${right!.id} ${rounded(left.distArcsec)} ${rounded(distArcsec)}`,
    );
    expect(expected.length).toBeGreaterThan(100);
    for (const [i, left] of a.entries()) {
      const other = b[(i + 1) % b.length]!;
      const third = c[(i + 2) % c.length]!;
      const query = left
        .crossmatch(other, { ...near, suffixes: ['_a', '_b'] })
        .crossmatch(third, { ...second, suffixes: ['_ab', '_c'] });
      const rows = rowsOf(await query.collect()).map(
        (row) =>
          `${row['id_a_ab']} ${row['id_b_ab']} ${row['id_c']} ${rounded(row['_dist_arcsec_ab'])} ${rounded(row['_dist_arcsec'])}`,
      );
      expect(rows, `cut ${i}`).toEqual(expected);
      expect(await query.count()).toBe(expected.length);
    }
  });

  test('a match with a match: the pairs of second and third are near the first', async () => {
    const bc = naiveMatch(B, C, second, byId);
    expect(acrossBorders(bc)).toBeGreaterThan(5);
    const pairs = bc.map((pair) => ({ ...pair, ra: pair.left.ra, dec: pair.left.dec }));
    type Pair = (typeof pairs)[number];
    // Pairs of one second row have its position: the columns of the third, of which the index is first, decide.
    const place = new Map(inSpatialOrder(C).map((row, i) => [row, i]));
    const byContent = (x: Pair, y: Pair) =>
      x.left.id - y.left.id || place.get(x.right!)! - place.get(y.right!)!;
    const all = { ...near, neighbors: 'all' } as const;
    for (const options of [near, all]) {
      const expected = naiveMatch(A, pairs, options, byContent).map(
        ({ left, right, distArcsec }) =>
          `${left.id} ${right!.left.id} ${right!.right!.id} ${rounded(right!.distArcsec)} ${rounded(distArcsec)}`,
      );
      expect(expected.length).toBeGreaterThan(100);
      for (const [i, left] of a.entries()) {
        const inner = b[(i + 1) % b.length]!.crossmatch(c[(i + 2) % c.length]!, {
          ...second,
          suffixes: ['_b', '_c'],
        });
        const query = left.crossmatch(inner, { ...options, suffixes: ['_a', '_bc'] });
        const rows = rowsOf(await query.collect()).map(
          (row) =>
            `${row['id_a']} ${row['id_b_bc']} ${row['id_c_bc']} ${rounded(row['_dist_arcsec_bc'])} ${rounded(row['_dist_arcsec'])}`,
        );
        expect(rows, `cut ${i}`).toEqual(expected);
        expect(await query.count()).toBe(expected.length);
      }
    }
  });
});

test('of exact twins the same one is chosen whatever columns are asked for', async () => {
  const at = { ra: 10, dec: 10, mag: null };
  const twins: SkyRow[] = [
    { ...at, id: 1, tag: 'z' },
    { ...at, id: 2, tag: 'y' },
  ];
  const one = { name: 'one', rowsPerPartition: 10 };
  const left = await openMade(await makeCatalog(temp('one'), twins.slice(0, 1), one));
  const right = await openMade(await makeCatalog(temp('twins'), twins, { ...one, name: 'twins' }));
  const match = left.crossmatch(right, { radiusArcsec: 1, suffixes: ['_l', '_r'] });
  const tagOf = async (query: Catalog) => rowsOf(await query.collect())[0]!['tag_r'];
  expect(await tagOf(match)).toBe('z');
  expect(await tagOf(match.select(['tag_r']))).toBe('z');
  expect(await match.query("tag_r == 'z'").count()).toBe(1);
});

/** SQL's three answers for a value: true, false or, of null, unknown. */
type Truth = (mag: number | null) => boolean | null;

const known =
  (of: (mag: number) => boolean): Truth =>
  (mag) =>
    mag === null ? null : of(mag);

const FILTERS: readonly (readonly [string, Truth])[] = [
  ['mag > 15', known((mag) => mag > 15)],
  ['mag < 15', known((mag) => mag < 15)],
  ['mag <= 15', known((mag) => mag <= 15)],
  ['15 <= mag', known((mag) => mag >= 15)],
  ['mag == 15', known((mag) => mag === 15)],
  ['mag != 15', known((mag) => mag !== 15)],
  ['not (mag > 15)', known((mag) => !(mag > 15))],
  ['not (mag < 15)', known((mag) => !(mag < 15))],
  ['mag between 12 and 18', known((mag) => mag >= 12 && mag <= 18)],
  ['mag not between 12 and 18', known((mag) => !(mag >= 12 && mag <= 18))],
  ['mag in (15, 16)', known((mag) => mag === 15 || mag === 16)],
  ['mag not in (15, 16)', known((mag) => !(mag === 15 || mag === 16))],
  ['mag > 100', known((mag) => mag > 100)],
  ['mag < 100', known((mag) => mag < 100)],
  ['mag + 1 > 16', known((mag) => mag + 1 > 16)],
  ['-mag > -15', known((mag) => -mag > -15)],
  ['mag is null', (mag) => mag === null],
  ['mag is not null', (mag) => mag !== null],
  ['isnan(mag)', known(Number.isNaN)],
  ['mag > 15 or mag is null', (mag) => mag === null || mag > 15],
];

describe('a filtered float column with NaN and null', () => {
  /** Clusters of unlike values: partitions of NaN alone, of null alone, and of each with numbers. */
  const VALUES: readonly (readonly (number | null)[])[] = [
    [Number.NaN],
    [null],
    [null, Number.NaN],
    [3, 7, 12, 14],
    [16, 18, 22],
    [15],
    [5, Number.NaN, 11],
    [20, null, 19],
    [Number.NaN, 15, null, 99, -4, Number.NaN],
  ];
  const ROWS: readonly SkyRow[] = VALUES.flatMap((values, cluster) =>
    Array.from({ length: 12 }, (_, i) => ({
      id: 100 * cluster + i,
      ra: 40 * cluster + 0.3 * i,
      dec: -40 + 10 * cluster + 0.2 * (i % 5),
      tag: null,
      mag: values[i % values.length]!,
    })),
  );
  let cuts: Catalog[];
  let other: Catalog;
  beforeAll(async () => {
    cuts = await cutsOf('magnitudes', ROWS);
    other = cuts[1]!;
  });

  test.each(FILTERS)('%s: the same rows in many partitions or one', async (expression, truth) => {
    const expected = ROWS.filter(({ mag }) => truth(mag) === true).map(({ id }) => id);
    const idsOf = (rows: readonly ResultRow[], name: string) =>
      rows.map((row) => Number(row[name])).sort((x, y) => x - y);
    for (const [i, catalog] of [cuts[0]!, cuts[2]!].entries()) {
      const query = catalog.query(expression);
      expect(idsOf(rowsOf(await query.collect()), 'id'), `cut ${i}`).toEqual(expected);
      expect(await query.count(), `cut ${i}`).toBe(expected.length);
      // Above a match of every row with itself, where the filter is moved below it.
      const match = catalog.crossmatch(other, { radiusArcsec: 1, suffixes: ['', '_r'] });
      expect(await match.query(expression).count(), `cut ${i}`).toBe(expected.length);
      const onRight = match.query(expression.replaceAll('mag', 'mag_r'));
      expect(await onRight.count(), `cut ${i}`).toBe(expected.length);
    }
  });
});

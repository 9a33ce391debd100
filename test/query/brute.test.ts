/** Crossmatches of whole catalogs against every left row × every right row. */
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import { type Catalog, type CrossmatchOptions, close } from '../../index.ts';
import { hardSky, PLACES, positionAt, seeded } from './hard-sky.ts';
import { type MadeCatalog, makeCatalog, openMade, type SkyRow } from './make-catalog.ts';
import { byId, DoubtfulCase, naiveMatch, type OraclePair } from './oracle.ts';
import { type ResultRow, rowsOf } from './result-rows.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
const tiny = smallRuntime(40);
afterAll(async () => {
  await tiny.close();
  await close();
});

/** For a long search: `CROSSHATCH_RUNS=20` makes twenty times as many cases, new ones each time. */
const factor = Number(process.env['CROSSHATCH_RUNS'] ?? 1);
const settings = {
  numRuns: Math.ceil(4 * factor),
  seed: factor === 1 ? 20260101 : undefined,
  // Edge values are among the choices already.
  unbiased: true,
};

/** One output row: payload of left and right, then the distance. */
interface Line {
  readonly text: string;
  readonly distArcsec: number | null;
}

function expectedLines(pairs: readonly OraclePair<SkyRow, SkyRow>[]): Line[] {
  const side = (row: SkyRow | null) => payloadText(row?.id, row?.ra, row?.dec, row?.tag, row?.mag);
  return pairs.map(({ left, right, distArcsec }) => ({
    text: `${side(left)} | ${side(right)}`,
    distArcsec,
  }));
}

function foundLines(rows: readonly ResultRow[]): Line[] {
  const side = (row: ResultRow, suffix: string) =>
    payloadText(...['id', 'ra', 'dec', 'tag', 'mag'].map((name) => row[name + suffix]));
  return rows.map((row) => ({
    text: `${side(row, '_l')} | ${side(row, '_r')}`,
    distArcsec: row['_dist_arcsec'] as number | null,
  }));
}

function payloadText(...values: readonly unknown[]): string {
  return values.map((value) => String(value ?? null)).join(' ');
}

function expectSameLines(found: readonly Line[], expected: readonly Line[]): void {
  expect(found.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
  for (const [i, { distArcsec }] of found.entries()) {
    const right = expected[i]!.distArcsec;
    if (right === null) expect(distArcsec).toBeNull();
    // Coordinates near 360° are known to 6e-14 degrees, 2e-10 arcsec.
    else expect(Math.abs(distArcsec! - right)).toBeLessThan(1e-9 + right * 1e-12);
  }
}

interface Sides {
  readonly left: MadeCatalog;
  readonly right: MadeCatalog;
}

interface SideOptions {
  readonly leftThreshold?: number;
  readonly rightThreshold?: number;
  readonly marginArcsec?: number | undefined;
}

async function makeSides(
  name: string,
  left: readonly SkyRow[],
  right: readonly SkyRow[],
  { leftThreshold, rightThreshold, marginArcsec }: SideOptions = {},
): Promise<Sides> {
  return {
    left: await makeCatalog(temp(`${name}-l`), left, {
      name: 'l',
      rowsPerPartition: leftThreshold,
    }),
    right: await makeCatalog(temp(`${name}-r`), right, {
      name: 'r',
      rowsPerPartition: rightThreshold,
      marginArcsec,
    }),
  };
}

/**
 * Radii at which rows are far enough apart for the tiny memory: a cell cut to the end must not have more of them
 * within its reach than fit.
 */
const LEAST_CUT_ARCSEC = 10;
const MOST_CUT_ARCSEC = 3600;

const SUFFIXES = ['_l', '_r'] as const;

/** Holds the rows of a match against brute force; throws DoubtfulCase where that cannot tell. */
async function checkRows(sides: Sides, options: CrossmatchOptions): Promise<Catalog> {
  const expected = expectedLines(naiveMatch(sides.left.rows, sides.right.rows, options, byId));
  const left = await openMade(sides.left);
  const match = left.crossmatch(await openMade(sides.right), { ...options, suffixes: SUFFIXES });
  expectSameLines(foundLines(rowsOf(await match.collect())), expected);
  return match;
}

/** The same, and the forms of a match that make no pairs, and those without a margin catalog. */
async function checkMatch(sides: Sides, options: CrossmatchOptions): Promise<void> {
  const match = await checkRows(sides, options);
  const rows = await match.count();
  expect(naiveMatch(sides.left.rows, sides.right.rows, options, byId).length).toBe(rows);
  const map = await match.skymap({ order: 3 });
  expect(map.values.reduce((sum, count) => sum + count, 0)).toBe(rows);
  const left = await openMade(sides.left);
  const bare = left.crossmatch(await openMade(sides.right, 'none'), options);
  expect(await bare.count()).toBe(rows);
}

/** The same where memory holds no more than 40 right rows at once, so that cells are cut into four. */
async function checkCutMatch(sides: Sides, options: CrossmatchOptions): Promise<void> {
  const { radiusArcsec } = options;
  if (radiusArcsec < LEAST_CUT_ARCSEC || radiusArcsec > MOST_CUT_ARCSEC) return;
  const expected = expectedLines(naiveMatch(sides.left.rows, sides.right.rows, options, byId));
  const left = await openWith(sides.left.path, tiny);
  const right = await openWith(sides.right.path, tiny, { margin: 'none' });
  const cut = left.crossmatch(right, { ...options, suffixes: SUFFIXES });
  expectSameLines(foundLines(rowsOf(await cut.collect())), expected);
}

const someMatch = fc.record({
  neighbors: fc.constantFrom<(number | 'all')[]>(1, 1, 2, 3, 5, 'all'),
  how: fc.constantFrom('inner' as const, 'left' as const),
  /** Lower end of the window as a share of the radius; mostly none. */
  least: fc.constantFrom(0, 0, 0.3, 0.9),
});

const someSize = fc.constantFrom(0, 1, 7, 7, 60, 60, 60, 120, 120, 120);

const someCase = fc
  .record({
    seed: fc.nat(),
    places: fc.subarray([...PLACES], { minLength: 1, maxLength: 3 }),
    /** Logarithm of the radius in arcsec: 0.01″ to 10°. */
    radius: fc.integer({ min: -2000, max: 4556 }).map((thousandths) => thousandths / 1000),
    leftRows: someSize,
    rightRows: someSize,
    duplicates: fc.constantFrom(0, 0.2, 0.6),
    /** About how many partitions there are. */
    leftCut: fc.constantFrom(1, 3, 8),
    rightCut: fc.constantFrom(1, 3, 8),
    margin: fc.constantFrom('none' as const, 'narrow' as const, 'wide' as const),
    match: someMatch,
  })
  .map(({ radius, ...rest }) => ({ ...rest, radiusArcsec: 10 ** radius }));

/** A few rows around corners, edges and RA 0, a minute of arc apart. */
const FEW = {
  places: ['corners', 'edges', 'seam'],
  spreadDegrees: 0.3,
  scatterDegrees: 60 / 3600,
  duplicates: 0.1,
} as const;

describe('catalogs on the hard places of the sky', () => {
  let made = 0;

  test(
    'equal brute force, row by row',
    async () => {
      let compared = 0;
      const property = fc.asyncProperty(someCase, async (spec) => {
        const name = `case-${made++}`;
        const { radiusArcsec, match } = spec;
        const scatterDegrees = radiusArcsec / 3600;
        const spreadDegrees = Math.max(0.05, 10 * scatterDegrees);
        const rows = hardSky({ ...spec, scatterDegrees, spreadDegrees });
        const share = { none: undefined, narrow: 0.5, wide: 1.01 }[spec.margin];
        const options = {
          radiusArcsec,
          minRadiusArcsec: match.least * radiusArcsec,
          neighbors: match.neighbors,
          how: match.how,
        };
        try {
          const sides = await makeSides(name, rows.left, rows.right, {
            leftThreshold: Math.ceil((spec.leftRows + 1) / spec.leftCut),
            rightThreshold: Math.ceil((spec.rightRows + 1) / spec.rightCut),
            marginArcsec: share === undefined ? undefined : Math.min(36_000, share * radiusArcsec),
          });
          await checkMatch(sides, options);
          await checkCutMatch(sides, options);
          compared++;
        } catch (error) {
          if (!(error instanceof DoubtfulCase)) throw error;
        } finally {
          for (const side of ['l', 'r']) {
            rmSync(temp(`${name}-${side}`), { recursive: true, force: true });
          }
        }
      });
      await fc.assert(property, settings);
      // A run that skips what the oracle cannot settle shows nothing.
      expect(compared).toBeGreaterThan(0.8 * settings.numRuns);
    },
    60_000 * Math.max(1, factor),
  );

  test('a clump of thousands on both sides, in one partition and beside emptier ones', async () => {
    const random = seeded(7);
    const clump = (rows: number, first: number): SkyRow[] =>
      Array.from({ length: rows }, (_, i) => {
        const [ra, dec] = positionAt('clump', 8 / 3600, random);
        return { id: first + i, ra, dec, tag: null, mag: i };
      });
    const sparse = hardSky({ ...FEW, seed: 8, leftRows: 100, rightRows: 100 });
    const left = [...clump(1500, 1000), ...sparse.left];
    const right = [...clump(1500, 1000), ...sparse.right];
    const options = { leftThreshold: 400, rightThreshold: 2000 };
    const sides = await makeSides('thousands', left, right, options);
    await checkMatch(sides, { radiusArcsec: 0.4, neighbors: 'all' });
    await checkMatch(sides, { radiusArcsec: 30.5, neighbors: 5, minRadiusArcsec: 0.2 });
    await checkMatch(sides, { radiusArcsec: 3.3, neighbors: 1, how: 'left' });
  });

  test('exact duplicates with different payload: the first by content, however cut', async () => {
    const twins = (id: number, ra: number, dec: number): SkyRow[] =>
      [5, 3, 9, 1].map((n) => ({ id: id + n, ra, dec, tag: `t${9 - n}`, mag: n === 5 ? null : n }));
    // Corners at which partitions meet, and their surroundings.
    const places = [
      [45, 0],
      [0, 90],
      [0, -90],
      [90, 41.810314895778596],
      [359.99999, 20],
    ] as const;
    const right = places.flatMap(([ra, dec], i) => [
      ...twins(100 * i, ra, dec),
      ...twins(100 * i + 50, ra, dec > 0 ? dec - 1e-5 : dec + 1e-5),
    ]);
    const left = places.map(([ra, dec], id): SkyRow => ({ id, ra, dec, tag: 'left', mag: 1 }));
    for (const [rightThreshold, marginArcsec] of [
      [1, 2],
      [4, undefined],
      [1000, 2],
    ]) {
      const name = `twins-${rightThreshold}`;
      const sides = await makeSides(name, left, right, { rightThreshold, marginArcsec });
      for (const neighbors of [1, 3, 'all'] as const) {
        await checkRows(sides, { radiusArcsec: 1, neighbors });
      }
    }
  });

  test('which duplicate is chosen does not depend on what is read of it', async () => {
    const at = (id: number, tag: string): SkyRow => ({ id, ra: 10, dec: 10, tag, mag: null });
    const right = [at(1, 'b'), at(2, 'a'), at(3, 'c')];
    const sides = await makeSides('choice', [at(0, 'x')], right);
    const left = await openMade(sides.left);
    const match = left.crossmatch(await openMade(sides.right), {
      radiusArcsec: 1,
      suffixes: SUFFIXES,
    });
    expect(rowsOf(await match.select(['id_r', 'tag_r']).collect())).toEqual([
      { id_r: 1, tag_r: 'b' },
    ]);
    expect(rowsOf(await match.select(['tag_r']).collect())).toEqual([{ tag_r: 'b' }]);
    for (const [tag, rows] of [
      ['a', 0],
      ['b', 1],
    ] as const) {
      const chosen = match.query(`tag_r = '${tag}'`);
      expect(await chosen.count()).toBe(rows);
      expect((await chosen.collect()).numRows).toBe(rows);
    }
  });

  test('neighbours at exactly the same distance come in the order of their pixels', async () => {
    // Steps that are exact in binary, so that both sides of a position are equally far by any formula.
    const step = 2 ** -12;
    const centres = [
      [0, 0],
      [45, 0],
      [90, 0],
      [112.5, 0],
      [180, 10],
      [270, -41],
    ] as const;
    const left = centres.map(([ra, dec], id): SkyRow => ({ id, ra, dec, tag: null, mag: null }));
    const right = centres.flatMap(([ra, dec], i) =>
      [step, -step].map(
        (dRa, j): SkyRow => ({ id: 10 * i + j, ra: ra + dRa, dec, tag: null, mag: null }),
      ),
    );
    for (const rightThreshold of [1, 1000]) {
      const sides = await makeSides(`ties-${rightThreshold}`, left, right, { rightThreshold });
      for (const neighbors of [1, 2] as const) {
        await checkRows(sides, { radiusArcsec: 2, neighbors });
      }
    }
  });

  test('one partition ten times the others, and a single row on either side', async () => {
    const { left, right } = hardSky({ ...FEW, seed: 3, leftRows: 40, rightRows: 40 });
    const crowd = hardSky({ ...FEW, seed: 4, places: ['seam'], leftRows: 400, rightRows: 400 });
    const all = { left: [...left, ...crowd.left], right: [...right, ...crowd.right] };
    const options = { leftThreshold: 450, rightThreshold: 100 };
    const skewed = await makeSides('skewed', all.left, all.right, options);
    await checkMatch(skewed, { radiusArcsec: 61.7, neighbors: 4, how: 'left' });
    await checkCutMatch(skewed, { radiusArcsec: 61.7, neighbors: 4, how: 'left' });
    const one = await makeSides('one', crowd.left.slice(0, 1), all.right, options);
    await checkMatch(one, { radiusArcsec: 3000.1, neighbors: 'all' });
    const other = await makeSides('other', all.left, crowd.right.slice(0, 1), options);
    await checkMatch(other, { radiusArcsec: 3000.1, how: 'left' });
  });
});

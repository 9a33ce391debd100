/** Crossmatches of whole catalogs against every left row × every right row. */
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import { type Catalog, type CrossmatchOptions, close } from '../../index.ts';
import { hardSky, PLACES } from './hard-sky.ts';
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

/** More for a long search: `CROSSHATCH_RUNS=20` makes twenty times as many cases, of other seeds. */
const factor = Number(process.env['CROSSHATCH_RUNS'] ?? 1);
const settings = { numRuns: Math.ceil(14 * factor), seed: factor === 1 ? 20260101 : undefined };

type Pairs = readonly OraclePair<SkyRow, SkyRow>[];

/** What both sides of a comparison look like: payload of left and right, then the distance. */
interface Line {
  readonly text: string;
  readonly distArcsec: number | null;
}

function expectedLines(pairs: Pairs): Line[] {
  return pairs.map(({ left, right, distArcsec }) => ({
    text: [left, right]
      .map((row) => payloadText(row?.id, row?.ra, row?.dec, row?.tag, row?.mag))
      .join(' | '),
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
    // Positions near a pole have coordinates of 1e-14 degrees, 5e-11 arcsec.
    else expect(Math.abs(distArcsec! - right)).toBeLessThan(1e-9 + right * 1e-12);
  }
}

const someMatch = fc.record({
  neighbors: fc.constantFrom<(number | 'all')[]>(1, 1, 2, 3, 5, 'all'),
  how: fc.constantFrom('inner' as const, 'left' as const),
  /** Lower end of the window as a share of the radius; mostly none. */
  least: fc.constantFrom(0, 0, 0.3, 0.9),
});

const someCase = fc
  .record({
    seed: fc.nat(),
    places: fc.subarray([...PLACES], { minLength: 1, maxLength: 3 }),
    /** Logarithm of the radius in arcsec: 0.01″ to 10°. */
    radius: fc.double({ min: -2, max: Math.log10(36_000), noNaN: true }),
    leftRows: fc.constantFrom(0, 1, 7, 60, 120),
    rightRows: fc.constantFrom(0, 1, 7, 60, 120),
    duplicates: fc.constantFrom(0, 0.2, 0.6),
    /** About how many partitions there are. */
    leftCut: fc.constantFrom(1, 3, 8),
    rightCut: fc.constantFrom(1, 3, 8),
    margin: fc.constantFrom('none' as const, 'narrow' as const, 'wide' as const),
    matches: fc.array(someMatch, { minLength: 1, maxLength: 2 }),
  })
  .map(({ radius, ...rest }) => ({ ...rest, radiusArcsec: 10 ** radius }));

let made = 0;

/** Counts the cases that were really compared: a run that skips most of them shows nothing. */
async function comparing(check: () => Promise<void>, tally: { compared: number }): Promise<void> {
  try {
    await check();
    tally.compared++;
  } catch (error) {
    if (!(error instanceof DoubtfulCase)) throw error;
  }
}

/**
 * Radii at which rows are far enough apart for the tiny memory: a cell cut to the end must not have more of them
 * within its reach than fit.
 */
const LEAST_CUT_ARCSEC = 10;
const MOST_CUT_ARCSEC = 3600;

interface Sides {
  readonly left: MadeCatalog;
  readonly right: MadeCatalog;
}

async function checkMatch(sides: Sides, options: CrossmatchOptions): Promise<void> {
  const expected = expectedLines(naiveMatch(sides.left.rows, sides.right.rows, options, byId));
  const match = (left: Catalog, right: Catalog) =>
    left.crossmatch(right, { ...options, suffixes: ['_l', '_r'] });
  const query = match(await openMade(sides.left), await openMade(sides.right));
  expectSameLines(foundLines(rowsOf(await query.collect())), expected);
  expect(await query.count()).toBe(expected.length);
  const map = await query.skymap({ order: 3 });
  expect(map.counts.reduce((sum, count) => sum + count, 0)).toBe(expected.length);
  const bare = match(await openMade(sides.left), await openMade(sides.right, 'none'));
  expect(await bare.count()).toBe(expected.length);
  if (options.radiusArcsec < LEAST_CUT_ARCSEC || options.radiusArcsec > MOST_CUT_ARCSEC) return;
  const cut = match(
    await openWith(sides.left.path, tiny),
    await openWith(sides.right.path, tiny, { margin: 'none' }),
  );
  expectSameLines(foundLines(rowsOf(await cut.collect())), expected);
}

describe('catalogs on the hard places of the sky', () => {
  test(
    'equal brute force, row by row',
    async () => {
      const tally = { compared: 0 };
      const property = fc.asyncProperty(someCase, async (spec) => {
        const dir = temp(`case-${made++}`);
        const scatterDegrees = spec.radiusArcsec / 3600;
        const rows = hardSky({ ...spec, scatterDegrees, spreadDegrees: 10 * scatterDegrees });
        const marginArcsec = { none: undefined, narrow: 0.5, wide: 1.01 }[spec.margin];
        try {
          const sides = {
            left: await makeCatalog(`${dir}-l`, rows.left, {
              name: 'l',
              rowsPerPartition: Math.ceil((spec.leftRows + 1) / spec.leftCut),
            }),
            right: await makeCatalog(`${dir}-r`, rows.right, {
              name: 'r',
              rowsPerPartition: Math.ceil((spec.rightRows + 1) / spec.rightCut),
              marginArcsec:
                marginArcsec === undefined
                  ? undefined
                  : Math.min(36_000, marginArcsec * spec.radiusArcsec),
            }),
          };
          for (const { neighbors, how, least } of spec.matches) {
            const minRadiusArcsec = least * spec.radiusArcsec;
            const { radiusArcsec } = spec;
            await comparing(
              () => checkMatch(sides, { radiusArcsec, minRadiusArcsec, neighbors, how }),
              tally,
            );
          }
        } finally {
          for (const side of ['l', 'r']) rmSync(`${dir}-${side}`, { recursive: true, force: true });
        }
      });
      await fc.assert(property, settings);
      expect(tally.compared).toBeGreaterThan(0.9 * settings.numRuns);
    },
    60_000 * Math.max(1, factor),
  );
});

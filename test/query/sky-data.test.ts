/** Hipparcos at epoch J1991.25 against Gaia and Hipparcos at J2016: real stars whose names say which pairs are right. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { numbersOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

/** sky-data/README.md: nearest neighbours found with a KD-tree in another language. */
const ANSWERS = [
  { radiusArcsec: 1, matched: 77_524, right: 77_524 },
  { radiusArcsec: 2, matched: 95_271, right: 95_271 },
  { radiusArcsec: 5, matched: 107_102, right: 107_100 },
];
const LEFT_ROWS = 118_219;
const RIGHT_ROWS = 113_221;

/** In the twelve base pixels as they are, and in many smaller partitions. */
const THRESHOLDS = [10_000, 1_000_000];

async function cut(file: string, name: string, rowsPerPartition: number): Promise<Catalog> {
  const dir = temp(`${name}-${rowsPerPartition}`);
  const source = fromTable(sharedPath('sky-data', file), { ra: 'ra', dec: 'dec' });
  await source.writeHats(dir, { name, rowsPerPartition });
  return openCatalog(dir);
}

describeShared('Hipparcos and Gaia', () => {
  const lefts: Catalog[] = [];
  const rights: Catalog[] = [];
  beforeAll(async () => {
    for (const rowsPerPartition of THRESHOLDS) {
      lefts.push(await cut('hipparcos_j1991_celestia.parquet', 'hipparcos', rowsPerPartition));
      rights.push(await cut('gaia_hip_skychart.parquet', 'gaia', rowsPerPartition));
    }
  });

  test('are cut differently at the two thresholds', async () => {
    for (const [catalogs, rows] of [
      [lefts, LEFT_ROWS],
      [rights, RIGHT_ROWS],
    ] as const) {
      const [fine, coarse] = await Promise.all(catalogs.map((catalog) => catalog.explain()));
      expect(fine!.scans[0]!.partitions).toBeGreaterThan(coarse!.scans[0]!.partitions);
      for (const catalog of catalogs) expect(await catalog.count()).toBe(rows);
    }
  });

  test.each(ANSWERS)(
    '$radiusArcsec″: $matched stars matched, $right of them rightly',
    async ({ radiusArcsec, matched, right }) => {
      let first: number[][] | undefined;
      for (const [i, left] of lefts.entries()) {
        for (const [j, other] of rights.entries()) {
          // Every combination of cuts at one radius, each catalog under each at the others.
          if (radiusArcsec !== 2 && i !== j) continue;
          const match = left.crossmatch(other, { radiusArcsec, suffixes: ['_left', '_right'] });
          expect(await match.count()).toBe(matched);
          expect(await match.query('hip_left == hip_right').count()).toBe(right);
          const names = ['hip_left', 'hip_right', '_dist_arcsec'];
          const table = await match.select(names).collect();
          const pairs = names.map((name) => numbersOf(table, name));
          expect(pairs[0]!.length).toBe(matched);
          first ??= pairs;
          // Arrays of numbers: looser comparisons of so many values take seconds.
          for (const [c, column] of pairs.entries()) {
            expect(column.findIndex((value, row) => value !== first![c]![row])).toBe(-1);
          }
        }
      }
    },
  );
});

/**
 * Catalogs whose index and partitions were computed from other positions than they store: rows lie a few arcseconds
 * outside their partitions, or in another place of it than their index says. No pair may be lost.
 */
import { readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import type { Session } from '../../engine/session.ts';
import {
  type Catalog,
  type CrossmatchOptions,
  close,
  openCatalog,
  writeMarginCatalog,
} from '../../index.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { offset } from '../partitioning/random-sky.ts';
import { hardSky, type Random, seeded } from './hard-sky.ts';
import { type MadeCatalog, makeCatalog, type SkyRow } from './make-catalog.ts';
import { byId, distanceArcsec, naiveMatch } from './oracle.ts';
import { rowsOf } from './result-rows.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
const tiny = smallRuntime(60);
let session: Session;
beforeAll(async () => {
  session = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: temp('spill') });
});
afterAll(async () => {
  session.close();
  await tiny.close();
  await close();
});

/** Writes `rows` as a catalog, then other positions of the same rows into its files: index and partitions stay. */
async function makeMisplaced(
  name: string,
  rows: readonly SkyRow[],
  rowsPerPartition: number,
  move: (row: SkyRow) => readonly [ra: number, dec: number],
): Promise<MadeCatalog> {
  const made = await makeCatalog(temp(name), rows, { name: name.split('-')[0]!, rowsPerPartition });
  const moved = rows.map((row): SkyRow => {
    const [ra, dec] = move(row);
    return { ...row, ra, dec };
  });
  await session.createTable('moved', [
    { name: 'id', values: Int32Array.from(moved, ({ id }) => id) },
    { name: 'ra', values: Float64Array.from(moved, ({ ra }) => ra) },
    { name: 'dec', values: Float64Array.from(moved, ({ dec }) => dec) },
  ]);
  for (const file of leafFiles(made.path)) {
    await session.run(
      `COPY (SELECT t.* EXCLUDE (file_row_number) REPLACE (m.ra AS ra, m.dec AS dec) FROM read_parquet('${file}', file_row_number=true) t ` +
        `JOIN moved m USING (id) ORDER BY file_row_number) TO '${file}.new' (FORMAT parquet)`,
    );
    renameSync(`${file}.new`, file);
  }
  return { path: made.path, rows: moved };
}

function leafFiles(dir: string): string[] {
  return readdirSync(path.join(dir, 'dataset'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => path.join(dir, 'dataset', name));
}

/** Moves every row by up to so many arcseconds. */
function movedBy(arcsec: number, random: Random) {
  return ({ ra, dec }: SkyRow): readonly [number, number] => {
    const [a, d] = offset([ra, dec], random() * 360, (arcsec * random()) / 3600);
    return [a, Math.max(-90, Math.min(90, d))];
  };
}

/** Pairs with their distances, in no particular order. */
function pairTexts(pairs: readonly (readonly [unknown, unknown, unknown])[]): string[] {
  return pairs
    .map(([l, r, dist]) => `${l} ${r} ${dist === null ? null : Number(dist).toFixed(6)}`)
    .sort();
}

async function foundPairs(match: Catalog): Promise<string[]> {
  const rows = rowsOf(await match.collect());
  // Rows belong where they are stored: the stored index gives their order.
  const index = rows.map((row) => row['_healpix_29'] as bigint);
  expect(index.every((value, i) => i === 0 || index[i - 1]! <= value)).toBe(true);
  return pairTexts(rows.map((row) => [row['id_l'], row['id_r'], row['_dist_arcsec']]));
}

async function expectComplete(
  left: MadeCatalog,
  right: MadeCatalog,
  options: CrossmatchOptions,
  margin = 'none',
): Promise<void> {
  const expected = pairTexts(
    naiveMatch(left.rows, right.rows, options, byId).map((pair) => [
      pair.left.id,
      pair.right?.id ?? null,
      pair.distArcsec,
    ]),
  );
  const named = { ...options, suffixes: ['_l', '_r'] as const };
  const match = (await openCatalog(left.path)).crossmatch(
    await openCatalog(right.path, { margin }),
    named,
  );
  expect(await foundPairs(match)).toEqual(expected);
  expect(await match.count()).toBe(expected.length);
  const map = await match.skymap({ order: 2 });
  expect(map.counts.reduce((sum, count) => sum + count, 0)).toBe(expected.length);
  const cut = (await openWith(left.path, tiny)).crossmatch(
    await openWith(right.path, tiny, { margin }),
    named,
  );
  expect(await foundPairs(cut)).toEqual(expected);
}

const SKY = hardSky({
  seed: 11,
  places: ['corners', 'edges', 'seam', 'north pole'],
  spreadDegrees: 0.05,
  scatterDegrees: 6 / 3600,
  leftRows: 250,
  rightRows: 250,
  duplicates: 0.05,
});

describe('rows a few arcseconds outside their partitions', () => {
  test.each([
    ['on the left', 4, 0],
    ['on the right', 0, 4],
    ['on both sides', 3, 3],
  ])('%s', async (name, leftArcsec, rightArcsec) => {
    const random = seeded(5);
    const left = await makeMisplaced(
      `l-${name}`,
      SKY.left,
      20,
      leftArcsec === 0 ? ({ ra, dec }) => [ra, dec] : movedBy(leftArcsec, random),
    );
    const right = await makeMisplaced(
      `r-${name}`,
      SKY.right,
      30,
      rightArcsec === 0 ? ({ ra, dec }) => [ra, dec] : movedBy(rightArcsec, random),
    );
    await expectComplete(left, right, { radiusArcsec: 3.1, neighbors: 'all' });
    await expectComplete(left, right, { radiusArcsec: 11.3, neighbors: 1, how: 'left' });
  });

  test('with a margin catalog that is wide enough for them, and one that is not', async () => {
    const random = seeded(6);
    const left = await makeMisplaced('l-margin', SKY.left, 20, movedBy(2, random));
    const right = await makeMisplaced('r-margin', SKY.right, 30, movedBy(2, random));
    for (const arcsec of [4, 30]) {
      const margin = temp(`margin-${arcsec}`);
      await writeMarginCatalog(right.path, margin, arcsec, { workers: 1 });
      await expectComplete(left, right, { radiusArcsec: 3.1, neighbors: 'all' }, margin);
    }
  });

  test('in a partition that no left row shares', async () => {
    // Base pixels 4 and 0 or 3 meet at RA 0 above dec 0; the left rows are all on one side, the right ones stored
    // on the other, and moved across by more than the radius.
    const at = (id: number, ra: number): SkyRow => ({ id, ra, dec: 60, tag: null, mag: null });
    const left = Array.from({ length: 30 }, (_, i) => at(i, 0.001 + i * 1e-6));
    const right = Array.from({ length: 30 }, (_, i) => at(i, -0.0005 - i * 1e-6));
    const placed = await makeMisplaced('l-alone', left, 1000, ({ ra, dec }) => [ra, dec]);
    const moved = await makeMisplaced('r-alone', right, 1000, ({ ra, dec }) => [ra + 0.0015, dec]);
    const options = { radiusArcsec: 0.3, neighbors: 'all' } as const;
    expect(naiveMatch(placed.rows, moved.rows, options, byId).length).toBeGreaterThan(10);
    await expectComplete(placed, moved, options);
  });
});

describe('rows in another place of their partition than their index says', () => {
  test('are matched, however cells are cut', async () => {
    const random = seeded(9);
    // One partition of 12 a side: cells are cut by the index when memory is short.
    const left = await makeMisplaced('l-inner', SKY.left, 1000, movedBy(20, random));
    const right = await makeMisplaced('r-inner', SKY.right, 1000, movedBy(20, random));
    await expectComplete(left, right, { radiusArcsec: 13.7, neighbors: 'all' });
  });

  test('are found by regions', async () => {
    const random = seeded(10);
    const inner = SKY.left.map((row) => ({ ...row, ra: 45 + (row.id % 16), dec: 5 + row.id / 16 }));
    const made = await makeMisplaced('l-region', inner, 1000, movedBy(20, random));
    const catalog = await openCatalog(made.path);
    for (const [ra, dec] of [
      [50, 10],
      [53, 15],
    ] as const) {
      for (const radiusArcsec of [3, 12, 19, 3650]) {
        const near = made.rows.filter((row) => distanceArcsec(row, { ra, dec }) <= radiusArcsec);
        const cone = catalog.coneSearch(ra, dec, radiusArcsec);
        expect(await cone.count()).toBe(near.length);
        const ids = rowsOf(await cone.select(['id']).collect()).map(({ id }) => id as number);
        expect(ids.sort()).toEqual(near.map(({ id }) => id).sort());
      }
    }
  });
});

describe('rows that cannot be answered for', () => {
  test('a region refuses a catalog whose rows lie outside their partitions', async () => {
    const made = await makeMisplaced('l-outside', SKY.left, 20, movedBy(4, seeded(12)));
    const region = (await openCatalog(made.path)).boxSearch([0, 360], [-60, 89]);
    await expect(region.count()).rejects.toThrow(
      /^positions of l lie \d\.\d\d″ outside the partitions they are stored in \(.*l-outside\)\nA search by region would miss rows: write the catalog again with fromTable, so that partitions follow positions\.$/,
    );
  });

  test('a match refuses one that was partitioned by other positions altogether', async () => {
    const far = await makeMisplaced('l-far', SKY.left, 20, ({ ra, dec }) => [ra, dec / 2]);
    const right = await openCatalog(
      (await makeCatalog(temp('r-far'), SKY.right, { name: 'r', rowsPerPartition: 30 })).path,
    );
    const match = (await openCatalog(far.path)).crossmatch(right, { radiusArcsec: 3 });
    await expect(match.count()).rejects.toThrow(
      /^positions of l or r lie \d+″ outside their partitions \(.*r-far\)\nThe catalog was partitioned by other positions than it stores: write it again with fromTable or import\.$/,
    );
  });
});

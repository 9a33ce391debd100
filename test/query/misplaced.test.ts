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
import { hashPosition } from '../../partitioning/healpix.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { offset } from '../partitioning/random-sky.ts';
import { type Random, seeded } from './hard-sky.ts';
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

type Move = (row: SkyRow) => readonly [ra: number, dec: number];

/**
 * Writes a catalog of `rows` at the positions that `move` gives, then their own positions into its files: index and
 * partitions stay those of the others. With `index: 'own'` only the partitions do.
 */
async function makeMisplaced(
  name: string,
  rows: readonly SkyRow[],
  rowsPerPartition: number,
  move: Move,
  index: 'own' | 'other' = 'other',
): Promise<MadeCatalog> {
  const moved = rows.map((row): SkyRow => {
    const [ra, dec] = move(row);
    return { ...row, ra, dec };
  });
  const options = { name: name.split('-')[0]!, rowsPerPartition };
  const made = await makeCatalog(temp(name), moved, options);
  await session.createTable('places', [
    { name: 'id', values: Int32Array.from(rows, ({ id }) => id) },
    { name: 'ra', values: Float64Array.from(rows, ({ ra }) => ra) },
    { name: 'dec', values: Float64Array.from(rows, ({ dec }) => dec) },
    {
      name: 'own',
      values: BigInt64Array.from(rows, ({ ra, dec }) => hashPosition(ra, dec, 29)),
    },
  ]);
  const replaced = [
    'p.ra AS ra, p.dec AS dec',
    ...(index === 'own' ? ['p.own AS _healpix_29'] : []),
  ].join(', ');
  for (const file of leafFiles(made.path)) {
    await session.run(
      `COPY (SELECT t.* EXCLUDE (file_row_number) REPLACE (${replaced}) ` +
        `FROM read_parquet('${file}', file_row_number=true, hive_partitioning=false) t ` +
        `JOIN places p USING (id) ORDER BY file_row_number) TO '${file}.new' (FORMAT parquet)`,
    );
    renameSync(`${file}.new`, file);
  }
  return { path: made.path, rows };
}

function leafFiles(dir: string): string[] {
  return readdirSync(path.join(dir, 'dataset'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => path.join(dir, 'dataset', name));
}

/** By up to so many arcseconds, in any direction. */
function movedBy(arcsec: number, random: Random): Move {
  if (arcsec === 0) return ({ ra, dec }) => [ra, dec];
  return ({ ra, dec }) => offset([ra, dec], random() * 360, (arcsec * random()) / 3600);
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
  expect(map.values.reduce((sum, count) => sum + count, 0)).toBe(expected.length);
  const cut = (await openWith(left.path, tiny)).crossmatch(
    await openWith(right.path, tiny, { margin }),
    named,
  );
  expect(await foundPairs(cut)).toEqual(expected);
}

/**
 * Rows along RA 90, a meridian at which base pixels meet, within so many arcseconds of it: whatever the partitions are,
 * this is a border. Every left row has right rows within an arcsecond.
 */
function alongBorder(rows: number, withinArcsec: number, seed: number) {
  const random = seeded(seed);
  const at = (id: number, eastArcsec: number, dec: number): SkyRow => {
    const ra = 90 + eastArcsec / 3600 / Math.cos((dec * Math.PI) / 180);
    return { id, ra, dec, tag: null, mag: null };
  };
  const places = Array.from({ length: rows }, (_, id) => ({
    id,
    east: (2 * random() - 1) * withinArcsec,
    dec: 46 + (40 * id) / rows,
  }));
  return {
    left: places.map(({ id, east, dec }) => at(id, east, dec)),
    right: places.flatMap(({ id, east, dec }) => [
      at(2 * id, east + random(), dec),
      at(2 * id + 1, east - random(), dec + 1e-5),
    ]),
  };
}

const BORDER = alongBorder(60, 9, 1);

describe('rows a few arcseconds outside their partitions', () => {
  test.each([
    ['on the left', 8, 0],
    ['on the right', 0, 8],
    ['on both sides', 5, 5],
  ])('%s', async (name, leftArcsec, rightArcsec) => {
    const { left, right } = BORDER;
    const random = seeded(5);
    const l = await makeMisplaced(`l-${name}`, left, 30, movedBy(leftArcsec, random));
    const r = await makeMisplaced(`r-${name}`, right, 60, movedBy(rightArcsec, random));
    await expectComplete(l, r, { radiusArcsec: 1.1, neighbors: 'all' });
    await expectComplete(l, r, { radiusArcsec: 0.4, neighbors: 1, how: 'left' });
  });

  test('with a margin catalog that is wide enough for them, and one that is not', async () => {
    const random = seeded(6);
    const left = await makeMisplaced('l-margin', BORDER.left, 30, movedBy(5, random));
    const right = await makeMisplaced('r-margin', BORDER.right, 60, movedBy(5, random));
    for (const arcsec of [1.2, 30]) {
      const margin = temp(`margin-${arcsec}`);
      await writeMarginCatalog(right.path, margin, arcsec, { workers: 1 });
      await expectComplete(left, right, { radiusArcsec: 1.1, neighbors: 'all' }, margin);
    }
  });

  test('in partitions that no left row shares', async () => {
    // All left rows are on one side of the border, all right ones stored on the other.
    const left = BORDER.left.map((row) => ({ ...row, ra: 90 + Math.abs(row.ra - 90) }));
    const right = BORDER.right.map((row) => ({ ...row, ra: 90 + Math.abs(row.ra - 90) }));
    const across: Move = ({ ra, dec }) => [180 - ra - 1e-6, dec];
    const placed = await makeMisplaced('l-alone', left, 30, ({ ra, dec }) => [ra, dec]);
    const moved = await makeMisplaced('r-alone', right, 60, across);
    await expectComplete(placed, moved, { radiusArcsec: 2.3, neighbors: 'all' });
  });
});

test('rows whose own index lies outside the partition they are stored in', async () => {
  const random = seeded(15);
  const l = await makeMisplaced('l-index', BORDER.left, 40, movedBy(8, random), 'own');
  const r = await makeMisplaced('r-index', BORDER.right, 60, movedBy(8, random), 'own');
  const options = { radiusArcsec: 1.1, neighbors: 'all' } as const;
  const expected = naiveMatch(l.rows, r.rows, options, byId);
  const texts = pairTexts(
    expected.map(({ left, right, distArcsec }) => [left.id, right!.id, distArcsec]),
  );
  const named = { ...options, suffixes: ['_l', '_r'] as const };
  const whole = (await openCatalog(l.path)).crossmatch(await openCatalog(r.path), named);
  const cut = (await openWith(l.path, tiny)).crossmatch(await openWith(r.path, tiny), named);
  for (const match of [whole, cut]) {
    const rows = rowsOf(await match.collect());
    expect(pairTexts(rows.map((row) => [row['id_l'], row['id_r'], row['_dist_arcsec']]))).toEqual(
      texts,
    );
  }
  // A catalog made of them has every row where its index says.
  await whole.writeHats(temp('l-index-out'), { name: 'out', rowsPerPartition: 70 });
  const again = await openCatalog(temp('l-index-out'));
  const ids = rowsOf(await again.collect()).map((row) => [row['id_l'], row['id_r']]);
  expect(ids).toEqual(expected.map(({ left, right }) => [left.id, right!.id]));
});

describe('rows in another place of their partition than their index says', () => {
  test('are matched, however cells are cut', async () => {
    const random = seeded(9);
    // Few partitions: cells are cut by the index when memory is short.
    const left = await makeMisplaced('l-inner', BORDER.left, 1000, movedBy(20, random));
    const right = await makeMisplaced('r-inner', BORDER.right, 1000, movedBy(20, random));
    await expectComplete(left, right, { radiusArcsec: 13.7, neighbors: 'all' });
  });

  test('are found by regions', async () => {
    const rows = Array.from(
      { length: 200 },
      (_, id): SkyRow => ({
        id,
        ra: 45 + (id % 16),
        dec: 5 + Math.floor(id / 16),
        tag: null,
        mag: 1,
      }),
    );
    const made = await makeMisplaced('l-region', rows, 1000, movedBy(20, seeded(10)));
    const catalog = await openCatalog(made.path);
    for (const { id, ra, dec } of rows.filter((row) => row.id % 17 === 0)) {
      const found = await catalog.coneSearch(ra, dec, 0.2).select(['id']).collect();
      expect(rowsOf(found)).toEqual([{ id }]);
    }
    const wide = rows.filter((row) => distanceArcsec(row, { ra: 50, dec: 10 }) <= 7300);
    expect(await catalog.coneSearch(50, 10, 7300).count()).toBe(wide.length);
  });
});

test('around a region, what lies far from it tells that rows lie outside their partitions', async () => {
  const east = (arcsec: number) => 90 + arcsec / 3600 / Math.cos(Math.PI / 3);
  const random = seeded(31);
  const row = (id: number, eastArcsec: number, northArcsec: number): SkyRow => ({
    ...{ id, ra: east(eastArcsec), dec: 60 + northArcsec / 3600, tag: null, mag: null },
  });
  const inCone = Array.from({ length: 40 }, (_, i) =>
    row(i, 45 + 12 * (random() - 0.5), 12 * (random() - 0.5)),
  );
  const far = Array.from({ length: 300 }, (_, i) =>
    row(1000 + i, 120 * (2 * random() - 1), 600 + 3000 * random()),
  );
  const near = inCone.map((one) => ({ ...one, dec: one.dec + 0.1 / 3600 }));
  // Rows 1000 and on by all of the minute of arc, to either side; the others by any part of it.
  const sideways: Move = ({ id, ra, dec }) => [
    ra + ((id >= 1000 ? (id % 2) * 2 - 1 : 2 * random() - 1) * 60) / 3600 / 0.5,
    dec,
  ];
  const left = await makeCatalog(temp('l-minute'), [...inCone, ...far], { name: 'l' });
  const right = await makeMisplaced('r-minute', [...near, ...far], 1e5, sideways);
  const search = (catalog: Catalog) => catalog.coneSearch(east(45), 60, 10);
  const match = search(await openCatalog(left.path)).crossmatch(
    await openCatalog(right.path, { margin: 'none' }),
    { radiusArcsec: 0.3, suffixes: ['', '_r'] },
  );
  expect(await match.count()).toBe(40);
  await expect(search(await openCatalog(right.path)).count()).rejects.toThrow(
    'outside the partitions they are stored in',
  );
});

describe('rows that cannot be answered for', () => {
  test('a region refuses a catalog whose rows lie outside their partitions', async () => {
    const made = await makeMisplaced('l-outside', BORDER.left, 30, movedBy(9, seeded(12)));
    const region = (await openCatalog(made.path)).boxSearch([80, 100], [0, 89]);
    await expect(region.count()).rejects.toThrow(
      /^positions of l lie \d\.\d\d″ outside the partitions they are stored in \(.*l-outside\)\nA search by region would miss rows: write the catalog again with fromTable, so that partitions follow positions\.$/,
    );
  });

  test('a match refuses one that was partitioned by other positions altogether', async () => {
    const far = await makeMisplaced('l-far', BORDER.left, 30, ({ ra, dec }) => [ra, dec / 2]);
    const right = await openCatalog(
      (await makeCatalog(temp('r-far'), BORDER.right, { name: 'r', rowsPerPartition: 60 })).path,
    );
    const match = (await openCatalog(far.path)).crossmatch(right, { radiusArcsec: 3 });
    await expect(match.count()).rejects.toThrow(
      /^positions of l or r lie \d+″ outside their partitions \(.*r-far\)\nThe catalog was partitioned by other positions than it stores: write it again with fromTable or import\.$/,
    );
  });
});

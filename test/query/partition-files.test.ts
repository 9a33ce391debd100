/** Partitions of several files: the same rows, and ties told apart by the same contents, as in one file. */
import { globSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalog, close, openCatalog } from '../../index.ts';
import { openTestSession } from '../engine/duckdb-for-tests.ts';
import { seeded } from './hard-sky.ts';
import { makeCatalog, type SkyRow } from './make-catalog.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(close);

/** Rows round a corner where four base pixels meet; of the right ones each has a duplicate with another payload. */
const random = seeded(311);
const near = (count: number): SkyRow[] =>
  Array.from({ length: count }, (_, id) => {
    const [ra, dec] = [45 + 2 * random() - 1, 2 * random() - 1];
    return { id, ra, dec, tag: null, mag: 10 + 10 * random() };
  });
const LEFT = near(400);
// Rows that tie lie apart in a file: their order there says nothing of their contents.
const RIGHT = near(600).flatMap((row, i) => [
  { ...row, id: (i * 7919) % 104_729, mag: 10 + 10 * random() },
  { ...row, id: (i * 15_485) % 104_723, mag: 10 + 10 * random() },
]);

const MATCH = { radiusArcsec: 150, neighbors: 'all', suffixes: ['_l', '_r'] } as const;

/** Cuts every leaf of the catalog at `dir` into three files in a folder. */
async function splitLeaves(dir: string): Promise<void> {
  const session = await openTestSession();
  for (const leaf of globSync(`${dir}/dataset/**/Npix=*.parquet`)) {
    const folder = leaf.replace(/\.parquet$/, '');
    const whole = `${leaf}.whole`;
    renameSync(leaf, whole);
    await mkdir(folder);
    const from = `read_parquet('${whole}', file_row_number=true)`;
    for (const part of [0, 1, 2]) {
      const rows = `file_row_number * 3 // (SELECT count(*) FROM ${from}) = ${part}`;
      const sql = `SELECT * EXCLUDE (file_row_number) FROM ${from} WHERE ${rows} ORDER BY file_row_number`;
      await session.run(`COPY (${sql}) TO '${folder}/part${part}.parquet' (FORMAT parquet)`);
    }
    await rm(whole);
  }
  session.close();
  await rm(path.join(dir, 'dataset', '_metadata'));
  for (const name of ['hats.properties', 'properties']) {
    const file = path.join(dir, name);
    writeFileSync(file, `${readFileSync(file, 'utf8')}hats_npix_suffix=/\n`);
  }
}

let left: Catalog;
let whole: Catalog;
let split: Catalog;
beforeAll(async () => {
  await makeCatalog(temp('left'), LEFT, { name: 'left', rowsPerPartition: 60 });
  await makeCatalog(temp('whole'), RIGHT, { name: 'right', rowsPerPartition: 100 });
  await cp(temp('whole'), temp('split'), { recursive: true });
  await splitLeaves(temp('split'));
  [left, whole, split] = (await Promise.all(
    ['left', 'whole', 'split'].map((name) => openCatalog(temp(name))),
  )) as [Catalog, Catalog, Catalog];
});

test('partitions have several files, and edges are copied out of them', async () => {
  const { scans } = await left.crossmatch(split, MATCH).explain();
  expect(scans[1]!.border).toBe('edges');
  expect(globSync(`${temp('split')}/dataset/**/part2.parquet`).length).toBeGreaterThan(5);
});

test.each([null, 'mag > 15', 'id % 3 = 1', 'id < 52000 or mag is null'])(
  'all neighbours, in order, of the rows with %s',
  async (filter) => {
    const matched = async (right: Catalog) => {
      const rows = filter === null ? right : right.query(filter);
      const match = left.crossmatch(rows, MATCH);
      return rowsOf(await match.select(['id_l', 'id_r', '_dist_arcsec']).collect());
    };
    const expected = await matched(whole);
    expect(expected.length).toBeGreaterThan(20);
    expect(await matched(split)).toEqual(expected);
  },
);

/** Queries as tasks: plain data that any executor can run, and files that are read once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import type { Runtime } from '../../engine/runtime.ts';
import type { CellsTask, Task } from '../../engine/task.ts';
import { type Catalog, close, explanationText, openCatalog } from '../../index.ts';
import { createRuntime } from '../../workers/runtime.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { makeCatalog, type SkyRow } from './make-catalog.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
const base = createRuntime();
const seen: Task[] = [];

/** Runs everything as a queue between machines would: a task is a line of JSON. */
const overJson: Runtime = {
  ...base,
  executor(request) {
    const inline = base.executor({ ...request, small: true });
    return {
      ...inline,
      parallelism: 2,
      get busy() {
        return inline.busy;
      },
      run(task, ...rest) {
        seen.push(task);
        return inline.run(JSON.parse(JSON.stringify(task)) as Task, ...rest);
      },
    };
  },
};

afterAll(async () => {
  await base.close();
  await close();
});

/** A square of sky, 3° wide, with neighbours about 40″ apart along lines; `shift` in arcsec. */
function field(count: number, shift: number): SkyRow[] {
  const side = Math.ceil(Math.sqrt(count));
  return Array.from({ length: count }, (_, i) => ({
    id: i,
    ra: 44 + (3 * (i % side)) / side,
    dec: -1.5 + (3 * Math.floor(i / side)) / side + shift / 3600,
    tag: i % 7 === 0 ? null : `t${i}`,
    mag: i % 5 === 0 ? Number.NaN : i % 11 === 0 ? null : 14 + (i % 60) / 10,
  }));
}

beforeAll(async () => {
  await makeCatalog(temp('left'), field(3000, 0), { name: 'left', rowsPerPartition: 300 });
  await makeCatalog(temp('right'), field(3000, 0.5), { name: 'right', rowsPerPartition: 500 });
});

/** What `query` gives on the main path, and what it gives over JSON; the tasks are left in `seen`. */
async function bothWays(query: (left: Catalog, right: Catalog) => Catalog) {
  const open = async (runtime: Runtime | null) =>
    query(
      ...((await Promise.all(
        ['left', 'right'].map((name) =>
          runtime === null ? openCatalog(temp(name)) : openWith(temp(name), runtime),
        ),
      )) as [Catalog, Catalog]),
    );
  const usual = await (await open(null)).collect({ workers: 1 });
  seen.length = 0;
  const again = await (await open(overJson)).collect();
  return { usual: rowsOf(usual), again: rowsOf(again) };
}

test.each<[string, (left: Catalog, right: Catalog) => Catalog]>([
  ['a match', (left, right) => left.crossmatch(right, { radiusArcsec: 1 })],
  [
    'a left join with filters that stay and go, a region and a limit',
    (left, right) =>
      left
        .crossmatch(right.query('mag > 15.25'), { radiusArcsec: 1, how: 'left' })
        .query('mag_left < 19.5 and mag_right is not null')
        .coneSearch(45, 0, 4000)
        .limit(50),
  ],
  [
    'all neighbours, beyond a least distance, in a polygon',
    (left, right) =>
      left
        .polygonSearch([
          [44.1, -1],
          [46, -1],
          [45, 1],
        ])
        .crossmatch(right, { radiusArcsec: 300, minRadiusArcsec: 0.25, neighbors: 'all' }),
  ],
])('%s survives JSON, and gives the same rows from it', async (_, query) => {
  const { usual, again } = await bothWays(query);
  expect(usual.length).toBeGreaterThan(30);
  expect(again).toEqual(usual);
  expect(seen.some(({ kind }) => kind === 'cells')).toBe(true);
  for (const task of seen) expect(JSON.parse(JSON.stringify(task))).toEqual(task);
});

test('a match reads every file once as its own', async () => {
  const { again } = await bothWays((left, right) => left.crossmatch(right, { radiusArcsec: 1 }));
  expect(again.length).toBe(3000);
  const cells = seen
    .filter((task): task is CellsTask => task.kind === 'cells')
    .flatMap((task) => task.cells);
  for (const [i, name] of ['left', 'right'].entries()) {
    const info = await openCatalog(temp(name));
    if (info.plan.kind !== 'scan') throw new Error('an open catalog is a scan');
    const all = info.plan.catalog.partitions.flatMap(({ files }) => files.map((f) => f.path));
    const read = cells.flatMap(({ scans }) => scans[i]!.own.flatMap(({ files }) => files));
    expect(all.length).toBeGreaterThan(5);
    expect([...read].sort()).toEqual([...all].sort());
  }
});

test('NaN, null and the bounds of partitions leave the same rows', async () => {
  const left = await openCatalog(temp('left'));
  const rows = field(3000, 0);
  const count = (pass: (mag: number) => boolean) =>
    rows.filter(({ mag }) => mag !== null && pass(mag)).length;
  expect(await left.query('mag < 14.5').count()).toBe(count((mag) => mag < 14.5));
  expect(await left.query('mag > 19').count()).toBe(count((mag) => mag > 19));
  expect(await left.query('mag > 100').count()).toBe(0);
  // Identifiers follow declination, so that most partitions can be told apart by them.
  const few = left.query('id < 40');
  expect(await few.count()).toBe(40);
  const [scan] = (await few.explain()).scans;
  expect(scan!.partitions).toBeLessThan(scan!.partitionsTotal);
});

describeShared('an explanation', () => {
  test('of a sample', async () => {
    const lsdb = (name: string) => openCatalog(sharedPath('hats-samples', 'lsdb', name));
    const match = (await lsdb('small_sky_order1_collection'))
      .crossmatch(await lsdb('small_sky_xmatch'), { radiusArcsec: 36, suffixes: ['_a', '_b'] })
      .query('ra_a > 300');
    const explained = await match.explain({ columns: ['id_a', 'id_b'] });
    const folder = sharedPath('hats-samples', 'lsdb');
    const scans = explained.scans.map((scan) => ({
      ...scan,
      path: scan.path.replace(folder, 'LSDB'),
      bytes: scan.bytes > 0,
    }));
    expect({ ...explained, scans, outputColumns: [] }).toMatchInlineSnapshot(`
      {
        "cells": 4,
        "estimatedRows": 131,
        "logical": "filter ra_a > 300
        crossmatch (inner) nearest 1 within 36″
          scan small_sky_order1 [4 of 4 partitions] columns: _healpix_29, id, ra, dec, ra_error, dec_error
          scan small_sky_xmatch [3 of 3 partitions] columns: _healpix_29, id, ra, dec, ra_error, dec_error, calculated_dist",
        "outputColumns": [],
        "rules": [
          {
            "plan": "crossmatch (inner) nearest 1 within 36″
        scan small_sky_order1 [4 of 4 partitions] columns: _healpix_29, id, ra, dec, ra_error, dec_error, where ra_a > 300
        scan small_sky_xmatch [3 of 3 partitions] columns: _healpix_29, id, ra, dec, ra_error, dec_error, calculated_dist",
            "rule": "push filters",
          },
          {
            "plan": "crossmatch (inner) nearest 1 within 36″
        scan small_sky_order1 [4 of 4 partitions] columns: id, where ra_a > 300
        scan small_sky_xmatch [3 of 3 partitions] columns: id",
            "rule": "prune columns",
          },
        ],
        "scans": [
          {
            "border": "none",
            "bytes": true,
            "catalog": "small_sky_order1",
            "columns": [
              "_healpix_29",
              "id",
              "ra",
              "dec",
            ],
            "partitions": 4,
            "partitionsTotal": 4,
            "path": "LSDB/small_sky_order1_collection/small_sky_order1",
            "rows": 131,
          },
          {
            "border": "edges",
            "bytes": true,
            "catalog": "small_sky_xmatch",
            "columns": [
              "_healpix_29",
              "id",
              "ra",
              "dec",
            ],
            "partitions": 3,
            "partitionsTotal": 3,
            "path": "LSDB/small_sky_xmatch",
            "rows": 111,
          },
        ],
      }
    `);
    expect(explained.outputColumns).toEqual(match.columns);
    expect(explanationText(explained)).toContain(`plan\n  ${explained.logical.split('\n')[0]}\n`);
    expect(JSON.parse(JSON.stringify(explained))).toEqual(explained);
  });
});

describeShared('a search by partition order', () => {
  test('holds whatever region is asked for after it', async () => {
    const source = await openCatalog(sharedPath('hats-samples', 'lsdb', 'small_sky_source'));
    const coarse = await source.orderSearch(0, 1).count({ workers: 1 });
    expect(coarse).toBe(2395);
    const all = source.orderSearch(0, 1).boxSearch([0, 360], [-90, 90]);
    expect(await all.count({ workers: 1 })).toBe(coarse);
  });
});

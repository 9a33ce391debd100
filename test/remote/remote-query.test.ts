/** Queries of remote catalogs give what local ones give, and ask for no more than they need. */
import { readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readFooter } from '../../catalogs/parquet-footer.ts';
import { type Catalog, close, openCatalog } from '../../index.ts';
import { openTestSession } from '../engine/duckdb-for-tests.ts';
import { fileTree } from '../query/file-tree.ts';
import { hardSky, PLACES, seeded } from '../query/hard-sky.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { rowsOf } from '../query/result-rows.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { counted, testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
const spool = testSpool();
let web: WebServer;

/** Rows over a few degrees, in several partitions. */
function field(count: number, seed: number): SkyRow[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, id) => ({
    id,
    ra: 44 + random() * 4,
    dec: -2 + random() * 4,
    tag: id % 7 === 0 ? null : `t${id % 100}`,
    mag: id % 11 === 0 ? Number.NaN : 10 + random() * 10,
  }));
}

beforeAll(async () => {
  const left = field(12_000, 1);
  const right = field(9_000, 2);
  // Every third left row has a counterpart.
  for (let i = 0; i < right.length; i += 3) {
    right[i] = { ...right[i]!, ra: left[i]!.ra + 1e-4, dec: left[i]!.dec };
  }
  await makeCatalog(temp('left'), left, { name: 'left', rowsPerPartition: 3000 });
  await makeCatalog(temp('right'), right, {
    name: 'right',
    rowsPerPartition: 2500,
    marginArcsec: 30,
  });
  await makeCatalog(temp('bare'), right, { name: 'bare', rowsPerPartition: 2500 });
  web = await serveFolder(temp());
});
beforeEach(() => {
  spool.fresh();
  web.fault = null;
});
afterAll(async () => {
  await close();
  await web.close();
});

type Query = (open: (name: string) => Promise<Catalog>) => Promise<unknown>;

/** The answers of one query from both places. */
async function both(query: Query): Promise<{ local: unknown; remote: unknown }> {
  const local = await query((name) => openCatalog(temp(name)));
  const remote = await query((name) => openCatalog(`${web.url}/${name}`));
  return { local, remote };
}

const match = { radiusArcsec: 2, suffixes: ['_l', '_r'] } as const;

const queries: Record<string, Query> = {
  count: async (open) => (await open('left')).count(),
  'count with a filter': async (open) => (await open('left')).query('mag < 15').count(),
  'rows of a cone': async (open) =>
    rowsOf(await (await open('left')).coneSearch(45, 0, 2000).collect()),
  'rows with a limit': async (open) => rowsOf(await (await open('left')).limit(17).collect()),
  'a limit in the middle': async (open) =>
    rowsOf(await (await open('left')).limit(900).query('mag < 11').select(['id', 'mag']).collect()),
  'a match, with a margin': async (open) =>
    rowsOf(await (await open('left')).crossmatch(await open('right'), match).collect()),
  'a match, without one': async (open) =>
    rowsOf(await (await open('left')).crossmatch(await open('bare'), match).collect()),
  'a match of a filtered cone, filtered again': async (open) =>
    rowsOf(
      await (await open('left'))
        .query('mag < 17')
        .coneSearch(46, 1, 3000)
        .crossmatch((await open('bare')).query('mag > 11'), match)
        .query('mag_l < mag_r OR tag_r IS NULL')
        .select(['id_l', 'id_r', 'tag_r', '_dist_arcsec'])
        .collect(),
    ),
  'all neighbours, and a catalog with itself': async (open) => {
    const left = await open('left');
    return left.crossmatch(left, { radiusArcsec: 60, neighbors: 'all' }).count();
  },
  'a sky map': async (open) => {
    const map = await (await open('left'))
      .crossmatch(await open('right'), match)
      .skymap({ order: 7 });
    return [map.pixels, map.values];
  },
  'maps of aggregates, by a column': async (open) => {
    const pairs = (await open('left')).crossmatch(await open('right'), match);
    const maps = await pairs.skymap({ order: 5, value: 'mean(mag_l - mag_r)', by: 'tag_l' });
    return Array.from(maps, ([tag, map]) => [tag, map.pixels, map.values]);
  },
  'a table of groups, and a histogram': async (open) => {
    const left = (await open('left')).query('id > 3');
    const table = await left.aggregate({ n: 'count(*)', s: 'std(mag)' }, { by: ['tag', 'id % 3'] });
    const { counts, edges } = await left.histogram('mag', { bins: 9 });
    return [rowsOf(table), counts, edges];
  },
};

describe('the same answers as from the disk', () => {
  test.each(Object.keys(queries))('%s', async (name) => {
    const { local, remote } = await both(queries[name]!);
    expect(remote).toEqual(local);
  });

  test('a written catalog, byte for byte but for the places of its inputs', async () => {
    const write = async (open: Parameters<Query>[0], dir: string) => {
      process.env['SOURCE_DATE_EPOCH'] = '0';
      const pairs = (await open('left')).crossmatch(await open('right'), match);
      await pairs.writeHats(temp(dir), { name: 'out', marginArcsec: 10, rowsPerPartition: 2000 });
    };
    await write((name) => openCatalog(temp(name)), 'out-local');
    await write((name) => openCatalog(`${web.url}/${name}`), 'out-remote');
    const [local, remote] = ['out-local', 'out-remote'].map((dir) => fileTree(temp(dir)));
    const isText = (file: string) => file.endsWith('properties');
    const dataOf = (tree: Record<string, string>) =>
      Object.entries(tree).filter(([file]) => !isText(file));
    expect(Object.keys(remote!)).toEqual(Object.keys(local!));
    expect(dataOf(remote!)).toEqual(dataOf(local!));
  });

  test('exact twins are told apart by columns that the plan does not read', async () => {
    const twins: SkyRow[] = [];
    for (let i = 0; i < 40; i++) {
      for (const tag of ['c', 'a', 'b'])
        twins.push({ id: 1, ra: 45 + i / 100, dec: 1, tag, mag: 1 });
    }
    const left = twins.filter(({ tag }) => tag === 'a');
    await makeCatalog(temp('twins'), twins, { name: 'twins', rowsPerPartition: 30 });
    await makeCatalog(temp('ones'), left, { name: 'ones', rowsPerPartition: 20 });
    const nearest: Query = async (open) =>
      rowsOf(
        await (await open('ones'))
          .crossmatch(await open('twins'), { ...match, radiusArcsec: 30, neighbors: 2 })
          .select(['ra_l', 'tag_r'])
          .collect(),
      );
    const { local, remote } = await both(nearest);
    expect(remote).toEqual(local);
  });

  test('a hard sky', async () => {
    const sky = hardSky({
      seed: 5,
      places: PLACES,
      spreadDegrees: 1,
      scatterDegrees: 0.05,
      leftRows: 300,
      rightRows: 300,
      duplicates: 0.1,
    });
    await makeCatalog(temp('hard-l'), sky.left, { name: 'l', rowsPerPartition: 60 });
    await makeCatalog(temp('hard-r'), sky.right, { name: 'r', rowsPerPartition: 40 });
    const wide = { ...match, radiusArcsec: 600, neighbors: 5 };
    const { local, remote } = await both(async (open) =>
      rowsOf(await (await open('hard-l')).crossmatch(await open('hard-r'), wide).collect()),
    );
    expect(remote).toEqual(local);
  });
});

/** Compressed bytes of some columns in all leaf files of a table. */
async function columnBytes(dir: string, names: readonly string[]): Promise<number> {
  let sum = 0;
  for (const file of leavesOf(dir)) {
    const footer = await readFooter(file);
    for (const group of footer.rowGroups) {
      for (const { column, compressedBytes } of group.columns) {
        if (names.includes(column)) sum += compressedBytes;
      }
    }
  }
  return sum;
}

function leavesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => /Npix=\d+\.parquet$/.test(file))
    .map((file) => path.join(dir, file));
}

/** What was asked for since `start`, told apart by what it is for. */
function requestsSince(start: number) {
  const seen = web.seen.slice(start);
  const leaf = seen.filter(({ file }) => file.endsWith('.parquet'));
  const footers = leaf.filter(({ range }) => range?.startsWith('bytes=-'));
  const data = leaf.filter(
    ({ range, method }) => method === 'GET' && !range?.startsWith('bytes=-'),
  );
  const bytes = data.reduce((sum, { range }) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(range ?? '')!;
    return sum + Number(to) - Number(from) + 1;
  }, 0);
  const metadata = seen.length - leaf.length;
  return { metadata, footers: footers.length, data: data.length, bytes, all: seen.length };
}

describe('requests', () => {
  test('opening a catalog takes a few small ones', async () => {
    const start = web.seen.length;
    await openCatalog(`${web.url}/bare`);
    const asked = web.seen.slice(start).map(({ file, range }) => `${file} ${range ?? ''}`.trim());
    expect(asked.sort()).toEqual([
      'bare/collection.properties',
      'bare/dataset/_common_metadata bytes=-65536',
      'bare/dataset/_metadata bytes=-65536',
      'bare/hats.properties',
      'bare/partition_info.csv',
      'bare/properties',
    ]);
  });

  test('a count asks for footers only', async () => {
    const left = await openCatalog(`${web.url}/left`);
    const start = web.seen.length;
    expect(await left.count()).toBe(12_000);
    const files = leavesOf(temp('left')).length;
    const { footers, data } = requestsSince(start);
    expect({ footers, data }).toEqual({ footers: files, data: 0 });
  });

  test('a count of a match asks for positions, in one range per file', async () => {
    const left = await openCatalog(`${web.url}/left`);
    const bare = await openCatalog(`${web.url}/bare`);
    const start = web.seen.length;
    await left.crossmatch(bare, match).count();
    const { footers, data, bytes } = requestsSince(start);
    const files = leavesOf(temp('left')).length + leavesOf(temp('bare')).length;
    expect(footers).toBe(files);
    // The edge pass reads the index of the right side too.
    expect(data).toBeLessThanOrEqual(2 * files);
    const needed =
      (await columnBytes(temp('left'), ['ra', 'dec'])) +
      (await columnBytes(temp('bare'), ['ra', 'dec', '_healpix_29']));
    expect(bytes).toBeLessThanOrEqual(1.05 * needed);
  });

  test('a cone asks for the partitions that it meets, on both sides', async () => {
    const left = (await openCatalog(`${web.url}/left`)).coneSearch(44.3, -1.7, 200);
    const bare = await openCatalog(`${web.url}/bare`);
    const start = web.seen.length;
    await left.crossmatch(bare, match).count();
    const { footers } = requestsSince(start);
    expect(footers).toBeLessThanOrEqual(4);
  });

  test('a second run asks for no data and no footers', async () => {
    const run = async () => {
      const left = await openCatalog(`${web.url}/left`);
      const right = await openCatalog(`${web.url}/right`);
      return left.crossmatch(right, match).collect();
    };
    const first = rowsOf(await run());
    const start = web.seen.length;
    const { result, counts } = await counted(run);
    const { footers, data } = requestsSince(start);
    expect({ footers, data }).toEqual({ footers: 0, data: 0 });
    expect(counts.spoolHits).toBeGreaterThan(0);
    expect(rowsOf(result)).toEqual(first);
  });

  test('more columns of the same rows ask for those columns only', async () => {
    const left = await openCatalog(`${web.url}/left`);
    await left.select(['id', 'ra', 'dec']).collect();
    const start = web.seen.length;
    await left.select(['id', 'ra', 'dec', 'mag']).collect();
    expect(requestsSince(start).bytes).toBe(await columnBytes(temp('left'), ['mag']));
  });
});

describe('what goes wrong', () => {
  test('an object that changes in the middle is named', async () => {
    const left = await openCatalog(`${web.url}/left`);
    const file = leavesOf(temp('left'))[0]!.slice(temp().length + 1);
    web.fault = (request) =>
      request.file === file && request.range !== undefined && !request.range.startsWith('bytes=-')
        ? { kind: 'version', etag: '"another"' }
        : undefined;
    await expect(left.collect()).rejects.toThrow('the object changed while it was in use, bytes');
    await expect(left.collect()).rejects.toMatchObject({
      tag: 'data',
      where: `${web.url}/${file}`,
    });
  });

  test('a partition that is listed but not there is named', async () => {
    const left = await openCatalog(`${web.url}/left`);
    const file = leavesOf(temp('left'))[1]!.slice(temp().length + 1);
    web.fault = (request) => (request.file === file ? { kind: 'status', status: 404 } : undefined);
    await expect(left.count()).rejects.toMatchObject({
      tag: 'storage',
      where: `${web.url}/${file}`,
    });
  });

  test('an unusable position is placed in the file that the user knows', async () => {
    // All in one pixel of order 0, so in one partition.
    const rows = field(9000, 3).map((row) => ({ ...row, dec: row.dec + 40 }));
    await makeCatalog(temp('bad'), rows, { name: 'bad', rowsPerPartition: 9000 });
    const [file] = leavesOf(temp('bad'));
    // Row groups of 2,048 rows with mag ascending from one to the next, and a bad row in the third.
    const from = `FROM read_parquet('${file}')`;
    const numbered = `SELECT *, row_number() OVER (ORDER BY mag, id) - 1 AS n ${from}`;
    const spoilt = `SELECT * REPLACE (if(n = 5000, NULL, ra) AS ra) FROM (${numbered}) ORDER BY n`;
    const select = `SELECT * EXCLUDE (n) FROM (${spoilt})`;
    const copy = `COPY (${select}) TO '${file}.new' (FORMAT parquet, ROW_GROUP_SIZE 2048)`;
    const session = await openTestSession();
    await session.run(copy);
    session.close();
    renameSync(`${file}.new`, file!);
    const bad = (path: string) => openCatalog(path).then((one) => one.query('mag > 14'));
    const where = (row: number, place: string) =>
      `unusable position in row ${row} of bad: ra = NaN, dec = .* \\(${place}\\)`;
    const local = (await bad(temp('bad'))).collect();
    await expect(local).rejects.toThrow(new RegExp(where(5000, file!)));
    const remote = (await bad(`${web.url}/bad`)).collect();
    const url = `${web.url}${file!.slice(temp().length)}`;
    await expect(remote).rejects.toThrow(new RegExp(where(5000, url)));
    // The first row groups hold smaller magnitudes only, and were not asked for.
    const starts = web.seen.flatMap(({ range, file: asked }) =>
      asked.startsWith('bad/') && range?.startsWith('bytes=-') === false ? [range] : [],
    );
    const [first] = (await readFooter(file!)).rowGroups[1]!.columns;
    const least = Math.min(...starts.map((range) => Number(/=(\d+)/.exec(range)![1])));
    expect(least).toBeGreaterThanOrEqual(first!.start);
  });

  test('stopping a run stops its requests', async () => {
    const left = await openCatalog(`${web.url}/left`);
    web.fault = ({ range }) =>
      range !== undefined && !range.startsWith('bytes=-') ? { kind: 'stall', after: 1 } : undefined;
    const end = new AbortController();
    const running = left.collect({ signal: end.signal });
    setTimeout(() => end.abort(), 100);
    await expect(running).rejects.toMatchObject({ tag: 'aborted' });
  });
});

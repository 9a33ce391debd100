/** What a run will fetch is known before it runs, and watched while it does. */
import { readdirSync, statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configureRemote } from '../../catalogs/remote/configure.ts';
import { DEFAULT_PRICES } from '../../catalogs/remote/prices.ts';
import { setRemote } from '../../catalogs/remote/settings.ts';
import { budgetWatch, dollarsOf } from '../../engine/supply/cost.ts';
import { close, explanationText, openCatalog } from '../../index.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { counted, testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
const spool = testSpool();
let web: WebServer;

function field(count: number, shift: number): SkyRow[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    ra: 44 + ((id * 7919) % count) / (count / 3) + shift,
    dec: 20 + ((id * 104_729) % count) / (count / 3),
    tag: `tag number ${(id * 31) % 1000}`,
    mag: (id * 48_271) % 1000,
  }));
}

beforeAll(async () => {
  await makeCatalog(temp('left'), field(40_000, 0), { name: 'left', rowsPerPartition: 15_000 });
  await makeCatalog(temp('right'), field(30_000, 1e-4), { name: 'right', rowsPerPartition: 9000 });
  web = await serveFolder(temp());
});
beforeEach(() => {
  spool.fresh();
});
afterAll(async () => {
  await close();
  await web.close();
});

const open = async () => {
  const [left, right] = [
    await openCatalog(`${web.url}/left`),
    await openCatalog(`${web.url}/right`),
  ];
  return left.crossmatch(right, { radiusArcsec: 1, suffixes: ['_l', '_r'] });
};

/** Bytes of what is asked for besides footers, and the number of those requests. */
function dataSince(start: number) {
  const data = web.seen
    .slice(start)
    .filter(
      ({ file, range }) => file.endsWith('.parquet') && range?.startsWith('bytes=-') === false,
    );
  const bytes = data.reduce((sum, { range }) => {
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(range!)!;
    return sum + Number(to) - Number(from) + 1;
  }, 0);
  return { bytes, requests: data.length };
}

/** Bytes and requests for Parquet files while `work` runs. */
async function fetchedBy(work: () => Promise<unknown>) {
  const [sent, start] = [web.sent(), web.seen.length];
  await work();
  const files = web.seen.slice(start).filter(({ file }) => file.includes('Npix='));
  return { bytes: web.sent() - sent, requests: files.length };
}

describe('explain', () => {
  test('says what a count of a match will fetch, to a few percent', async () => {
    const pairs = await open();
    const { fetch } = await pairs.explain({ columns: [] });
    const found = await fetchedBy(() => pairs.count());
    expect(Math.abs(fetch!.bytes / found.bytes - 1)).toBeLessThan(0.05);
    expect(fetch!.requests).toBe(found.requests);
  });

  test('says what all columns of a filtered side will fetch', async () => {
    const left = (await openCatalog(`${web.url}/left`)).query('mag < 500').select(['id', 'tag']);
    const { fetch, scans } = await left.explain();
    const found = await fetchedBy(() => left.collect());
    expect(Math.abs(fetch!.bytes / found.bytes - 1)).toBeLessThan(0.05);
    expect(fetch!.requests).toBe(found.requests);
    expect(scans[0]!.fetch).toMatchObject({ exact: true });
  });

  test('footers, which the first one of a table tells the length of, are among it', async () => {
    const left = await openCatalog(`${web.url}/left`);
    const { fetch } = await left.explain({ columns: [] });
    const [start, found] = [web.seen.length, await fetchedBy(() => left.count())];
    // One of the schema, and one of the leaves.
    const long = web.seen.slice(start).filter(({ range }) => range === 'bytes=-65536');
    expect(long.length).toBeLessThanOrEqual(2);
    expect(Math.abs(fetch!.bytes / found.bytes - 1)).toBeLessThan(0.05);
    expect(fetch!.requests).toBe(found.requests);
    await expect(
      (await openCatalog(`${web.url}/left`)).count({ maxBytes: 1000 }),
    ).rejects.toMatchObject({ tag: 'request' });
  });

  test('footers of small files are no longer than the files', async () => {
    const rows = field(300, 0);
    await makeCatalog(temp('small'), rows, { name: 'small', rowsPerPartition: 60 });
    const { fetch } = await (await openCatalog(`${web.url}/small`)).explain({ columns: [] });
    const files = readdirSync(temp('small'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /Npix=\d+\.parquet$/.test(name))
      .map((name) => statSync(temp('small', name)).size);
    expect(files.length).toBeGreaterThan(2);
    expect(fetch!.bytes).toBeLessThanOrEqual(files.reduce((sum, size) => sum + size, 0));
  });

  test('tells bytes, requests, time and cost', async () => {
    // Settings of other kinds leave the prices what they are.
    configureRemote({ anonymous: false });
    const text = explanationText(await (await open()).explain({ columns: [] }));
    expect(text).toMatch(/fetches [\d.]+ [kM]B in \d+ requests in all: \d+\.\d s at 1 Gbit\/s/);
    expect(text).toMatch(/costs who pays for S3 \$0\.\d{4} in its region, /);
    expect(text).toMatch(/at prices of us-east-1 as known in 2025, not looked up since$/);
    const local = await openCatalog(temp('left'));
    expect(explanationText(await local.explain())).not.toContain('fetches');
  });
});

describe('a budget', () => {
  test('refuses a run that would pass it, before it fetches data', async () => {
    const pairs = await open();
    const start = web.seen.length;
    const refused = pairs.count({ maxBytes: 100_000 });
    await expect(refused).rejects.toMatchObject({ tag: 'request' });
    await expect(refused).rejects.toThrow(/the run would fetch .* more than the 100 kB allowed/);
    expect(dataSince(start).bytes).toBe(0);
    await expect(pairs.count({ maxCostDollars: 0 })).rejects.toThrow('more than the $0 allowed');
  });

  test('that is wide enough changes nothing', async () => {
    const { result } = await counted(async () => (await open()).count({ maxBytes: 1e9 }));
    expect(result).toBeGreaterThan(0);
  });

  test('ends a run that passes it all the same', () => {
    const watch = budgetWatch({ maxBytes: 1000 })!;
    watch(600, 1);
    expect(() => watch(600, 1)).toThrow(
      'the run was ended: it needs 2 kB, more than the 1 kB allowed',
    );
    expect(budgetWatch({})).toBeUndefined();
  });

  test('counts requests and gigabytes', () => {
    const { sameRegion, otherRegion, outOfCloud } = dollarsOf({ bytes: 1e12, requests: 1e6 });
    expect([sameRegion, otherRegion, outOfCloud]).toEqual([0.4, 20.4, 90.4]);
  });

  test('takes other prices', async () => {
    configureRemote({ prices: { perThousandRequests: 0, outOfCloud: 1e6 } });
    try {
      expect(dollarsOf({ bytes: 1e9, requests: 1e6 })).toEqual({
        sameRegion: 0,
        otherRegion: 0.02,
        outOfCloud: 1e6,
      });
      await expect((await open()).count({ maxCostDollars: 2 })).rejects.toThrow(
        'more than the $2 allowed',
      );
      expect(() => configureRemote({ prices: { sameRegion: -1 } })).toThrow('prices');
      const misspelt = { outOfcloud: 3 } as object;
      expect(() => configureRemote({ prices: misspelt })).toThrow('did you mean "outOfCloud"?');
      const text = explanationText(await (await open()).explain());
      expect(text).toMatch(/at the prices given$/);
    } finally {
      setRemote({ prices: DEFAULT_PRICES });
    }
  });
});

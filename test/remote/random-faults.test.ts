/** Whole crossmatches under random schedules of faults: the right answer or the right error, and nothing left behind. */
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setRemote } from '../../catalogs/remote/settings.ts';
import { type Catalog, CrosshatchError, close, openCatalog } from '../../index.ts';
import { seeded } from '../query/hard-sky.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { rowsOf } from '../query/result-rows.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { SHORT, testSpool } from './remote-fixture.ts';
import { type Fault, type Seen, serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
const spool = testSpool();
const schedules = Math.ceil(200 * Number(process.env['CROSSHATCH_RUNS'] ?? 1));
let web: WebServer;
let expected: unknown;

function field(count: number, seed: number): SkyRow[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, id) => ({
    id,
    ra: 44 + random() * 3,
    dec: -1 + random() * 3,
    tag: `t${id}`,
    mag: random() * 10,
  }));
}

const run = async (left: Catalog, right: Catalog) =>
  rowsOf(
    await left
      .crossmatch(right, { radiusArcsec: 200, suffixes: ['_l', '_r'] })
      .collect({ workers: 1 }),
  );

beforeAll(async () => {
  setRemote({ patience: { ...SHORT, tries: 4, pauseMs: 0, maxPauseMs: 1, stallMs: 120 } });
  mkdirSync(temp('root'));
  await makeCatalog(temp('root', 'left'), field(250, 1), { name: 'left', rowsPerPartition: 120 });
  await makeCatalog(temp('root', 'right'), field(250, 2), { name: 'right', rowsPerPartition: 100 });
  web = await serveFolder(temp('root'));
  expected = await run(
    await openCatalog(temp('root', 'left')),
    await openCatalog(temp('root', 'right')),
  );
});
afterAll(async () => {
  await close();
  await web.close();
});

/** A fault for some requests; now and then one that stays. */
function schedule(seed: number): (request: Seen) => Fault | undefined {
  const random = seeded(seed);
  const share = random() * 0.4;
  const version = random() < 0.1;
  const persistent = random() < 0.1;
  let broken: string | null = null;
  return ({ file }) => {
    const sort = random();
    if (file === broken) return { kind: 'status', status: 500 };
    if (sort >= share) return undefined;
    if (persistent && file.endsWith('.parquet')) broken = file;
    const after = Math.floor(random() * 3000);
    const kinds: Fault[] = [
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
      { kind: 'reset' },
      { kind: 'reset', after },
      { kind: 'shorter' },
      { kind: 'corrupt' },
      { kind: 'delay', ms: Math.floor(random() * 20) },
      { kind: 'ignore range' },
      ...(random() < 0.2 ? [{ kind: 'stall', after } as const] : []),
      ...(version ? [{ kind: 'version', etag: '"other"' } as const] : []),
    ];
    return kinds[Math.floor(random() * kinds.length)];
  };
}

test(`${schedules} random schedules`, { timeout: 600_000 }, async () => {
  let answers = 0;
  let errors = 0;
  for (let seed = 1; seed <= schedules; seed++) {
    spool.fresh();
    web.fault = schedule(seed);
    const outcome = await (async () =>
      run(await openCatalog(`${web.url}/left`), await openCatalog(`${web.url}/right`)))().catch(
      (error: unknown) => error,
    );
    web.fault = null;
    if (outcome instanceof CrosshatchError) {
      errors++;
      const { tag, what } = outcome;
      expect(['storage', 'data'], `schedule ${seed}: ${outcome.message}`).toContain(tag);
      expect(what, `schedule ${seed}`).toMatch(/after 4 tries|changed while it was in use/);
    } else {
      answers++;
      expect(outcome, `schedule ${seed}`).toEqual(expected);
    }
    // What was held is given back, whatever happened.
    expect(held(), `schedule ${seed}`).toEqual([]);
  }
  // The schedules are neither too kind nor too cruel to tell anything.
  expect(answers).toBeGreaterThan(schedules / 4);
  expect(errors).toBeGreaterThan(schedules / 50);
  // Connections are kept for the next request, and no more than may be asked at a time.
  expect(web.sockets.size).toBeLessThanOrEqual(64);
});

/** Files in the folders of holds. */
function held(): string[] {
  const holds = path.join(spool.dir(), 'holds');
  return readdirSync(holds).flatMap((name) => readdirSync(path.join(holds, name)));
}

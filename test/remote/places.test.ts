/** Catalogs in several places: which one is used, going on at another, and the names that ship with the package. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkReference, registeredCatalogs } from '../../catalogs/reference.ts';
import { setRemote } from '../../catalogs/remote/settings.ts';
import { close, openCatalog, openCatalogInfo } from '../../index.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { SHORT, testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
const spool = testSpool();
let one: WebServer;
let two: WebServer;

const rows: SkyRow[] = Array.from({ length: 900 }, (_, id) => ({
  id,
  ra: 10 + (id % 30) / 30,
  dec: Math.floor(id / 30) / 30,
  tag: `t${id}`,
  mag: id,
}));

beforeAll(async () => {
  for (const dir of ['one', 'other']) mkdirSync(temp(dir));
  await makeCatalog(temp('one', 'sky'), rows, { name: 'sky', rowsPerPartition: 200 });
  // A copy has the same bytes under other tags.
  cpSync(temp('one'), temp('two'), { recursive: true });
  await makeCatalog(temp('other', 'sky'), rows.slice(5), { name: 'sky', rowsPerPartition: 200 });
});
beforeEach(async () => {
  spool.fresh();
  setRemote({ patience: { ...SHORT, tries: 2 } });
  one = await serveFolder(temp('one'));
  two = await serveFolder(temp('two'));
  return async () => {
    await one.close();
    await two.close();
  };
});
afterAll(() => close());

const reference = (...urls: string[]) => ({ name: 'sky', locations: urls.map((url) => ({ url })) });
const down = () => ({ kind: 'reset' }) as const;

describe('the place that is used', () => {
  test('is a local one before all others', async () => {
    const info = await openCatalogInfo(reference(`${one.url}/sky`, temp('two', 'sky')));
    expect(info.place).toEqual({
      url: temp('two', 'sky'),
      why: 'local',
      others: [`${one.url}/sky`],
    });
  });

  test('is one in the region this runs in before those elsewhere', async () => {
    process.env['AWS_REGION'] = 'eu-west-1';
    try {
      one.fault = null;
      const locations = [
        { url: `${one.url}/sky`, region: 'us-east-1' },
        { url: `${two.url}/sky`, region: 'eu-west-1' },
      ];
      const info = await openCatalogInfo({ name: 'sky', locations });
      expect(info.place).toMatchObject({ url: `${two.url}/sky`, why: 'same region, eu-west-1' });
    } finally {
      delete process.env['AWS_REGION'];
    }
  });

  test('is else the one that answers first', async () => {
    one.fault = () => ({ kind: 'delay', ms: 500 });
    const info = await openCatalogInfo(reference(`${one.url}/sky`, `${two.url}/sky`));
    expect(info.place!.url).toBe(`${two.url}/sky`);
    expect(info.place!.why).toMatch(/^answered first, in \d+ ms$/);
  });

  test('is told in JSON and YAML files', async () => {
    writeFileSync(temp('sky.json'), JSON.stringify(reference(temp('one', 'sky'))));
    const yaml = `name: sky\nlocations:\n  - url: ${temp('one', 'sky')}\n    note: here\n`;
    writeFileSync(temp('sky.yaml'), yaml);
    for (const file of ['sky.json', 'sky.yaml']) {
      expect(await (await openCatalog(temp(file))).count()).toBe(900);
    }
    writeFileSync(temp('bad.json'), '{"name": "x"}');
    await expect(openCatalog(temp('bad.json'))).rejects.toThrow(
      'the catalog reference is wrong at locations',
    );
  });

  test('none that answers is an error that names them', async () => {
    one.fault = down;
    two.fault = down;
    const none = openCatalogInfo(reference(`${one.url}/sky`, `${two.url}/sky`));
    await expect(none).rejects.toThrow('none of the places of sky answers');
  });
});

describe('a place that goes down in the middle', () => {
  test('is left for another with the same bytes', async () => {
    two.fault = () => ({ kind: 'delay', ms: 300 });
    const sky = await openCatalog(reference(`${one.url}/sky`, `${two.url}/sky`));
    two.fault = null;
    one.fault = down;
    const table = await sky.collect();
    expect(table.numRows).toBe(900);
    expect(two.seen.some(({ file }) => file.endsWith('.parquet'))).toBe(true);
  });

  test('is not left for one that holds something else', async () => {
    const other = await serveFolder(temp('other'));
    other.fault = () => ({ kind: 'delay', ms: 300 });
    const sky = await openCatalog(reference(`${one.url}/sky`, `${other.url}/sky`));
    other.fault = null;
    one.fault = down;
    await expect(sky.collect()).rejects.toThrow('after 2 tries');
    await other.close();
  });
});

test('the names that ship with the package are references, each with its source', () => {
  const known = registeredCatalogs();
  expect(known.map(({ name }) => name)).toEqual([
    ...['gaia_dr3', 'ps1_otmo', 'ztf_dr24_objects', 'ztf_dr24_lc'],
    ...['allwise', 'allwise_k5', 'two_mass'],
  ]);
  for (const entry of known) {
    expect(checkReference(entry).name).toBe(entry.name);
    expect(entry.source.document.length * entry.source.date.length).toBeGreaterThan(0);
    expect(entry.rows * entry.bytes * entry.columns.length).toBeGreaterThan(0);
  }
});

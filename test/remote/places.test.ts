/** Catalogs in several places: which one is used, going on at another, and the names that ship with the package. */
import { appendFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkReference, registeredCatalogs } from '../../catalogs/reference.ts';
import { close, openCatalog, openCatalogInfo } from '../../index.ts';
import { crosshatch } from '../cli/process.ts';
import { makeCatalog } from '../query/make-catalog.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { down, gridRows, serveTwo, testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
const spool = testSpool();
let one: WebServer;
let two: WebServer;

const rows = gridRows(900);

beforeAll(async () => {
  for (const dir of ['one', 'other']) mkdirSync(temp(dir));
  await makeCatalog(temp('one', 'sky'), rows, { name: 'sky', rowsPerPartition: 200 });
  // A copy has the same bytes under other tags.
  cpSync(temp('one'), temp('two'), { recursive: true });
  await makeCatalog(temp('other', 'sky'), rows.slice(5), { name: 'sky', rowsPerPartition: 200 });
});
beforeEach(async () => {
  spool.fresh();
  const places = await serveTwo(temp('one'), temp('two'));
  ({ one, two } = places);
  return places.stop;
});
afterAll(() => close());

const reference = (...urls: string[]) => ({ name: 'sky', locations: urls.map((url) => ({ url })) });

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
    // As in properties files, what is relative is seen from the file.
    writeFileSync(temp('near.json'), JSON.stringify(reference('one/sky')));
    expect(await (await openCatalog(temp('near.json'))).count()).toBe(900);
    writeFileSync(temp('bad.json'), '{"name": "x"}');
    await expect(openCatalog(temp('bad.json'))).rejects.toThrow(
      'the catalog reference is wrong at locations',
    );
  });

  test('none that answers is an error that names them', async () => {
    one.fault = down;
    two.fault = down;
    const none = openCatalogInfo(reference(`${one.url}/sky`, `${two.url}/sky`));
    await expect(none).rejects.toThrow(
      `none of the places of sky answers: ${one.url}/sky: could not be read after 2 tries`,
    );
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

  test('is left for a third one when the second goes down too', async () => {
    const three = await serveFolder(temp('two'));
    for (const late of [two, three]) late.fault = () => ({ kind: 'delay', ms: 300 });
    const urls = [one, two, three].map(({ url }) => `${url}/sky`);
    const sky = await openCatalog(reference(...urls));
    three.fault = null;
    one.fault = down;
    two.fault = ({ range }) => (range?.startsWith('bytes=-') === false ? down() : undefined);
    expect((await sky.collect()).numRows).toBe(900);
    for (const { seen } of [two, three]) {
      expect(seen.some(({ file }) => file.endsWith('.parquet'))).toBe(true);
    }
    await three.close();
  });

  test('is not left for a collection of the same name that holds something else', async () => {
    for (const [dir, from] of [
      ['collected', 0],
      ['recollected', 5],
    ] as const) {
      mkdirSync(temp(dir));
      const options = { name: 'all', rowsPerPartition: 200, marginArcsec: 10 };
      await makeCatalog(temp(dir, 'all'), rows.slice(from), options);
    }
    cpSync(temp('collected'), temp('collected-2'), { recursive: true });
    const servers = await Promise.all(
      ['collected', 'recollected', 'collected-2'].map((dir) => serveFolder(temp(dir))),
    );
    const [first, other, copy] = servers as [WebServer, WebServer, WebServer];
    const among = async (...places: WebServer[]) => {
      first.fault = null;
      for (const late of [other, copy]) late.fault = () => ({ kind: 'delay', ms: 200 });
      const found = await openCatalog(reference(...places.map(({ url }) => `${url}/all`)));
      for (const late of [other, copy]) late.fault = null;
      first.fault = down;
      return found.collect();
    };
    await expect(among(first, other)).rejects.toThrow('after 2 tries');
    spool.fresh();
    expect((await among(first, other, copy)).numRows).toBe(900);
    for (const server of servers) await server.close();
  });

  test('is left file by file where only some are the same', async () => {
    const kept = { recursive: true, preserveTimestamps: true };
    cpSync(temp('one'), temp('partly'), kept);
    const leaves = readdirSync(temp('partly', 'sky', 'dataset'), { recursive: true }).filter(
      (file) => /Npix/.test(String(file)),
    );
    const changed = temp('partly', 'sky', 'dataset', String(leaves.at(-1)));
    const metadata = temp('partly', 'sky', 'dataset', '_metadata');
    for (const file of [changed, metadata]) appendFileSync(file, 'other');
    const partly = await serveFolder(temp('partly'));
    partly.fault = () => ({ kind: 'delay', ms: 300 });
    const sky = await openCatalog(reference(`${one.url}/sky`, `${partly.url}/sky`));
    // The versions of files come with their footers.
    one.fault = ({ range }) => (range?.startsWith('bytes=-') === false ? down() : undefined);
    partly.fault = null;
    await expect(sky.collect()).rejects.toMatchObject({
      tag: 'storage',
      where: expect.stringContaining(one.url),
    });
    await partly.close();
  });

  test('is left for one that was out of reach when it was first needed', async () => {
    two.fault = () => ({ kind: 'delay', ms: 300 });
    const sky = await openCatalog(reference(`${one.url}/sky`, `${two.url}/sky`));
    one.fault = down;
    two.fault = ({ file }) => (file.endsWith('/_metadata') ? down() : undefined);
    await expect(sky.collect()).rejects.toThrow('after 2 tries');
    two.fault = null;
    expect((await sky.collect()).numRows).toBe(900);
  });

  test('is left for one version of each file', async () => {
    two.fault = () => ({ kind: 'delay', ms: 300 });
    const sky = await openCatalog(reference(`${one.url}/sky`, `${two.url}/sky`));
    one.fault = down;
    // The file is replaced at the other place when its footer has been read.
    two.fault = ({ range, method, file }) =>
      file.endsWith('.parquet') && method === 'GET' && range?.startsWith('bytes=-') === false
        ? { kind: 'version', etag: '"another"' }
        : undefined;
    await expect(sky.collect()).rejects.toMatchObject({ tag: 'data' });
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

test('info tells what the package knows of a name, while nobody answers', async () => {
  const nowhere = 'http://127.0.0.1:1';
  const env = { AWS_ENDPOINT_URL: nowhere, HTTPS_PROXY: nowhere, HTTP_PROXY: nowhere };
  const { status, stdout, stderr } = await crosshatch(['info', 'gaia_dr3'], { env });
  expect(status).toBe(1);
  expect(stdout).toContain('1,812,731,847 rows, 765 GB');
  expect(stdout).toMatch(/^ {2}cite .* {2}Gaia Collaboration 2023/m);
  expect(stderr).toMatch(/^error: none of the places of gaia_dr3 answers: s3:.*ECONNREFUSED/);
});

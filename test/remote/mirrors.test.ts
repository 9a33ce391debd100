/** What another place of a catalog may answer for: files that none has, other versions, and what tells them apart. */
import { cpSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../catalogs/fingerprint.ts';
import { choosePlace } from '../../catalogs/reference.ts';
import { addMirrors } from '../../catalogs/remote/mirrors.ts';
import { reliableStore } from '../../catalogs/store.ts';
import { close, openCatalog } from '../../index.ts';
import { makeCatalog } from '../query/make-catalog.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { down, gridRows, serveTwo, testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
const spool = testSpool();
let one: WebServer;
let two: WebServer;

const rows = gridRows(300);

beforeAll(async () => {
  mkdirSync(temp('one'));
  await makeCatalog(temp('one', 'sky'), rows, { name: 'sky', rowsPerPartition: 100 });
  rmSync(temp('one', 'sky', 'partition_info.csv'));
  writeFileSync(temp('one', 'file'), 'first version');
  // Versions are times here, and a copy keeps no fractions of microseconds.
  utimesSync(temp('one', 'file'), 1_700_000_000, 1_700_000_000);
  cpSync(temp('one'), temp('two'), { recursive: true, preserveTimestamps: true });
});
beforeEach(async () => {
  spool.fresh();
  const places = await serveTwo(temp('one'), temp('two'));
  ({ one, two } = places);
  return places.stop;
});
afterAll(() => close());

/** The catalog at `one`, which goes down once it has been chosen. */
async function chooseOne(...others: string[]): Promise<string> {
  two.fault = () => ({ kind: 'delay', ms: 300 });
  const locations = [`${one.url}/sky`, ...others].map((url) => ({ url }));
  const { url } = await choosePlace({ name: 'sky', locations });
  expect(url).toBe(`${one.url}/sky`);
  two.fault = null;
  one.fault = down;
  one.seen.length = 0;
  return url;
}

describe('a file that no place has', () => {
  test('is known to be missing when the chosen place goes down', async () => {
    const sky = await openCatalog(await chooseOne(`${two.url}/sky`));
    expect((await sky.collect()).numRows).toBe(300);
    const asked = one.seen.length;
    const missing = `${one.url}/sky/partition_info.csv`;
    expect(await reliableStore.stat(missing)).toBeUndefined();
    expect(await reliableStore.find!(missing, 100)).toBeUndefined();
    expect(one.seen.length).toBe(asked);
  });

  test('is not what a file is that one copy lacks and a third place has', async () => {
    cpSync(temp('two'), temp('partial'), { recursive: true });
    rmSync(temp('partial', 'sky', 'hats.properties'));
    const partial = await serveFolder(temp('partial'));
    partial.fault = two.fault = () => ({ kind: 'delay', ms: 300 });
    const url = await chooseOne(`${partial.url}/sky`, `${two.url}/sky`);
    partial.fault = null;
    expect(await reliableStore.find!(`${url}/hats.properties`, 1e5)).toBeDefined();
    await partial.close();
  });

  test('is not told by a place that holds something else', async () => {
    addMirrors(one.url, [two.url], 'this', async () => 'that');
    one.fault = down;
    await expect(reliableStore.stat(`${one.url}/none`)).rejects.toThrow('after 2 tries');
  });
});

test('a place that shares one version of a file does not answer for another', async () => {
  addMirrors(one.url, [two.url], 'this', async () => 'that');
  const file = `${one.url}/file`;
  const { etag } = (await reliableStore.stat(file))!;
  one.fault = down;
  const read = (version: string | undefined) =>
    reliableStore.readRange(file, 0, 5, { etag: version });
  expect(new TextDecoder().decode(await read(etag))).toBe('first');
  await expect(read('"another"')).rejects.toThrow('after 2 tries');
  expect(new TextDecoder().decode(await read(etag))).toBe('first');
});

describe('the print of a catalog', () => {
  test('is not taken from other files while one is out of reach', async () => {
    one.fault = ({ file }) => (file.endsWith('/_metadata') ? down() : undefined);
    await expect(fingerprintOf(`${one.url}/sky`)).rejects.toThrow('after 2 tries');
    one.fault = down;
    await expect(fingerprintOf(`${one.url}/sky`)).rejects.toThrow('after 2 tries');
  });

  test('is taken from other files where one is forbidden', async () => {
    one.fault = ({ file }) =>
      file.endsWith('/_metadata') ? { kind: 'status', status: 403 } : undefined;
    expect(await fingerprintOf(`${one.url}/sky`)).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** Worker threads that throw where nobody catches, or exhaust their heap: each is replaced, its task tried again. */
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { close, generateCatalog, openCatalog } from '../../index.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

/** Too wide a radius for the main thread. */
const WIDE = { radiusArcsec: 90, suffixes: ['_g', '_z'] } as const;

/**
 * Loaded into every thread of a child process: a thread that is handed cells goes wrong, in the first so many cases. No
 * code of the program knows of it. `throw`: before it starts on them. `heap`: in the middle of them, where it looks
 * whether to stop; nothing native is under way then, which would take the whole process with it.
 */
const saboteur = `
import { writeFileSync } from 'node:fs';
import { isMainThread, MessagePort } from 'node:worker_threads';
const { ACCIDENT, ACCIDENTS, MARKS } = process.env;
const { on } = MessagePort.prototype;
let armed = false;
if (!isMainThread) {
  MessagePort.prototype.on = function (type, listener) {
    if (type !== 'message') return on.call(this, type, listener);
    return on.call(this, type, (message, ...rest) => {
      const cells = JSON.stringify(message?.task ?? null).includes('"cells"');
      armed = cells && isNext();
      if (armed && ACCIDENT === 'throw') throw new Error('thrown where nobody catches');
      listener(message, ...rest);
    });
  };
  const { load } = Atomics;
  let looks = 0;
  Atomics.load = (array, at) => {
    if (armed && ACCIDENT === 'heap' && ++looks === 20) {
      for (const hog = []; ; ) hog.push(new Array(1e6).fill(hog.length));
    }
    return load(array, at);
  };
}
function isNext() {
  for (let i = 0; i < Number(ACCIDENTS); i++) {
    try {
      writeFileSync(MARKS + i, '', { flag: 'wx' });
      return true;
    } catch {}
  }
  return false;
}`;

const index = pathToFileURL(path.resolve(import.meta.dirname, '..', '..', 'index.ts')).href;
const program = `
import { close, openCatalog } from ${JSON.stringify(index)};
const [left, right] = await Promise.all(process.argv.slice(2).map((dir) => openCatalog(dir)));
const match = left.crossmatch(right, ${JSON.stringify(WIDE)});
const said = await match.count({ workers: 2 }).then(
  (rows) => ({ rows }), ({ tag, what }) => ({ tag, what }));
console.log(JSON.stringify(said));
await close();`;

let rows: number;
beforeAll(async () => {
  const stars = {
    kind: 'gaia',
    rows: 2000,
    seed: 1,
    cone: { ra: 285, dec: 5, radiusArcsec: 7200 },
    rowsPerPartition: 250,
  } as const;
  await generateCatalog(temp('gaia'), stars, { workers: 1 });
  const again = { ...stars, kind: 'ztf', counterpartOf: stars } as const;
  await generateCatalog(temp('ztf'), again, { workers: 1 });
  const left = await openCatalog(temp('gaia'));
  rows = await left.crossmatch(await openCatalog(temp('ztf')), WIDE).count({ workers: 1 });
  writeFileSync(temp('saboteur.mjs'), saboteur);
  writeFileSync(temp('program.mjs'), program);
});

async function countWith(accident: string, accidents: number): Promise<unknown> {
  const args = [
    // So little that a heap is exhausted before the machine is.
    '--max-old-space-size=100',
    '--import',
    pathToFileURL(temp('saboteur.mjs')).href,
    temp('program.mjs'),
    temp('gaia'),
    temp('ztf'),
  ];
  const env = {
    ...process.env,
    ACCIDENT: accident,
    ACCIDENTS: String(accidents),
    MARKS: temp(`${accident}-${accidents}-`),
  };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { status, ...JSON.parse(said || '{}') };
}

const marks = (prefix: string) => readdirSync(temp()).filter((name) => name.startsWith(prefix));

test.each(['throw', 'heap'])('%s: twice is forgiven', async (accident) => {
  expect(await countWith(accident, 2)).toEqual({ status: 0, rows });
  expect(marks(`${accident}-2-`).length).toBe(2);
});

test.each([
  ['throw', 'thrown where nobody catches'],
  ['heap', 'memory'],
])('%s: always is an error', async (accident, reason) => {
  expect(await countWith(accident, 1000)).toEqual({
    status: 0,
    tag: 'worker',
    what: expect.stringMatching(`^a worker thread died 3 times: .*${reason}`),
  });
});

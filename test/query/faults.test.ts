/** What goes wrong in the middle of a run: aborts, readers that leave, threads that die. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import {
  type Catalog,
  CrosshatchError,
  close,
  generateCatalog,
  openCatalog,
  type RunSettings,
} from '../../index.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
// Whatever a run leaves in the temporary folder is this file's own.
process.env['TMPDIR'] = temp('tmp');
// The date in the properties would be the only difference between two outputs.
process.env['SOURCE_DATE_EPOCH'] = '1700000000';

const stars = {
  kind: 'gaia',
  rows: 3000,
  seed: 1,
  cone: { ra: 285, dec: 5, radiusArcsec: 7200 },
  rowsPerPartition: 250,
} as const;

/** A radius too wide for the main thread: the pool runs it, in a dozen tasks. */
const WIDE = { radiusArcsec: 90, suffixes: ['_g', '_z'] } as const;
let match: Catalog;

beforeAll(async () => {
  mkdirSync(temp('tmp'));
  await generateCatalog(temp('gaia'), stars, { workers: 1 });
  const again = { ...stars, kind: 'ztf', rows: 2500, counterpartOf: stars } as const;
  await generateCatalog(temp('ztf'), again, { workers: 1 });
  match = (await openCatalog(temp('gaia'))).crossmatch(await openCatalog(temp('ztf')), WIDE);
});
afterAll(() => close());

/** Settings that abort a run as soon as `tasks` tasks of its match are done, each of which is told. */
function abortAfter(tasks: number, onDone = (_tasks: number) => {}): RunSettings {
  const controller = new AbortController();
  return {
    workers: 2,
    signal: controller.signal,
    onProgress({ phase, tasksDone, tasks: all }) {
      if (phase !== 'match') return;
      onDone(tasksDone);
      expect(all).toBeGreaterThan(tasks + 4);
      if (tasksDone === tasks) controller.abort();
    },
  };
}

async function failure(run: Promise<unknown>): Promise<CrosshatchError> {
  const error = await run.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof CrosshatchError) return error;
  throw error;
}

function stagingOf(name: string): string[] {
  return readdirSync(temp()).filter((file) => file.startsWith(`.${name}.crosshatch-`));
}

/** Every file below a folder, with its bytes. */
function contentOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    files
      .sort()
      .map((file) => [path.relative(folder, file), readFileSync(file).toString('base64')]),
  );
}

describe('an abort', () => {
  test('in the middle of a count ends it, and the next run is right', async () => {
    let done = 0;
    const settings = abortAfter(2, (tasks) => {
      done = tasks;
    });
    expect(await failure(match.count(settings))).toMatchObject({ tag: 'aborted' });
    expect(done).toBeLessThan(7);
    const alone = await match.count({ workers: 1 });
    expect(alone).toBeGreaterThan(500);
    expect(await match.count({ workers: 2 })).toBe(alone);
  });

  test('before the start is one too', async () => {
    const signal = AbortSignal.abort();
    expect(await failure(match.count({ signal, workers: 2 }))).toMatchObject({ tag: 'aborted' });
    const written = match.writeHats(temp('never'), { signal, workers: 2 });
    expect(await failure(written)).toMatchObject({ tag: 'aborted' });
    expect(existsSync(temp('never'))).toBe(false);
  });

  test('reaches a run on the main thread, from outside of it', async () => {
    const inline = smallRuntime(1e6);
    try {
      const [left, right] = [
        await openWith(temp('gaia'), inline),
        await openWith(temp('ztf'), inline),
      ];
      const same = left.crossmatch(right, WIDE);
      const controller = new AbortController();
      let done = 0;
      const run = same.count({
        signal: controller.signal,
        onProgress({ phase, tasksDone }) {
          if (phase !== 'match') return;
          done = tasksDone;
          // As an interrupt comes: by an event, which this thread has to have a turn for.
          if (done === 2) setTimeout(() => controller.abort());
        },
      });
      expect(await failure(run)).toMatchObject({ tag: 'aborted' });
      expect(done).toBeLessThan(7);
      expect(await same.count()).toBe(await match.count({ workers: 2 }));
    } finally {
      await inline.close();
    }
  });

  test('of one run leaves others that share its threads alone', async () => {
    const alone = await match.count({ workers: 2 });
    const [other, aborted] = await Promise.all([
      match.count({ workers: 2 }),
      failure(match.count(abortAfter(1))),
    ]);
    expect(aborted).toMatchObject({ tag: 'aborted' });
    expect(other).toBe(alone);
  });

  test('of a write keeps what is done, and resume makes the same bytes of it', async () => {
    const form = { name: 'match', rowsPerPartition: 100 };
    const written = match.writeHats(temp('cut'), { ...form, ...abortAfter(3) });
    expect(await failure(written)).toMatchObject({ tag: 'aborted' });
    expect(existsSync(temp('cut'))).toBe(false);
    const [staging] = stagingOf('cut');
    const kept = readdirSync(temp(staging!, 'pieces')).filter((file) => file.endsWith('.json'));
    expect(kept.length).toBeGreaterThan(0);

    let computed = 0;
    const resumed = await match.writeHats(temp('cut'), {
      ...form,
      resume: true,
      workers: 2,
      onProgress({ phase, rows }) {
        if (phase === 'match') computed = rows;
      },
    });
    // What was finished is not computed again.
    expect(computed).toBeGreaterThan(0);
    expect(computed).toBeLessThan(resumed.rows);
    expect(stagingOf('cut')).toEqual([]);
    const whole = await match.writeHats(temp('whole'), { ...form, workers: 2 });
    expect(resumed.rows).toBe(whole.rows);
    expect(contentOf(temp('cut'))).toEqual(contentOf(temp('whole')));
    expect(await (await openCatalog(temp('cut'))).count()).toBe(whole.rows);
  });
});

test('a reader of batches that leaves early leaves nothing behind', async () => {
  const folders = () => readdirSync(temp('tmp')).sort();
  // The pool's own folder stays with the pool.
  const rows = await match.count({ workers: 2 });
  const before = folders();
  for await (const batch of match.batches({ workers: 2 })) {
    expect(batch.numRows).toBeGreaterThan(0);
    break;
  }
  expect(folders()).toEqual(before);
  for await (const batch of match) {
    expect(batch.numRows).toBeGreaterThan(0);
    break;
  }
  expect(await match.count({ workers: 2 })).toBe(rows);
  expect((await match.collect({ workers: 2 })).numRows).toBe(rows);
});

describe('a worker thread that dies', () => {
  /** Loaded into every thread of a child process: ends threads that are handed cells, `DEATHS` times in all. */
  const killer = `
    import { writeFileSync } from 'node:fs';
    import { isMainThread, MessagePort } from 'node:worker_threads';
    const { on } = MessagePort.prototype;
    if (!isMainThread) {
      MessagePort.prototype.on = function (type, listener) {
        if (type !== 'message') return on.call(this, type, listener);
        return on.call(this, type, (message, ...rest) => {
          if (JSON.stringify(message?.task ?? null).includes('"cells"') && mayDie()) process.exit(1);
          else listener(message, ...rest);
        });
      };
    }
    function mayDie() {
      for (let i = 0; i < Number(process.env.DEATHS); i++) {
        try {
          writeFileSync(process.env.MARKS + i, '', { flag: 'wx' });
          return true;
        } catch {}
      }
      return false;
    }`;
  const index = pathToFileURL(path.resolve(import.meta.dirname, '..', '..', 'index.ts')).href;
  const program = `
    import { close, openCatalog } from ${JSON.stringify(index)};
    const [left, right] = await Promise.all(process.argv.slice(2).map((p) => openCatalog(p)));
    const match = left.crossmatch(right, ${JSON.stringify(WIDE)});
    const { tag, what, where } = await match.count({ workers: 2 }).then(
      (rows) => ({ tag: 'rows', what: rows }), (error) => error);
    console.log(JSON.stringify({ tag, what, where }));
    await close();`;

  beforeAll(() => {
    writeFileSync(temp('killer.mjs'), killer);
    writeFileSync(temp('program.mjs'), program);
  });

  function countWith(deaths: number): Promise<{ status: number | null; said: unknown }> {
    const marks = temp(`death-of-${deaths}-`);
    const child = spawn(
      process.execPath,
      [
        ...['--import', pathToFileURL(temp('killer.mjs')).href],
        ...[temp('program.mjs'), temp('gaia'), temp('ztf')],
      ],
      {
        env: { ...process.env, DEATHS: String(deaths), MARKS: marks },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, said: JSON.parse(stdout || 'null') }));
    });
  }
  const deathsOf = (deaths: number) =>
    readdirSync(temp()).filter((name) => name.startsWith(`death-of-${deaths}-`)).length;

  test('twice is replaced twice, and nothing is missing', async () => {
    const rows = await match.count({ workers: 1 });
    expect(await countWith(2)).toEqual({ status: 0, said: { tag: 'rows', what: rows } });
    expect(deathsOf(2)).toBe(2);
  });

  test('every time is an error that names the cells', async () => {
    const { status, said } = await countWith(1000);
    expect({ status, said }).toEqual({
      status: 0,
      said: {
        tag: 'worker',
        what: expect.stringMatching(/^a worker thread died 3 times: ./),
        where: expect.stringMatching(/^cell \d+\/\d+(, \d+\/\d+)*$/),
      },
    });
    expect(deathsOf(1000)).toBeGreaterThanOrEqual(3);
  });
});

/** A disk that runs full: what the user is told, what is left, and going on once there is room. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { close, generateCatalog } from '../../index.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

/** A small file system of one's own needs a mount namespace of one's own. */
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
const reason = canMount ? '' : ' (skipped: unshare -rm is not allowed here)';

const index = pathToFileURL(path.resolve(import.meta.dirname, '..', '..', 'index.ts')).href;

/** Runs one end of a query in DIR, then says how that went and what is there. */
const program = `
import { readdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { close, openCatalog } from ${JSON.stringify(index)};
const { DIR, END, LEFT, RIGHT } = process.env;
const [left, right] = [await openCatalog(LEFT), await openCatalog(RIGHT)];
const match = left.crossmatch(right, { radiusArcsec: 90, neighbors: 'all', suffixes: ['_g', '_z'] });
const ends = {
  hats: (options) => match.writeHats(DIR + '/out', options),
  parquet: () => match.writeParquet(DIR + '/out.parquet'),
  csv: () => match.writeCsv(DIR + '/out.csv'),
  arrow: () => match.writeArrow(DIR + '/out.arrow'),
  table: () => match.count(),
};
const tell = (run) => run.then(
  ({ rows }) => ({ rows }), ({ tag, what, where, hint }) => ({ tag, what, where, hint }));
const said = [await tell(ends[END]({})), readdirSync(DIR)];
if (END === 'hats') {
  execFileSync('mount', ['-o', 'remount,size=64m', DIR]);
  said.push(await tell(ends.hats({ resume: true })), readdirSync(DIR));
}
console.log(JSON.stringify(said));
await close();`;

const ROWS = 4000;
beforeAll(async () => {
  const stars = {
    kind: 'gaia',
    rows: ROWS,
    seed: 1,
    cone: { ra: 285, dec: 5, radiusArcsec: 3000 },
    rowsPerPartition: 500,
  } as const;
  await generateCatalog(temp('gaia'), stars, { workers: 1 });
  const again = { ...stars, kind: 'ztf', seed: 2, counterpartOf: stars } as const;
  await generateCatalog(temp('ztf'), again, { workers: 1 });
  writeFileSync(temp('program.mjs'), program);
});

/** Runs the program with DIR, and TMPDIR if asked, on a file system of so many kilobytes. */
function runIn(kilobytes: number, end: string, tmpToo = false) {
  const dir = temp(`${end}-${tmpToo}`);
  mkdirSync(dir);
  const script = 'mount -t tmpfs -o size="$1"k tmpfs "$DIR" && exec "$2" --no-warnings "$3"';
  const args = ['-rm', 'sh', '-c', script, 'sh', `${kilobytes}`];
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    [...args, process.execPath, temp('program.mjs')],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        DIR: dir,
        END: end,
        LEFT: temp('gaia'),
        RIGHT: temp('ztf'),
        ...(tmpToo ? { TMPDIR: dir } : {}),
      },
    },
  );
  return { status, stderr, said: JSON.parse(stdout || 'null') as unknown[], dir };
}

describe.runIf(canMount)(`an output that does not fit its disk${reason}`, () => {
  test('a catalog: nothing that looks like one is left, and resume makes it', () => {
    const { said, stderr, dir } = runIn(900, 'hats');
    expect(stderr).toBe('');
    const hidden = expect.stringMatching(/^\.out\.crosshatch-[0-9a-f]{16}$/);
    expect(said).toEqual([
      {
        tag: 'storage',
        what: 'the disk is full',
        where: expect.stringContaining(dir),
        hint: expect.stringMatching(/./),
      },
      [hidden],
      { rows: expect.any(Number) },
      ['out'],
    ]);
    expect((said[2] as { rows: number }).rows).toBeGreaterThan(ROWS);
  });

  test.each(['parquet', 'csv', 'arrow'])('a %s file: nothing is left', (format) => {
    const { said, stderr, dir } = runIn(300, format);
    expect(stderr).toBe('');
    expect(said).toEqual([
      {
        tag: 'storage',
        what: 'the disk is full',
        where: expect.stringContaining(dir),
        hint: expect.stringMatching(/./),
      },
      [],
    ]);
  });

  test('a temporary folder that is full is named too', () => {
    const { said, stderr, dir } = runIn(16, 'table', true);
    expect(stderr).toBe('');
    expect(said[0]).toEqual({
      tag: 'storage',
      what: 'the disk is full',
      where: expect.stringContaining(dir),
      hint: expect.stringContaining('TMPDIR'),
    });
  });
});

/** One spool and several processes: at once, killed in the middle, on a disk that runs full. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { close, generateCatalog, openCatalog } from '../../index.ts';
import { bin } from '../built-program.ts';
import { crosshatch, crosshatchJson } from '../cli/process.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
const spool = testSpool();
let web: WebServer;
let pairs: number;

beforeAll(async () => {
  mkdirSync(temp('root'));
  const stars = {
    kind: 'gaia',
    rows: 60_000,
    seed: 1,
    cone: { ra: 285, dec: 5, radiusArcsec: 9000 },
    rowsPerPartition: 10_000,
  } as const;
  await generateCatalog(temp('root', 'gaia'), stars, { workers: 1 });
  const again = { ...stars, kind: 'ztf', seed: 2, counterpartOf: stars } as const;
  await generateCatalog(temp('root', 'ztf'), again, { workers: 1 });
  web = await serveFolder(temp('root'));
  const [gaia, ztf] = [
    await openCatalog(temp('root', 'gaia')),
    await openCatalog(temp('root', 'ztf')),
  ];
  pairs = await gaia.crossmatch(ztf, { radiusArcsec: 1 }).count();
});
beforeEach(() => {
  spool.fresh();
  web.fault = null;
});
afterAll(async () => {
  await close();
  await web.close();
});

const args = () => [
  ...['crossmatch', `${web.url}/gaia`, `${web.url}/ztf`, '--radius', '1'],
  ...['--progress', 'none', '--spool', spool.dir()],
];
const isData = ({ file, range, method }: (typeof web.seen)[number]) =>
  file.includes('Npix=') && method === 'GET' && range?.startsWith('bytes=-') === false;

test('two processes at once get the same answer, and leave what a third one needs', async () => {
  const both = await Promise.all([crosshatchJson(args()), crosshatchJson(args())]);
  expect(both.map(({ rows }) => rows)).toEqual([pairs, pairs]);
  const start = web.seen.length;
  const third = await crosshatchJson(args());
  expect(third).toMatchObject({ rows: pairs });
  expect(web.seen.slice(start).filter(isData)).toEqual([]);
  expect(readdirSync(path.join(spool.dir(), 'holds'))).toEqual([]);
});

describe('a process that is killed while it fills the spool', () => {
  test.each([1, 3, 6, 10])('after %i answers: the next one finds nothing torn', async (count) => {
    let answered = 0;
    web.fault = (request) => {
      if (!isData(request)) return undefined;
      answered++;
      // The last answer comes in part: the process dies while it waits for the rest.
      return answered > count ? { kind: 'stall', after: 500 } : undefined;
    };
    const child = spawn(process.execPath, [bin, ...args()], {
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    while (answered <= count && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    await ended;
    web.fault = null;
    expect(readdirSync(path.join(spool.dir(), 'holds'))).toHaveLength(1);
    expect(await crosshatchJson(args())).toMatchObject({ rows: pairs });
    // What the dead process held is gone with it.
    expect(readdirSync(path.join(spool.dir(), 'holds'))).toEqual([]);
  });
});

describe('a limit smaller than what the run needs', () => {
  test('is kept when the run has ended, and changes nothing else', async () => {
    const small = await crosshatchJson([...args(), '--spool-limit', '1MB']);
    expect(small).toMatchObject({ rows: pairs });
    const { status, stdout } = await crosshatch([
      'spool',
      'info',
      '--spool',
      spool.dir(),
      '--json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ processes: 0, dir: spool.dir() });
    expect((JSON.parse(stdout) as { bytes: number }).bytes).toBeLessThan(1_200_000);
  });
});

/** A small file system of one's own needs a mount namespace of one's own. */
const canMount = spawnSync('unshare', ['-rm', 'true']).status === 0;
const reason = canMount ? '' : ' (skipped: unshare -rm is not allowed here)';

describe.runIf(canMount)(`a disk that is too small${reason}`, () => {
  test('is said plainly', async () => {
    mkdirSync(spool.dir(), { recursive: true });
    const script = 'mount -t tmpfs -o size=60k tmpfs "$1" && shift && exec "$@"';
    const command = [process.execPath, '--no-warnings', bin, ...args()];
    const child = spawn('unshare', ['-rm', 'sh', '-c', script, 'sh', spool.dir(), ...command]);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: the disk of the spool is full \(.*\)\nFree some space, or choose/,
    );
  });
});

describe('crosshatch spool', () => {
  test('says what is kept, and clears it', async () => {
    await crosshatchJson(args());
    const info = await crosshatch(['spool', 'info', '--spool', spool.dir()]);
    expect(info.stdout).toMatch(
      /^folder {2}.*\nkept {4}\d.* in \d+ files, at most 20\.0 GB\nin use {2}by 0 other processes\n$/,
    );
    const cleared = await crosshatch(['spool', 'clear', '--spool', spool.dir()]);
    expect(cleared.stdout).toMatch(/^removed \d+ files, \d.*, of /);
    const after = await crosshatch(['spool', 'info', '--spool', spool.dir(), '--json']);
    expect(JSON.parse(after.stdout)).toMatchObject({ bytes: 0, files: 0 });
    const wrong = await crosshatch(['spool', 'what']);
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      "error: 'what' is nothing the spool can do\nGive info or clear.\n",
    ]);
  });
});

/** Requests that are refused, and what is said: the words are a contract with whoever reads them. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crosshatch, crosshatchWell, tempFolder } from './process.ts';

const { dir, remove } = tempFolder();
const matchOf = (...more: string[]) => ['crossmatch', 'gaia', 'ztf', ...more];

beforeAll(async () => {
  const spec = ['--rows', '300', '--cone', '10,20,1800', '--margin', 'none'];
  await crosshatchWell(['generate', 'gaia', '--kind', 'gaia', ...spec], { cwd: dir });
  await crosshatchWell(['generate', 'ztf', '--kind', 'ztf', ...spec], { cwd: dir });
  mkdirSync(path.join(dir, 'empty'));
  mkdirSync(path.join(dir, 'folder'));
  writeFileSync(path.join(dir, 'folder', 'notes.txt'), 'mine');
  writeFileSync(path.join(dir, 'file.csv'), 'ra,dec\n');
});
afterAll(remove);

/** The message of a refused request, with the test's folder called DIR. */
async function refused(args: readonly string[]): Promise<string> {
  const before = readdirSync(dir).sort();
  const { status, stdout, stderr } = await crosshatch(args, { cwd: dir });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  // Nothing was made, not even for a moment's mistake.
  expect(readdirSync(dir).sort()).toEqual(before);
  return stderr.replaceAll(dir, 'DIR').replaceAll(`/private${dir}`, 'DIR');
}

describe('catalogs', () => {
  test.each([
    [
      'nowhere',
      'error: no catalog at DIR/nowhere\ncheck the path: there is no such directory, or it is empty\n',
    ],
    [
      'empty',
      'error: no catalog at DIR/empty\ncheck the path: there is no such directory, or it is empty\n',
    ],
    [
      'folder',
      'error: DIR/folder is a directory but not a catalog\na catalog has a file hats.properties or properties, a collection has collection.properties\n',
    ],
    ['.', 'error: DIR is a directory but not a catalog\nit contains catalogs: gaia, ztf\n'],
    [
      'file.csv',
      'error: DIR/file.csv is a file, not a catalog\na HATS catalog is a directory with a hats.properties file: give that directory\n',
    ],
  ])('%s', async (catalog, message) => {
    expect(await refused(['info', catalog])).toBe(message);
  });

  test('the same on either side of a match', async () => {
    const message =
      'error: no catalog at DIR/nowhere\ncheck the path: there is no such directory, or it is empty\n';
    expect(await refused(['crossmatch', 'nowhere', 'ztf', '--radius', '1'])).toBe(message);
    expect(await refused(['crossmatch', 'gaia', 'nowhere', '--radius', '1'])).toBe(message);
  });
});

describe('names and expressions', () => {
  const columns =
    'Columns: _healpix_29, oid, ra, dec, fid, filtercode, nobs, ngoodobsrel, … (16 in all)';

  test.each([
    [
      ['--columns', 'ra,meanmga'],
      `error: there is no column "meanmga" of ztf\nDid you mean meanmag? ${columns}\n`,
    ],
    [
      ['--where', 'meanmga > 15'],
      `error: unknown column meanmga (character 1 of the expression meanmga > 15)\nDid you mean meanmag? ${columns}\n`,
    ],
    [
      ['--where', 'meanmag >'],
      'error: the expression ends where a value is expected (character 10 of the expression meanmag >)\n',
    ],
    [
      ['--where', 'meanmag > 1; select 1'],
      'error: a semicolon is not allowed (character 12 of the expression meanmag > 1; select 1)\nGive one expression, not statements.\n',
    ],
  ])('%j', async (flags, message) => {
    expect(await refused(['query', 'ztf', ...flags])).toBe(message);
  });

  test('suffixes that make two columns one', async () => {
    expect(await refused(matchOf('--radius', '1', '--suffixes', '_a,_a'))).toBe(
      'error: two columns of the result would be called "ra_a"\nThe suffixes are "_a" and "_a": choose others with suffixes (--suffixes _a,_b).\n',
    );
  });
});

describe('numbers of a match', () => {
  test.each([
    ['0', 'radius 0″ is not a positive angle\nGive it in arcseconds.'],
    ['-1', 'radius -1″ is not a positive angle\nGive it in arcseconds.'],
    ['NaN', 'radius NaN″ is not a positive angle\nGive it in arcseconds.'],
    ['40000', 'radius 40000″ is above 36000″ (10°)\nRadii are in arcseconds.'],
  ])('radius %s', async (radius, message) => {
    expect(await refused(matchOf('--radius', radius))).toBe(`error: ${message}\n`);
  });

  test.each(['0', '1.5'])('%s neighbors', async (count) => {
    expect(await refused(matchOf('--radius', '1', '--neighbors', count))).toBe(
      `error: neighbors ${count} is neither a whole number from 1 nor 'all'\n`,
    );
  });

  test('a minimum radius that leaves nothing', async () => {
    expect(await refused(matchOf('--radius', '1', '--min-radius', '1'))).toBe(
      'error: minimum radius 1″ is not from 0 to below the radius of 1″\n',
    );
  });
});

describe('outputs', () => {
  test.each([
    ['ztf', 'the output is also an input: DIR/ztf (ztf)'],
    ['ztf/inside', 'the output lies inside an input: DIR/ztf (ztf/inside)'],
  ])('an output %s is no place', async (output, message) => {
    const said = await refused(['query', 'ztf', '--output', output, '--overwrite']);
    expect(said).toBe(`error: ${message}\nchoose an output outside every input\n`);
  });

  test.each([
    ['gaia', 'output exists (DIR/gaia)\nuse --overwrite to replace it, or another name'],
    ['file.csv', 'output exists (DIR/file.csv)\nuse --overwrite to replace it, or another name'],
    ['no/out', 'the folder of the output does not exist (DIR/no/out)\ncreate DIR/no first'],
  ])('%s', async (output, message) => {
    expect(await refused(['query', 'ztf', '--output', output])).toBe(`error: ${message}\n`);
  });

  test('a folder that is no catalog is not replaced, asked or not', async () => {
    expect(await refused(['query', 'ztf', '--output', 'folder', '--overwrite'])).toBe(
      'error: the output exists and is not a HATS catalog, so it is not replaced (DIR/folder)\ngive another name, or remove the folder yourself\n',
    );
  });

  test('a map is checked like every other output', async () => {
    writeFileSync(path.join(dir, 'map.fits'), '');
    expect(await refused(['skymap', 'ztf', '--order', '3', '--output', 'map.fits'])).toBe(
      'error: output exists (DIR/map.fits)\nuse --overwrite to replace it, or another name\n',
    );
  });
});

describe('the rest', () => {
  test.each([
    [['query', 'ztf', '--limit', '1.5'], 'limit 1.5 is not a whole number of rows'],
    [['query', 'ztf', '--workers', '0'], 'workers 0 is not a whole number from 1 to 1024'],
    [
      ['query', 'ztf', '--memory', '1MB'],
      'memory must be at least 256 MB\nFor example --memory 2GB.',
    ],
    [['skymap', 'ztf', '--order', '14'], 'sky map order 14 is not an integer from 0 to 13'],
    [
      ['query', 'ztf', '--moc', 'nowhere.fits'],
      '--moc: the file could not be read: no such file (DIR/nowhere.fits)',
    ],
    [
      ['margin', 'ztf', '--radius', '0', '--output', 'm'],
      'margin 0″ is not above 0″ and at most 36000″ (10°)',
    ],
    [['generate', 'new', '--rows', '0'], 'rows must be an integer from 1 to 10000000000, not 0'],
    [
      ['generate', 'gaia', '--rows', '100'],
      'the folder is a catalog already (gaia)\nGive another one for the pair.',
    ],
    [
      ['demo', 'folder'],
      'the folder has files that are not from a demo (folder)\nGive an empty or a new folder: crosshatch demo DIR.',
    ],
    [
      ['demo', 'file.csv'],
      "the demo cannot use this folder: ENOTDIR: not a directory, scandir 'file.csv' (file.csv)",
    ],
  ])('%j', async (args, message) => {
    expect(await refused(args)).toBe(`error: ${message}\n`);
  });

  test('--debug adds the stack to the message', async () => {
    const { status, stderr } = await crosshatch(['info', 'nowhere', '--debug'], { cwd: dir });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: CrosshatchError: no catalog at .*\n.*\n\s+at .*\.js:\d+:\d+/);
  });
});

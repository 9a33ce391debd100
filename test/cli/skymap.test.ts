/** `crosshatch skymap` with aggregates, and maps of aggregates made by `crossmatch` and `query`. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSkyMap } from '../../catalogs/sky-map-file.ts';
import { close } from '../../index.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { crosshatch, crosshatchJson, crosshatchWell, tempFolder } from './process.ts';

const { dir, remove } = tempFolder();
const options = { cwd: dir };
afterAll(remove);

/** Two rows in each of three base pixels of the equator, one of them without a magnitude. */
const ROWS = [0, 90, 180].flatMap((ra, i): SkyRow[] => [
  { id: 2 * i, ra: ra + 1, dec: 0, tag: 'g', mag: 10 + i },
  { id: 2 * i + 1, ra: ra + 1.001, dec: 0, tag: i === 2 ? null : 'r', mag: i === 0 ? null : 20 },
]);

beforeAll(async () => {
  await makeCatalog(path.join(dir, 'stars'), ROWS, { name: 'stars' });
  await close();
});

describe('skymap', () => {
  test('of an aggregate: what it says, as text and as data', async () => {
    const command = ['skymap', 'stars', '--order', '0', '--value', 'mean(mag)'];
    expect(await crosshatchWell(command, options)).toBe(
      'order 0: 6 rows in 3 of 12 pixels; mean(mag) from 10 to 16\n',
    );
    expect(await crosshatchJson(command, options)).toMatchObject({
      rows: 6,
      output: null,
      maps: [{ order: 0, name: 'mean(mag)', unit: null, rows: 6, pixels: 3, least: 10, most: 16 }],
    });
  });

  test('by a column: a line for each category, and a column in the file', async () => {
    const command = ['skymap', 'stars', '--order', '0', '--value', 'max(mag)', '--by', 'tag'];
    const text = await crosshatchWell([...command, '--output', 'tags.fits'], options);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'tag = g, order 0: 3 rows in 3 of 12 pixels; max(mag) from 10 to 12',
      'tag = r, order 0: 2 rows in 1 of 12 pixels; max(mag) from 20 to 20',
      'tag = null, order 0: 1 row in 1 of 12 pixels; max(mag) from 20 to 20',
    ]);
    expect(text).toContain(`wrote ${path.join(dir, 'tags.fits')} in `);
    const found = await readSkyMap(path.join(dir, 'tags.fits'), { column: 'tag_g' });
    expect(Array.from(found.values, Number).filter((value) => value > 0)).toEqual([10, 11, 12]);
    const { maps } = await crosshatchJson(command, options);
    expect((maps as { category: unknown }[]).map(({ category }) => category)).toEqual([
      'g',
      'r',
      null,
    ]);
  });

  test('a filter before it, and the columns that it reads', async () => {
    const command = ['skymap', 'stars', '--order', '0', '--value', 'sum(id) / count(*)'];
    const where = ['--where', "tag = 'r'"];
    expect(await crosshatchWell([...command, ...where], options)).toBe(
      'order 0: 2 rows in 2 of 12 pixels; sum(id) / count(*) from 1 to 3\n',
    );
    const explained = await crosshatchJson([...command, '--explain'], options);
    const [scan] = explained['scans'] as { columns: string[] }[];
    expect(scan!.columns).toEqual(['_healpix_29', 'id', 'ra', 'dec']);
  });
});

describe('other commands that make maps', () => {
  test('crossmatch and query', async () => {
    const match = ['crossmatch', 'stars', 'stars', '--radius', '10', '--neighbors', 'all'];
    const map = ['--skymap', '0', '--value', 'count_if(_dist_arcsec > 1)', '--output', 'far.fits'];
    expect(await crosshatchWell([...match, ...map], options)).toContain(
      'order 0: 12 rows in 3 of 12 pixels; count_if(_dist_arcsec > 1) from 2 to 2\n',
    );
    const query = ['query', 'stars', '--columns', 'mag', '--skymap', '0', '--value', 'min(mag)'];
    expect(await crosshatchWell(query, options)).toBe(
      'order 0: 6 rows in 3 of 12 pixels; min(mag) from 10 to 12\n',
    );
  });
});

test.each([
  [
    ['skymap', 'stars', '--order', '3', '--value', 'median(mag)'],
    'median() needs all values of a group at once, and results are put together from parts of the catalog (character 1 of the expression median(mag))\n' +
      'Use the method histogram for the distribution of values, or collect the column and work it out from there.',
  ],
  [
    ['skymap', 'stars', '--order', '3', '--value', 'mean(tag)', '--output', 'no.fits'],
    'mean(tag) needs numbers, but tag is VARCHAR (expression mean(tag))\n' +
      'Numbers in texts can be cast: (tag)::double.',
  ],
  [
    ['skymap', 'stars', '--order', '3', '--by', 'bnad'],
    'unknown column bnad (character 1 of the expression bnad)\nColumns: _healpix_29, id, ra, dec, tag, mag',
  ],
  [['query', 'stars', '--value', 'mean(mag)'], '--value needs a sky map: --skymap ORDER'],
])('refused with exit code 2 and nothing written: %j', async (args, message) => {
  const { status, stdout, stderr } = await crosshatch(args, options);
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: '',
    stderr: `error: ${message}\n`,
  });
});

/** `crosshatch query`, and `info`, `skymap` and `margin` over the sample catalogs. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeShared, sharedPath } from '../shared-data.ts';
import { crosshatch, crosshatchJson, crosshatchWell, tempFolder } from './process.ts';

const { dir, remove } = tempFolder();
const options = { cwd: dir };
afterAll(remove);

const hats = (name: string) => sharedPath('hats-samples', 'hats', name);
const lsdb = (name: string) => sharedPath('hats-samples', 'lsdb', name);

describeShared('query', () => {
  test('prints the first rows, ids exact, and says what is hidden', async () => {
    const columns = ['--columns', '_healpix_29,id,ra,dec'];
    const text = await crosshatchWell(['query', hats('small_sky'), '--limit', '2', ...columns]);
    expect(text).toBe(
      [
        '        _healpix_29   id     ra    dec',
        '3187422220182231470  707  308.5  -69.5',
        '3187796123455121090  792  320.5  -69.5',
        'the first 2 rows (--limit for more)\n',
      ].join('\n'),
    );
    const wide = await crosshatchWell(['query', hats('small_sky_source')], {
      env: { COLUMNS: '60' },
    });
    const lines = wide.trimEnd().split('\n');
    expect(lines).toHaveLength(13);
    expect(lines.slice(0, 11).every((line) => line.length <= 60)).toBe(true);
    expect(lines[11]).toMatch(/^… \d more columns: .*object_dec \(choose with --columns\)$/);
    expect(lines[12]).toBe('the first 10 rows (--limit for more)');
  });

  test('a filter may name columns that are not shown, default ones or not', async () => {
    const text = await crosshatchWell([
      ...['query', lsdb('small_sky_order1_default_columns')],
      ...['--where', 'ra_error == 0 and id == 707'],
    ]);
    expect(text).toBe(
      '   ra    dec   id          _healpix_29\n308.5  -69.5  707  3187422220182231470\n1 row\n',
    );
    const all = await crosshatchWell([
      ...['query', lsdb('small_sky_order1_default_columns'), '--columns', 'all', '--limit', '1'],
    ]);
    expect(all).toMatch(/^ +_healpix_29 +id +ra +dec +ra_error +dec_error\n/);
  });

  test('regions: each alone, and together', async () => {
    writeFileSync(path.join(dir, 'moc.json'), '{"1": [44]}');
    const rowsOf = async (...flags: string[]) =>
      (
        await crosshatchJson(
          ['query', lsdb('small_sky_order1_source_collection'), '--limit', '20000', ...flags],
          options,
        )
      ).rows;
    // The golden cone search of LSDB.
    const cone = ['--cone', '-35,-55,7200'];
    expect(await rowsOf(...cone)).toBe(152);
    const moc = Number(await rowsOf('--moc', 'moc.json'));
    expect(moc).toBeGreaterThan(0);
    expect(moc).toBeLessThan(17161);
    const box = ['--box', '323,327,-57,-53'];
    const around = ['--polygon', '321,-59 329,-59 329,-51 321,-51'];
    const inBox = Number(await rowsOf(...box));
    expect(inBox).toBeGreaterThan(0);
    expect(await rowsOf(...box, ...around)).toBe(inBox);
    expect(await rowsOf(...around)).toBeGreaterThan(inBox);
    expect(await rowsOf(...cone, '--box', '0,1,0,1')).toBe(0);
  });

  test('leaf files with other names', async () => {
    const template = ['--path-template', 'parquet/{order}_{pixel}.parquet'];
    const catalog = lsdb('small_sky_order1_custom_tree');
    expect(await crosshatchJson(['query', catalog, '--limit', '999', ...template])).toMatchObject({
      rows: 131,
    });
    expect(await crosshatchJson(['info', catalog, ...template])).toMatchObject({ partitions: 4 });
    const { status, stderr } = await crosshatch(['info', catalog]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: partition 1\/44 is listed but its file is missing/);
    expect(stderr).toContain('--path-template');
  });

  test('a file of what was asked for only', async () => {
    const flags = ['--columns', 'id,ra', '--where', 'id < 705', '--output', 'few.csv'];
    await crosshatchWell(['query', hats('small_sky'), ...flags], options);
    const [header, ...lines] = readFileSync(path.join(dir, 'few.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(header).toBe('id,ra');
    expect(lines.map((line) => Number(line.split(',')[0])).sort()).toEqual([
      700, 701, 702, 703, 704,
    ]);
  });
});

describeShared('the other commands', () => {
  test('info of a collection', async () => {
    const catalog = hats('small_sky_o1_collection');
    const text = await crosshatchWell(['info', catalog]);
    expect(text.replaceAll(catalog, 'HERE')).toBe(
      [
        'small_sky_order1: object catalog',
        '  path          HERE/small_sky_order1',
        '  collection    HERE',
        '  rows          131',
        '  partitions    4 (4 files, 10.0 kB)',
        '  orders        1 (4)',
        '  sky           8.33 %',
        '  position      ra, dec',
        '  index column  _healpix_29, order 29',
        '  margin        small_sky_order1_margin, 7200″, in use',
        '  margin        small_sky_order1_margin_10arcs, 10″',
        '  index         id: HERE/small_sky_order1_id_index',
        '6 columns',
        '  _healpix_29  BIGINT',
        '  id           BIGINT',
        '  ra           DOUBLE',
        '  dec          DOUBLE',
        '  ra_error     BIGINT',
        '  dec_error    BIGINT\n',
      ].join('\n'),
    );
    expect(await crosshatchJson(['info', catalog])).toMatchObject({
      name: 'small_sky_order1',
      rows: 131,
      skyFraction: 1 / 12,
      columns: expect.arrayContaining([{ name: 'ra', type: 'DOUBLE' }]),
    });
  });

  test('skymap sums up without an output, and writes a whole map with one', async () => {
    const map = ['skymap', hats('small_sky_source'), '--order', '4'];
    expect(await crosshatchWell(map)).toBe(
      'order 4: 17,161 rows in 110 of 3,072 pixels; in those least 1, most 561, mean 156.0\n',
    );
    const summary = await crosshatchJson(
      [...map, '--output', 'map.fits', '--value', 'count'],
      options,
    );
    expect(summary).toMatchObject({ rows: 17161, output: path.join(dir, 'map.fits') });
    const bytes = readFileSync(path.join(dir, 'map.fits'));
    expect(bytes.length % 2880).toBe(0);
    expect(bytes.length).toBeGreaterThan(3072 * 8);
  });

  test('margin writes a catalog that a match can use', async () => {
    // The sample's own margin, made by hats-import, has 1717 rows at this width.
    const width = '515.3229617726108';
    const flags = ['--radius', width, '--output', 'margin', '--name', 'edges'];
    await crosshatchWell(['margin', lsdb('small_sky_source'), ...flags], options);
    expect(await crosshatchJson(['info', 'margin'], options)).toMatchObject({
      type: 'margin',
      name: 'edges',
      marginThresholdArcsec: Number(width),
    });
    const match = ['crossmatch', lsdb('small_sky'), lsdb('small_sky_source'), '--radius', '500'];
    const counts = await Promise.all(
      ['margin', 'none'].map((margin) =>
        crosshatchJson([...match, '--neighbors', 'all', '--right-margin', margin], options),
      ),
    );
    expect(counts[0]!.rows).toBe(counts[1]!.rows);
    expect(counts[0]!.rows).toBeGreaterThan(131);
  });
});

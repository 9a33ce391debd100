/** `crosshatch crossmatch` over the sample catalogs, and over generated ones where those are absent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeShared, sharedPath } from '../shared-data.ts';
import { crosshatch, crosshatchJson, crosshatchWell, tempFolder } from './process.ts';

const { dir, remove } = tempFolder();
const options = { cwd: dir };
afterAll(remove);

const sample = (name: string) => sharedPath('hats-samples', 'lsdb', name);

describeShared('the golden matches of LSDB', () => {
  const pair = ['crossmatch', sample('small_sky'), sample('small_sky_xmatch')];
  const margin = sample('small_sky_xmatch_margin');

  test.each([
    [103, ['--radius', '36']],
    [30, ['--radius', '18', '--min-radius', '7.2']],
    [190, ['--radius', '7200', '--neighbors', '3', '--right-margin', margin]],
    [190, ['--radius', '7200', '--neighbors', '3', '--right-margin', 'none']],
  ])('%d pairs: %j', async (pairs, flags) => {
    const { stdout, stderr } = await crosshatch([...pair, ...flags]);
    expect(stdout).toMatch(new RegExp(`^${pairs} pairs in [\\d.]+ s\\n$`));
    expect(stderr).toBe('');
  });
});

describe('a generated pair', () => {
  const match = ['crossmatch', 'sky/gaia', 'sky/ztf', '--radius', '1'];
  let pairs = 0;

  beforeAll(async () => {
    const spec = ['--rows', '4000', '--right-rows', '3000', '--cone', '285,5,3600'];
    await crosshatchWell(['generate', 'sky', ...spec, '--rows-per-partition', '1000'], options);
    pairs = Number((await crosshatchJson(match, options)).rows);
  });

  test('--json gives exactly the summary', async () => {
    const stdout = await crosshatchWell([...match, '--json'], options);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const summary = JSON.parse(stdout) as Record<string, number>;
    expect(Object.keys(summary)).toEqual([
      ...['rows', 'seconds', 'cpuSeconds', 'tasks'],
      ...['bytesRead', 'requests', 'retries', 'hedged', 'spoolHits'],
      ...['peakRssBytes', 'output', 'profile'],
    ]);
    expect(summary).toMatchObject({ rows: pairs, bytesRead: null, requests: 0, output: null });
    expect(pairs).toBeGreaterThan(2000);
    expect(summary.tasks).toBeGreaterThan(0);
    expect(summary.peakRssBytes).toBeGreaterThan(1e7);
  });

  test('--explain says what would be read, as text and as data, and makes nothing', async () => {
    const before = readdirSync(dir);
    const out = ['--output', 'never', '--columns', 'ra,pm'];
    const text = await crosshatchWell([...match, ...out, '--explain'], options);
    expect(text).toMatch(/^plan\n {2}crossmatch \(inner\) nearest 1 within 1″\n/);
    expect(text).toMatch(/^read gaia: \d+ of \d+ partitions, about 4000 rows, /m);
    const data = await crosshatchJson([...match, ...out, '--explain'], options);
    expect(data.scans).toMatchObject([
      { catalog: 'gaia', rows: 4000, columns: expect.arrayContaining(['ra', 'dec', 'pm']) },
      { catalog: 'ztf', rows: 3000, border: 'margin' },
    ]);
    // A count reads positions alone.
    const count = await crosshatchJson([...match, '--explain'], options);
    expect(count.scans).toMatchObject([
      { columns: ['_healpix_29', 'ra', 'dec'] },
      { columns: ['_healpix_29', 'ra', 'dec'] },
    ]);
    expect(readdirSync(dir)).toEqual(before);
  });

  test('the ending of --output decides what is written', async () => {
    for (const output of ['pairs', 'pairs.parquet', 'pairs.csv', 'pairs.arrow']) {
      const summary = await crosshatchJson([...match, '--output', output], options);
      expect(summary).toMatchObject({ rows: pairs, output: path.join(dir, output) });
    }
    const info = await crosshatchJson(['info', 'pairs'], options);
    expect(info).toMatchObject({ rows: pairs, rowsExact: true, type: 'object' });
    const csv = readFileSync(path.join(dir, 'pairs.csv'), 'utf8').trimEnd().split('\n');
    expect(csv).toHaveLength(pairs + 1);
    expect(csv[0]).toMatch(/^_healpix_29,source_id_gaia,.*,true_id_ztf,_dist_arcsec$/);
    const arrow = tableFromIPC(readFileSync(path.join(dir, 'pairs.arrow')));
    expect(arrow.numRows).toBe(pairs);
    expect(arrow.schema.fields.map(({ name }) => name)).toEqual(csv[0]!.split(','));
  });

  test('a map of pairs is summed up, or written', async () => {
    const flags = ['--skymap', '5', '--output', 'pairs.fits'];
    const text = await crosshatchWell([...match, '--skymap', '5'], options);
    expect(text).toContain(`order 5: ${pairs.toLocaleString('en-US')} rows in `);
    const summary = await crosshatchJson([...match, ...flags], options);
    expect(summary).toMatchObject({ rows: pairs, output: path.join(dir, 'pairs.fits') });
    expect(readFileSync(path.join(dir, 'pairs.fits')).subarray(0, 9).toString()).toBe('SIMPLE  =');
  });

  test('columns, filters and suffixes of either side', async () => {
    const flags = [
      ...['--columns', 'source_id', '--where', 'phot_g_mean_mag < 19'],
      ...['--right-columns', 'oid,meanmag', '--right-where', "filtercode == 'zr'"],
      ...['--suffixes', ',_r', '--output', 'narrow.csv'],
    ];
    const { rows } = await crosshatchJson([...match, ...flags], options);
    const [header, ...lines] = readFileSync(path.join(dir, 'narrow.csv'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(header).toBe('source_id,oid_r,meanmag_r,_dist_arcsec');
    expect(lines).toHaveLength(Number(rows));
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(pairs);
  });

  test('a left join keeps every row, all neighbors give more, a limit fewer', async () => {
    const left = await crosshatchWell([...match, '--how', 'left'], options);
    expect(left).toMatch(/^4,000 rows in /);
    const wide = ['crossmatch', 'sky/gaia', 'sky/ztf', '--radius', '60', '--neighbors', 'all'];
    const { rows } = await crosshatchJson(wide, options);
    expect(rows).toBeGreaterThan(pairs);
    expect(await crosshatchJson([...match, '--limit', '7'], options)).toMatchObject({ rows: 7 });
  });

  test('a second run needs --overwrite; the margin makes a collection', async () => {
    const first = [...match, '--output', 'again'];
    await crosshatchWell(first, options);
    const { status, stderr } = await crosshatch(first, options);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `error: output exists (${dir}/again)\nuse --overwrite to replace it, or another name\n`,
    });
    const flags = ['--overwrite', '--margin', '5', '--compression', 'snappy'];
    await crosshatchWell([...first, ...flags, '--rows-per-partition', '500'], options);
    const info = await crosshatchJson(['info', 'again'], options);
    expect(info).toMatchObject({ rows: pairs, margins: [{ thresholdArcsec: 5, inUse: true }] });
    expect(info.partitions).toBeGreaterThan(4);
  });

  test('catalogs that lie apart give nothing, a valid catalog, and one warning', async () => {
    const far = ['--kind', 'ztf', '--rows', '500', '--cone', '10,-40,3600', '--margin', 'none'];
    await crosshatchWell(['generate', 'far', ...far], options);
    const apart = ['crossmatch', 'sky/gaia', 'far', '--radius', '1'];
    const { status, stdout, stderr } = await crosshatch([...apart, '--output', 'none'], options);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^wrote 0 pairs to /);
    expect(stderr).toBe(
      'warning: the catalogs do not overlap: no partition of gaia is within 1″ of one of far\n',
    );
    expect(await crosshatchJson(['info', 'none'], options)).toMatchObject({ rows: 0 });
    expect(await crosshatchWell(['query', 'none', '--columns', 'ra_gaia'], options)).toBe(
      'ra_gaia\n0 rows\n',
    );
    expect(existsSync(path.join(dir, 'none', 'hats.properties'))).toBe(true);
    const left = await crosshatchJson([...apart, '--how', 'left', '--output', 'l.csv'], options);
    expect(left.rows).toBe(4000);
  });
});

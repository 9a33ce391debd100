/** Maps and tables of aggregates against their definition, bit by bit, and on every machine alike. */
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import { type Catalog, close, openCatalog, type RunSettings } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import {
  compareBytes,
  deviation,
  type GroupRow,
  groupBy,
  groupRowsOf,
  least,
  mean,
  most,
  present,
  sum,
  variance,
  writeGroupRows,
} from './group-twin.ts';
import { rowsOf } from './result-rows.ts';
import { runtimeWith } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
/** Cells of more than some thousand rows are cut. */
/** Twenty thousand rows do not fit; nothing is matched here. */
const tiny = runtimeWith(2 ** 18);
afterAll(async () => {
  await tiny.close();
  await close();
});

const mags = (rows: readonly GroupRow[]) => present(rows.map(({ mag }) => mag));
const bigs = (rows: readonly GroupRow[]) => present(rows.map(({ big }) => big));
const double = (value: bigint | number | null) => (value === null ? null : Number(value));

/** Aggregate expression → its value by definition; null: none. */
const VALUES: Readonly<Record<string, (rows: readonly GroupRow[]) => number | null>> = {
  'count(*)': (rows) => rows.length,
  'count(mag)': (rows) => mags(rows).length,
  'count(tag)': (rows) => rows.filter(({ tag }) => tag !== null).length,
  'count_if(flag)': (rows) => rows.filter(({ flag }) => flag === true).length,
  'sum(mag)': (rows) => sum(mags(rows)),
  'avg(mag)': (rows) => mean(mags(rows)),
  'min(mag)': (rows) => least(mags(rows)),
  'max(mag)': (rows) => most(mags(rows)),
  'variance(mag)': (rows) => variance(mags(rows), 1),
  'std(mag)': (rows) => deviation(mags(rows), 1),
  'stddev_pop(mag)': (rows) => deviation(mags(rows), 0),
  'mean(big)': (rows) => mean(bigs(rows)),
  'var_pop(big)': (rows) => variance(bigs(rows), 0),
  'max(big)': (rows) => double(most(bigs(rows))),
  'mean(flag)': (rows) => mean(present(rows.map(({ flag }) => (flag === null ? null : +flag)))),
  'sum(id / 7.0)': (rows) => sum(rows.map(({ id }) => id / 7)),
  'mean(ra) - 3 * mean(dec)': (rows) =>
    mean(rows.map((r) => r.ra))! - 3 * mean(rows.map((r) => r.dec))!,
  'sum(mag) / count(*)': (rows) => {
    const all = sum(mags(rows));
    return all === null ? null : all / rows.length;
  },
};

const orders = fc.constantFrom(0, 3, 5, 9, 13);

/** Pixel → value, of pixels that have one. */
function expectedMap(rows: readonly GroupRow[], order: number, value: string): [number, number][] {
  const byPixel = groupBy(rows, ({ ra, dec }) => Number(hashPosition(ra, dec, order)));
  return [...byPixel]
    .map(([pixel, group]): [number, number | null] => [pixel, VALUES[value]!(group)])
    .filter((entry): entry is [number, number] => entry[1] !== null)
    .sort(([a], [b]) => a - b);
}

async function foundMap(catalog: Catalog, order: number, value: string) {
  const { pixels, values } = await catalog.skymap({ order, value });
  return Array.from(pixels, (pixel, i) => [pixel, values[i]]);
}

const someCase = fc.record({
  seed: fc.nat(),
  leftRows: fc.constantFrom(0, 1, 2, 30, 90),
  cut: fc.constantFrom(7, 25, 1000),
  wild: fc.boolean(),
  order: orders,
  value: fc.constantFrom(...Object.keys(VALUES)),
  other: fc.constantFrom(...Object.keys(VALUES)),
});

describe('against the definition', () => {
  let made = 0;

  test('maps and tables of any rows', async () => {
    await fc.assert(
      fc.asyncProperty(someCase, async ({ seed, leftRows, cut, wild, order, value, other }) => {
        const dir = temp(`case-${made++}`);
        const rows = groupRowsOf({ seed, leftRows }, wild);
        try {
          await writeGroupRows(dir, rows, cut);
          for (const catalog of [await openCatalog(dir), await openWith(dir, tiny)]) {
            expect(await foundMap(catalog, order, value)).toEqual(expectedMap(rows, order, value));
            const table = rowsOf(await catalog.aggregate({ value, other }, { by: 'tag' }));
            const byTag = [...groupBy(rows, ({ tag }) => tag)].sort(([a], [b]) =>
              compareBytes(a, b),
            );
            expect(
              table.map((row) => ({
                ...row,
                value: asNumber(row['value']),
                other: asNumber(row['other']),
              })),
            ).toEqual(
              byTag.map(([tag, group]) => ({
                tag,
                value: VALUES[value]!(group),
                other: VALUES[other]!(group),
              })),
            );
          }
        } finally {
          rmSync(dir, { recursive: true, force: true });
        }
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  test('a filter, a region, a limit and a selection before it', async () => {
    const rows = groupRowsOf({ seed: 5, leftRows: 300, places: ['seam', 'corners'] }, true);
    const dir = temp('before');
    await writeGroupRows(dir, rows, 40);
    const catalog = await openCatalog(dir);
    const bright = rows.filter(({ mag }) => mag !== null && mag < 17);
    expect(await foundMap(catalog.query('mag < 17'), 4, 'sum(mag)')).toEqual(
      expectedMap(bright, 4, 'sum(mag)'),
    );
    const box = rows.filter(({ dec }) => dec >= -10 && dec <= 30);
    const inBox = catalog.boxSearch([0, 360], [-10, 30]).select(['mag', 'big', 'tag']);
    expect(await foundMap(inBox, 6, 'std(mag)')).toEqual(expectedMap(box, 6, 'std(mag)'));
    const [first] = rowsOf(await inBox.query('big > 0').aggregate({ n: 'count', m: 'mean(mag)' }));
    const left = box.filter(({ big }) => big !== null && big > 0n);
    expect(first).toEqual({ n: BigInt(left.length), m: mean(mags(left)) });
    const ids = (await catalog.limit(77).select(['id']).collect()).getChild('id')!;
    const taken = Array.from(ids, (id) => rows[Number(id)]!);
    expect(await foundMap(catalog.limit(77), 2, 'sum(mag)')).toEqual(
      expectedMap(taken, 2, 'sum(mag)'),
    );
    const [limited] = rowsOf(await catalog.limit(77).aggregate({ v: 'var_pop(mag)' }));
    expect(limited).toEqual({ v: variance(mags(taken), 0) });
    const [some] = rowsOf(await catalog.limit(50).query('mag < 17').aggregate({ s: 'sum(mag)' }));
    const brightFirst = taken.slice(0, 50).filter(({ mag }) => mag !== null && mag < 17);
    expect(some).toEqual({ s: sum(mags(brightFirst)) });
  });
});

/** Counts are bigint in tables, and numbers in maps. */
function asNumber(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

test('every machine and every cut give the same bits', async () => {
  const places = ['clump', 'corners'] as const;
  const spec = { seed: 9, leftRows: 20_000, spreadDegrees: 3, duplicates: 0.05, places };
  const rows = groupRowsOf(spec, true);
  const MACHINES: readonly RunSettings[] = [
    { workers: 1, memoryBytes: 4e9 },
    { workers: 4, memoryBytes: 300e6 },
    { workers: 16, memoryBytes: 4e9 },
  ];
  for (const cut of [900, 100_000]) await writeGroupRows(temp(`cut-${cut}`), rows, cut);
  const fine = await openCatalog(temp('cut-900'));
  const first = await everything(fine, MACHINES[0]!);
  expect(first.maps[2]![0].length).toBeGreaterThan(10_000);
  for (const settings of MACHINES.slice(1)) expect(await everything(fine, settings)).toEqual(first);
  const coarse = await openCatalog(temp('cut-100000'));
  expect(await everything(coarse, MACHINES[2]!)).toEqual(first);
  const cut = await openWith(temp('cut-100000'), tiny);
  expect(await everything(cut, {})).toEqual(first);
  const { summary } = await cut.skymap({ order: 3, value: 'sum(mag)' });
  expect(summary.stats.splits).toBeGreaterThan(0);
}, 240_000);

/** One of each kind of result, as plain data. */
async function everything(catalog: Catalog, settings: RunSettings) {
  const maps: [Float64Array, Float64Array][] = [];
  for (const order of [0, 5, 13]) {
    const value = 'mean(mag) + stddev_pop(big)';
    const { pixels, values } = await catalog.skymap({ ...settings, order, value });
    maps.push([pixels, values]);
  }
  const table = await catalog.aggregate(
    { n: 'count', m: 'mean(mag)', v: 'var(mag)', most: 'max(big)', least: 'min(mag)' },
    { ...settings, by: ['tag', 'floor(dec / 10)'] },
  );
  const byTag = await catalog.skymap({ ...settings, order: 4, value: 'sum(mag)', by: 'tag' });
  const { summary: _, ...histogram } = await catalog.histogram('mag', { ...settings, bins: 13 });
  return {
    maps,
    table: rowsOf(table),
    byTag: Array.from(byTag, ([tag, map]) => [tag, map.rows, map.pixels, map.values]),
    histogram,
  };
}

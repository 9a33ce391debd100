/** Joins with the nearest row in an ordered column, against pandas' rule spelled out, and maps along the spatial index. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, close, openCatalog } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { indexRange } from '../../partitioning/pixel.ts';
import { type KeyedRow, keyedSky, partners, writeKeyed } from './keyed-sky.ts';
import { inSpatialOrder } from './oracle.ts';
import { writePlain } from './plain-catalog.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(close);

const { objects, detections } = keyedSky({
  seed: 21,
  objects: 150,
  detections: 9,
  scatterArcsec: 4,
});
beforeAll(async () => {
  await writeKeyed(temp('objects'), objects, { name: 'objects', rowsPerPartition: 40 });
  await writeKeyed(temp('detections'), detections, { name: 'detections', rowsPerPartition: 200 });
});

type Direction = 'backward' | 'forward' | 'nearest';

/** The one of `of` (in spatial order) that pandas.merge_asof takes for time `t`; null for none. */
function nearest(
  t: number | null,
  of: readonly KeyedRow[],
  direction: Direction,
  tolerance = Number.POSITIVE_INFINITY,
): KeyedRow | null {
  if (t === null || Number.isNaN(t)) return null;
  const known = of.filter((row) => row.t !== null && Math.abs(row.t - t) <= tolerance);
  const before = known.filter((row) => row.t! <= t).sort((a, b) => a.t! - b.t!);
  const after = known.filter((row) => row.t! >= t).sort((a, b) => a.t! - b.t!);
  // The last of the equal ones before, the first of those after.
  const [last, first] = [before.at(-1) ?? null, after[0] ?? null];
  if (direction === 'backward') return last;
  if (direction === 'forward') return first;
  if (last === null || first === null) return last ?? first;
  return t - last.t! <= first.t! - t ? last : first;
}

const CASES: readonly (readonly [Direction, number | undefined, 'inner' | 'left'])[] = [
  ['backward', undefined, 'left'],
  ['forward', undefined, 'left'],
  ['nearest', undefined, 'left'],
  ['backward', 1, 'inner'],
  ['forward', 0, 'left'],
  ['nearest', 0.5, 'inner'],
];

test.each(CASES)(
  '%s in time among equal keys, tolerance %s, %s',
  async (direction, tolerance, how) => {
    const [left, right] = await Promise.all(
      ['objects', 'detections'].map((name) => openCatalog(temp(name))),
    );
    const query = left!.mergeAsof(right!, {
      ...{ on: 't', by: 'id', direction, how, suffixes: ['', '_d'] },
      ...(tolerance === undefined ? {} : { tolerance }),
    });
    const table = await query.select(['n', 'n_d']).collect();
    const expected = partners(objects, detections, { key: 'id', withinArcsec: 10 }).flatMap(
      ({ row, of }) => {
        const found = nearest(row.t, of, direction, tolerance);
        return found === null && how === 'inner' ? [] : [[row.n, found?.n ?? null]];
      },
    );
    expect(expected.filter(([, n]) => n !== null).length).toBeGreaterThan(15);
    expect(rowsOf(table).map(Object.values)).toEqual(expected);
  },
);

test('times of integers, dates and decimals', async () => {
  const at = { ra: 10, dec: 10 };
  const rows: KeyedRow[] = [0, 1, 2, 3].map((n) => ({ ...detections[0]!, ...at, n, id: 1n, t: n }));
  await writeKeyed(temp('whole'), rows, { name: 'whole', rowsPerPartition: 10 });
  await (await openCatalog(temp('whole')))
    .withColumns({
      day: "DATE '2020-01-01' + CAST(t AS INTEGER)",
      stamp: "TIMESTAMP '2020-01-01 00:00:00' + INTERVAL '1 hour' * CAST(t AS INTEGER)",
      big: 'id * 4611686018427387000 + n',
      price: 'CAST(t AS DECIMAL(9, 2))',
    })
    .writeHats(temp('times'), { name: 'times' });
  const times = await openCatalog(temp('times'));
  const later = times.query('n >= 1').select(['n', 'id', 'day', 'stamp', 'big', 'price']);
  for (const [on, tolerance] of [
    ['day', 86_400],
    ['stamp', 3600],
    ['big', 1],
    ['price', 1],
  ] as const) {
    const query = times.mergeAsof(later, {
      ...{ on, by: 'id', direction: 'forward', tolerance },
      suffixes: ['', '_d'],
    });
    const found = rowsOf(await query.select(['n', 'n_d']).collect()).map(Object.values);
    expect(found).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  }
});

describe('along the spatial index', () => {
  /** A map with holes: some pixels of order 3, cut at orders 0, 1 and 3. */
  const ORDER = 3;
  const PIXELS = Array.from({ length: 768 }, (_, p) => p).filter((p) => (p * 7919) % 11 < 2);
  const start = (pixel: number) => indexRange({ order: ORDER, pixel }).start;
  beforeAll(async () => {
    for (const cut of [0, 1, 3]) {
      const groups = Map.groupBy(PIXELS, (pixel) => Math.floor(pixel / 4 ** (ORDER - cut)));
      await writePlain(
        temp(`map-${cut}`),
        { obs_collection: 'map', dataproduct_type: 'map', hats_nrows: PIXELS.length },
        [...groups].map(([pixel, pixels]) => ({
          ...{ order: cut, pixel },
          sql: `SELECT unnest([${pixels.map((p) => `${start(p)}`).join(', ')}]::BIGINT[]) AS _healpix_29, unnest([${pixels.join(', ')}]) AS value`,
        })),
      );
    }
  });

  const expected = (direction: Direction, values = PIXELS) =>
    inSpatialOrder(objects).map(({ n, ra, dec }) => {
      const index = hashPosition(ra, dec, 29);
      const before = values.findLast((p) => start(p) <= index);
      const after = values.find((p) => start(p) >= index);
      if (direction === 'backward') return [n, before ?? null];
      if (direction === 'forward') return [n, after ?? null];
      if (before === undefined || after === undefined) return [n, before ?? after ?? null];
      return [n, index - start(before) <= start(after) - index ? before : after];
    });

  const merged = async (map: Catalog, direction: Direction) => {
    const left = await openCatalog(temp('objects'));
    const query = left.mergeAsof(map, { direction, suffixes: ['', '_m'] });
    return rowsOf(await query.select(['n', 'value_m']).collect()).map(Object.values);
  };

  test.each([
    [0, 'backward'],
    [1, 'forward'],
    [3, 'backward'],
    [3, 'nearest'],
  ] as const)('a map cut at order %i, %s', async (cut, direction) => {
    const map = await openCatalog(temp(`map-${cut}`));
    expect(await merged(map, direction)).toEqual(expected(direction));
  });

  test('where the map is filtered', async () => {
    const map = (await openCatalog(temp('map-3'))).query('value % 5 = 0');
    const kept = PIXELS.filter((p) => p % 5 === 0);
    expect(await merged(map, 'nearest')).toEqual(expected('nearest', kept));
  });

  test('around a cell that is matched with others', async () => {
    const [left, map] = await Promise.all([
      openCatalog(temp('objects')),
      openCatalog(temp('map-1')),
    ]);
    const query = left.crossmatch(left.mergeAsof(map, { suffixes: ['', '_m'] }), {
      ...{ radiusArcsec: 1, suffixes: ['', '_r'] },
    });
    const values = new Map(expected('backward') as [number, number | null][]);
    const rows = rowsOf(await query.select(['n_r', 'value_m_r']).collect());
    expect(rows).toHaveLength(objects.length);
    expect(rows.map((row) => row.value_m_r)).toEqual(
      rows.map((row) => values.get(row.n_r as number)),
    );
  });
});

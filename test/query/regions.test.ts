/** Searches by region against exact geometry, before and after a match, however catalogs are cut. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Catalog, close, openCatalog, type Region } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { hardSky } from './hard-sky.ts';
import { makeCatalog, type SkyRow } from './make-catalog.ts';
import { byId, distanceArcsec, inSpatialOrder, naiveMatch } from './oracle.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

const SKY = hardSky({
  seed: 21,
  places: ['anywhere', 'seam', 'north pole', 'south pole', 'corners'],
  spreadDegrees: 4,
  scatterDegrees: 0.02,
  leftRows: 300,
  rightRows: 300,
  duplicates: 0.1,
});

type Vector = readonly [x: number, y: number, z: number];
const RAD = Math.PI / 180;

function vector(ra: number, dec: number): Vector {
  const flat = Math.cos(dec * RAD);
  return [flat * Math.cos(ra * RAD), flat * Math.sin(ra * RAD), Math.sin(dec * RAD)];
}

/** The volume that three vectors span: its sign says on which side of the arc from a to b the point p is. */
function side([ax, ay, az]: Vector, [bx, by, bz]: Vector, [px, py, pz]: Vector): number {
  return (ay * bz - az * by) * px + (az * bx - ax * bz) * py + (ax * by - ay * bx) * pz;
}

const wrapped = (ra: number) => ((ra % 360) + 360) % 360;

interface Case {
  readonly name: string;
  readonly region: Region;
  readonly search: (catalog: Catalog) => Catalog;
  readonly inside: (row: SkyRow) => boolean;
}

function cone(name: string, ra: number, dec: number, radiusArcsec: number): Case {
  return {
    name,
    region: { kind: 'cone', ra, dec, radiusArcsec },
    search: (catalog) => catalog.coneSearch(ra, dec, radiusArcsec),
    inside: (row) => distanceArcsec(row, { ra, dec }) <= radiusArcsec,
  };
}

function box(name: string, ra: readonly [number, number], dec: readonly [number, number]): Case {
  const [from, to] = [wrapped(ra[0]), wrapped(ra[1])];
  return {
    name,
    region: { kind: 'box', ra, dec },
    search: (catalog) => catalog.boxSearch(ra, dec),
    inside: (row) => {
      const at = wrapped(row.ra);
      const between = from < to ? at >= from && at <= to : at >= from || at <= to;
      return between && row.dec >= dec[0] && row.dec <= dec[1];
    },
  };
}

/** Convex, with the interior on the left of every edge. */
function polygon(name: string, vertices: readonly (readonly [number, number])[]): Case {
  const corners = vertices.map(([ra, dec]) => vector(ra, dec));
  return {
    name,
    region: { kind: 'polygon', vertices },
    // Either winding is the same polygon.
    search: (catalog) => catalog.polygonSearch(vertices.toReversed()),
    inside: (row) => {
      const p = vector(row.ra, row.dec);
      return corners.every((a, i) => side(a, corners[(i + 1) % corners.length]!, p) >= 0);
    },
  };
}

const MOC = { 0: [1], 2: [7, 96, 97, 150], 5: [0, 1, 2, 3, 5000, 12287] };

function inMoc(row: SkyRow): boolean {
  return Object.entries(MOC).some(([order, pixels]) =>
    pixels.includes(Number(hashPosition(row.ra, row.dec, Number(order)))),
  );
}

function mocRanges(): string[] {
  return Object.entries(MOC)
    .flatMap(([order, pixels]) => {
      const shift = BigInt(2 * (29 - Number(order)));
      return pixels.map((pixel) => [BigInt(pixel) << shift, (BigInt(pixel) + 1n) << shift]);
    })
    .sort(([a], [b]) => (a! < b! ? -1 : 1))
    .flat()
    .map(String);
}

const corner = SKY.left.find(({ dec }) => Math.abs(dec) < 60)!;

const CASES: readonly Case[] = [
  cone('a cone over RA 0', 359.5, 20, 3 * 3600),
  cone('a cone around the pole', 123, 88.5, 2 * 3600),
  cone('a cone of more than half the sky', 200, -30, 110 * 3600),
  cone('a cone around one row', corner.ra, corner.dec, 0.5),
  box('a box over RA 0', [-2, 1.5], [-45, 70]),
  box('a box with its bounds on a row', [corner.ra, corner.ra + 3], [corner.dec, corner.dec + 2]),
  box('a box at the south pole', [10, 200], [-90, -87]),
  polygon('a polygon over RA 0', [
    [355, -5],
    [5, -3],
    [6, 30],
    [354, 33],
  ]),
  polygon('a polygon around the pole', [
    [0, 86],
    [90, 87],
    [180, 88],
    [270, 86.5],
  ]),
  {
    name: 'a MOC',
    region: { kind: 'moc', ranges: mocRanges() },
    search: (catalog) => catalog.mocSearch(MOC),
    inside: inMoc,
  },
  {
    name: 'pixels',
    region: {
      kind: 'pixels',
      pixels: [
        { order: 1, pixel: 17 },
        { order: 3, pixel: 600 },
      ],
    },
    search: (catalog) =>
      catalog.pixelSearch([
        { order: 1, pixel: 17 },
        { order: 3, pixel: 600 },
      ]),
    inside: (row) =>
      hashPosition(row.ra, row.dec, 1) === 17n || hashPosition(row.ra, row.dec, 3) === 600n,
  },
];

const CUTS = [
  ['coarse', 1000, 60],
  ['fine', 40, 1000],
] as const;

const idsOf = async (catalog: Catalog, name = 'id') =>
  rowsOf(await catalog.select([name]).collect()).map((row) => row[name] as number);
const ids = (rows: readonly SkyRow[]) => inSpatialOrder(rows).map(({ id }) => id);

beforeAll(async () => {
  for (const [cut, leftThreshold, rightThreshold] of CUTS) {
    await makeCatalog(temp(`l-${cut}`), SKY.left, { name: 'l', rowsPerPartition: leftThreshold });
    await makeCatalog(temp(`r-${cut}`), SKY.right, { name: 'r', rowsPerPartition: rightThreshold });
  }
});

/** One of each kind: a match of finely cut catalogs takes longest. */
const MATCHED = { coarse: CASES, fine: [CASES[0]!, CASES[4]!, CASES[8]!, CASES[9]!] };

describe.each(CUTS)('catalogs cut %s', (cut) => {
  test.each(CASES)('$name finds the rows inside, in spatial order', async (region) => {
    const expected = ids(SKY.left.filter(region.inside));
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(SKY.left.length);
    const catalog = await openCatalog(temp(`l-${cut}`));
    expect(await idsOf(region.search(catalog))).toEqual(expected);
    expect(await region.search(catalog).count()).toBe(expected.length);
    // As data, at the opening, without the columns of the position.
    const opened = await openCatalog(temp(`l-${cut}`), {
      region: region.region,
      columns: ['id', 'tag'],
    });
    expect(await idsOf(opened)).toEqual(expected);
  });

  test.each(MATCHED[cut])('$name before and after a match', async ({ search, inside }) => {
    const left = await openCatalog(temp(`l-${cut}`));
    const right = await openCatalog(temp(`r-${cut}`));
    const options = { radiusArcsec: 59.9, neighbors: 2, suffixes: ['_l', '_r'] as const };
    const pairs = async (catalog: Catalog) =>
      rowsOf(await catalog.collect()).map((row) => `${row['id_l']} ${row['id_r']}`);
    const naive = (l: readonly SkyRow[], r: readonly SkyRow[], how?: 'left') =>
      naiveMatch(l, r, { ...options, ...(how && { how }) }, byId).map(
        (pair) => `${pair.left.id} ${pair.right?.id ?? null}`,
      );
    const leftInside = SKY.left.filter(inside);
    const rightInside = SKY.right.filter(inside);
    const after = search(left.crossmatch(right, options));
    expect(await pairs(after)).toEqual(naive(leftInside, SKY.right));
    expect(await pairs(search(left).crossmatch(right, options))).toEqual(
      naive(leftInside, SKY.right),
    );
    expect(await pairs(left.crossmatch(search(right), options))).toEqual(
      naive(SKY.left, rightInside),
    );
    const joined = search(left.crossmatch(search(right), { ...options, how: 'left' }));
    expect(await pairs(joined)).toEqual(naive(leftInside, rightInside, 'left'));
    expect(await joined.count()).toBe(naive(leftInside, rightInside, 'left').length);
  });

  test('two regions, and a region with a filter', async () => {
    const catalog = await openCatalog(temp(`l-${cut}`));
    const [first, second] = [CASES[4]!, CASES[0]!];
    const both = SKY.left.filter((row) => first.inside(row) && second.inside(row));
    expect(both.length).toBeGreaterThan(0);
    expect(await idsOf(second.search(first.search(catalog)))).toEqual(ids(both));
    const and: Region = { kind: 'and', regions: [first.region, second.region] };
    expect(await idsOf(catalog.search(and))).toEqual(ids(both));
    const bright = both.filter(({ mag }) => mag !== null && mag < 15);
    for (const query of [
      first.search(catalog).query('mag < 15').search(second.region),
      catalog.query('mag < 15').search(and),
    ]) {
      expect(await idsOf(query)).toEqual(ids(bright));
      expect(await query.count()).toBe(bright.length);
    }
  });

  test('orders choose partitions, whatever they hold', async () => {
    const catalog = await openCatalog(temp(`l-${cut}`));
    const orders = catalog.describe().orders.map(({ order }) => order);
    let sum = 0;
    for (const order of orders) sum += await catalog.orderSearch(order, order).count();
    expect(sum).toBe(SKY.left.length);
    expect(await catalog.orderSearch(Math.max(...orders) + 1).count()).toBe(0);
  });
});

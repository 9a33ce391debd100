/** Joins on keys against their definition, on the places of the sky where they go wrong. */
import type { Table } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import { type Catalog, close, openCatalog } from '../../index.ts';
import {
  type JoinTerms,
  joined,
  type KeyedRow,
  keyedSky,
  partners,
  writeKeyed,
} from './keyed-sky.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
/** Partitions hold several times as many pairs: their cells are cut. */
const tight = smallRuntime(60);
afterAll(async () => {
  await tight.close();
  await close();
});

const { objects, detections } = keyedSky({
  seed: 1,
  objects: 220,
  detections: 8,
  scatterArcsec: 4,
});

/** The catalogs in several cuts; the detections with margins wide, narrow and none. */
const LEFTS = { coarse: 5000, fine: 30 };
const RIGHTS = { wide: [300, 20], narrow: [300, 1], none: [150, undefined] } as const;
beforeAll(async () => {
  for (const [cut, rowsPerPartition] of Object.entries(LEFTS)) {
    await writeKeyed(temp(`objects-${cut}`), objects, { name: 'objects', rowsPerPartition });
  }
  for (const [margin, [rowsPerPartition, marginArcsec]] of Object.entries(RIGHTS)) {
    const options = { name: 'detections', rowsPerPartition };
    await writeKeyed(temp(`detections-${margin}`), detections, {
      ...options,
      ...(marginArcsec === undefined ? {} : { marginArcsec }),
    });
  }
});

const openLeft = (cut: keyof typeof LEFTS) => openCatalog(temp(`objects-${cut}`));
const openRight = (margin: keyof typeof RIGHTS) => openCatalog(temp(`detections-${margin}`));

const BARE = { suffixes: ['', '_d'] } as const;

function pairsOf(table: Table): [number, number | null][] {
  const [left, right] = ['n', 'n_d'].map((name) => [...table.getChild(name)!]);
  return left!.map((n, i) => [n as number, right![i] as number | null]);
}

function join(left: Catalog, right: Catalog, { key, withinArcsec, how }: JoinTerms): Catalog {
  return left.join(right, { on: key, withinArcsec, how, ...BARE });
}

const TERMS: readonly JoinTerms[] = [
  { key: 'id', withinArcsec: 10, how: 'inner' },
  { key: 'name', withinArcsec: 10, how: 'left' },
  { key: 'id', withinArcsec: 2.5, how: 'left' },
  { key: 'name', withinArcsec: 100, how: 'inner' },
];

describe.each([
  ['coarse', 'wide', TERMS.slice(0, 1)],
  ['coarse', 'narrow', TERMS.slice(3)],
  ['coarse', 'none', TERMS.slice(1, 3)],
  ['fine', 'wide', TERMS.slice(2, 3)],
  ['fine', 'narrow', TERMS.slice(1, 3)],
  ['fine', 'none', TERMS],
] as const)('left side cut %s, margin %s', (cut, margin, cases) => {
  test.each(cases)('$how join on $key within $withinArcsec″', async (terms) => {
    const query = join(await openLeft(cut), await openRight(margin), terms);
    const expected = joined(objects, detections, terms);
    expect(expected.length).toBeGreaterThan(500);
    expect(pairsOf(await query.select(['n', 'n_d']).collect())).toEqual(expected);
  });
});

test('a count joins without any other column', async () => {
  const query = join(await openLeft('fine'), await openRight('none'), TERMS[1]!);
  expect(await query.count()).toBe(joined(objects, detections, TERMS[1]!).length);
  const { scans } = await query.explain({ columns: [] });
  expect(scans.map(({ columns }) => columns)).toEqual([
    ['_healpix_29', 'ra', 'dec', 'name'],
    ['_healpix_29', 'ra', 'dec', 'name'],
  ]);
});

test('columns of both sides belong to the rows of the pairs', async () => {
  const terms = TERMS[1]!;
  const table = await join(await openLeft('fine'), await openRight('none'), terms).collect();
  const rows = joined(objects, detections, terms);
  const column = (name: string) => [...table.getChild(name)!];
  expect(column('name')).toEqual(rows.map(([n]) => objects[n]!.name));
  expect(column('id_d')).toEqual(rows.map(([, d]) => (d === null ? null : detections[d]!.id)));
  expect(column('mag_d')).toEqual(rows.map(([, d]) => (d === null ? null : detections[d]!.mag)));
  expect(table.schema.names).toEqual([
    ...['_healpix_29', 'n', 'ra', 'dec', 'id', 'name', 'band', 't', 'mag'],
    ...['n_d', 'ra_d', 'dec_d', 'id_d', 'name_d', 'band_d', 't_d', 'mag_d'],
  ]);
});

test('several keys must all be equal', async () => {
  const right = await openRight('narrow');
  const query = (await openLeft('fine')).join(right, {
    leftOn: ['id', 'band'],
    rightOn: ['id', 'band'],
    ...BARE,
  });
  const expected = joined(objects, detections, TERMS[0]!).filter(
    ([n, d]) => objects[n]!.band === detections[d!]!.band,
  );
  expect(pairsOf(await query.collect())).toEqual(expected);
});

describe('the same rows whatever they run on', () => {
  const terms = TERMS[1]!;
  const expected = joined(objects, detections, terms);

  test.each([1, 4])('%i workers', async (workers) => {
    // Code of the user's keeps even a small query off the main thread.
    const query = join(await openLeft('fine'), await openRight('none'), terms).mapRows(() => null, {
      returns: {},
    });
    expect(pairsOf(await query.collect({ workers }))).toEqual(expected);
  });
});

test('nested, the partners of a row are one value, and none is null', async () => {
  const terms = { key: 'id', withinArcsec: 10 } as const;
  const right = (await openRight('none')).select(['id', 'n', 't']);
  const query = (await openLeft('fine')).joinNested(right, {
    on: 'id',
    how: 'left',
    name: 'lc',
  });
  const table = await query.select(['n', 'lc']).collect();
  const found = [...table.getChild('lc')!].map((lc) =>
    lc === null ? null : { n: [...lc.n], t: [...lc.t] },
  );
  const expected = partners(objects, detections, terms).map(({ of }) =>
    of.length === 0 ? null : { n: of.map(({ n }) => n), t: of.map(({ t }) => t) },
  );
  expect(found).toEqual(expected);
  const inner = (await openLeft('coarse')).join(right, { on: 'id', nested: 'lc' });
  expect(await inner.count()).toBe(expected.filter((lc) => lc !== null).length);
  expect(query.columns.at(-1)).toEqual({
    name: 'lc',
    type: 'STRUCT("n" INTEGER[], "t" DOUBLE[])',
  });
});

describe('sides without rows', () => {
  const none = (rows: readonly KeyedRow[]) => rows.filter(() => false);

  test('no left row, no right row, one of each', async () => {
    await writeKeyed(temp('no-objects'), none(objects), { name: 'none', rowsPerPartition: 10 });
    const empty = await openCatalog(temp('no-objects'));
    const left = await openLeft('fine');
    expect(await empty.join(left, { on: 'id', ...BARE }).count()).toBe(0);
    expect(await left.join(empty, { on: 'id', ...BARE }).count()).toBe(0);
    const kept = left.join(empty, { on: 'id', how: 'left', ...BARE });
    expect(pairsOf(await kept.collect())).toEqual(
      joined(objects, [], { key: 'id', withinArcsec: 10, how: 'left' }),
    );
    const [one] = objects.filter(({ id }) => id !== null);
    await writeKeyed(temp('one'), [one!], { name: 'one', rowsPerPartition: 10 });
    const self = await openCatalog(temp('one'));
    const pairs = await self.join(self, { on: 'id', ...BARE }).collect();
    expect(pairsOf(pairs)).toEqual([[one!.n, one!.n]]);
  });
});

test('a key that many rows have is cut until its pairs fit', async () => {
  const sky = keyedSky({
    ...{ seed: 5, objects: 150, detections: 6, scatterArcsec: 1 },
    ...{ skew: 0.9, places: ['clump', 'seam', 'north pole'] },
  });
  await writeKeyed(temp('skew-o'), sky.objects, { name: 'objects', rowsPerPartition: 1e4 });
  await writeKeyed(temp('skew-d'), sky.detections, { name: 'detections', rowsPerPartition: 1e4 });
  const terms = { key: 'id', withinArcsec: 60, how: 'inner' } as const;
  const left = await openWith(temp('skew-o'), tight);
  const right = await openWith(temp('skew-d'), tight);
  const query = join(left, right, terms);
  expect(pairsOf(await query.collect())).toEqual(joined(sky.objects, sky.detections, terms));
  expect((await query.run()).stats.splits).toBeGreaterThan(0);
});

test('pairs too far apart are told of', async () => {
  const warnings: string[] = [];
  const query = (await openLeft('coarse')).join(await openRight('wide'), { on: 'id', ...BARE });
  await query.count({ onWarning: (text) => warnings.push(text) });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(
    /^pairs with equal keys were left out, because they are further apart than withinArcsec: \d+ were met, up to [\d.e+]+″ apart$/,
  );
});

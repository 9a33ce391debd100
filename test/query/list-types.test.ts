/** Rows put together as lists of every type, with nulls, against grouping them in plain TypeScript. */
import {
  Bool,
  type DataType,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  makeVector,
  Table,
  Uint8,
  Uint32,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { afterAll, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import { seeded } from './hard-sky.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
const tight = smallRuntime(40);
afterAll(async () => {
  await tight.close();
  await close();
});

const random = seeded(11);
const whole = (low: number, high: number) => Math.floor(low + random() * (high + 1 - low));

/** Types of list elements, and a value of each; extremes are among them. */
const TYPES = {
  i8: [new Int8(), () => whole(-128, 127)],
  u8: [new Uint8(), () => whole(0, 255)],
  i16: [new Int16(), () => whole(-32768, 32767)],
  i32: [new Int32(), () => whole(-(2 ** 31), 2 ** 31 - 1)],
  u32: [new Uint32(), () => whole(0, 2 ** 32 - 1)],
  i64: [new Int64(), () => 2n ** 60n + BigInt(whole(0, 2 ** 40))],
  f32: [new Float32(), () => (random() < 0.1 ? Number.NaN : Math.fround(random() - 0.5))],
  f64: [new Float64(), () => (random() < 0.1 ? -0 : random() * 1e300)],
  bool: [new Bool(), () => random() < 0.5],
  text: [new Utf8(), () => `text ${whole(0, 1e6)}`],
} as const satisfies Record<string, readonly [DataType, () => unknown]>;
const NAMES = Object.keys(TYPES) as (keyof typeof TYPES)[];

interface Detection {
  readonly id: bigint;
  readonly place: number;
  readonly values: Readonly<Record<string, unknown>>;
}

const OBJECTS = 60;
const detections: Detection[] = Array.from({ length: 3000 }, () => ({
  id: BigInt(whole(0, OBJECTS + 4)),
  place: random(),
  values: Object.fromEntries(NAMES.map((name) => [name, random() < 0.1 ? null : TYPES[name][1]()])),
})).sort((a, b) => a.place - b.place);

/** Objects lie along a meridian; so do detections, each north of the ones before it. */
const decOf = (id: bigint) => 10 + Number(id) / 60;
const detectionDec = ({ id, place }: Detection) => decOf(id) + place / 1000;

function objectsTable(): Table {
  const ids = Array.from({ length: OBJECTS }, (_, i) => BigInt(i));
  return new Table({
    id: vectorFromArray(ids, new Int64()),
    ra: makeVector(Float64Array.from(ids, () => 45)),
    dec: makeVector(Float64Array.from(ids, decOf)),
  });
}

function detectionsTable(): Table {
  const typed = NAMES.map((name) => [
    name,
    vectorFromArray(
      detections.map(({ values }) => values[name]),
      TYPES[name][0] as DataType,
    ),
  ]);
  return new Table({
    oid: vectorFromArray(
      detections.map(({ id }) => id),
      new Int64(),
    ),
    number: vectorFromArray(
      detections.map((_, i) => i),
      new Int32(),
    ),
    ra: makeVector(Float64Array.from(detections, () => 45)),
    dec: makeVector(Float64Array.from(detections, detectionDec)),
    ...Object.fromEntries(typed),
  } as never);
}

const ready = (async () => {
  const objects = fromTable(objectsTable(), { ra: 'ra', dec: 'dec', name: 'objects' });
  await objects.writeHats(temp('objects'), { rowsPerPartition: 25, workers: 1 });
  const right = fromTable(detectionsTable(), { ra: 'ra', dec: 'dec', name: 'detections' });
  const options = { rowsPerPartition: 2000, marginArcsec: 5, workers: 1 };
  await right.writeHats(temp('detections'), options);
})();

const nested = (left: Catalog, right: Catalog) =>
  left.join(right, { on: ['id', 'oid'], nested: 'lc', how: 'left' });

/** For each object its detections in their order, number and values; null for none. */
type Curves = Map<bigint, unknown[][] | null>;

async function curvesOf(query: Catalog): Promise<Curves> {
  const table = await query.collect();
  const out: Curves = new Map();
  const [ids, curves] = [table.getChild('id')!, table.getChild('lc')!];
  for (let i = 0; i < table.numRows; i++) {
    const lists = curves.get(i)?.toJSON() as Record<string, Iterable<unknown>> | undefined;
    const columns = ['number', ...NAMES].map((name) => [...(lists?.[name] ?? [])]);
    const rows = columns[0]!.map((_, row) => columns.map((column) => column[row]));
    out.set(ids.get(i) as bigint, lists === undefined ? null : rows);
  }
  return out;
}

/** Objects lie on the meridian along which the index rises with declination, and so do the detections of each. */
function expected(): Curves {
  const byId = Map.groupBy(detections.entries(), ([, { id }]) => id);
  return new Map(
    Array.from({ length: OBJECTS }, (_, i) => {
      const own = byId.get(BigInt(i));
      const rows = own?.map(([number, { values }]) => [
        number,
        ...NAMES.map((name) => values[name]),
      ]);
      return [BigInt(i), rows ?? null];
    }),
  );
}

test('lists of every type hold what the rows hold', async () => {
  await ready;
  const query = nested(await openCatalog(temp('objects')), await openCatalog(temp('detections')));
  const all = expected();
  expect([...all.values()].filter((curve) => curve !== null).length).toBeGreaterThan(40);
  expect(await curvesOf(query)).toEqual(all);
});

test('the same where only a few columns fit the memory at a time', async () => {
  await ready;
  const [left, right] = await Promise.all(
    ['objects', 'detections'].map((name) => openWith(temp(name), tight)),
  );
  expect(await curvesOf(nested(left!, right!))).toEqual(expected());
});

test('the same when they are written, several partitions at a time or one by one', async () => {
  await ready;
  const all = expected();
  for (const [name, query] of [
    ['together', nested(await openCatalog(temp('objects')), await openCatalog(temp('detections')))],
    [
      'alone',
      nested(await openWith(temp('objects'), tight), await openWith(temp('detections'), tight)),
    ],
  ] as const) {
    const written = await query.writeHats(temp(name), { rowsPerPartition: 4 });
    expect(written.partitions).toBeGreaterThan(20);
    expect(written.stats.splits).toBe(0);
    expect(await curvesOf(await openCatalog(temp(name)))).toEqual(all);
  }
});

/** Small leaves are read by one statement: each must still be what it is alone, in type, order and errors. */
import { globSync, truncateSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunContext } from '../../engine/run/context.ts';
import { readLeaves } from '../../engine/run/read-leaves.ts';
import type { Session } from '../../engine/session.ts';
import { newPhases, type ScanSpec } from '../../engine/task.ts';
import { close, openCatalog } from '../../index.ts';
import { hashPosition } from '../../partitioning/healpix.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { writePlain } from './plain-catalog.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(close);

interface Row {
  readonly id: bigint;
  readonly ra: number;
  readonly dec: number;
  readonly mag: number | null;
}

/** Beyond 2⁵³, where doubles have even numbers only. */
const LARGE = 2n ** 53n;

/** One order-0 pixel of sky, in leaves of order 3. */
const leaves = [
  ...Map.groupBy(
    Array.from({ length: 600 }, (_, i): Row => {
      const [ra, dec] = [((i * 37) % 199) / 10 - 10 + 360, ((i * 61) % 211) / 10 - 10];
      return { id: LARGE + BigInt(i), ra: ra % 360, dec, mag: i / 7 };
    }),
    ({ ra, dec }) => Number(hashPosition(ra, dec, 3)),
  ),
]
  .sort(([a], [b]) => a - b)
  .map(([pixel, rows]) => ({ pixel, rows }));

const COLUMNS = ['id::BIGINT AS id', 'ra', 'dec', 'mag::DOUBLE AS mag'];

/** How a leaf has its columns, and what that makes of a row. */
const FORMS: readonly { columns: readonly string[]; row(row: Row): Row }[] = [
  { columns: COLUMNS, row: (row) => row },
  {
    columns: ['(id - 9007199254740992)::DOUBLE AS id', ...COLUMNS.slice(1)],
    row: (row) => ({ ...row, id: row.id - LARGE }),
  },
  { columns: COLUMNS.slice(0, 3), row: (row) => ({ ...row, mag: null }) },
  {
    columns: ['mag::FLOAT AS mag', 'dec', 'ra', COLUMNS[0]!],
    row: (row) => ({ ...row, mag: Math.fround(row.mag!) }),
  },
  {
    columns: [...COLUMNS, 'list_transform(range(20000), i -> hash(i + id)) AS ballast'],
    row: (row) => row,
  },
];

const PROPERTIES = {
  dataproduct_type: 'object',
  hats_col_ra: 'ra',
  hats_col_dec: 'dec',
  hats_nrows: 600,
};

function valuesSql(rows: readonly Row[]): string {
  const list = rows.map(
    ({ id, ra, dec, mag }) => `(${id}, ${ra}::DOUBLE, ${dec}::DOUBLE, ${mag}::DOUBLE)`,
  );
  return `(VALUES ${list.join(', ')}) v(id, ra, dec, mag)`;
}

function write(name: string, formOf: (leaf: number) => (typeof FORMS)[number]) {
  const partitions = leaves.map(({ pixel, rows }, i) => ({
    order: 3,
    pixel,
    sql: `SELECT ${formOf(i).columns.join(', ')} FROM ${valuesSql(rows)}`,
  }));
  const schema = `SELECT ${COLUMNS.join(', ')} FROM ${valuesSql(leaves[0]!.rows)}`;
  return writePlain(temp(name), { obs_collection: name, ...PROPERTIES }, partitions, schema);
}

beforeAll(async () => {
  const all = leaves.flatMap(({ rows }) => rows);
  await writePlain(temp('one'), { obs_collection: 'one', ...PROPERTIES }, [
    { order: 0, pixel: 4, sql: `SELECT ${COLUMNS.join(', ')} FROM ${valuesSql(all)}` },
  ]);
  await write('alike', () => FORMS[0]!);
  await write('unlike', (leaf) => FORMS[leaf % FORMS.length]!);
  await write('broken', () => FORMS[0]!);
});

async function matched(right: string, filter?: string): Promise<unknown[][]> {
  const [left, other] = await Promise.all([openCatalog(temp('one')), openCatalog(temp(right))]);
  const pairs = left.crossmatch(filter === undefined ? other : other.query(filter), {
    radiusArcsec: 0.001,
    suffixes: ['_l', '_r'],
  });
  const found = rowsOf(await pairs.select(['id_l', 'id_r', 'mag_r']).collect());
  return found.map(Object.values).sort(byFirst);
}

const byFirst = ([a]: readonly unknown[], [b]: readonly unknown[]) =>
  Number((a as bigint) - (b as bigint));

function expected(formOf: (leaf: number) => (typeof FORMS)[number], keep: (row: Row) => boolean) {
  return leaves
    .flatMap(({ rows }, leaf) => rows.map((row) => [row.id, formOf(leaf).row(row)] as const))
    .filter(([, row]) => keep(row))
    .map(([id, row]) => [id, row.id, row.mag])
    .sort(byFirst);
}

describe('leaves that differ', () => {
  const formOf = (leaf: number) => FORMS[leaf % FORMS.length]!;

  test('are more than their forms', () => {
    expect(leaves.length).toBeGreaterThan(FORMS.length);
  });

  test('give their rows, missing columns and all', async () => {
    expect(await matched('unlike')).toEqual(expected(formOf, () => true));
  });

  test('keep integers that other leaves have as doubles', async () => {
    const found = await matched('unlike', 'id % 2 = 1');
    expect(found).toEqual(expected(formOf, ({ id }) => id % 2n === 1n));
    expect(found.length).toBeGreaterThan(200);
  });

  test('are filtered by a column that some lack', async () => {
    const found = await matched('unlike', 'mag < 40');
    expect(found).toEqual(expected(formOf, ({ mag }) => mag !== null && mag < 40));
    const none = await matched('unlike', 'mag IS NULL');
    expect(none).toEqual(expected(formOf, ({ mag }) => mag === null));
  });
});

test.each(['file_index', 'File_Row_Number'])('no column can be called %s', async (name) => {
  const catalog = await openCatalog(temp('alike'));
  const what = new RegExp(`cannot be called "${name}", a name that the database keeps for itself`);
  expect(() => catalog.withColumns({ [name]: 'id + 1' })).toThrow(what);
  expect(() => catalog.mapRows(() => ({}), { returns: { [name]: 'double' } })).toThrow(what);
  expect(() => catalog.mapPartitions((t) => t, { returns: { [name]: 'DOUBLE' } })).toThrow(what);
});

test('a broken leaf is named', async () => {
  const [file = ''] = globSync(`${temp('broken')}/dataset/**/Npix=${leaves[3]!.pixel}.parquet`);
  truncateSync(file, 300);
  await expect(matched('broken')).rejects.toMatchObject({ tag: 'data', where: file });
});

describe('the statements', () => {
  let session: Session;
  const asked: string[] = [];
  beforeAll(async () => {
    const real = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: temp('spill') });
    session = new Proxy(real, {
      get(of, name: keyof Session) {
        const value = of[name] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          if (name === 'columns') asked.push(String(args[0]));
          return value.apply(of, args);
        };
      },
    });
  });
  afterAll(() => session.close());

  /** A condition that all rows fulfil, so that the database has to read them. */
  const always = { sql: '"id" >= 0', inputs: [{ name: 'id', column: 'id' }] };

  async function read(name: string, filters: ScanSpec['filters'] = [always]) {
    const dir = temp(name);
    const spec: ScanSpec = {
      allColumns: ['id', 'ra', 'dec', 'mag'].map((column) => ({ name: column, type: 'DOUBLE' })),
      label: name,
      ...{ ra: 'ra', dec: 'dec', columns: [], filters, regions: [] },
      ...{ dropInvalid: false, reachArcsec: 1, schemaFile: `${dir}/dataset/_common_metadata` },
    };
    const context = { session, scans: [spec], phases: newPhases(), innerMs: 0 } as unknown;
    const places = leaves.map(({ pixel }) => {
      const path = `${dir}/dataset/Norder=3/Dir=0/Npix=${pixel}.parquet`;
      const leaf = { path, role: 'own' as const, pixel: null };
      return { leaf, file: { path }, cut: null, box: null };
    });
    asked.length = 0;
    const out: Float64Array[] = [];
    for await (const [, { ra }] of readLeaves(context as RunContext, 0, places, false))
      out.push(ra);
    return out.map((ra) => [...ra]);
  }

  const positions = leaves.map(({ rows }) => rows.map(({ ra }) => ra));

  test('are one for small leaves that are alike', async () => {
    expect(await read('alike')).toEqual(positions);
    expect(asked.length).toBe(1);
  });

  test('are more where leaves are large', async () => {
    await write('large', () => FORMS[4]!);
    expect(await read('large')).toEqual(positions);
    expect(asked.length).toBeGreaterThan(leaves.length / 2);
  });

  test('are none where all rows are wanted', async () => {
    expect(await read('alike', [])).toEqual(positions);
    expect(await read('large', [])).toEqual(positions);
    expect(asked).toEqual([]);
  });
});

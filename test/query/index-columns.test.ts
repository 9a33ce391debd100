/** Catalogs without a spatial index in their files, with a coarse one, and with rows in no order. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeVector, Table } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import type { Session } from '../../engine/session.ts';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import { openSession } from '../../workers/duckdb-session.ts';
import { hardSky } from './hard-sky.ts';
import { makeCatalog, type SkyRow } from './make-catalog.ts';
import { byId, distanceArcsec, inSpatialOrder, naiveMatch } from './oracle.ts';
import { rowsOf } from './result-rows.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
const tiny = smallRuntime(60);
let session: Session;
beforeAll(async () => {
  session = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: temp('spill') });
});
afterAll(async () => {
  session.close();
  await tiny.close();
  await close();
});

const SKY = hardSky({
  seed: 77,
  places: ['corners', 'seam', 'north pole'],
  spreadDegrees: 0.3,
  scatterDegrees: 15 / 3600,
  leftRows: 300,
  rightRows: 300,
  duplicates: 0.1,
});

/** How the files of a catalog are made anew: its columns, and the index that its properties speak of. */
interface Form {
  readonly name: string;
  readonly columns: string;
  readonly properties: readonly string[];
}

const FORMS: readonly Form[] = [
  { name: 'no index', columns: '* EXCLUDE (_healpix_29)', properties: [] },
  {
    name: 'an index of order 13',
    columns: '(_healpix_29 >> 32)::INTEGER AS healpix13, * EXCLUDE (_healpix_29)',
    properties: ['hats_col_healpix=healpix13', 'hats_col_healpix_order=13'],
  },
  {
    name: 'an index of order 29',
    columns: '*',
    properties: ['hats_col_healpix=_healpix_29', 'hats_col_healpix_order=29'],
  },
];

/** A catalog of `rows` in this form, its rows in the order of a hash. */
async function makeForm(form: Form, rows: readonly SkyRow[], name: string, perPartition: number) {
  const dir = temp(`${name}-${form.name}`);
  await makeCatalog(dir, rows, { name, rowsPerPartition: perPartition });
  const dataset = path.join(dir, 'dataset');
  const files = readdirSync(dataset, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.parquet'))
    .map((file) => path.join(dataset, file));
  const copy = (rest: string, to: string) =>
    session.run(
      `COPY (SELECT ${form.columns} FROM read_parquet('${files[0]}', hive_partitioning=false) ${rest}) TO '${to}' (FORMAT parquet)`,
    );
  await copy('LIMIT 0', path.join(dataset, '_common_metadata'));
  rmSync(path.join(dataset, '_metadata'));
  for (const file of files) {
    await session.run(
      `COPY (SELECT ${form.columns} FROM read_parquet('${file}', hive_partitioning=false) ORDER BY hash(id)) TO '${file}.new' (FORMAT parquet)`,
    );
    renameSync(`${file}.new`, file);
  }
  for (const file of ['hats.properties', 'properties']) {
    const lines = readFileSync(path.join(dir, file), 'utf8').split('\n');
    const others = lines.filter((line) => !line.startsWith('hats_col_healpix'));
    writeFileSync(path.join(dir, file), [...others, ...form.properties, ''].join('\n'));
  }
  return dir;
}

describe.each(FORMS)('$name', (form) => {
  let left: string;
  let right: string;
  beforeAll(async () => {
    left = await makeForm(form, SKY.left, 'l', 1000);
    right = await makeForm(form, SKY.right, 'r', 70);
  });

  test('is what the catalog is opened with', async () => {
    const { columns } = await openCatalog(left);
    const names = columns.map(({ name }) => name);
    const index = form.properties[0]?.split('=')[1];
    const others = ['id', 'ra', 'dec', 'tag', 'mag'];
    expect(names).toEqual(index === undefined ? others : [index, ...others]);
  });

  test('rows come in spatial order, rows of one position in the order of the file', async () => {
    const rows = rowsOf(await (await openCatalog(left)).select(['id', 'ra', 'dec']).collect());
    const placed = rows as unknown as SkyRow[];
    expect(placed.length).toBe(SKY.left.length);
    // A stable sort leaves what is sorted already as it is.
    expect(inSpatialOrder(placed)).toEqual(placed);
  });

  test('matches equal brute force, also where cells are cut', async () => {
    const options = { radiusArcsec: 31.7, neighbors: 2, how: 'left' } as const;
    const expected = naiveMatch(SKY.left, SKY.right, options, byId)
      .map((pair) => `${pair.left.id} ${pair.right?.id ?? null}`)
      .sort();
    const pairs = async (match: Catalog) =>
      rowsOf(await match.collect())
        .map((row) => `${row['id_l']} ${row['id_r']}`)
        .sort();
    const named = { ...options, suffixes: ['_l', '_r'] as const };
    const whole = (await openCatalog(left)).crossmatch(await openCatalog(right), named);
    expect(await pairs(whole)).toEqual(expected);
    const cut = (await openWith(left, tiny)).crossmatch(await openWith(right, tiny), named);
    expect((await cut.run()).stats.splits).toBeGreaterThan(0);
    expect(await pairs(cut)).toEqual(expected);
  });

  test('regions find the rows inside', async () => {
    const centre = SKY.left[0]!;
    for (const radiusArcsec of [1, 400, 40_000]) {
      const near = SKY.left.filter((row) => distanceArcsec(row, centre) <= radiusArcsec);
      const cone = (await openCatalog(left)).coneSearch(centre.ra, centre.dec, radiusArcsec);
      const ids = rowsOf(await cone.select(['id']).collect()).map(({ id }) => id);
      expect(ids.sort()).toEqual(near.map(({ id }) => id).sort());
      expect(await cone.count()).toBe(near.length);
    }
  });

  test('a catalog written from it has the index, and its rows in order', async () => {
    const target = temp(`again-${form.name}`);
    await (await openCatalog(left)).writeHats(target, { rowsPerPartition: 50, workers: 1 });
    const again = rowsOf(await (await openCatalog(target)).collect()) as unknown as SkyRow[];
    expect(inSpatialOrder(again)).toEqual(again);
    expect(again.map(({ id }) => id).sort()).toEqual(SKY.left.map(({ id }) => id).sort());
  });
});

test('a column of the name that the database gives row numbers is refused', async () => {
  const table = new Table({
    ra: makeVector(Float64Array.of(1, 2)),
    dec: makeVector(Float64Array.of(3, 4)),
    file_row_number: makeVector(Int32Array.of(7, 8)),
  });
  const source = fromTable(table, { ra: 'ra', dec: 'dec' });
  await expect(source.writeHats(temp('reserved'), { workers: 1 })).rejects.toThrow(
    /^a column is called file_row_number, a name that the database keeps for itself \(.*table\.parquet\)\nRename the column\.$/,
  );
});

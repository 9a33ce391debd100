/** Damaged files and impossible requests, each with its message: the words are a contract with whoever reads them. */
import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { makeVector, Table } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Catalog,
  CrosshatchError,
  close,
  fromTable,
  openCatalog,
  type RunSettings,
} from '../../index.ts';
import { openTestSession } from '../engine/duckdb-for-tests.ts';
import { makeCatalog, type SkyRow } from './make-catalog.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
const one = { workers: 1 };
const LEAF = 'DIR/damaged/dataset/Norder=3/Dir=0/Npix=283.parquet';
const UNREADABLE = `data: not a readable Parquet file (${LEAF})\nThe file is damaged or was cut short: copy it again.`;

/** Rows along a line, 0.1° apart. */
function line(count: number, ra: number): SkyRow[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    ra: ra + id / 10,
    dec: 0.05,
    tag: null,
    mag: id,
  }));
}

let sky: Catalog;
let made = 0;

/** A catalog of 40 rows in several partitions, for one test to damage. */
async function damaged(): Promise<{ dir: string; leaves: string[] }> {
  const dir = temp(`damaged-${made++}`);
  await makeCatalog(dir, line(40, 10), { name: 'damaged', rowsPerPartition: 15 });
  const leaves = readdirSync(path.join(dir, 'dataset'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.parquet'))
    .map((file) => path.join(dir, 'dataset', file));
  return { dir, leaves: leaves.sort() };
}

beforeAll(async () => {
  await makeCatalog(temp('sky'), line(40, 10), { name: 'sky', rowsPerPartition: 15 });
  sky = await openCatalog(temp('sky'));
});
afterAll(() => close());

/** The tag and the lines of the error, with the test's folder called DIR. */
async function refused(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof CrosshatchError)) throw error;
    const text = error.message.replaceAll(temp('').replace(/\/$/, ''), 'DIR');
    return `${error.tag}: ${text.replace(/damaged-\d+/g, 'damaged')}`;
  }
  throw new Error('nothing was refused');
}

/** What a match, an end that reads positions, says of a catalog on either side. */
async function matchRefused(dir: string, settings: RunSettings = one): Promise<string> {
  const bad = await openCatalog(dir);
  const match = (left: Catalog, right: Catalog) =>
    left.crossmatch(right, { radiusArcsec: 1, suffixes: ['_l', '_r'] }).count(settings);
  const asLeft = await refused(() => match(bad, sky));
  expect(await refused(() => match(sky, bad))).toBe(asLeft);
  return asLeft;
}

/** Hidden folders, those aside that a run left which failed in the middle. */
const hidden = () => readdirSync(temp()).filter((name) => /^\.(?!few\.)/.test(name));

describe('files', () => {
  test('cut short', async () => {
    const { dir, leaves } = await damaged();
    const bytes = readFileSync(leaves[1]!).length;
    truncateSync(leaves[1]!, bytes - 100);
    expect(await matchRefused(dir)).toBe(UNREADABLE);
    truncateSync(leaves[1]!, 5);
    expect(await matchRefused(dir)).toBe(UNREADABLE);
    truncateSync(leaves[1]!, 0);
    expect(await matchRefused(dir)).toBe(UNREADABLE);
  });

  test('that are no Parquet', async () => {
    const { dir, leaves } = await damaged();
    writeFileSync(leaves[1]!, 'ra,dec\n'.repeat(200));
    expect(await matchRefused(dir)).toBe(UNREADABLE);
    const open = await openCatalog(dir);
    expect(await refused(() => open.collect(one))).toBe(UNREADABLE);
  });

  test('that are listed and missing', async () => {
    const { dir, leaves } = await damaged();
    rmSync(leaves[1]!);
    expect((await refused(() => openCatalog(dir))).split('\n')).toEqual([
      `data: partition 3/283 is listed but its file is missing (${LEAF})`,
      'if the files have other names, say so with --path-template, such as dataset/Norder={order}/Dir={dir}/Npix={pixel}.parquet',
    ]);
  });

  test('that go while the catalog is open', async () => {
    const { dir, leaves } = await damaged();
    const open = await openCatalog(dir);
    rmSync(leaves[1]!);
    expect(await refused(() => open.collect(one))).toBe(
      `storage: a file of the catalog is missing (${LEAF})\nThe catalog is incomplete: copy it again.`,
    );
  });
});

describe('positions', () => {
  /** Rewrites a leaf with one more useless value, in row `row`. */
  async function spoil(leaf: string, row: number, column: string, value: string): Promise<void> {
    const session = await openTestSession();
    try {
      const spoilt = `CASE file_row_number WHEN ${row} THEN ${value} ELSE ${column} END`;
      await session.run(
        `COPY (SELECT * EXCLUDE (file_row_number) REPLACE (${spoilt} AS ${column})
         FROM read_parquet('${leaf}', file_row_number = true, hive_partitioning = false))
         TO '${leaf}.new' (FORMAT parquet)`,
      );
    } finally {
      session.close();
    }
    renameSync(`${leaf}.new`, leaf);
  }

  test.each([
    ['dec', `'NaN'::DOUBLE`, '11.2', 'NaN'],
    ['dec', '91.0', '11.2', '91'],
    ['dec', 'NULL', '11.2', 'NaN'],
    ['ra', `'Infinity'::DOUBLE`, 'Infinity', '0.05'],
  ])('%s %s is refused with its row and file', async (column, value, ra, dec) => {
    const { dir, leaves } = await damaged();
    await spoil(leaves[1]!, 1, column, value);
    const said = await matchRefused(dir);
    expect(said.split('\n')).toEqual([
      `data: unusable position in row 1 of damaged: ra = ${ra}, dec = ${dec} (${LEAF})`,
      'Use --drop-invalid (dropInvalid: true) to leave such rows out and count them.',
    ]);
  });

  /** 40 rows, of which three have no place. */
  async function withThreeBad(): Promise<Catalog> {
    const { dir, leaves } = await damaged();
    await spoil(leaves[0]!, 0, 'dec', '-90.001');
    await spoil(leaves[1]!, 1, 'ra', `'NaN'::DOUBLE`);
    await spoil(leaves[2]!, 1, 'dec', 'NULL');
    return openCatalog(dir);
  }
  const drop = { ...one, dropInvalid: true };

  test('dropInvalid leaves them out and counts them', async () => {
    const bad = await withThreeBad();
    const run = await bad.run(drop);
    expect({ rows: run.rows, dropped: run.stats.droppedRows }).toEqual({ rows: 37, dropped: 3 });
    expect((await bad.collect(drop)).numRows).toBe(37);
    const left = await bad.crossmatch(sky, { radiusArcsec: 1 }).run(drop);
    expect({ rows: left.rows, dropped: left.stats.droppedRows }).toEqual({ rows: 37, dropped: 3 });
    expect(await sky.crossmatch(bad, { radiusArcsec: 1 }).count(drop)).toBe(37);
  });

  test('dropInvalid counts those of a right side once', async () => {
    const run = await sky.crossmatch(await withThreeBad(), { radiusArcsec: 1 }).run(drop);
    expect(run.stats.droppedRows).toBe(3);
  });

  const few = () =>
    fromTable(
      new Table({
        ra: makeVector(Float64Array.of(1, 2, 3)),
        dec: makeVector(Float64Array.of(0, 91, Number.NaN)),
      }),
      { ra: 'ra', dec: 'dec', name: 'few' },
    );

  test('of a table are refused too, or dropped', async () => {
    const said = await refused(() => few().writeHats(temp('few'), one));
    expect(said.split('\n')[0]!.replace(/\(\S*table\.parquet\)/, '(FILE)')).toBe(
      'data: unusable position in row 1 of few: ra = 2, dec = 91 (FILE)',
    );
    expect((await few().writeHats(temp('few-kept'), drop)).rows).toBe(1);
  });

  test('dropInvalid counts those of a table', async () => {
    const written = await few().writeHats(temp('few-counted'), drop);
    expect(written.stats.droppedRows).toBe(2);
  });
});

describe('outputs', () => {
  test('are refused before anything is made', async () => {
    writeFileSync(temp('file'), '');
    const to = (...parts: string[]) => refused(() => sky.writeHats(temp(...parts), one));
    const { dir } = await damaged();
    expect({
      input: await to('sky'),
      inside: await to('sky', 'inside'),
      file: await to('file'),
      below: await to('file', 'below'),
      nowhere: await to('nowhere', 'below'),
      exists: await to(path.basename(dir)),
    }).toEqual({
      input:
        'request: the output is also an input: DIR/sky (DIR/sky)\nchoose an output outside every input',
      inside:
        'request: the output lies inside an input: DIR/sky (DIR/sky/inside)\nchoose an output outside every input',
      file: 'request: the output is a file (DIR/file)\na catalog is a folder: give another name, or remove the file',
      below: 'request: the output lies below a file (DIR/file/below)\nDIR/file is not a folder',
      nowhere:
        'request: the folder of the output does not exist (DIR/nowhere/below)\ncreate DIR/nowhere first',
      exists:
        'request: output exists (DIR/damaged)\nuse --overwrite to replace it, or another name',
    });
    expect(hidden()).toEqual([]);
  });

  test('of a request that is wrong leave no hidden folder', async () => {
    const wrong = [
      () => sky.query('tag > 5').writeHats(temp('out'), one),
      () => sky.query('mag').writeHats(temp('out'), one),
      () => sky.writeHats(temp('out'), { ...one, rowsPerPartition: 0 }),
      () => sky.writeHats(temp('out'), { ...one, marginArcsec: -1 }),
      () => sky.writeHats(temp('out'), { workers: 0 }),
      () => sky.writeHats(temp('out'), { ...one, memoryBytes: 1 }),
    ];
    for (const write of wrong) expect(await refused(write)).toMatch(/^request: /);
    expect(hidden()).toEqual([]);
  });
});

describe('names', () => {
  const others = 'Did you mean mag? Columns: _healpix_29, id, ra, dec, tag, mag';
  test.each([
    ['select', () => sky.select(['id', 'magg']), 'there is no column "magg" of sky'],
    [
      'query',
      () => sky.query('magg > 5'),
      'unknown column magg (character 1 of the expression magg > 5)',
    ],
    [
      'open',
      () => openCatalog(temp('sky'), { columns: ['magg'] }),
      'there is no column "magg" in sky',
    ],
  ])('%s', async (_, run, first) => {
    const said = await refused(run);
    expect(said.split('\n')).toEqual([`request: ${first}`, others]);
  });

  test.each<[string, (wrong: object) => Catalog]>([
    ['crossmatch', (wrong) => sky.crossmatch(sky, { radiusArcsec: 1, ...wrong })],
    ['join', (wrong) => sky.join(sky, { on: 'id', ...wrong })],
    ['mergeAsof', (wrong) => sky.mergeAsof(sky, { on: 'mag', by: 'id', ...wrong })],
  ])('suffixes of a %s', async (_, pair) => {
    const paired = (wrong: object) => async () => pair(wrong);
    for (const suffixes of [['_a'], ['_a', 1], '_a']) {
      expect(await refused(paired({ suffixes }))).toBe(
        'request: suffixes must be two texts, for the left and the right side',
      );
    }
    expect(await refused(paired({ suffixMethod: 'some' }))).toBe(
      "request: suffixMethod 'some' is neither 'all' nor 'overlapping'",
    );
  });

  test('suffixes that make two columns one', async () => {
    const match = () => sky.crossmatch(sky, { radiusArcsec: 1, suffixes: ['', ''] });
    expect(await refused(match)).toBe(
      'request: two columns of the result would be called "id"\nThe suffixes are "" and "": choose others with suffixes (--suffixes _a,_b).',
    );
    const cased = () => sky.crossmatch(sky, { radiusArcsec: 1, suffixes: ['_a', '_A'] });
    expect(await refused(cased)).toBe(
      'request: two columns of the result would be called "id_a" and "id_A"\nThe suffixes are "_a" and "_A": choose others with suffixes (--suffixes _a,_b).',
    );
  });
});

test.each([
  [{ radiusArcsec: 0 }, 'radius 0″ is not a positive angle'],
  [{ radiusArcsec: -1 }, 'radius -1″ is not a positive angle'],
  [{ radiusArcsec: Number.NaN }, 'radius NaN″ is not a positive angle'],
  [{ radiusArcsec: 36_001 }, 'radius 36001″ is above 36000″ (10°)'],
  [
    { radiusArcsec: 1, minRadiusArcsec: 1 },
    'minimum radius 1″ is not from 0 to below the radius of 1″',
  ],
  [
    { radiusArcsec: 1, minRadiusArcsec: -1 },
    'minimum radius -1″ is not from 0 to below the radius of 1″',
  ],
  [{ radiusArcsec: 1, neighbors: 0 }, "neighbors 0 is neither a whole number from 1 nor 'all'"],
  [{ radiusArcsec: 1, neighbors: 1.5 }, "neighbors 1.5 is neither a whole number from 1 nor 'all'"],
])('a match of %j is refused', async (options, first) => {
  const said = await refused(() => sky.crossmatch(sky, options));
  expect(said.split('\n')[0]).toBe(`request: ${first}`);
});

test('catalogs without overlap match to nothing, which is a catalog too', async () => {
  await makeCatalog(temp('far'), line(40, 200), { name: 'far', rowsPerPartition: 15 });
  const match = sky.crossmatch(await openCatalog(temp('far')), { radiusArcsec: 1 });
  const warnings: string[] = [];
  const written = await match.writeHats(temp('nothing'), {
    ...one,
    onWarning: (message) => warnings.push(message),
  });
  expect(written).toMatchObject({ rows: 0, partitions: 0 });
  expect(warnings).toEqual([
    'the catalogs do not overlap: no partition of sky is within 1″ of one of far',
  ]);
  const empty = await openCatalog(temp('nothing'));
  const sides = ['sky', 'far'].flatMap((side) =>
    ['id', 'ra', 'dec', 'tag', 'mag'].map((name) => `${name}_${side}`),
  );
  expect(empty.columns.map(({ name }) => name)).toEqual(['_healpix_29', ...sides, '_dist_arcsec']);
  expect(await empty.count(one)).toBe(0);
  expect(rowsOf(await empty.collect(one))).toEqual([]);
  expect(await match.count(one)).toBe(0);
});

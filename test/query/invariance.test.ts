/** The same answer however many threads, however little memory, and however the catalogs are cut. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Table } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCatalog as openWith } from '../../engine/open-catalog.ts';
import {
  type Catalog,
  close,
  type GenerateSpec,
  generateCatalog,
  openCatalog,
  type RunSettings,
} from '../../index.ts';
import { smallRuntime } from './small-runtime.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
/** Partitions hold four times as many right rows: their cells are cut. */
const tight = smallRuntime(400);
beforeAll(() => {
  vi.stubEnv('SOURCE_DATE_EPOCH', '1700000000');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await tight.close();
  await close();
});

const LEFT_ROWS = 12_000;
const RIGHT_ROWS = 8000;

const stars: GenerateSpec = {
  kind: 'gaia',
  rows: LEFT_ROWS,
  seed: 1,
  rowsPerPartition: 1600,
  cone: { ra: 290, dec: 10, radiusArcsec: 1130 },
};
const objects: GenerateSpec = {
  ...stars,
  kind: 'ztf',
  rows: RIGHT_ROWS,
  seed: 2,
  counterpartOf: stars,
};

interface Forms {
  readonly left: string;
  readonly right: string;
}

async function generatePair(name: string, leftCut: number, rightCut: number): Promise<Forms> {
  const forms = { left: temp(`${name}-gaia`), right: temp(`${name}-ztf`) };
  await generateCatalog(forms.left, { ...stars, rowsPerPartition: leftCut });
  // The margin is wide enough for the match below.
  const right = { ...objects, rowsPerPartition: rightCut };
  await generateCatalog(forms.right, right, { marginArcsec: 3 });
  return forms;
}

/** Every pair within the radius: a run too wide for one thread, so that the number of workers is meant. */
function matchOf(left: Catalog, right: Catalog): Catalog {
  return left
    .query('phot_g_mean_mag < 20.5')
    .crossmatch(right, { radiusArcsec: 2, neighbors: 'all', suffixes: ['_l', '_r'] });
}

const MARGINS = [undefined, 'none'] as const;
type Margin = (typeof MARGINS)[number];

async function openPair({ left, right }: Forms, margin: Margin): Promise<Catalog> {
  const options = margin === undefined ? {} : { margin };
  return matchOf(await openCatalog(left), await openCatalog(right, options));
}

/** The whole of each file below `dir`, as its digest. */
function filesOf(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)));
  return Object.fromEntries(
    names.sort().map((name) => [name, digest(readFileSync(path.join(dir, name)))]),
  );
}

function digest(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Names, types and, as a digest, the values of each column, in order. */
function columnsOf(table: Table): Record<string, string> {
  return Object.fromEntries(
    table.schema.fields.map(({ name, type }) => [
      `${name} ${type}`,
      digest([...table.getChild(name)!].map(String).join('\n')),
    ]),
  );
}

const FEW_BYTES = 300e6;
const MANY_BYTES = 4e9;
const MANY: RunSettings = { workers: 2, memoryBytes: MANY_BYTES };
const RUNS: readonly (readonly [Margin, RunSettings])[] = [
  [undefined, { workers: 1, memoryBytes: MANY_BYTES }],
  [undefined, MANY],
  [undefined, { workers: 16, memoryBytes: MANY_BYTES }],
  [undefined, { workers: 16, memoryBytes: FEW_BYTES }],
  ['none', MANY],
  ['none', { workers: 16, memoryBytes: FEW_BYTES }],
];

describe('one query', () => {
  let forms: Forms;
  beforeAll(async () => {
    forms = await generatePair('query', 1600, 1600);
  });
  afterAll(() => close());

  /** Not the default partitions of its input, so that pieces of several tasks become one file. */
  const written = { name: 'pairs', rowsPerPartition: 2000 };

  test('has about ten partitions a side, and pairs across their borders', async () => {
    const { scans } = await (await openPair(forms, undefined)).explain();
    expect(scans.map(({ border }) => border)).toEqual(['none', 'margin']);
    for (const { partitions } of scans) expect(partitions).toBeGreaterThan(7);
    const bare = await (await openPair(forms, 'none')).explain();
    expect(bare.scans[1]!.border).toBe('edges');
  });

  test('writes the same bytes with any workers, memory and margin', async () => {
    const target = temp('bytes');
    let first: Record<string, string> | undefined;
    for (const [margin, settings] of RUNS) {
      const query = await openPair(forms, margin);
      const options = { ...written, marginArcsec: 2, overwrite: true, ...settings };
      const result = await query.writeHats(target, options);
      // 300 MB are enough for one thread only.
      expect(result.workers).toBe(settings.memoryBytes === FEW_BYTES ? 1 : settings.workers);
      expect(result.rows).toBeGreaterThan(RIGHT_ROWS / 2);
      expect(result.partitions).toBeGreaterThan(4);
      const files = filesOf(target);
      first ??= files;
      expect(files, JSON.stringify({ margin, ...settings })).toEqual(first);
    }
  }, 120_000);

  test('writes the same bytes where cells do not fit the memory and are cut', async () => {
    const target = temp('cut');
    const left = await openWith(forms.left, tight);
    const right = await openWith(forms.right, tight);
    const result = await matchOf(left, right).writeHats(target, { ...written, overwrite: true });
    expect(result.stats.splits).toBeGreaterThan(0);
    const cut = filesOf(target);
    const whole = await openPair(forms, undefined);
    await whole.writeHats(target, { ...written, overwrite: true, workers: 2 });
    expect(cut).toEqual(filesOf(target));
  });

  test('writes the same CSV and Parquet file with one worker and with four', async () => {
    const query = await openPair(forms, undefined);
    const bytesOf = async (workers: number) => {
      const [csv, parquet] = [temp(`pairs-${workers}.csv`), temp(`pairs-${workers}.parquet`)];
      const found = [
        (await query.writeCsv(csv, { workers })).rows,
        (await query.writeParquet(parquet, { workers })).rows,
      ];
      return [...found, ...[csv, parquet].map((file) => digest(readFileSync(file)))];
    };
    const one = await bytesOf(1);
    expect(one[0]).toBe(await query.count());
    expect(await bytesOf(4)).toEqual(one);
  });
});

describe('one sky', () => {
  afterAll(() => close());

  test('gives the same rows however the two sides are cut', async () => {
    let first: Record<string, string> | undefined;
    for (const [leftCut, rightCut] of [
      [1600, 1600],
      [6000, 800],
      [1100, 1_000_000],
    ] as const) {
      const forms = await generatePair(`sky-${leftCut}`, leftCut, rightCut);
      for (const margin of MARGINS) {
        const query = await openPair(forms, margin);
        const table = await query.collect();
        expect(table.numRows).toBeGreaterThan(RIGHT_ROWS / 2);
        const columns = columnsOf(table);
        first ??= columns;
        expect(columns, `${leftCut} and ${rightCut}, margin ${margin}`).toEqual(first);
      }
    }
  });
});

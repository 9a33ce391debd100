/** Leaf files as workers write them: DuckDB's COPY, sorted by the spatial index, nested columns included. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { leafPath } from '../../catalogs/leaf-files.ts';
import type { Column } from '../../catalogs/types.ts';
import { indexRange, type Pixel } from '../../partitioning/pixel.ts';

export interface FixturePartition {
  readonly pixel: Pixel;
  readonly rows: number;
}

/** Not in NESTED order, two orders mixed. */
export const PARTITIONS: readonly FixturePartition[] = [
  { pixel: { order: 1, pixel: 47 }, rows: 5 },
  { pixel: { order: 2, pixel: 3 }, rows: 2500 },
  { pixel: { order: 1, pixel: 1 }, rows: 1 },
  { pixel: { order: 1, pixel: 44 }, rows: 300 },
];

/** The same in NESTED order. */
export const NESTED_ORDER = ['2/3', '1/1', '1/44', '1/47'];

export const COLUMNS: readonly Column[] = [
  { name: '_healpix_29', type: 'BIGINT' },
  { name: 'id', type: 'BIGINT', description: 'Number of the source', ucd: 'meta.id;meta.main' },
  { name: 'ra', type: 'DOUBLE', unit: 'deg', ucd: 'pos.eq.ra' },
  { name: 'dec', type: 'DOUBLE', unit: 'deg' },
  { name: 'mag', type: 'FLOAT', unit: 'mag', description: 'Größe, mean' },
  { name: 'flags', type: 'SMALLINT' },
  { name: 'band name', type: 'VARCHAR' },
  { name: 'lc', type: 'STRUCT(mjd DOUBLE[], mag FLOAT[], band VARCHAR[])' },
];

let database: Promise<DuckDBInstance> | undefined;

/** A connection to a database of the test file's own process. */
async function connect(): Promise<DuckDBConnection> {
  database ??= DuckDBInstance.create(':memory:', { threads: '1' });
  return (await database).connect();
}

/** The rows of a query. */
export async function query(sql: string): Promise<Record<string, unknown>[]> {
  const connection = await connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS();
  } finally {
    connection.closeSync();
  }
}

/** A partition as the merging of footers takes it: the path is below the dataset folder. */
export function leafOf({ pixel, rows }: FixturePartition): { path: string; rows: number } {
  return { path: leafPath(pixel).slice('dataset/'.length), rows };
}

/** A folder of its own for a test, with what removes it. */
export async function temporaryFolder(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'crosshatch-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}

/** Writes one Parquet file with rows of a pixel; `rowGroupRows` below `rows` gives several row groups. */
export async function writeLeaf(
  file: string,
  { pixel, rows }: FixturePartition,
  rowGroupRows = 100_000,
): Promise<void> {
  const { start, end } = indexRange(pixel);
  const step = (end - start) / BigInt(rows);
  await mkdir(path.dirname(file), { recursive: true });
  await query(`COPY (
    SELECT (${start} + n * ${step})::BIGINT AS _healpix_29,
      (${(pixel.order * 1000 + pixel.pixel) * 1_000_000} + n)::BIGINT AS id,
      (n % 360)::DOUBLE AS ra, (n % 90)::DOUBLE / 7 AS dec,
      CASE WHEN n % 5 = 0 THEN NULL ELSE n / 3.0 END::FLOAT AS mag,
      (n % 100)::SMALLINT AS flags, 'band ' || (n % 3) AS "band name",
      CASE WHEN n % 7 = 0 THEN NULL ELSE {
        'mjd': list_transform(range(n % 4), lambda i: 58000.5 + i)::DOUBLE[],
        'mag': list_transform(range(n % 4), lambda i: 17 + i)::FLOAT[],
        'band': list_transform(range(n % 4), lambda i: 'g' || i)::VARCHAR[]
      } END AS lc
    FROM range(${rows}) AS t(n) ORDER BY n
  ) TO '${file}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2,
    ROW_GROUP_SIZE ${rowGroupRows}, DICTIONARY_SIZE_LIMIT 1000)`);
}

/** Leaf files of all partitions at their places below `dir`. */
export async function writeLeaves(
  dir: string,
  partitions: readonly FixturePartition[] = PARTITIONS,
): Promise<void> {
  for (const partition of partitions) {
    await writeLeaf(path.join(dir, leafPath(partition.pixel)), partition, 2048);
  }
}

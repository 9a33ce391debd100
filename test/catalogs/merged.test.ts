import { cp, mkdir, open, readFile, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { leafPath } from '../../catalogs/leaf-files.ts';
import { localStore } from '../../catalogs/local-store.ts';
import { type Leaf, writeMergedMetadata } from '../../catalogs/merged-metadata.ts';
import { readFooter } from '../../catalogs/parquet-footer.ts';
import type { Store } from '../../catalogs/store.ts';
import type { Column } from '../../catalogs/types.ts';
import {
  COLUMNS,
  leafOf,
  PARTITIONS,
  query,
  temporaryFolder,
  writeLeaf,
  writeLeaves,
} from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

function merge(leaves: readonly Leaf[], columns: readonly Column[] = COLUMNS, store?: Store) {
  const datasetDir = path.join(dir, 'dataset');
  return writeMergedMetadata({ datasetDir, leaves, columns, createdBy: 'test', store });
}

async function hyparquetOf(name: string) {
  const bytes = await readFile(path.join(dir, 'dataset', name));
  return parquetMetadata(bytes, { geoparquet: false });
}

describe('_metadata', () => {
  test('holds the row groups of all leaves as they are there, with their files', async () => {
    await writeLeaves(dir);
    const merged = await merge(PARTITIONS.map(leafOf));
    const found = await hyparquetOf('_metadata');
    const expected: typeof found.row_groups = [];
    for (const partition of PARTITIONS) {
      const leaf = await hyparquetOf(leafOf(partition).path);
      expect(found.schema).toEqual(leaf.schema);
      for (const group of leaf.row_groups) {
        const columns = group.columns.map((chunk) => ({
          ...chunk,
          file_path: leafOf(partition).path,
        }));
        expected.push({ ...group, columns });
      }
    }
    expect(found.row_groups).toEqual(expected);
    expect(found.row_groups).toHaveLength(5);
    expect(found.num_rows).toBe(2806n);
    expect(merged).toMatchObject({ rows: 2806, rowGroups: 5, hasMetadata: true });
  });

  test('says how many bytes there are', async () => {
    await writeLeaves(dir);
    const merged = await merge(PARTITIONS.map(leafOf));
    const sizes = async (names: string[]) => {
      const all = await Promise.all(names.map((name) => stat(path.join(dir, 'dataset', name))));
      return all.reduce((sum, { size }) => sum + size, 0);
    };
    expect(merged.bytes).toBe(await sizes(['_metadata', '_common_metadata']));
    expect(merged.leafBytes).toBe(await sizes(PARTITIONS.map((p) => leafOf(p).path)));
  });

  test('is read by DuckDB: rows, files, statistics and schema', async () => {
    await writeLeaves(dir);
    await merge(PARTITIONS.map(leafOf));
    const file = path.join(dir, 'dataset', '_metadata');
    expect(
      await query(
        `SELECT file_name, num_rows, num_row_groups FROM parquet_file_metadata('${file}')`,
      ),
    ).toEqual([{ file_name: file, num_rows: 2806n, num_row_groups: 5n }]);
    const chunks = `path_in_schema, num_values, stats_min_value, stats_max_value, stats_null_count,
      encodings, total_compressed_size, data_page_offset`;
    const ofLeaves = await Promise.all(
      PARTITIONS.map((p) =>
        query(`SELECT ${chunks} FROM parquet_metadata('${dir}/dataset/${leafOf(p).path}')`),
      ),
    );
    expect(await query(`SELECT ${chunks} FROM parquet_metadata('${file}')`)).toEqual(
      ofLeaves.flat(),
    );
    const types = await query(`DESCRIBE SELECT * FROM read_parquet('${file}')`);
    expect(types.map((row) => [row.column_name, row.column_type])).toEqual(
      COLUMNS.map(({ name, type }) => [name, type]),
    );
  });

  test('keeps the statistics that prune row groups by the spatial index', async () => {
    await writeLeaves(dir);
    await merge(PARTITIONS.map(leafOf));
    const footer = await readFooter(path.join(dir, 'dataset', '_metadata'));
    const ranges = footer.rowGroups.map((group) => {
      const chunk = group.columns.find((column) => column.name === '_healpix_29')!;
      return [group.file, chunk.min, chunk.max];
    });
    for (const [file, min, max] of ranges) {
      const leaf = `${dir}/dataset/${file}`;
      const rows = `SELECT count(*) AS n FROM '${leaf}' WHERE _healpix_29 IN (${min}, ${max})`;
      // Both bounds are rows of that file; in a group of one row they are the same.
      expect(await query(rows)).toEqual([{ n: min === max ? 1n : 2n }]);
    }
  });

  test('reads each footer once, however long it is', async () => {
    // 300 columns in 8 row groups: 120 kB of footer.
    const names = Array.from({ length: 300 }, (_, i) => `n + ${i} AS column_with_number_${i}`);
    const wide = leafOf({ pixel: { order: 0, pixel: 3 }, rows: 16_384 });
    const file = path.join(dir, 'dataset', wide.path);
    await mkdir(path.dirname(file), { recursive: true });
    await query(`COPY (SELECT ${names} FROM range(16384) AS t(n)) TO '${file}'
      (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
    const requests: string[] = [];
    const counting: Store = {
      ...localStore,
      readRange(location, start, end) {
        requests.push(`${path.basename(location)} ${end - start}`);
        return localStore.readRange(location, start, end);
      },
    };
    await merge([wide], [], counting);
    const { metadata_length } = await hyparquetOf(wide.path);
    expect(metadata_length).toBeGreaterThan(100_000);
    expect(requests).toEqual(['Npix=3.parquet 65536', `Npix=3.parquet ${metadata_length}`]);
    expect((await hyparquetOf('_metadata')).row_groups).toHaveLength(8);
  });

  test('merges more leaves than are read ahead, in the order given', async () => {
    const one = path.join(dir, 'one.parquet');
    await writeLeaf(one, { pixel: { order: 5, pixel: 0 }, rows: 3 });
    const leaves = Array.from({ length: 40 }, (_, i) =>
      leafOf({ pixel: { order: 5, pixel: 39 - i }, rows: 3 }),
    );
    for (const leaf of leaves) await cp(one, path.join(dir, 'dataset', leaf.path));
    await merge(leaves);
    const { row_groups, num_rows } = await hyparquetOf('_metadata');
    expect(num_rows).toBe(120n);
    expect(row_groups.map((group) => group.columns[0]!.file_path)).toEqual(
      leaves.map((leaf) => leaf.path),
    );
  });

  test('has the same bytes again', async () => {
    await writeLeaves(dir);
    const file = path.join(dir, 'dataset', '_metadata');
    await merge(PARTITIONS.map(leafOf));
    const first = await readFile(file);
    await merge(PARTITIONS.map(leafOf));
    expect(first.equals(await readFile(file))).toBe(true);
  });
});

describe('merging refuses', () => {
  test('a leaf with other rows than it should have', async () => {
    await writeLeaves(dir);
    const leaves = PARTITIONS.map(leafOf);
    leaves[2] = { ...leaves[2]!, rows: 2 };
    await expect(merge(leaves)).rejects.toMatchObject({
      tag: 'data',
      what: 'the file has 1 rows where 2 were written',
      where: path.join(dir, leafPath(PARTITIONS[2]!.pixel)),
    });
  });

  test('a leaf with other columns', async () => {
    await writeLeaves(dir);
    const file = path.join(dir, leafPath(PARTITIONS[2]!.pixel));
    await query(`COPY (SELECT 1::INTEGER AS id) TO '${file}' (FORMAT parquet)`);
    await expect(merge(PARTITIONS.map(leafOf))).rejects.toThrow('other columns or types');
  });

  test('leaves that are missing, cut short, or not Parquet', async () => {
    await writeLeaves(dir);
    const file = path.join(dir, leafPath(PARTITIONS[1]!.pixel));
    const { size } = await stat(file);
    const merging = () => merge(PARTITIONS.map(leafOf));
    const whole = await readFile(file);
    const handle = await open(file, 'r+');
    await handle.write(Buffer.from([0xff, 0xff, 0xff, 0x7f]), 0, 4, size - 8);
    await handle.close();
    await expect(merging()).rejects.toThrow('it claims to be longer than the file');
    const lengthAt = whole.length - 8;
    const inside = await open(file, 'r+');
    await inside.write(whole.subarray(lengthAt), 0, 8, lengthAt);
    await inside.write(Buffer.alloc(40, 0xff), 0, 40, lengthAt - whole.readUInt32LE(lengthAt));
    await inside.close();
    await expect(merging()).rejects.toMatchObject({ tag: 'data', where: file });
    await truncate(file, size - 1);
    await expect(merging()).rejects.toThrow('it does not end like a Parquet file');
    await truncate(file, 0);
    await expect(merging()).rejects.toThrow('it does not end like a Parquet file');
    await rm(file);
    await expect(merging()).rejects.toThrow('a leaf file is missing');
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localStore } from '../../catalogs/local-store.ts';
import { readMetadataLeaves } from '../../catalogs/metadata-rows.ts';
import {
  type ColumnChunk,
  columnBytes,
  parseFooter,
  readFooter,
} from '../../catalogs/parquet-footer.ts';
import type { Store } from '../../catalogs/store.ts';
import { describeShared, sharedPath } from '../shared-data.ts';
import { query, temporaryFolder, writeLeaf } from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
let leaf: string;
beforeAll(async () => {
  ({ dir, remove } = await temporaryFolder());
  leaf = path.join(dir, 'leaf.parquet');
  await writeLeaf(leaf, { pixel: { order: 1, pixel: 44 }, rows: 5000 }, 2048);
});
afterAll(() => remove());

/** Writes a table given as a SELECT and returns the chunks of its first row group by name. */
async function chunksOf(select: string, options = ''): Promise<Record<string, ColumnChunk>> {
  const file = path.join(dir, 'table.parquet');
  await query(`COPY (${select}) TO '${file}' (FORMAT parquet${options})`);
  const footer = await readFooter(file);
  return Object.fromEntries(footer.rowGroups[0]!.columns.map((chunk) => [chunk.name, chunk]));
}

/** A store that notes the ranges it is asked for. */
function countingStore(): { store: Store; ranges: [number, number][] } {
  const ranges: [number, number][] = [];
  const store: Store = {
    ...localStore,
    readRange: (file, start, end) => {
      ranges.push([start, end]);
      return localStore.readRange(file, start, end);
    },
  };
  return { store, ranges };
}

describe('the footer of a leaf file', () => {
  test('has rows, row groups and the leaves of nested columns', async () => {
    const footer = await readFooter(leaf);
    expect(footer.rows).toBe(5000);
    expect(footer.createdBy).toContain('DuckDB');
    expect(footer.rowGroups.reduce((sum, group) => sum + group.rows, 0)).toBe(5000);
    expect(footer.rowGroups.length).toBeGreaterThan(1);
    expect(footer.rowGroups[0]!.file).toBeUndefined();
    expect(footer.rowGroups[0]!.columns.map((c) => [c.column, c.name, c.path])).toEqual([
      ['_healpix_29', '_healpix_29', '_healpix_29'],
      ['id', 'id', 'id'],
      ['ra', 'ra', 'ra'],
      ['dec', 'dec', 'dec'],
      ['mag', 'mag', 'mag'],
      ['flags', 'flags', 'flags'],
      ['band name', 'band name', 'band name'],
      ['lc', 'lc.mjd', 'lc.mjd.list.element'],
      ['lc', 'lc.mag', 'lc.mag.list.element'],
      ['lc', 'lc.band', 'lc.band.list.element'],
    ]);
  });

  test('has chunks that lie one after the other and fill the file up to the footer', async () => {
    const { size } = (await localStore.stat(leaf))!;
    let at = 4;
    for (const group of (await readFooter(leaf)).rowGroups) {
      for (const chunk of group.columns) {
        expect(chunk.start).toBe(at);
        expect(chunk.end - chunk.start).toBe(chunk.compressedBytes);
        expect(chunk.uncompressedBytes).toBeGreaterThan(0);
        at = chunk.end;
      }
    }
    expect(at).toBeLessThan(size);
    expect(at).toBeGreaterThan(size / 2);
  });

  test('gives the bounds of the index as exact 64-bit integers', async () => {
    const groups = (await readFooter(leaf)).rowGroups;
    const start = 44n << 56n;
    const chunk = groups[0]!.columns[0]!;
    expect(chunk.min).toBe(start);
    expect(chunk.nullCount).toBe(0);
    const [{ last }] = (await query(`SELECT max(_healpix_29) AS last FROM '${leaf}'`)) as [
      { last: bigint },
    ];
    expect(groups.at(-1)!.columns[0]!.max).toBe(last);
  });

  test('sums the bytes of columns, whole, in part, or all', async () => {
    const footer = await readFooter(leaf);
    const chunks = footer.rowGroups.flatMap((group) => group.columns);
    const bytesOf = (...names: string[]) =>
      chunks
        .filter((chunk) => names.includes(chunk.name))
        .reduce((sum, chunk) => sum + chunk.compressedBytes, 0);
    expect(columnBytes(footer, ['ra', 'dec'])).toBe(bytesOf('ra', 'dec'));
    expect(columnBytes(footer, ['lc'])).toBe(bytesOf('lc.mjd', 'lc.mag', 'lc.band'));
    expect(columnBytes(footer, ['lc.mag', 'ra'])).toBe(bytesOf('lc.mag', 'ra'));
    expect(columnBytes(footer, ['lc', 'lc.mag'])).toBe(columnBytes(footer, ['lc']));
    expect(columnBytes(footer, ['none', 'lc.m'])).toBe(0);
    expect(columnBytes(footer)).toBe(chunks.reduce((sum, c) => sum + c.compressedBytes, 0));
  });

  test('a dotted column is not part of another column', async () => {
    const file = path.join(dir, 'dotted.parquet');
    await query(
      `COPY (SELECT 1 AS "s.id", {'id': 2::BIGINT} AS s, 3 AS "s.id.x") TO '${file}' (FORMAT parquet)`,
    );
    const footer = await readFooter(file);
    const [dotted, nested, third] = footer.rowGroups[0]!.columns.map((c) => c.compressedBytes);
    expect(columnBytes(footer, ['s'])).toBe(nested!);
    expect(columnBytes(footer, ['s.id'])).toBe(dotted! + nested!);
    expect(columnBytes(footer, ['s.id.x'])).toBe(third!);
  });
});

describe('reading it', () => {
  test('takes one read of the tail', async () => {
    const { store, ranges } = countingStore();
    await readFooter(leaf, store);
    const { size } = (await localStore.stat(leaf))!;
    expect(ranges).toEqual([[Math.max(0, size - 65_536), size]]);
  });

  test('takes a second read where the footer is longer', async () => {
    const file = path.join(dir, 'wide.parquet');
    const columns = Array.from({ length: 900 }, (_, i) => `n AS a_rather_long_column_name_${i}`);
    await query(`COPY (SELECT ${columns} FROM range(3) t(n)) TO '${file}' (FORMAT parquet)`);
    const { store, ranges } = countingStore();
    const footer = await readFooter(file, store);
    expect(footer.schema).toHaveLength(900);
    expect(footer.rowGroups[0]!.columns[899]).toMatchObject({ min: 0n, max: 2n });
    expect(ranges).toHaveLength(2);
    expect(ranges[1]![1]).toBe(ranges[0]![0]);
    expect(await parseFooter(await readFile(file), file)).toEqual(footer);
  });

  test('does not look at the size when it is known', async () => {
    const { size } = (await localStore.stat(leaf))!;
    const store: Store = { ...localStore, stat: () => Promise.reject(new Error('stat')) };
    expect((await readFooter(leaf, store, size)).rows).toBe(5000);
  });
});

describe('files that are not whole are refused', () => {
  async function refusal(bytes: Uint8Array): Promise<string> {
    const file = path.join(dir, 'broken.parquet');
    await writeFile(file, bytes);
    const error = await readFooter(file).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ tag: 'data', where: file });
    return (error as { what: string }).what;
  }

  test('cut short, of another kind, empty or encrypted', async () => {
    const bytes = await readFile(leaf);
    const noMark = 'the file does not end with the mark of a Parquet file';
    expect(await refusal(bytes.subarray(0, bytes.length - 1))).toBe(noMark);
    expect(await refusal(bytes.subarray(0, bytes.length >> 1))).toBe(noMark);
    expect(await refusal(Buffer.from('ra,dec\n1.5,2.5\n3.5,4.5\n'))).toBe(noMark);
    expect(await refusal(Buffer.alloc(0))).toBe('not a Parquet file: it has only 0 bytes');
    expect(await refusal(Buffer.from('PAR1PAR1'))).toBe('not a Parquet file: it has only 8 bytes');
    const encrypted = Buffer.from(bytes);
    encrypted.write('PARE', encrypted.length - 4);
    expect(await refusal(encrypted)).toBe('the Parquet footer cannot be read: it is encrypted');
  });

  test('footers that are longer than the file, or damaged inside', async () => {
    const bytes = await readFile(leaf);
    const long = Buffer.from(bytes);
    long.writeUInt32LE(bytes.length, bytes.length - 8);
    expect(await refusal(long)).toMatch(/^the Parquet footer cannot be read: it claims \d+ bytes/);
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, bytes.length - 300, bytes.length - 200);
    expect(await refusal(damaged)).toMatch(/^the Parquet footer cannot be read: /);
  });

  test('a missing file is a storage error', async () => {
    const file = path.join(dir, 'missing.parquet');
    await expect(readFooter(file)).rejects.toMatchObject({ tag: 'storage', where: file });
  });
});

describe('statistics', () => {
  test('of every comparable type, as values that compare like the column', async () => {
    const chunks = await chunksOf(`SELECT * FROM (VALUES
      (1::TINYINT, 250::UTINYINT, 9223372036854775807::BIGINT, 18446744073709551615::UBIGINT,
        4294967295::UINTEGER, -1.5::DOUBLE, 0.25::FLOAT, 'Ä'::VARCHAR, true, DATE '1970-01-03',
        TIMESTAMP '1970-01-01 00:00:01', TIMESTAMP_NS '1970-01-01 00:00:01.000000007'),
      (-5, 3, -9223372036854775808, 0, 7, 2.5, NULL, 'a', false, DATE '1969-12-31',
        TIMESTAMP '1969-12-31 23:59:59', TIMESTAMP_NS '1970-01-01 00:00:00')
    ) t(i8, u8, i64, u64, u32, f64, f32, txt, flag, day, ts, ns)`);
    const bounds = Object.fromEntries(
      Object.entries(chunks).map(([name, c]) => [name, [c.min, c.max, c.nullCount]]),
    );
    expect(bounds).toEqual({
      i8: [-5, 1, 0],
      u8: [3, 250, 0],
      i64: [-9223372036854775808n, 9223372036854775807n, 0],
      u64: [0n, 18446744073709551615n, 0],
      u32: [7, 4294967295, 0],
      f64: [-1.5, 2.5, 0],
      f32: [0.25, 0.25, 1],
      txt: ['a', 'Ä', 0],
      flag: [false, true, 0],
      day: [-1, 2, 0],
      ts: [-1_000_000n, 1_000_000n, 0],
      ns: [0n, 1_000_000_007n, 0],
    });
  });

  test('of milliseconds are in microseconds too', async () => {
    const { ts } = await chunksOf(`SELECT TIMESTAMP_MS '1970-01-01 00:00:01' AS ts`);
    expect(ts).toMatchObject({ min: 1_000_000n, max: 1_000_000n });
  });

  test('that do not compare as the values do are left out', async () => {
    const chunks = await chunksOf(
      `SELECT 1.5::DECIMAL(30, 2) AS dec, 'x'::BLOB AS blob, uuid() AS uuid, 'NaN'::DOUBLE AS nan,
        TIME '12:00:00' AS time`,
    );
    for (const chunk of Object.values(chunks)) {
      expect([chunk.name, chunk.min, chunk.max]).toEqual([chunk.name, undefined, undefined]);
    }
  });

  test('of a text that was cut inside a character are no bound', async () => {
    const file = path.join(dir, 'text.parquet');
    await query(`COPY (SELECT 'quasar~' AS name) TO '${file}' (FORMAT parquet)`);
    const bytes = await readFile(file);
    const before = (await parseFooter(bytes, file)).rowGroups[0]!.columns[0]!;
    expect([before.min, before.max]).toEqual(['quasar~', 'quasar~']);
    // The last byte of each copy of the value becomes the first half of a two-byte character.
    for (let at = bytes.indexOf('quasar~'); at >= 0; at = bytes.indexOf('quasar~', at + 1)) {
      bytes[at + 6] = 0xc3;
    }
    const after = (await parseFooter(bytes, file)).rowGroups[0]!.columns[0]!;
    expect([after.min, after.max]).toEqual([undefined, undefined]);
  });
});

describeShared('sample files', () => {
  test('of the reference have the statistics it wrote', async () => {
    const metadata = sharedPath('hats-samples', 'hats', 'small_sky_source', 'dataset', '_metadata');
    const footer = await readFooter(metadata);
    expect(footer.rows).toBe(17_161);
    expect(footer.rowGroups).toHaveLength(24);
    expect(footer.rowGroups[0]!.file).toBe('Norder=0/Dir=0/Npix=4.parquet');
    const { min, max } = footer.rowGroups[0]!.columns[0]!;
    expect((min as bigint) >= 4n << 58n && (max as bigint) < 5n << 58n).toBe(true);
    const band = footer.rowGroups[0]!.columns.find((chunk) => chunk.name === 'band')!;
    expect([band.min, band.max]).toEqual(['g', 'z']);
  });

  test.each([
    ['hats', 'small_sky_source'],
    ['hats', 'small_sky_nested'],
    ['hats', 'small_sky_npix_as_dir'],
    ['hats', 'small_sky_o1_collection', 'small_sky_order1_margin_10arcs'],
    ['lsdb', 'small_sky_order3_source'],
  ])('%s/%s: stepping over _metadata finds what decoding it finds', async (...parts) => {
    const file = sharedPath('hats-samples', ...parts, 'dataset', '_metadata');
    const footer = await readFooter(file);
    const expected = new Map<string, { rows: number; end: number }>();
    for (const group of footer.rowGroups) {
      const entry = expected.get(group.file!) ?? { rows: 0, end: 0 };
      entry.rows += group.rows;
      entry.end = Math.max(entry.end, ...group.columns.map((chunk) => chunk.end));
      expected.set(group.file!, entry);
    }
    const leaves = readMetadataLeaves(await readFile(file), file);
    expect(leaves).toEqual(Array.from(expected, ([name, entry]) => ({ file: name, ...entry })));
  });

  test('a damaged _metadata is refused', async () => {
    const file = sharedPath('hats-samples', 'hats', 'small_sky_source', 'dataset', '_metadata');
    const bytes = await readFile(file);
    const cut = Buffer.concat([bytes.subarray(0, 5000), bytes.subarray(9000)]);
    expect(() => readMetadataLeaves(cut, 'f')).toThrow(
      /the metadata file cannot be read: .* \(f\)/,
    );
    expect(() => readMetadataLeaves(bytes.subarray(0, 9000), 'f')).toThrow(
      'the metadata file cannot be read: it does not end like a Parquet file (f)',
    );
  });
});

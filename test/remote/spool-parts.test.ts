/** The pieces of the spool by themselves: ranges, rewritten footers, and entries that a crash tore. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localStore } from '../../catalogs/local-store.ts';
import { Meter } from '../../catalogs/meter.ts';
import { parseFooter } from '../../catalogs/parquet-footer.ts';
import { metadataLength } from '../../catalogs/parquet-footer-parts.ts';
import { type ByteRange, MAX_RANGE_BYTES, mergedRanges } from '../../catalogs/spool/chunks.ts';
import { ABSENT_OFFSET, denseFooter } from '../../catalogs/spool/dense-footer.ts';
import { isSound, parseEntryName, readNote } from '../../catalogs/spool/entry.ts';
import { SpoolFolder } from '../../catalogs/spool/folder.ts';
import { type HeldFile, Spool } from '../../catalogs/spool/spool.ts';
import type { Store } from '../../catalogs/store-port.ts';
import { openTestSession, type TestSession } from '../engine/duckdb-for-tests.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { countingStore } from './counting-store.ts';

const temp = tempFolder();
let session: TestSession;
/** Three row groups of four columns, one of them nested. */
let source: string;

beforeAll(async () => {
  session = await openTestSession();
  source = temp('source.parquet');
  await session.run(`COPY (SELECT i::BIGINT AS id, (i * 0.5)::DOUBLE AS ra, 'name ' || i % 50 AS name,
    {'mag': [i * 1.0, i + 1.0], 'band': ['g', 'r']} AS lc FROM range(6144) t(i))
    TO '${source}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
});
afterAll(() => session.close());

describe('ranges', () => {
  const range = fc
    .tuple(fc.integer({ min: 4, max: 20_000 }), fc.integer({ min: 1, max: 1000 }))
    .map(([start, length]) => ({ start, end: start + length }));

  test('hold all that is needed, little more, in order', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), (needed) => {
        const merged = mergedRanges(needed);
        const union = covered(needed);
        const read = covered(merged);
        expect(read.size).toBe(sizeOf(merged));
        let lacking = 0;
        for (const byte of union) if (!read.has(byte)) lacking++;
        expect(lacking).toBe(0);
        expect(sizeOf(merged)).toBeLessThanOrEqual(Math.ceil(union.size * 1.04));
        for (let i = 1; i < merged.length; i++) {
          expect(merged[i]!.start).toBeGreaterThanOrEqual(merged[i - 1]!.end);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('neighbours become one, long ones come in parts', () => {
    const at = (start: number, end: number) => ({ start, end });
    expect(mergedRanges([at(2000, 3000), at(1000, 2000)])).toEqual([at(1000, 3000)]);
    expect(mergedRanges([at(0, 1000), at(1010, 2000)])).toEqual([at(0, 2000)]);
    expect(mergedRanges([at(0, 1000), at(1500, 2000)])).toEqual([at(0, 1000), at(1500, 2000)]);
    expect(mergedRanges([at(5, 5)])).toEqual([]);
    const parts = mergedRanges([at(0, 2 * MAX_RANGE_BYTES + 1)]);
    expect(parts).toHaveLength(3);
    expect(sizeOf(parts)).toBe(2 * MAX_RANGE_BYTES + 1);
  });

  function sizeOf(ranges: readonly ByteRange[]): number {
    return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  function covered(ranges: readonly ByteRange[]): Set<number> {
    const bytes = new Set<number>();
    for (const { start, end } of ranges) for (let i = start; i < end; i++) bytes.add(i);
    return bytes;
  }
});

let folders = 0;

async function newFolder(limitBytes = 1e9): Promise<SpoolFolder> {
  const dir = temp(`spool-${folders++}`);
  return SpoolFolder.open({ dir, chosen: true, limitBytes });
}

function newSpool(folder: SpoolFolder, store: Store, meter = new Meter(null)): Spool {
  return new Spool(folder, store, { meter });
}

const url = () => `test://${source}`;
const hold = (spool: Spool, groups: number[], leaves: number[]): Promise<HeldFile> =>
  spool.hold({ url: url(), choose: () => ({ groups, leaves }) });

/** Leaf columns: id, ra, name, lc.mag, lc.band. */
const LEAVES = [['id'], ['ra'], ['name'], ['lc'], ['lc']];

describe('a stand-in', () => {
  test('reads like the chosen rows and columns of the file, whatever is chosen', async () => {
    const folder = await newFolder();
    const some = (max: number) =>
      fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1 }).map((all) => all.sort());
    await fc.assert(
      fc.asyncProperty(some(2), some(3), async (groups, columns) => {
        const leaves = columns.flatMap((c) => (c === 3 ? [3, 4] : [c]));
        const spool = newSpool(folder, countingStore().store);
        const held = await hold(spool, groups, leaves);
        const names = [...new Set(leaves.flatMap((leaf) => LEAVES[leaf]!))].join(', ');
        const rows = groups.map((g) => `id >= ${g * 2048} AND id < ${(g + 1) * 2048}`).join(' OR ');
        const wanted = `SELECT ${names} FROM read_parquet('${source}') WHERE ${rows}`;
        const found = `SELECT ${names} FROM read_parquet('${held.path}')`;
        expect(await session.rows(found)).toEqual(await session.rows(wanted));
        const first = groups.map((group) => ({ firstRow: group * 2048, rows: 2048 }));
        expect(held.groups).toEqual(first);
        await held.release();
      }),
      { numRuns: 25 },
    );
  });

  test('has the statistics and the schema of the file; a column that is not there cannot be read', async () => {
    const held = await hold(newSpool(await newFolder(), countingStore().store), [1], [1]);
    const footer = await parseFooter(new Uint8Array(readFileSync(held.path)), held.path);
    expect(footer.schema.map(({ name }) => name)).toEqual(['id', 'ra', 'name', 'lc']);
    const [id, ra] = footer.rowGroups[0]!.columns;
    expect([id!.min, id!.max, id!.start]).toEqual([2048n, 4095n, ABSENT_OFFSET]);
    expect([ra!.min, ra!.max]).toEqual([1024, 2047.5]);
    const lacking = session.rows(`SELECT sum(id) FROM read_parquet('${held.path}')`);
    await expect(lacking).rejects.toThrow(/outside file/);
    const nested = session.rows(`SELECT lc.mag[1] FROM read_parquet('${held.path}')`);
    await expect(nested).rejects.toThrow(/outside file/);
    await held.release();
  });

  test('damaged metadata are refused, not written down', () => {
    const bytes = new Uint8Array(readFileSync(source));
    const metadata = bytes.subarray(bytes.length - 8 - metadataLength(bytes), -8);
    const note = { key: 'k', value: 'v' };
    const place = (group: number, columns: number) => [
      { group, starts: Array.from({ length: columns }, () => 4) },
    ];
    expect(() => denseFooter(metadata, place(3, 5), note)).toThrow('there is no row group 3');
    expect(() => denseFooter(metadata, place(0, 4), note)).toThrow('has 5 of 4 columns');
    expect(() => denseFooter(metadata.subarray(0, 100), place(0, 5), note)).toThrow(RangeError);
  });
});

describe('what is there', () => {
  test('is not asked for again, by this run or the next', async () => {
    const folder = await newFolder();
    const { store, ranges, tails } = countingStore();
    const spool = newSpool(folder, store);
    const [a, b] = await Promise.all([hold(spool, [0], [0, 1]), hold(spool, [0], [1])]);
    expect(ranges).toHaveLength(1);
    expect(b!.path).toBe(a!.path);
    await a!.release();
    await b!.release();
    const meter = new Meter(null);
    const again = await hold(newSpool(folder, store, meter), [0], [1]);
    expect([ranges.length, tails(), meter.counts.spoolHits]).toEqual([1, 1, 2]);
    await again.release();
  });

  test('is copied where only some is lacking', async () => {
    const folder = await newFolder();
    const { store, ranges } = countingStore();
    const spool = newSpool(folder, store);
    const first = await hold(spool, [0, 1], [0]);
    const second = await hold(spool, [0, 1], [0, 1]);
    const sums = `SELECT sum(id)::DOUBLE AS a, sum(ra) AS b FROM read_parquet('${second.path}')`;
    expect(await session.rows(sums)).toEqual([{ a: 8386560, b: 4193280 }]);
    const { columns } = first.footer.rowGroups[0]!;
    expect(ranges.at(-2)).toEqual({ start: columns[1]!.start, end: columns[1]!.end });
    await Promise.all([first.release(), second.release()]);
    const third = await hold(newSpool(folder, store), [0, 1], [0, 1, 2]);
    const { columns: last } = first.footer.rowGroups[1]!;
    expect(ranges.at(-1)).toEqual({ start: last[2]!.start, end: last[2]!.end });
    await third.release();
  });

  test('another version is another file', async () => {
    const folder = await newFolder();
    const one = countingStore('"1"');
    await (await hold(newSpool(folder, one.store), [0], [0])).release();
    const two = countingStore('"2"');
    await (await hold(newSpool(folder, two.store), [0], [0])).release();
    expect([one.ranges.length, two.ranges.length]).toEqual([1, 1]);
  });
});

/** The one entry of a spool with a single one. */
async function oneEntry(): Promise<{ folder: SpoolFolder; file: string; name: string }> {
  const folder = await newFolder();
  await (await hold(newSpool(folder, countingStore().store), [0, 2], [1, 2])).release();
  const files = path.join(folder.dir, 'files');
  const found = (await localStore.list(files)).map((entry) => entry.path);
  const entries = await localStore.list(found[0]!);
  const entry = entries.find(({ name }) => name.endsWith('.parquet'))!;
  return { folder, file: entry.path, name: entry.name };
}

describe('a torn entry', () => {
  test('is noticed wherever it is cut, and whichever byte is another', async () => {
    const { file, name } = await oneEntry();
    const { sum } = parseEntryName(name)!;
    const bytes = readFileSync(file);
    const torn = temp('torn.parquet');
    const isWhole = async () => {
      const entry = await readNote(torn, sum);
      return entry !== null && (await isSound(torn, entry.note));
    };
    copyFileSync(file, torn);
    expect(await isWhole()).toBe(true);
    for (let i = 0; i < 150; i++) {
      const at = Math.floor((bytes.length * i) / 150);
      writeFileSync(torn, bytes.subarray(0, at));
      expect(await isWhole(), `cut at ${at}`).toBe(false);
      // What a file system leaves of data that never reached the disk: zeros.
      const zeros = Buffer.from(bytes);
      zeros.fill(0, at);
      writeFileSync(torn, zeros);
      expect(await isWhole(), `zeros from ${at}`).toBe(false);
      const flipped = Buffer.from(bytes);
      flipped[Math.max(4, at)]! ^= 4;
      writeFileSync(torn, flipped);
      expect(await isWhole(), `another byte at ${at}`).toBe(false);
    }
  });

  test('is fetched again, never read', async () => {
    const { folder, file } = await oneEntry();
    const bytes = readFileSync(file);
    bytes.fill(0, 1000, 1100);
    // Another process would find it so: this one has looked at it already, and remembers where it was.
    const other = temp('other-spool');
    mkdirSync(path.join(other, 'files', path.basename(path.dirname(file))), { recursive: true });
    const copy = path.join(other, path.relative(folder.dir, file));
    writeFileSync(copy, bytes);
    const { store, ranges } = countingStore();
    const moved = await SpoolFolder.open({ dir: other, chosen: true, limitBytes: 1e9 });
    const held = await hold(newSpool(moved, store), [0, 2], [1, 2]);
    expect(ranges.length).toBeGreaterThan(0);
    expect(await session.rows(`SELECT sum(ra) AS s FROM read_parquet('${held.path}')`)).toEqual(
      await session.rows(
        `SELECT sum(ra) AS s FROM read_parquet('${source}') WHERE id < 2048 OR id >= 4096`,
      ),
    );
    await held.release();
    expect((await readNote(copy, parseEntryName(path.basename(copy))!.sum)) !== null).toBe(true);
  });
});

describe('a limit', () => {
  test('takes away what was used least lately, never what is held', async () => {
    const sample = await hold(newSpool(await newFolder(), countingStore().store), [0], [0]);
    await sample.release();
    // Room for two entries, and for the footer of the remote file, which is about as long as theirs.
    const folder = await newFolder(2.5 * sample.bytes + 2000);
    const { store, ranges } = countingStore();
    const spool = newSpool(folder, store);
    const held = await hold(spool, [0], [0]);
    for (const group of [1, 2]) await (await hold(spool, [group], [0])).release();
    // The held one is older than both, and was the first to lose its place.
    expect(await session.rows(`SELECT count(*)::INTEGER AS n FROM '${held.path}'`)).toEqual([
      { n: 2048 },
    ]);
    const before = ranges.length;
    await (await hold(newSpool(folder, store), [2], [0])).release();
    expect(ranges.length).toBe(before);
    await held.release();
    expect((await folder.use()).bytes).toBeLessThanOrEqual(folder.limitBytes);
    await (await hold(newSpool(folder, store), [0], [0])).release();
    expect(ranges.length).toBe(before + 1);
  });
});

import { existsSync } from 'node:fs';
import {
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  completePiece,
  finishedPieces,
  partPath,
  piecePath,
  placePiece,
  recordCell,
  removeParts,
} from '../../catalogs/pieces.ts';
import { temporaryFolder, writeLeaf } from './leaf-fixture.ts';

/** Takes hard links away, as some network file systems do. */
const faults = vi.hoisted(() => ({ noLinks: false }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...original,
    link(from: string, to: string) {
      if (!faults.noLinks) return original.link(from, to);
      return Promise.reject(Object.assign(new Error('no links'), { code: 'ENOTSUP' }));
    },
  };
});

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  faults.noLinks = false;
  await remove();
});

const A = { order: 2, pixel: 150 };
const B = { order: 3, pixel: 5 };

async function writePiece(pixel = A): Promise<string> {
  const piece = piecePath(dir, pixel);
  await writeLeaf(partPath(piece), { pixel, rows: 10 });
  await completePiece(piece);
  return piece;
}

describe('a piece', () => {
  test('has a name of its pixel only, and one of its writer until it is whole', async () => {
    const piece = piecePath(dir, A);
    expect(path.basename(piece)).toBe('2-150.parquet');
    expect(path.basename(piecePath(dir, A, 'csv'))).toBe('2-150.csv');
    expect(partPath(piece)).toMatch(/\/2-150\.parquet\.[0-9a-f-]{36}\.part$/);
    await writePiece();
    expect(await readdir(dir)).toEqual(['2-150.parquet']);
  });

  test('written twice is there once', async () => {
    const first = await readFile(await writePiece());
    expect(first.equals(await readFile(await writePiece()))).toBe(true);
    expect(await readdir(dir)).toEqual(['2-150.parquet']);
  });

  test('takes its place in the output and stays among the pieces', async () => {
    const piece = await writePiece();
    const place = path.join(dir, 'output/dataset/Norder=2/Dir=0/Npix=150.parquet');
    for (let again = 0; again < 2; again++) await placePiece(piece, place);
    expect((await readFile(place)).equals(await readFile(piece))).toBe(true);
  });

  test('is moved where there are no hard links, and its cell is no longer finished', async () => {
    const piece = await writePiece();
    await recordCell(dir, { cell: A, rows: 10, files: [piece], result: {} });
    faults.noLinks = true;
    await placePiece(piece, path.join(dir, 'output/a.parquet'));
    expect(existsSync(piece)).toBe(false);
    expect((await stat(path.join(dir, 'output/a.parquet'))).size).toBeGreaterThan(100);
    expect(await finishedPieces(dir)).toEqual([]);
  });

  test('that cannot be completed or placed is an error that names it', async () => {
    const piece = piecePath(dir, A);
    await expect(completePiece(piece)).rejects.toMatchObject({ tag: 'storage', where: piece });
    await writeFile(path.join(dir, 'file'), '');
    const place = path.join(dir, 'file', 'a.parquet');
    await expect(placePiece(piece, place)).rejects.toMatchObject({ tag: 'storage', where: place });
  });
});

describe('the record of a cell', () => {
  const result = {
    pixel: A,
    map: { order: 4, pixels: Float64Array.of(7, 2 ** 40), counts: Float64Array.of(3, 7) },
    odd: [Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY), new Float64Array()],
    droppedRows: 2,
  };

  test('comes back as it was, typed arrays too, sorted by cell', async () => {
    const files = [await writePiece(A), path.join(dir, '2-150.rest.csv')];
    await writeFile(files[1]!, 'a,b\n');
    await recordCell(dir, { cell: B, rows: 0, files: [], result: 'nothing' });
    await recordCell(dir, { cell: A, rows: 10, files, result });
    expect(await finishedPieces(dir)).toEqual([
      { cell: A, rows: 10, files, result },
      { cell: B, rows: 0, files: [], result: 'nothing' },
    ]);
  });

  test('is found after the staging folder was moved', async () => {
    const before = path.join(dir, 'before');
    await mkdir(before);
    const piece = piecePath(before, A, 'csv');
    await writeFile(piece, 'x');
    await recordCell(before, { cell: A, rows: 1, files: [piece], result: 1 });
    const after = path.join(dir, 'after');
    await rename(before, after);
    expect(await finishedPieces(after)).toEqual([
      { cell: A, rows: 1, files: [piecePath(after, A, 'csv')], result: 1 },
    ]);
  });

  test('does not count without its whole files', async () => {
    const piece = await writePiece();
    const { size } = await stat(piece);
    await recordCell(dir, { cell: A, rows: 10, files: [piece], result });
    expect(await finishedPieces(dir)).toHaveLength(1);
    // After a power failure a file can have its size and no content.
    await truncate(piece, size - 4);
    await truncate(piece, size);
    expect(await finishedPieces(dir)).toEqual([]);
    await truncate(piece, size - 1);
    expect(await finishedPieces(dir)).toEqual([]);
  });

  test('does not count when it is torn, and half-made files go', async () => {
    await writeFile(path.join(dir, '2-150.json'), '{"cell":{"order":2,');
    await writeFile(path.join(dir, 'notes.json'), '{}');
    await writeFile(partPath(piecePath(dir, B)), '');
    expect(await finishedPieces(dir)).toEqual([]);
    await removeParts(dir);
    expect((await readdir(dir)).sort()).toEqual(['2-150.json', 'notes.json']);
    expect(await finishedPieces(path.join(dir, 'missing'))).toEqual([]);
  });

  test.runIf(existsSync('/dev/full'))('on a full disk is an error, and not there', async () => {
    const file = path.join(dir, '2-150.json');
    // Every write to this device fails as on a full disk.
    await symlink('/dev/full', partPath(file));
    const recording = recordCell(dir, { cell: A, rows: 0, files: [], result });
    await expect(recording).rejects.toMatchObject({ tag: 'storage', what: 'the disk is full' });
    expect(await finishedPieces(dir)).toEqual([]);
  });
});

/**
 * Pieces: the files that finished cells leave in a staging folder, and the record of each cell, from which
 * an interrupted run goes on. Plain functions of the folder's path, so that worker threads and other
 * processes use them too.
 */
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import {
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { Pixel } from '../partitioning/pixel.ts';
import { isMissing, writing } from './write-error.ts';

export type PieceFormat = 'parquet' | 'csv';

/** A finished cell. */
export interface CellRecord<T> {
  readonly cell: Pixel;
  readonly rows: number;
  /** Absolute paths of the cell's pieces, in the order given; none where it gave no rows. */
  readonly files: readonly string[];
  /**
   * What the cell answered: any JSON value, in which Float64Arrays may occur. Paths in it are not adjusted
   * when the staging folder has moved; `files` are.
   */
  readonly result: T;
}

/** Path of a pixel's piece: a function of the pixel only, so a cell done twice leaves one piece. */
export function piecePath(dir: string, pixel: Pixel, format: PieceFormat = 'parquet'): string {
  return path.join(dir, `${pixel.order}-${pixel.pixel}.${format}`);
}

/** Differs from thread to thread, as each loads this module for itself, and from process to process. */
const WRITER = randomUUID();

/**
 * Where a piece is written until it is whole. The name holds who writes: a cell may be run twice at the same
 * time, when a queue believes that its first worker is gone.
 */
export function partPath(piece: string): string {
  return `${piece}.${WRITER}.part`;
}

/**
 * Gives a written piece its own name; call it from the thread that called {@link partPath}.
 * @throws the `storage` error
 */
export async function completePiece(piece: string): Promise<void> {
  await writing(piece, () => rename(partPath(piece), piece));
}

/** Records a cell as finished, once all its pieces are complete. Their names do not matter. */
export async function recordCell<T>(dir: string, record: CellRecord<T>): Promise<void> {
  const { order, pixel } = record.cell;
  const file = path.join(dir, `${order}-${pixel}.json`);
  await writing(file, async () => {
    const files = await Promise.all(
      record.files.map(async (piece) => ({
        name: path.relative(dir, piece),
        bytes: (await stat(piece)).size,
      })),
    );
    await writeFile(partPath(file), JSON.stringify({ ...record, files }, packArrays));
    await completePiece(file);
  });
}

/**
 * The cells recorded in a folder, by order and pixel. A cell counts only while its files are there, whole:
 * of the size recorded and, for Parquet, with the ending every Parquet file has (after a power failure a
 * file can have its size without its content).
 */
export async function finishedPieces<T>(dir: string): Promise<CellRecord<T>[]> {
  const names = await readdir(dir).catch((error) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const records: CellRecord<T>[] = [];
  for (const name of names) {
    if (!/^\d+-\d+\.json$/.test(name)) continue;
    const record = await readRecord<T>(dir, name);
    if (record !== undefined) records.push(record);
  }
  return records.sort((a, b) => a.cell.order - b.cell.order || a.cell.pixel - b.cell.pixel);
}

interface StoredRecord<T> extends Omit<CellRecord<T>, 'files'> {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

async function readRecord<T>(dir: string, name: string): Promise<CellRecord<T> | undefined> {
  const text = await readFile(path.join(dir, name), 'utf8');
  let stored: StoredRecord<T>;
  try {
    stored = JSON.parse(text, unpackArrays);
  } catch {
    return undefined;
  }
  const files: string[] = [];
  for (const { name: piece, bytes } of stored.files) {
    const file = path.join(dir, piece);
    if (!(await isWhole(file, bytes))) return undefined;
    files.push(file);
  }
  return { ...stored, files };
}

async function isWhole(file: string, bytes: number): Promise<boolean> {
  const found: Stats | undefined = await stat(file).catch(() => undefined);
  if (found === undefined || found.size !== bytes) return false;
  if (!file.endsWith('.parquet')) return true;
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, bytes - 4));
    return buffer.toString('latin1') === 'PAR1';
  } finally {
    await handle.close();
  }
}

/** Removes what interrupted writers left. */
export async function removeParts(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.endsWith('.part')) await rm(path.join(dir, name), { force: true });
  }
}

/**
 * Puts a piece at its place in the output, making folders as needed. It stays among the pieces too where the
 * file system has hard links, so that a run interrupted while finishing loses nothing; elsewhere it is
 * moved, and its cell would be computed again.
 */
export async function placePiece(file: string, place: string): Promise<void> {
  await writing(place, async () => {
    await mkdir(path.dirname(place), { recursive: true });
    await rm(place, { force: true });
    try {
      await link(file, place);
    } catch {
      await rename(file, place);
    }
  });
}

/** As bytes, so that NaN and infinity survive JSON. */
function packArrays(_key: string, value: unknown): unknown {
  if (!(value instanceof Float64Array)) return value;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return { float64: bytes.toString('base64') };
}

function unpackArrays(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { float64, ...others } = value as { float64?: unknown };
  if (typeof float64 !== 'string' || Object.keys(others).length > 0) return value;
  return new Float64Array(Uint8Array.from(Buffer.from(float64, 'base64')).buffer);
}

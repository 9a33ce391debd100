/**
 * FITS files as far as sky maps and coverages need them: headers and binary tables of numbers (FITS
 * standard 4.0, sections 3, 4 and 7.3). Images are skipped over, not decoded.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type CrosshatchError, dataError, storageError } from '../partitioning/error.ts';
import { type Store, storeFor } from './store.ts';

/** FITS files are made of blocks of this size. */
export const FITS_BLOCK_BYTES = 2880;
const CARD_BYTES = 80;
/** A header longer than this is damage, not metadata. */
const MAX_HEADER_BYTES = 1 << 20;

export type CardValue = string | number | boolean;
export type FitsHeader = ReadonlyMap<string, CardValue>;

/** One header with its data, whose bytes are [dataStart, dataEnd) of the file. */
export interface FitsUnit {
  readonly header: FitsHeader;
  readonly dataStart: number;
  readonly dataEnd: number;
}

/** Bytes that can be read in pieces: a file of a store, or bytes in memory. */
export interface FitsSource {
  /** Path, for messages. */
  readonly where: string;
  readonly bytes: number;
  read(start: number, end: number): Promise<Uint8Array>;
}

/** A file or bytes as a source; gzipped ones are unpacked in memory. */
export async function openFits(
  file: string | Uint8Array,
  store: Store | undefined = typeof file === 'string' ? storeFor(file) : undefined,
): Promise<FitsSource> {
  if (typeof file !== 'string') return inMemory(file, 'FITS bytes');
  const stat = await store!.stat(file);
  if (stat === undefined) throw storageError('no such file', file);
  if (stat.size < 2) throw notFits(file);
  const read = (start: number, end: number) =>
    store!.readRange(file, start, end, { etag: stat.etag });
  const source = { where: file, bytes: stat.size, read };
  const far = store!.readTail === undefined ? source : readAhead(source);
  const head = await far.read(0, 2);
  if (head[0] === 0x1f && head[1] === 0x8b) return inMemory(await store!.readAll(file), file);
  return far;
}

/** Headers are read block by block, and over a network each read is a round trip: some blocks come at once. */
const AHEAD_BYTES = 8 * FITS_BLOCK_BYTES;

/** `source`, with what follows a short read kept for the next one. */
function readAhead(source: FitsSource): FitsSource {
  let kept: { start: number; bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) };
  return {
    ...source,
    async read(start, end) {
      const inKept = (from: number, to: number) =>
        from >= kept.start && to <= kept.start + kept.bytes.length;
      if (!inKept(start, end)) {
        if (end - start > AHEAD_BYTES) return source.read(start, end);
        const until = Math.min(source.bytes, start + AHEAD_BYTES);
        if (end > until) throw cutShort(source.where, end, source.bytes);
        kept = { start, bytes: await source.read(start, until) };
      }
      return kept.bytes.subarray(start - kept.start, end - kept.start);
    },
  };
}

async function inMemory(packed: Uint8Array, where: string): Promise<FitsSource> {
  const isPacked = packed[0] === 0x1f && packed[1] === 0x8b;
  const bytes = isPacked
    ? await promisify(gunzip)(packed).catch(() => Promise.reject(damaged(where)))
    : packed;
  return {
    where,
    bytes: bytes.length,
    read: async (start, end) => {
      if (end > bytes.length) throw cutShort(where, end, bytes.length);
      return bytes.subarray(start, end);
    },
  };
}

/**
 * All header-data units of a file, data left where they are.
 * @throws the `data` error when it is not FITS or ends too early
 */
export async function readUnits(source: FitsSource): Promise<FitsUnit[]> {
  const units: FitsUnit[] = [];
  let at = 0;
  while (at < source.bytes) {
    const { header, end } = await readHeader(source, at, units.length === 0);
    // Some writers pad the file beyond its last unit.
    if (header === undefined) break;
    const dataEnd = end + dataBytes(header);
    if (dataEnd > source.bytes) throw cutShort(source.where, dataEnd, source.bytes);
    units.push({ header, dataStart: end, dataEnd });
    at = Math.ceil(dataEnd / FITS_BLOCK_BYTES) * FITS_BLOCK_BYTES;
  }
  return units;
}

async function readHeader(
  source: FitsSource,
  start: number,
  isFirst: boolean,
): Promise<{ header?: FitsHeader; end: number }> {
  const cards = new Map<string, CardValue>();
  for (let at = start; at < start + MAX_HEADER_BYTES; at += FITS_BLOCK_BYTES) {
    const end = Math.min(at + FITS_BLOCK_BYTES, source.bytes);
    const text = Buffer.from(await source.read(at, end)).toString('latin1');
    if (at === start && !/^(SIMPLE {2}|XTENSION)=/.test(text)) {
      if (isFirst) throw notFits(source.where);
      return { end: source.bytes };
    }
    for (let i = 0; i + CARD_BYTES <= text.length; i += CARD_BYTES) {
      const card = text.slice(i, i + CARD_BYTES);
      if (card.trimEnd() === 'END') return { header: cards, end: at + FITS_BLOCK_BYTES };
      readCard(card, cards);
    }
  }
  throw dataError('a FITS header has no end', source.where);
}

/** Keeps the first value of a keyword; comments and blank values are passed over. */
function readCard(card: string, cards: Map<string, CardValue>): void {
  const key = card.slice(0, 8).trimEnd();
  if (card.slice(8, 10) !== '= ' || cards.has(key)) return;
  const text = card.slice(10).trimStart();
  const quoted = /^'((?:[^']|'')*)'/.exec(text);
  if (quoted !== null) {
    cards.set(key, quoted[1]!.replaceAll("''", "'").trimEnd());
    return;
  }
  const word = text.split('/')[0]!.trim();
  if (word === 'T' || word === 'F') {
    cards.set(key, word === 'T');
    return;
  }
  const value = Number(word.replace(/[dD]/, 'e'));
  if (word !== '' && !Number.isNaN(value)) cards.set(key, value);
}

/** Bytes of data that a header announces, without padding. */
function dataBytes(header: FitsHeader): number {
  const axes = numberCard(header, 'NAXIS') ?? 0;
  if (axes === 0) return 0;
  let cells = 1;
  for (let i = 1; i <= axes; i += 1) cells *= numberCard(header, `NAXIS${i}`) ?? 0;
  const groups = numberCard(header, 'GCOUNT') ?? 1;
  const extra = numberCard(header, 'PCOUNT') ?? 0;
  return (Math.abs(numberCard(header, 'BITPIX') ?? 8) / 8) * groups * (extra + cells);
}

export function numberCard(header: FitsHeader, key: string): number | undefined {
  const value = header.get(key);
  return typeof value === 'number' ? value : undefined;
}

/** A text card, upper-cased: keyword values in FITS are not told apart by case. */
export function wordCard(header: FitsHeader, key: string): string | undefined {
  const value = header.get(key);
  return typeof value === 'string' ? value.trim().toUpperCase() : undefined;
}

function notFits(where: string): CrosshatchError {
  return dataError('not a FITS file', where);
}

function damaged(where: string): CrosshatchError {
  return dataError('the gzipped file is damaged', where);
}

function cutShort(where: string, expected: number, found: number): CrosshatchError {
  const hint = 'the file was cut short: copy or make it again';
  return dataError(`the FITS file should have ${expected} bytes and has ${found}`, where, hint);
}

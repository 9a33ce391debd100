/**
 * Rows of margin files, each true row once. A margin file holds what lies around one partition; a cell made of
 * several partitions reads several of them, and they overlap the cell's own rows and each other.
 */
import { hashPositions } from '../../partitioning/healpix.ts';
import { indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { type FileRows, pick } from './file-rows.ts';

export class MarginDeduplicator {
  readonly #own: readonly IndexRange[];
  /** Margin files that are still to come. */
  #files: number;
  /** Positions taken from earlier margin files, as the text of their 128 bits. */
  readonly #seen = new Set<string>();

  /** @param files margin files of the cell */
  constructor(own: readonly Pixel[], files: number) {
    this.#own = own.map(indexRange).map(({ start, end }) => ({
      start: wordsOf(start),
      last: wordsOf(end - 1n),
    }));
    this.#files = files;
  }

  /**
   * Drops rows stored under the cell's own partitions, then rows at a position that an earlier file gave: whether
   * a margin file holds a row depends on its position only, so a file holds all rows of a position or none, and
   * true duplicates inside one file stay.
   */
  keepNew(rows: FileRows): FileRows {
    const index = rows.index ?? hashPositions(rows.ra, rows.dec, 29);
    const words = new Int32Array(index.buffer, index.byteOffset, 2 * index.length);
    const others: number[] = [];
    for (let i = 0; i < rows.length; i++) {
      if (!isInAny(this.#own, words[2 * i]! >>> 0, words[2 * i + 1]!)) others.push(i);
    }
    this.#files--;
    const isOnly = this.#seen.size === 0 && this.#files <= 0;
    return pick(rows, Int32Array.from(isOnly ? others : this.#unseen(rows, others)));
  }

  /** Those of the rows whose position no earlier file had. */
  #unseen({ ra, dec }: FileRows, rows: readonly number[]): number[] {
    const bits = new BigUint64Array(2);
    const doubles = new Float64Array(bits.buffer);
    const fresh: string[] = [];
    const keep: number[] = [];
    for (const i of rows) {
      doubles[0] = ra[i]!;
      doubles[1] = dec[i]!;
      const key = `${bits[0]}/${bits[1]}`;
      if (this.#seen.has(key)) continue;
      fresh.push(key);
      keep.push(i);
    }
    for (const key of fresh) this.#seen.add(key);
    return keep;
  }
}

/** An index as two halves: a BigInt for each row would cost more than all the rest. */
interface Words {
  readonly low: number;
  readonly high: number;
}

/** Both ends are in it. */
interface IndexRange {
  readonly start: Words;
  readonly last: Words;
}

function wordsOf(index: bigint): Words {
  return { low: Number(index & 0xffffffffn), high: Number(index >> 32n) };
}

function isInAny(ranges: readonly IndexRange[], low: number, high: number): boolean {
  for (const range of ranges) if (isWithin(range, low, high)) return true;
  return false;
}

function isWithin({ start, last }: IndexRange, low: number, high: number): boolean {
  if (high < start.high || high > last.high) return false;
  return (high > start.high || low >= start.low) && (high < last.high || low <= last.low);
}

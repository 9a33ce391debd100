/**
 * Rows of margin files, each true row once. A margin file holds what lies around one partition; a cell made of
 * several partitions reads several of them, and they overlap the cell's own rows and each other.
 */
import { hashPositions } from '../../partitioning/healpix.ts';
import { indexRange, type Pixel } from '../../partitioning/pixel.ts';
import { type FileRows, pick } from './file-rows.ts';

export class MarginDeduplicator {
  readonly #own: readonly { readonly start: bigint; readonly end: bigint }[];
  /** Positions taken from earlier margin files, as the text of their 128 bits. */
  readonly #seen = new Set<string>();

  constructor(own: readonly Pixel[]) {
    this.#own = own.map(indexRange);
  }

  /**
   * Drops rows stored under the cell's own partitions, then rows at a position that an earlier file gave: whether
   * a margin file holds a row depends on its position only, so a file holds all rows of a position or none, and
   * true duplicates inside one file stay.
   */
  keepNew(rows: FileRows): FileRows {
    const index = rows.index ?? hashPositions(rows.ra, rows.dec, 29);
    const bits = new BigUint64Array(2);
    const doubles = new Float64Array(bits.buffer);
    const fresh: string[] = [];
    const keep: number[] = [];
    for (let i = 0; i < rows.length; i++) {
      if (this.#isOwn(index[i]!)) continue;
      doubles[0] = rows.ra[i]!;
      doubles[1] = rows.dec[i]!;
      const key = `${bits[0]}/${bits[1]}`;
      if (this.#seen.has(key)) continue;
      fresh.push(key);
      keep.push(i);
    }
    for (const key of fresh) this.#seen.add(key);
    return pick(rows, Int32Array.from(keep));
  }

  #isOwn(index: bigint): boolean {
    for (const { start, end } of this.#own) if (index >= start && index < end) return true;
    return false;
  }
}

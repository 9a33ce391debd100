/**
 * The order of neighbours that are exactly as far away, so that results do not depend on how a catalog was
 * cut: by spatial index, then right ascension, then declination, then rank. Rows with the same position and
 * no rank are put in row order, and noted.
 */
import { hashPosition } from '../../partitioning/healpix.ts';
import { INDEX_ORDER } from '../../partitioning/pixel.ts';
import type { Positions } from './types.ts';

export interface Ties {
  readonly right: Positions;
  readonly rank: Int32Array | undefined;
  /** One per right row, made with the first tie that cannot be resolved: 1 = noted. */
  noted: Uint8Array | null;
}

/**
 * Orders runs of equal chords in the first `length` entries, which are sorted by chord, and returns how many
 * remain: at most `wanted`. Notes rows whose order nothing but the row number decides, where it matters.
 */
export function settleTies(
  ties: Ties,
  chords: Float64Array,
  rows: Int32Array,
  length: number,
  wanted: number,
): number {
  const kept = Math.min(length, wanted);
  for (let from = 0; from < kept; ) {
    let to = from + 1;
    while (to < length && chords[to]! === chords[from]!) to++;
    if (to - from > 1) {
      rows.set(inOrder(ties, rows.subarray(from, to)), from);
      if (ties.rank === undefined) noteTwins(ties, rows, from, to, kept);
    }
    from = to;
  }
  return kept;
}

function inOrder(ties: Ties, rows: Int32Array): number[] {
  const { ra, dec } = ties.right;
  const { rank } = ties;
  const hashes = new Map<number, bigint>();
  const hashOf = (row: number): bigint => {
    const known = hashes.get(row);
    if (known !== undefined) return known;
    const hash = hashPosition(ra[row]!, dec[row]!, INDEX_ORDER);
    hashes.set(row, hash);
    return hash;
  };
  return Array.from(rows).sort((a, b) => {
    if (ra[a]! !== ra[b]! || dec[a]! !== dec[b]!) {
      const first = hashOf(a);
      const second = hashOf(b);
      if (first !== second) return first < second ? -1 : 1;
      return ra[a]! - ra[b]! || dec[a]! - dec[b]!;
    }
    return (rank === undefined ? 0 : rank[a]! - rank[b]!) || a - b;
  });
}

/** Notes groups at one position in [from, to), in order, of which at least one row comes before `kept`. */
function noteTwins(ties: Ties, rows: Int32Array, from: number, to: number, kept: number): void {
  const { ra, dec, length } = ties.right;
  for (let begin = from; begin < kept && begin < to; ) {
    const row = rows[begin]!;
    let end = begin + 1;
    while (end < to && ra[rows[end]!]! === ra[row]! && dec[rows[end]!]! === dec[row]!) end++;
    if (end - begin > 1) {
      ties.noted ??= new Uint8Array(length);
      for (let i = begin; i < end; i++) ties.noted[rows[i]!] = 1;
    }
    begin = end;
  }
}

/** The noted rows, ascending. */
export function notedRows(ties: Ties): Int32Array {
  const rows: number[] = [];
  if (ties.noted !== null) {
    for (let row = ties.noted.indexOf(1); row >= 0; row = ties.noted.indexOf(1, row + 1)) {
      rows.push(row);
    }
  }
  return Int32Array.from(rows);
}

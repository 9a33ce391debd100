/** Joins inside a cell: pairs of rows with equal keys, or of the nearest ones in an ordered column. */
import { arcsecFromChordSquared, chordSquaredFromArcsec } from '../../partitioning/sphere.ts';
import { quoteName } from '../expression/quote.ts';
import { chordSquaredBetween, cosDec } from '../kernel/match.ts';
import type { BoundColumn, JoinCell } from '../task.ts';
import { nearestInOrder, nearestOfPairs } from './asof.ts';
import { CellTooLarge, type RunContext, timed } from './context.ts';
import { type Gathered, gatherRows } from './gather.ts';
import { isWholeKey, pairsOfKeys, wholeKeys } from './key-pairs.ts';
import type { Loaded } from './loaded.ts';
import type { RowPairs, RowSet } from './row-set.ts';

/** Bytes per pair in the query's result, the sort, and the row set made of it. */
const BYTES_PER_PAIR = 40;
/** Far more than the rounding of a chord and an angle. */
const SURELY = 1 - 1e-9;
/** However small the share: so few pairs are not worth cutting a cell for. */
const LEAST_PAIRS = 1 << 12;

/** The pairs of a join, ascending by left row, then right row; right −1 for a kept row without any. */
export async function joinPairs(
  context: RunContext,
  node: JoinCell,
  left: RowSet,
  right: RowSet,
  loaded: Loaded,
): Promise<RowPairs> {
  const pairs =
    left.length === 0 || right.length === 0
      ? noPairs()
      : await foundPairs(context, node, left, right, loaded);
  return node.keepUnmatched ? withUnmatched(pairs, left.length) : pairs;
}

async function foundPairs(
  context: RunContext,
  node: JoinCell,
  left: RowSet,
  right: RowSet,
  loaded: Loaded,
): Promise<RowPairs> {
  const { asof, withinArcsec } = node;
  if (asof !== undefined && node.leftOn.length === 0) {
    return nearestInOrder(context, asof, left, right, loaded);
  }
  const equal = await equalPairs(context, node, left, right, loaded);
  const near =
    withinArcsec === null ? equal : withinReach(context, equal, left, right, withinArcsec);
  return asof === undefined ? near : nearestOfPairs(context, asof, near, left, right, loaded);
}

async function equalPairs(
  context: RunContext,
  node: JoinCell,
  left: RowSet,
  right: RowSet,
  loaded: Loaded,
): Promise<RowPairs> {
  const [[leftKey, ...more], [rightKey]] = [node.leftOn, node.rightOn];
  if (more.length === 0 && isWholeKey(leftKey!) && isWholeKey(rightKey!)) {
    const keys = await wholeKeys(context, left, loaded, leftKey!);
    const rightKeys = await wholeKeys(context, right, loaded, rightKey!);
    return pairsOfKeys(context, keys, rightKeys, mostPairs(context));
  }
  const leftKeys = named(node.leftOn);
  const l = await gatherRows(context, left, loaded, leftKeys);
  try {
    const r = await gatherRows(context, right, loaded, named(node.rightOn));
    try {
      return await pairsByKeys(context, leftKeys, l, r, left.length, right.length);
    } finally {
      await r.drop();
    }
  } finally {
    await l.drop();
  }
}

function mostPairs({ arrayBytes }: RunContext): number {
  return Math.max(LEAST_PAIRS, Math.floor(arrayBytes / BYTES_PER_PAIR));
}

/** Keys as k0, k1, … */
function named(keys: readonly BoundColumn[]): BoundColumn[] {
  return keys.map((key, i) => ({ ...key, name: `k${i}` }));
}

async function pairsByKeys(
  context: RunContext,
  keys: readonly BoundColumn[],
  left: Gathered,
  right: Gathered,
  leftRows: number,
  rightRows: number,
): Promise<RowPairs> {
  const equal = keys.map(({ name }) => `l.${quoteName(name)} = r.${quoteName(name)}`).join(' AND ');
  const most = mostPairs(context);
  // The right side, mostly the longer one, streams through the hash table of the left one. A key that most rows have
  // would give more pairs than anything can hold: one more than fit tells.
  const sql =
    `SELECT l.n, r.n FROM (SELECT q.n AS n, ${right.select} ${right.from}) r ` +
    `JOIN (SELECT q.n AS n, ${left.select} ${left.from}) l ON ${equal} LIMIT ${most + 1}`;
  const read = await timed(context, 'gather', () => context.session.columns(sql, ['i32', 'i32']));
  if (read.rows > most) throw new CellTooLarge();
  const [l, r] = read.columns.map(({ values }) => values as Int32Array);
  // DuckDB gives pairs in no order: two counting sorts, the finer key first.
  const byRight = orderBy(r!, rightRows);
  const byLeft = orderBy(pick(l!, byRight), leftRows);
  const order = pick(byRight, byLeft);
  return { left: pick(l!, order), right: pick(r!, order) };
}

/** Places of `keys`, which lie in [0, limit), in ascending order; equal keys keep theirs. */
function orderBy(keys: Int32Array, limit: number): Int32Array {
  const starts = new Int32Array(limit + 1);
  for (const key of keys) starts[key + 1]!++;
  for (let k = 0; k < limit; k++) starts[k + 1]! += starts[k]!;
  const order = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) order[starts[keys[i]!]!++] = i;
  return order;
}

function pick(values: Int32Array, places: Int32Array): Int32Array {
  const out = new Int32Array(places.length);
  for (let i = 0; i < places.length; i++) out[i] = values[places[i]!]!;
  return out;
}

/**
 * Pairs at most so far apart. Others would be found only where both rows happen to be in one cell: they are counted,
 * so that nobody misses them unknowingly.
 */
function withinReach(
  context: RunContext,
  { left, right }: RowPairs,
  leftSet: RowSet,
  rightSet: RowSet,
  withinArcsec: number,
): RowPairs {
  const [ra, dec, ra2, dec2] = [leftSet.ra!, leftSet.dec!, rightSet.ra!, rightSet.dec!];
  const keep = new Int32Array(left.length);
  let kept = 0;
  let row = -1;
  let cos = 1;
  // Most pairs are so near that they need no angle.
  const surelyNear = SURELY * chordSquaredFromArcsec(withinArcsec);
  for (let i = 0; i < left.length; i++) {
    if (left[i] !== row) {
      row = left[i]!;
      cos = cosDec(dec[row]!);
    }
    const other = right[i]!;
    const chord = chordSquaredBetween(
      ra[row]!,
      dec[row]!,
      cos,
      ra2[other]!,
      dec2[other]!,
      cosDec(dec2[other]!),
    );
    const arcsec = chord < surelyNear ? 0 : arcsecFromChordSquared(chord);
    if (arcsec <= withinArcsec) {
      keep[kept++] = i;
    } else {
      context.farPairs++;
      if (arcsec > context.farthestArcsec) context.farthestArcsec = arcsec;
    }
  }
  if (kept === left.length) return { left, right };
  const places = keep.subarray(0, kept);
  return { left: pick(left, places), right: pick(right, places) };
}

/** Adds the left rows without a pair, each at its place. */
function withUnmatched({ left, right }: RowPairs, rows: number): RowPairs {
  let missing = rows;
  for (let i = 0; i < left.length; i++) if (i === 0 || left[i] !== left[i - 1]) missing--;
  if (missing === 0) return { left, right };
  const out = {
    left: new Int32Array(left.length + missing),
    right: new Int32Array(left.length + missing),
  };
  let at = 0;
  let next = 0;
  for (let row = 0; row < rows; row++) {
    const begin = at;
    for (; next < left.length && left[next] === row; next++) {
      out.left[at] = row;
      out.right[at++] = right[next]!;
    }
    if (at === begin) {
      out.left[at] = row;
      out.right[at++] = -1;
    }
  }
  return out;
}

function noPairs(): RowPairs {
  return { left: new Int32Array(0), right: new Int32Array(0) };
}

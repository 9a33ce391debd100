/** One crossmatch inside a cell: the kernel over two row sets, exact ties settled by the rows' contents. */
import { createMatcher, type Matcher, type Pairs } from '../kernel/match.ts';
import type { BoundColumn, MatchCell } from '../task.ts';
import { CellTooLarge, type RunContext, timed } from './context.ts';
import { gatherRows } from './gather.ts';
import type { Loaded } from './loaded.ts';
import { type RowSet, takeRows } from './row-set.ts';

/** Output rows one cell may hold as pairs; more, and the cell is cut into four. */
export const MAX_PAIRS = 1 << 24;
/** Bytes per pair in the kernel's output, the row sets made of it, and the table it becomes. */
const BYTES_PER_PAIR = 64;
/** However small the share: a cell of so few pairs is not worth cutting. */
const LEAST_PAIRS = 1 << 12;

/** A matcher over positions of both sides; nothing is stored per pair yet. */
export function matcherOf(
  context: RunContext,
  node: MatchCell,
  left: RowSet,
  right: RowSet,
  rank?: Int32Array,
): Matcher {
  return createMatcher(
    { ra: left.ra!, dec: left.dec!, length: left.length },
    { ra: right.ra!, dec: right.dec!, length: right.length },
    {
      radiusArcsec: node.radiusArcsec,
      minRadiusArcsec: node.minRadiusArcsec,
      neighbors: node.neighbors,
      keepUnmatched: node.keepUnmatched,
    },
    { scratch: context.scratch, ...(rank === undefined ? {} : { rank }) },
  );
}

/**
 * The matched pairs. Throws {@link CellTooLarge} where there are more than fit the share.
 *
 * @param content all columns of the right side: right rows that tie exactly in distance and position are told apart
 *   by these, so that the choice depends neither on how the catalog was cut nor on what the plan reads. Rows equal
 *   in all of them are interchangeable.
 */
export async function matchPairs(
  context: RunContext,
  node: MatchCell,
  left: RowSet,
  right: RowSet,
  loaded: Loaded,
  content: readonly BoundColumn[],
): Promise<Pairs> {
  const checkStop = () => context.session.checkStop();
  const maxPairs = Math.max(
    LEAST_PAIRS,
    Math.min(MAX_PAIRS, Math.floor(context.arrayBytes / BYTES_PER_PAIR)),
  );
  const matcher = await timed(context, 'kernel', () => matcherOf(context, node, left, right));
  let pairs = await timed(context, 'kernel', () => matcher.next(maxPairs, checkStop));
  if (pairs === null) return noPairs();
  if (matcher.next(1, checkStop) !== null) throw new CellTooLarge();
  if (matcher.unresolvedTies.length > 0 && content.length > 0) {
    const rank = await contentRank(context, right, matcher.unresolvedTies, loaded, content);
    const again = matcherOf(context, node, left, right, rank);
    pairs = await timed(context, 'kernel', () => again.next(maxPairs, checkStop));
    if (pairs === null) throw new Error('a second match of the same rows found no pairs');
  }
  return pairs;
}

function noPairs(): Pairs {
  return {
    length: 0,
    left: new Int32Array(0),
    right: new Int32Array(0),
    distArcsec: new Float64Array(0),
  };
}

/** For the tied right rows, their rank by contents; 0 for all other rows, which need none. */
async function contentRank(
  context: RunContext,
  right: RowSet,
  tied: Int32Array,
  loaded: Loaded,
  content: readonly BoundColumn[],
): Promise<Int32Array> {
  const gathered = await gatherRows(context, takeRows(right, tied), loaded, content);
  try {
    const sql = `SELECT q.n ${gathered.from} ORDER BY ${gathered.expressions.join(', ')}, q.n`;
    const read = await timed(context, 'gather', () => context.session.columns(sql, ['i32']));
    const rank = new Int32Array(right.length);
    const rows = read.columns[0]!.values as Int32Array;
    for (let i = 0; i < rows.length; i++) rank[tied[rows[i]!]!] = i + 1;
    return rank;
  } finally {
    await gathered.drop();
  }
}

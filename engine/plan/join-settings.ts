/** Options of joins, checked against the schemas of both sides. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { isInteger } from '../expression/types.ts';
import { matchNames, type SuffixOptions } from './match-names.ts';
import { MAX_RADIUS_ARCSEC } from './match-settings.ts';
import type { AsofTerms, JoinNode } from './node.ts';
import { namableColumns, type Schema, settledColumn } from './schema.ts';
import { resolveNames } from './select-names.ts';

/** How far the rows of a pair may be apart where nothing is said: what margins of surveys reach. */
const DEFAULT_WITHIN_ARCSEC = 10;

export interface JoinKeys {
  /** Key column: one name for both sides, or that of the left and that of the right side. */
  readonly on?: string | readonly [string, string];
  /** The same as two lists, for several keys. */
  readonly leftOn?: string | readonly string[];
  readonly rightOn?: string | readonly string[];
  /** `left`: rows without a partner stay, once. Default `inner`. */
  readonly how?: 'inner' | 'left';
  /**
   * How far apart the rows of a pair may be, arcsec, default 10. Rows of equal keys that are further apart are left
   * out, and a warning tells how many there are and how far.
   */
  readonly withinArcsec?: number;
}

export interface JoinOptions extends JoinKeys, SuffixOptions {}

export interface MergeAsofOptions extends SuffixOptions {
  /**
   * Ordered column: one name for both sides, or that of each. Default: the spatial index, for a right side without
   * positions such as a map.
   */
  readonly on?: string | readonly [string, string];
  /** Key columns that must be equal besides, as `on` of a join. */
  readonly by?: string | readonly [string, string];
  /** Which way to look from the left value. Default `backward`. */
  readonly direction?: 'backward' | 'forward' | 'nearest';
  /** Largest difference, in the columns' unit (seconds for dates and times). */
  readonly tolerance?: number;
  /** Default `left`: every left row stays. */
  readonly how?: 'inner' | 'left';
  readonly withinArcsec?: number;
}

type Terms = Omit<JoinNode, 'kind' | 'left' | 'right' | 'names'>;

/** The terms of a join on keys. Throws request errors. */
export function checkJoin(left: Schema, right: Schema, options: JoinKeys): Terms {
  const [leftOn, rightOn] = keysOf(left, right, options);
  return {
    leftOn,
    rightOn,
    how: checkHow(options.how ?? 'inner'),
    withinArcsec: checkWithin(left, right, options.withinArcsec),
  };
}

/** The terms of a join with the nearest row in an ordered column. Throws request errors. */
export function checkMergeAsof(left: Schema, right: Schema, options: MergeAsofOptions): Terms {
  const { by, on, direction = 'backward', tolerance } = options;
  const [leftOn, rightOn] = by === undefined ? [[], []] : keysOf(left, right, { on: by });
  if (by === undefined && right.ra !== undefined) {
    throw requestError(
      `merging ${left.name} with the nearest row of ${right.name} needs a key that both have`,
      "Give the key with by: for example { on: ['mjd', 'mjd'], by: ['id', 'object_id'] }. Without it only a right side without positions, such as a map, can be merged.",
    );
  }
  if (!['backward', 'forward', 'nearest'].includes(direction)) {
    throw requestError(`direction "${direction}" is not one of backward, forward, nearest`);
  }
  if (tolerance !== undefined && !(tolerance >= 0)) {
    throw requestError(`tolerance ${tolerance} is not a number from 0 on`);
  }
  const asof: AsofTerms = {
    ...orderedColumns(left, right, on),
    direction,
    ...(tolerance === undefined ? {} : { tolerance }),
  };
  return {
    leftOn,
    rightOn,
    how: checkHow(options.how ?? 'left'),
    withinArcsec: by === undefined ? null : checkWithin(left, right, options.withinArcsec),
    asof,
  };
}

/** What columns are called after a join; LSDB's rules for matches. */
export function joinNames(left: Schema, right: Schema, options: SuffixOptions): JoinNode['names'] {
  return matchNames(left, right, options, []);
}

function keysOf(
  left: Schema,
  right: Schema,
  { on, leftOn, rightOn }: JoinKeys,
): [readonly string[], readonly string[]] {
  const listOf = (names: string | readonly string[]) =>
    typeof names === 'string' ? [names] : names;
  if (
    (on === undefined) === (leftOn === undefined) ||
    (leftOn === undefined) !== (rightOn === undefined)
  ) {
    throw requestError(
      'a join needs its key columns',
      "Give on: 'id', on: ['id', 'object_id'], or leftOn and rightOn.",
    );
  }
  const asked =
    on === undefined ? [listOf(leftOn!), listOf(rightOn!)] : [...pairOf(on)].map(listOf);
  if (asked[0]!.length !== asked[1]!.length) {
    throw requestError(
      `${asked[0]!.length} key columns on the left, ${asked[1]!.length} on the right`,
    );
  }
  const lefts = columnsNamed(left, asked[0]!);
  const rights = columnsNamed(right, asked[1]!);
  for (const [i, column] of lefts.entries()) checkComparable(column, rights[i]!);
  return [lefts.map(({ name }) => name), rights.map(({ name }) => name)];
}

function pairOf(on: string | readonly [string, string]): readonly [string, string] {
  if (typeof on === 'string') return [on, on];
  if (!Array.isArray(on) || on.length !== 2) {
    throw requestError('on takes one name, or that of the left and that of the right column');
  }
  return on;
}

function columnsNamed(schema: Schema, names: readonly string[]): Column[] {
  const columns = namableColumns(schema);
  const resolved = resolveNames(names, columns, `of ${schema.name}`);
  return resolved.map((name) => settledColumn(columns.find((column) => column.name === name)!));
}

const KEY_TYPES = /^(VARCHAR|BOOLEAN|DATE|TIMESTAMP.*|UUID|BLOB)$/;

function checkComparable(left: Column, right: Column): void {
  if (isInteger(left.type) && isInteger(right.type)) return;
  if (left.type === right.type && KEY_TYPES.test(left.type)) return;
  throw requestError(
    `${left.name} (${left.type}) and ${right.name} (${right.type}) cannot be the keys of a join`,
    'Keys are whole numbers on both sides, or texts, or dates.',
  );
}

function orderedColumns(
  left: Schema,
  right: Schema,
  on: MergeAsofOptions['on'],
): { left: string; right: string } {
  if (on === undefined) {
    if (left.healpix?.order !== 29 || right.healpix?.order !== 29) {
      const lacking = left.healpix?.order === 29 ? right : left;
      throw requestError(
        `${lacking.name} stores no spatial index of order 29 to merge by`,
        'Give the ordered columns with on.',
      );
    }
    return { left: left.healpix.name, right: right.healpix.name };
  }
  const [l, r] = pairOf(on);
  const [a] = columnsNamed(left, [l]);
  const [b] = columnsNamed(right, [r]);
  const ordered = /^(DOUBLE|FLOAT|DATE|TIMESTAMP.*|DECIMAL.*)$/;
  const fits = [a!, b!].every(({ type }) => isInteger(type) || ordered.test(type));
  const alike = isInteger(a!.type) === isInteger(b!.type);
  if (!fits || !alike) {
    throw requestError(
      `${a!.name} (${a!.type}) and ${b!.name} (${b!.type}) have no common order`,
      'Ordered columns are numbers or times, of the same kind on both sides.',
    );
  }
  return { left: a!.name, right: b!.name };
}

function checkHow(how: string): 'inner' | 'left' {
  if (how === 'inner' || how === 'left') return how;
  throw requestError(`how "${how}" is not a join of this version: inner and left are`);
}

function checkWithin(left: Schema, right: Schema, asked: number | undefined): number | null {
  if (left.ra === undefined || right.ra === undefined) {
    if (asked === undefined) return null;
    const lacking = left.ra === undefined ? left : right;
    throw requestError(`${lacking.name} has no positions: withinArcsec means nothing for it`);
  }
  const within = asked ?? DEFAULT_WITHIN_ARCSEC;
  if (!(within > 0 && within <= MAX_RADIUS_ARCSEC)) {
    throw requestError(`withinArcsec ${within} is not above 0″ and at most ${MAX_RADIUS_ARCSEC}″`);
  }
  return within;
}

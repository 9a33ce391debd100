/** What the columns of both sides are called after a match. */
import { requestError } from '../../partitioning/error.ts';
import type { MatchNode } from './node.ts';
import { DISTANCE_COLUMN, namableColumns, type Schema } from './schema.ts';

export interface SuffixOptions {
  /** Default: `_<left name>`, `_<right name>`; for two catalogs of one name `''` and `_right`. */
  readonly suffixes?: readonly [string, string];
  /** `all`: every column gets its suffix (LSDB's default); `overlapping`: only names that both sides have. */
  readonly suffixMethod?: 'all' | 'overlapping';
}

/**
 * LSDB's naming: the left spatial index keeps its name, the right one is dropped, what the operation adds comes last.
 * Throws a request error for suffixes that are none, and where two columns would get one name; SQL and so the written
 * files do not tell upper from lower case.
 */
export function matchNames(
  left: Schema,
  right: Schema,
  options: SuffixOptions,
  added: readonly string[] = [DISTANCE_COLUMN],
): MatchNode['names'] {
  checkSuffixes(options);
  const [leftSuffix, rightSuffix] = options.suffixes ?? defaultSuffixes(left.name, right.name);
  const leftNames = namableColumns(left).map(({ name }) => name);
  const rightNames = namableColumns(right).map(({ name }) => name);
  const all = (options.suffixMethod ?? 'all') === 'all';
  const inLeft = new Set(leftNames);
  const inRight = new Set(rightNames);
  const names = {
    left: Object.fromEntries(
      leftNames.map((name) => [
        name,
        name !== left.healpix?.name && (all || inRight.has(name)) ? name + leftSuffix : name,
      ]),
    ),
    right: Object.fromEntries(
      rightNames.map((name) => [
        name,
        name === right.healpix?.name ? null : all || inLeft.has(name) ? name + rightSuffix : name,
      ]),
    ),
  };
  refuseCollisions(names, [leftSuffix, rightSuffix], added);
  return names;
}

function checkSuffixes({ suffixes, suffixMethod }: SuffixOptions): void {
  if (
    suffixes !== undefined &&
    !(
      Array.isArray(suffixes) &&
      suffixes.length === 2 &&
      suffixes.every((s) => typeof s === 'string')
    )
  ) {
    throw requestError('suffixes must be two texts, for the left and the right side');
  }
  if (suffixMethod !== undefined && suffixMethod !== 'all' && suffixMethod !== 'overlapping') {
    throw requestError(`suffixMethod '${suffixMethod}' is neither 'all' nor 'overlapping'`);
  }
}

function defaultSuffixes(left: string, right: string): [string, string] {
  return left === right ? ['', '_right'] : [`_${left}`, `_${right}`];
}

function refuseCollisions(
  names: MatchNode['names'],
  suffixes: readonly [string, string],
  added: readonly string[],
): void {
  const seen = new Map<string, string>();
  const all = [...Object.values(names.left), ...Object.values(names.right), ...added];
  for (const name of all) {
    if (name === null) continue;
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      throw requestError(
        `two columns of the result would be called "${other}"${other === name ? '' : ` and "${name}"`}`,
        `The suffixes are "${suffixes[0]}" and "${suffixes[1]}": choose others with suffixes (--suffixes _a,_b).`,
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** Builders of the nodes that pair rows of two sides. */
import { requestError } from '../../partitioning/error.ts';
import {
  checkJoin,
  checkMergeAsof,
  type JoinKeys,
  type JoinOptions,
  joinNames,
  type MergeAsofOptions,
} from './join-settings.ts';
import { matchNames } from './match-names.ts';
import { checkMatch, type MatchSettings } from './match-settings.ts';
import { nestNode } from './nested-columns.ts';
import { type JoinNode, type MatchNode, node, type PlanNode, scansOf } from './node.ts';
import { DISTANCE_COLUMN, namableColumns, positionOf, type Schema, schemaOf } from './schema.ts';

export interface NestedMatchOptions extends Omit<MatchSettings, 'suffixes' | 'suffixMethod'> {
  /** Name of the nested column; default: the name of the other catalog. */
  readonly name?: string;
}

export interface NestedJoinOptions extends JoinKeys {
  /** Name of the nested column; default: the name of the other catalog. */
  readonly name?: string;
}

export function matchNode(left: PlanNode, right: PlanNode, options: MatchSettings): PlanNode {
  const settings = checkMatch(options);
  const [l, r] = [schemaOf(left), schemaOf(right)];
  positionOf(l);
  positionOf(r);
  const names = matchNames(l, r, options);
  return node<MatchNode>({ kind: 'match', left, right, ...settings, names });
}

export function nestedMatchNode(
  left: PlanNode,
  right: PlanNode,
  { name, ...options }: NestedMatchOptions,
): PlanNode {
  const settings = checkMatch(options);
  const [l, r] = [schemaOf(left), schemaOf(right)];
  positionOf(l);
  positionOf(r);
  const names = insideNames(l, r);
  const match = node<MatchNode>({ kind: 'match', left, right, ...settings, names });
  return nestNode(match, name, [], DISTANCE_COLUMN);
}

export function joinNode(
  left: PlanNode,
  right: PlanNode,
  { nested, ...options }: JoinOptions & { readonly nested?: string },
): PlanNode {
  if (nested !== undefined) return nestedJoinNode(left, right, { ...options, name: nested });
  const [l, r] = [schemaOf(left), schemaOf(right)];
  const terms = checkJoin(l, r, options);
  const names = joinNames(l, r, options);
  return node<JoinNode>({ kind: 'join', left, right, ...terms, names });
}

export function nestedJoinNode(
  left: PlanNode,
  right: PlanNode,
  { name, ...options }: NestedJoinOptions,
): PlanNode {
  const [l, r] = [schemaOf(left), schemaOf(right)];
  const terms = checkJoin(l, r, options);
  const join = node<JoinNode>({ kind: 'join', left, right, ...terms, names: insideNames(l, r) });
  return nestNode(join, name, terms.rightOn, null);
}

export function mergeAsofNode(
  left: PlanNode,
  right: PlanNode,
  options: MergeAsofOptions,
): PlanNode {
  const [l, r] = [schemaOf(left), schemaOf(right)];
  const terms = checkMergeAsof(l, r, options);
  const names = joinNames(l, r, options);
  return node<JoinNode>({ kind: 'join', left, right, ...terms, names });
}

/** Left rows, their rows of an association, and the right rows that these name; its other columns come last. */
export function associationNode(
  left: PlanNode,
  association: PlanNode,
  right: PlanNode,
  options: JoinOptions & { readonly nested?: string },
): PlanNode {
  if (options.on !== undefined || options.leftOn !== undefined || options.nested !== undefined) {
    throw requestError('a join through an association takes its keys from it, and is not nested');
  }
  if (options.how === 'left') {
    throw requestError('a join through an association is an inner one');
  }
  const keys = associationKeys(association);
  // Without rows of its own it says no more than which columns are equal.
  if (!keys.hasRows) {
    return joinNode(left, right, { ...options, leftOn: keys.primary, rightOn: keys.join });
  }
  const [l, a, r] = [schemaOf(left), schemaOf(association), schemaOf(right)];
  const pairs = node<JoinNode>({
    kind: 'join',
    left,
    right: association,
    ...checkJoin(l, a, { leftOn: keys.primary, rightOn: keys.primaryAssociation }),
    names: associationNames(l, a),
  });
  const withinArcsec = options.withinArcsec ?? keys.separationArcsec;
  const rightNames = joinNames(l, r, options);
  const joined = node<JoinNode>({
    kind: 'join',
    left: pairs,
    right,
    ...checkJoin(schemaOf(pairs), r, {
      leftOn: `${ASSOCIATION}${keys.joinAssociation}`,
      rightOn: keys.join,
      ...(withinArcsec === undefined ? {} : { withinArcsec }),
    }),
    names: {
      left: Object.fromEntries(
        namableColumns(schemaOf(pairs)).map(({ name }) => [name, rightNames.left[name] ?? name]),
      ),
      right: rightNames.right,
    },
  });
  const extra = a.columns
    .map(({ name }) => name)
    .filter((name) => ![keys.primaryAssociation, keys.joinAssociation].includes(name))
    .filter((name) => !/^(Norder|Dir|Npix|join_Norder|join_Dir|join_Npix)$/.test(name));
  return namedExtras(
    joined,
    extra.filter((name) => name !== a.healpix?.name),
  );
}

/** Put before the columns of an association until the join is made. */
const ASSOCIATION = '__association_';

function associationNames(left: Schema, association: Schema): JoinNode['names'] {
  return {
    left: Object.fromEntries(namableColumns(left).map(({ name }) => [name, name])),
    right: Object.fromEntries(
      namableColumns(association).map(({ name }) => [name, `${ASSOCIATION}${name}`]),
    ),
  };
}

/** The columns of both sides, and last those of the association under their own names. */
function namedExtras(joined: JoinNode, extra: readonly string[]): PlanNode {
  const columns = schemaOf(joined).columns.map(({ name }) => name);
  const taken = new Set(columns.map((name) => name.toLowerCase()));
  const clash = extra.find((name) => taken.has(name.toLowerCase()));
  if (clash !== undefined) {
    throw requestError(
      `the association and the join both have a column "${clash}"`,
      'Give other suffixes.',
    );
  }
  const left = Object.fromEntries(
    Object.entries(joined.names.left).map(([from, to]) => {
      const own = from.startsWith(ASSOCIATION) ? from.slice(ASSOCIATION.length) : undefined;
      return [from, own !== undefined && extra.includes(own) ? own : to];
    }),
  );
  const named = node<JoinNode>({ ...joined, names: { ...joined.names, left } });
  const kept = columns.filter((name) => !name.startsWith(ASSOCIATION));
  return node({ kind: 'select', input: named, columns: [...kept, ...extra] });
}

interface AssociationKeys {
  readonly primary: string;
  readonly primaryAssociation: string;
  readonly join: string;
  readonly joinAssociation: string;
  /** False where the pairs are those of equal keys, and are not listed. */
  readonly hasRows: boolean;
  readonly separationArcsec?: number;
}

function associationKeys(plan: PlanNode): AssociationKeys {
  const { catalog } = scansOf(plan)[0]!;
  const { properties } = catalog;
  if (catalog.type !== 'association') {
    throw requestError(`${catalog.name} is a ${catalog.type} catalog, not an association`);
  }
  const value = (key: string): string => {
    const found = properties[key];
    if (found !== undefined) return found;
    throw requestError(
      `the association ${catalog.name} does not say ${key}`,
      undefined,
      catalog.path,
    );
  };
  const separation = Number(properties['hats_assn_max_separation'] ?? Number.NaN);
  return {
    primary: value('hats_col_assn_primary'),
    primaryAssociation: value('hats_col_assn_primary_assn'),
    join: value('hats_col_assn_join'),
    joinAssociation: value('hats_col_assn_join_assn'),
    hasRows: !/^(false|f|no|0)$/i.test(properties['hats_assn_leaf_files'] ?? 'True'),
    // Written with five decimals; a pair may lie half a digit further.
    ...(separation > 0 ? { separationArcsec: separation + 1e-5 } : {}),
  };
}

/** Names inside a nest: nobody sees them. */
function insideNames(left: Schema, right: Schema): MatchNode['names'] {
  return {
    left: Object.fromEntries(namableColumns(left).map(({ name }) => [name, name])),
    right: Object.fromEntries(namableColumns(right).map(({ name }) => [name, null])),
  };
}

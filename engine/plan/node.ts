/**
 * The logical plan: frozen plain data, one small union. A node says what its rows are, never how they are made.
 * Builders copy, rules rewrite, nothing mutates.
 */
import type { CatalogInfo } from '../../catalogs/types.ts';
import type { Region } from '../../partitioning/region.ts';
import type { ColumnUse, Expression } from '../expression/expression.ts';
import type { NearRegion } from '../task.ts';
import type { UserCode } from '../user/code.ts';
import type { UserConstants } from '../user/constants.ts';
import type { OutputColumn, TableColumn } from '../user/types.ts';

export interface ScanNode {
  readonly kind: 'scan';
  readonly catalog: CatalogInfo;
  /** Columns this scan offers, in output order; the projection rule narrows them. */
  readonly columns: readonly string[];
  /** Of nested columns the fields that are needed; absent: all. Filled by the projection rule. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** Row filters evaluated while scanning; filled by the push-down rule. */
  readonly filters: readonly Expression[];
  /** Regions rows must lie in, exactly; filled by the region rule. */
  readonly regions: readonly Region[];
  /** Indices into `catalog.partitions` that can hold rows; absent: all. Filled by the pruning rules. */
  readonly partitions?: readonly number[];
  /** Rows further than that from these regions can match nothing; filled by the rule for right sides. */
  readonly near?: readonly NearRegion[];
}

export interface FilterNode {
  readonly kind: 'filter';
  readonly input: PlanNode;
  readonly expression: Expression;
}

export interface SelectNode {
  readonly kind: 'select';
  readonly input: PlanNode;
  readonly columns: readonly string[];
}

export interface RegionNode {
  readonly kind: 'region';
  readonly input: PlanNode;
  readonly region: Region;
}

export interface MatchNode {
  readonly kind: 'match';
  readonly left: PlanNode;
  readonly right: PlanNode;
  readonly radiusArcsec: number;
  readonly minRadiusArcsec: number;
  /** k nearest, or every right row within the radius. */
  readonly neighbors: number | 'all';
  readonly how: 'inner' | 'left';
  /**
   * What columns of either side are called after the match, hidden ones included; null: dropped. Settled when the
   * node is built, so that rules which narrow the inputs cannot change a name.
   */
  readonly names: {
    readonly left: Readonly<Record<string, string>>;
    readonly right: Readonly<Record<string, string | null>>;
  };
}

/** Pairs of rows with equal keys, or (`asof`) each left row with the nearest right one in an ordered column. */
export interface JoinNode {
  readonly kind: 'join';
  readonly left: PlanNode;
  readonly right: PlanNode;
  /** Key columns, as many on either side. */
  readonly leftOn: readonly string[];
  readonly rightOn: readonly string[];
  readonly how: 'inner' | 'left';
  /** Largest distance of the rows of a pair; null: one side has no positions. */
  readonly withinArcsec: number | null;
  readonly asof?: AsofTerms;
  readonly names: MatchNode['names'];
}

export interface AsofTerms {
  readonly left: string;
  readonly right: string;
  readonly direction: 'backward' | 'forward' | 'nearest';
  /** Largest difference, in the columns' unit. */
  readonly tolerance?: number;
}

/** One row per left row of the pairs, with its right rows as a nested column. */
export interface NestNode {
  readonly kind: 'nest';
  readonly of: MatchNode | JoinNode;
  /** Name of the nested column. */
  readonly column: string;
  /** Its fields, and the columns of the right side they hold; null: the distance. */
  readonly fields: readonly { readonly name: string; readonly column: string | null }[];
}

/** One row per element of a nested or list column, whose fields become columns. */
export interface ExplodeNode {
  readonly kind: 'explode';
  readonly input: PlanNode;
  readonly column: string;
  /** `left`: rows without elements stay, once. */
  readonly how: 'inner' | 'left';
  /** Fields (of a list column: its own name) and what they are called after it, those that are kept. */
  readonly names: Readonly<Record<string, string>>;
}

/** Columns computed from those of the same row: a new one, or one that takes the place of the old. */
export interface ComputeNode {
  readonly kind: 'compute';
  readonly input: PlanNode;
  readonly columns: readonly ComputedColumn[];
}

export type ComputedColumn =
  /** Null type: known when the plan is resolved. */
  | {
      readonly kind: 'value';
      readonly name: string;
      readonly expression: Expression;
      readonly type: string | null;
    }
  /** A nested column with only the elements for which a condition is true. */
  | {
      readonly kind: 'where';
      readonly name: string;
      readonly fields: readonly string[];
      readonly expression: Expression;
    }
  /** A nested column with its elements in the order of a field; null and NaN last. */
  | {
      readonly kind: 'sort';
      readonly name: string;
      readonly fields: readonly string[];
      readonly by: string;
      readonly descending: boolean;
    }
  /** A nested column out of some fields of another. */
  | { readonly kind: 'fields'; readonly name: string; readonly fields: readonly string[] }
  /** A nested column out of list columns. */
  | {
      readonly kind: 'lists';
      readonly name: string;
      readonly fields: readonly { readonly name: string; readonly column: string }[];
    };

/** User code for each row; what it returns becomes further columns. */
export interface RowsNode {
  readonly kind: 'user-rows';
  readonly input: PlanNode;
  readonly code: UserCode;
  readonly constants: UserConstants;
  /** Columns and fields that rows are made of, in order. */
  readonly columns: readonly ColumnUse[];
  /** Null: known once the first rows have been tried. */
  readonly outputs: readonly OutputColumn[] | null;
  readonly onError: 'fail' | 'skip' | 'collect';
  readonly rowTimeoutSeconds?: number;
}

/** User code for the rows of a cell as a table; what it returns takes the place of all columns. */
export interface TableNode {
  readonly kind: 'user-table';
  readonly input: PlanNode;
  readonly code: UserCode;
  readonly constants: UserConstants;
  readonly columns: readonly string[];
  /** Null: known once the first partition has been tried. */
  readonly outputs: readonly TableColumn[] | null;
}

export interface LimitNode {
  readonly kind: 'limit';
  readonly input: PlanNode;
  readonly count: number;
}

export type PlanNode =
  | ScanNode
  | FilterNode
  | SelectNode
  | RegionNode
  | ComputeNode
  | ExplodeNode
  | MatchNode
  | JoinNode
  | NestNode
  | RowsNode
  | TableNode
  | LimitNode;

/** Freezes a node; inputs are frozen already. */
export function node<T extends PlanNode>(value: T): T {
  return Object.freeze(value);
}

/** For the `default` branch of a switch over kinds: a forgotten kind does not compile. */
export function neverKind(value: never): never {
  throw new Error(`unknown plan node ${JSON.stringify(value)}`);
}

/** A copy of `plan` with its inputs replaced by `change` of each. */
export function mapInputs(plan: PlanNode, change: (input: PlanNode) => PlanNode): PlanNode {
  switch (plan.kind) {
    case 'scan':
      return plan;
    case 'filter':
    case 'select':
    case 'region':
    case 'compute':
    case 'explode':
    case 'user-rows':
    case 'user-table':
    case 'limit': {
      const input = change(plan.input);
      return input === plan.input ? plan : node({ ...plan, input });
    }
    case 'match':
    case 'join':
      return mapSides(plan, change);
    case 'nest': {
      const of = mapSides(plan.of, change);
      return of === plan.of ? plan : node({ ...plan, of });
    }
    default:
      return neverKind(plan);
  }
}

function mapSides<T extends MatchNode | JoinNode>(
  plan: T,
  change: (input: PlanNode) => PlanNode,
): T {
  const left = change(plan.left);
  const right = change(plan.right);
  return left === plan.left && right === plan.right ? plan : node({ ...plan, left, right });
}

/** The direct inputs of a node, left to right. */
export function inputsOf(plan: PlanNode): readonly PlanNode[] {
  const inputs: PlanNode[] = [];
  mapInputs(plan, (input) => {
    inputs.push(input);
    return input;
  });
  return inputs;
}

/** The node and everything below it, left to right. */
export function nodesOf(plan: PlanNode): PlanNode[] {
  const below = inputsOf(plan).flatMap(nodesOf);
  return plan.kind === 'nest' ? [plan, plan.of, ...below] : [plan, ...below];
}

/** All scans of a plan, left to right: the first one gives the output its rows' places. */
export function scansOf(plan: PlanNode): ScanNode[] {
  return nodesOf(plan).filter((part) => part.kind === 'scan');
}

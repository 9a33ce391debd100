/**
 * The logical plan: frozen plain data, one small union. A node says what its rows are, never how they are made.
 * Builders copy, rules rewrite, nothing mutates.
 */
import type { CatalogInfo } from '../../catalogs/types.ts';
import type { Region } from '../../partitioning/region.ts';
import type { Expression } from '../expression/expression.ts';

export interface ScanNode {
  readonly kind: 'scan';
  readonly catalog: CatalogInfo;
  /** Columns this scan offers, in output order; the projection rule narrows them. */
  readonly columns: readonly string[];
  /** Row filters evaluated while scanning; filled by the push-down rule. */
  readonly filters: readonly Expression[];
  /** Regions rows must lie in, exactly; filled by the region rule. */
  readonly regions: readonly Region[];
  /** Indices into `catalog.partitions` that can hold rows; absent: all. Filled by the pruning rules. */
  readonly partitions?: readonly number[];
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

export interface LimitNode {
  readonly kind: 'limit';
  readonly input: PlanNode;
  readonly count: number;
}

export type PlanNode = ScanNode | FilterNode | SelectNode | RegionNode | MatchNode | LimitNode;

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
    case 'limit': {
      const input = change(plan.input);
      return input === plan.input ? plan : node({ ...plan, input });
    }
    case 'match': {
      const left = change(plan.left);
      const right = change(plan.right);
      return left === plan.left && right === plan.right ? plan : node({ ...plan, left, right });
    }
    default:
      return neverKind(plan);
  }
}

/** All scans of a plan, left to right: the first one gives the output its rows' places. */
export function scansOf(plan: PlanNode): ScanNode[] {
  switch (plan.kind) {
    case 'scan':
      return [plan];
    case 'match':
      return [...scansOf(plan.left), ...scansOf(plan.right)];
    case 'filter':
    case 'select':
    case 'region':
    case 'limit':
      return scansOf(plan.input);
    default:
      return neverKind(plan);
  }
}

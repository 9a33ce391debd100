/**
 * Narrows every scan to the columns that the sink and the filters above it name, and nested columns to the fields:
 * projection push-down and late materialisation in one. A count or a map names none, so nothing but positions is read.
 *
 * Why after the filters: a filter that has reached its scan is evaluated there and asks nothing of the gather.
 */
import type { ColumnUse } from '../expression/expression.ts';
import { narrowestField, nestOf } from '../expression/nest-type.ts';
import {
  type ComputedColumn,
  type ComputeNode,
  type ExplodeNode,
  type JoinNode,
  type MatchNode,
  type NestNode,
  neverKind,
  node,
  type PlanNode,
  type RowsNode,
  type ScanNode,
} from '../plan/node.ts';
import { ERROR_COLUMN, namableColumns, schemaOf } from '../plan/schema.ts';
import { rowIdColumns } from '../plan/user-code.ts';
import { usesIn, type Wanted, wantedFields, wantedOf, withUses } from './wanted.ts';

/** `plan` offering only what is wanted (names in its own schema), in schema order. */
export function pruneColumns(plan: PlanNode, wanted: Wanted): PlanNode {
  switch (plan.kind) {
    case 'scan':
      return pruneScan(plan, wanted);
    case 'filter': {
      const more = withUses(wanted, plan.expression.uses);
      return node({ ...plan, input: pruneColumns(plan.input, more) });
    }
    case 'region':
    case 'limit':
      return node({ ...plan, input: pruneColumns(plan.input, wanted) });
    case 'select': {
      const columns = namesIn(plan, wanted);
      return node({ ...plan, columns, input: pruneColumns(plan.input, wanted) });
    }
    case 'compute':
      return pruneCompute(plan, wanted);
    case 'explode':
      return pruneExplode(plan, wanted);
    case 'match':
      return prunePairs(plan, renamed(plan, wanted));
    case 'join':
      return prunePairs(plan, renamed(plan, wanted));
    case 'nest':
      return pruneNest(plan, wanted);
    case 'user-rows':
      return pruneRows(plan, wanted);
    case 'user-table': {
      const uses = plan.columns.map((column) => ({ column }));
      return node({ ...plan, input: pruneColumns(plan.input, wantedOf(uses)) });
    }
    default:
      return neverKind(plan);
  }
}

/** Code of the user's runs, and returns what it returns, whoever wants it. */
function pruneRows(plan: RowsNode, wanted: Wanted): PlanNode {
  const own = new Set((plan.outputs ?? []).map(({ name }) => name));
  if (plan.onError === 'collect') own.add(ERROR_COLUMN);
  const others = usesIn(wanted).filter(({ column }) => !own.has(column));
  const id = rowIdColumns(plan.input).map((column) => ({ column }));
  const input = pruneColumns(plan.input, wantedOf([...others, ...plan.columns, ...id]));
  return node<RowsNode>({ ...plan, input });
}

/** Wanted columns in schema order; hidden ones (position, index) that are asked for by name come last. */
function namesIn(plan: PlanNode, wanted: Wanted): string[] {
  return namableColumns(schemaOf(plan))
    .map(({ name }) => name)
    .filter((name) => wanted.has(name));
}

function pruneScan(plan: ScanNode, wanted: Wanted): PlanNode {
  const columns = namesIn(plan, wanted);
  const fields = columns.flatMap((name): [string, readonly string[]][] => {
    const of = wanted.get(name)!;
    return of === 'whole' ? [] : [[name, [...of].sort()]];
  });
  return node<ScanNode>({
    ...plan,
    columns,
    ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }),
  });
}

/** A computed column that nobody wants is not computed. */
function pruneCompute(plan: ComputeNode, wanted: Wanted): PlanNode {
  const kept = plan.columns
    .filter(({ name }) => wanted.has(name))
    .map((column) => narrowed(column, wanted));
  const replaced = new Set(plan.columns.map(({ name }) => name));
  const others = usesIn(wanted).filter(({ column }) => !replaced.has(column));
  const below = pruneColumns(plan.input, wantedOf([...others, ...kept.flatMap(usesOfComputed)]));
  return kept.length === 0 ? below : node<ComputeNode>({ ...plan, columns: kept, input: below });
}

function narrowed(column: ComputedColumn, wanted: Wanted): ComputedColumn {
  switch (column.kind) {
    case 'value':
      return column;
    case 'lists': {
      const names = column.fields.map(({ name }) => name);
      const fields = new Set(wantedFields(wanted, column.name, names));
      return { ...column, fields: column.fields.filter(({ name }) => fields.has(name)) };
    }
    case 'where':
    case 'sort':
    case 'fields':
      return { ...column, fields: wantedFields(wanted, column.name, column.fields) };
    default:
      throw new Error(`unknown computed column ${JSON.stringify(column satisfies never)}`);
  }
}

function usesOfComputed(column: ComputedColumn): readonly ColumnUse[] {
  const own = (fields: readonly string[]) =>
    fields.map((field): ColumnUse => ({ column: column.name, field }));
  switch (column.kind) {
    case 'value':
      return column.expression.uses;
    case 'lists':
      return column.fields.map((field) => ({ column: field.column }));
    case 'where':
      return [...own(column.fields), ...column.expression.uses];
    case 'sort':
      return own([...column.fields, column.by]);
    case 'fields':
      return own(column.fields);
    default:
      throw new Error(`unknown computed column ${JSON.stringify(column satisfies never)}`);
  }
}

function pruneExplode(plan: ExplodeNode, wanted: Wanted): PlanNode {
  const { type } = schemaOf(plan.input).columns.find(({ name }) => name === plan.column)!;
  const nest = nestOf(type);
  const names = Object.entries(plan.names).filter(([, name]) => wanted.has(name));
  const own = new Set(Object.values(plan.names));
  const others = usesIn(wanted).filter(({ column }) => !own.has(column));
  // The lengths of the lists are always needed.
  const fields = nest === undefined ? [] : [...names.map(([field]) => field), narrowestField(nest)];
  const { column } = plan;
  const list: ColumnUse[] =
    nest === undefined ? [{ column }] : fields.map((field) => ({ column, field }));
  const input = pruneColumns(plan.input, wantedOf([...others, ...list]));
  return node<ExplodeNode>({ ...plan, names: Object.fromEntries(names), input });
}

/** What is wanted of either side of a pair, in its own names. */
function renamed(
  plan: MatchNode | JoinNode,
  wanted: Wanted,
): { readonly left: ColumnUse[]; readonly right: ColumnUse[] } {
  const asked = (names: Readonly<Record<string, string | null>>) =>
    Object.entries(names).flatMap(([from, to]) => {
      const of = to === null ? undefined : wanted.get(to);
      return of === undefined ? [] : usesIn(new Map([[from, of]]));
    });
  return { left: asked(plan.names.left), right: asked(plan.names.right) };
}

function prunePairs<T extends MatchNode | JoinNode>(
  plan: T,
  uses: { readonly left: readonly ColumnUse[]; readonly right: readonly ColumnUse[] },
): T {
  const keys = keysOf(plan);
  return node({
    ...plan,
    left: pruneColumns(plan.left, wantedOf([...uses.left, ...keys.left])),
    right: pruneColumns(plan.right, wantedOf([...uses.right, ...keys.right])),
  });
}

function keysOf(plan: MatchNode | JoinNode): { left: ColumnUse[]; right: ColumnUse[] } {
  if (plan.kind === 'match') return { left: [], right: [] };
  const { leftOn, rightOn, asof } = plan;
  const uses = (names: readonly string[], ordered: string | undefined) =>
    [...names, ...(ordered === undefined ? [] : [ordered])].map((column) => ({ column }));
  return { left: uses(leftOn, asof?.left), right: uses(rightOn, asof?.right) };
}

function pruneNest(plan: NestNode, wanted: Wanted): PlanNode {
  const names = plan.fields.map(({ name }) => name);
  const kept = new Set(wantedFields(wanted, plan.column, names));
  const fields = plan.fields.filter(({ name }) => kept.has(name));
  const right = fields.flatMap(({ column }) => (column === null ? [] : [{ column }]));
  const left = usesIn(wanted).filter(({ column }) => column !== plan.column);
  return node<NestNode>({ ...plan, fields, of: prunePairs(plan.of, { left, right }) });
}

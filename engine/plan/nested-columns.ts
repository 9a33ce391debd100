/** Builders of the nodes that compute, narrow, sort, nest and explode columns. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { nearestNames } from '../../partitioning/nearest-names.ts';
import { type ColumnUse, type Expression, parseExpression } from '../expression/expression.ts';
import { checkColumnName, listNames } from '../expression/names.ts';
import { elementType, nestOf } from '../expression/nest-type.ts';
import {
  type ComputedColumn,
  type ComputeNode,
  type ExplodeNode,
  type JoinNode,
  type MatchNode,
  type NestNode,
  node,
  type PlanNode,
  type SelectNode,
} from './node.ts';
import { namableColumns, type Schema, schemaOf, settledColumn } from './schema.ts';
import { resolveNames } from './select-names.ts';

/** Keeps rows, or of a nested column elements, for which the expression is true. */
export function filterNode(input: PlanNode, text: string): PlanNode {
  const expression = parseExpression(text, namableColumns(schemaOf(input)));
  const { nest } = expression;
  if (nest === undefined) return node({ kind: 'filter', input, expression });
  const fields = fieldNames(nestedColumn(schemaOf(input), nest));
  return node({
    kind: 'compute',
    input,
    columns: [{ kind: 'where', name: nest, fields, expression }],
  });
}

/** The columns and fields that names such as `ra` and `lc.mag` mean. Throws request errors. */
export function columnUses(schema: Schema, names: readonly string[]): ColumnUse[] {
  const columns = namableColumns(schema);
  const known = new Set(columns.map(({ name }) => name));
  const uses: ColumnUse[] = [];
  for (const name of names) {
    const at = known.has(name) ? -1 : name.indexOf('.');
    const nest = at < 0 ? undefined : findNest(schema, name.slice(0, at));
    const use: ColumnUse =
      nest === undefined
        ? { column: resolveNames([name], columns, `of ${schema.name}`)[0]! }
        : { column: nest.name, field: fieldNamed(nest, name.slice(at + 1)) };
    if (
      uses.some(({ column, field }) => column === use.column && (field ?? use.field) === use.field)
    ) {
      throw requestError(`column "${name}" is listed twice`);
    }
    uses.push(use);
  }
  return uses;
}

/** Only these columns, in this order; `lc.mag` names a field of a nested column. */
export function selectNode(input: PlanNode, names: readonly string[]): PlanNode {
  const schema = schemaOf(input);
  if (names.length === 0) throw requestError('the list of columns is empty');
  const uses = columnUses(schema, names);
  const fields = new Map<string, string[]>();
  for (const { column, field } of uses) {
    if (field !== undefined) fields.set(column, [...(fields.get(column) ?? []), field]);
  }
  const narrowed = [...fields].map(
    ([name, of]): ComputedColumn => ({ kind: 'fields', name, fields: of }),
  );
  const below =
    narrowed.length === 0
      ? input
      : node<ComputeNode>({ kind: 'compute', input, columns: narrowed });
  const columns = [...new Set(uses.map(({ column }) => column))];
  return node<SelectNode>({ kind: 'select', input: below, columns });
}

/** Columns computed by expressions about rows, beside the others; a name that is there already is replaced. */
export function valuesNode(input: PlanNode, values: Readonly<Record<string, string>>): PlanNode {
  const schema = schemaOf(input);
  const entries = Object.entries(values);
  if (entries.length === 0) throw requestError('there is no column to compute');
  const columns = entries.map(([name, text]): ComputedColumn => {
    checkNewName(schema, name, true);
    const expression: Expression = parseExpression(text, namableColumns(schema));
    if (expression.nest !== undefined) {
      throw requestError(
        `${name} would have many values per row: ${text} is about the elements of ${expression.nest}`,
        `Take an aggregate, for example mean(${expression.uses[0]!.column}.${expression.uses[0]!.field}).`,
      );
    }
    return { kind: 'value', name, expression, type: null };
  });
  return node({ kind: 'compute', input, columns });
}

/** A nested column with its elements in the order of one of its fields. */
export function sortNode(input: PlanNode, name: string, by: string, descending: boolean): PlanNode {
  const nest = nestedColumn(schemaOf(input), name);
  const columns: ComputedColumn[] = [
    {
      kind: 'sort',
      name: nest.name,
      fields: fieldNames(nest),
      by: fieldNamed(nest, by),
      descending,
    },
  ];
  return node({ kind: 'compute', input, columns });
}

/** List columns put together as one nested column, at the end. */
export function nestListsNode(
  input: PlanNode,
  name: string,
  lists: Readonly<Record<string, string>>,
): PlanNode {
  const schema = schemaOf(input);
  const fields = Object.entries(lists).map(([field, asked]) => {
    const [column] = resolveNames([asked], schema.columns, `of ${schema.name}`);
    const { type } = settledColumn(schema.columns.find((c) => c.name === column)!);
    if (elementType(type) === undefined) {
      throw requestError(`${column} is ${type}, not a list`, 'Only list columns can be nested.');
    }
    return { name: field, column: column! };
  });
  if (fields.length === 0) throw requestError('there is no list column to nest');
  checkNewName(schema, name, false);
  const nested = node<ComputeNode>({
    kind: 'compute',
    input,
    columns: [{ kind: 'lists', name, fields }],
  });
  const taken = new Set(fields.map(({ column }) => column));
  const columns = schemaOf(nested)
    .columns.map((column) => column.name)
    .filter((column) => !taken.has(column));
  return node({ kind: 'select', input: nested, columns });
}

export interface ExplodeOptions {
  /** `left`: rows without elements stay, once, with nulls. Default `inner`. */
  readonly how?: 'inner' | 'left';
  /** Put before the names of the fields, where they would be those of other columns. */
  readonly prefix?: string;
}

/** One row per element of a nested or list column. */
export function explodeNode(
  input: PlanNode,
  name: string,
  { how = 'inner', prefix = '' }: ExplodeOptions,
): PlanNode {
  if (how !== 'inner' && how !== 'left') {
    throw requestError(`how "${how}" is not a way to explode: inner and left are`);
  }
  const schema = schemaOf(input);
  const [found] = resolveNames([name], schema.columns, `of ${schema.name}`);
  const column = settledColumn(schema.columns.find((c) => c.name === found)!);
  const nest = nestOf(column.type);
  if (nest === undefined && elementType(column.type) === undefined) {
    throw requestError(`${column.name} is ${column.type}, neither a nested column nor a list`);
  }
  const fields = nest?.fields.map((field) => field.name) ?? [column.name];
  const others = new Set(
    namableColumns(schema)
      .filter((c) => c.name !== column.name)
      .map((c) => c.name.toLowerCase()),
  );
  const names = Object.fromEntries(fields.map((field) => [field, `${prefix}${field}`]));
  const taken = Object.values(names).find((made) => others.has(made.toLowerCase()));
  if (taken !== undefined) {
    throw requestError(
      `there is a column "${taken}" already, beside that field of ${column.name}`,
      `Give a prefix: explode('${column.name}', { prefix: '${column.name}_' }).`,
    );
  }
  return node<ExplodeNode>({ kind: 'explode', input, column: column.name, how, names });
}

/**
 * The right rows of each left row as one nested column.
 *
 * @param dropped right columns that are left out: keys, which the left side has too
 */
export function nestNode(
  of: MatchNode | JoinNode,
  name: string | undefined,
  dropped: readonly string[],
  distance: string | null,
): PlanNode {
  const left = schemaOf(of.left);
  const right = schemaOf(of.right);
  const column = name ?? right.name;
  checkNewName(left, column, false);
  const fields: { name: string; column: string | null }[] = right.columns
    .map((c) => c.name)
    .filter((c) => c !== right.healpix?.name && !dropped.includes(c))
    .map((c) => ({ name: c, column: c }));
  if (distance !== null) fields.push({ name: distance, column: null });
  if (fields.length === 0) {
    throw requestError(`nothing of ${right.name} is left to nest`, 'Select more of its columns.');
  }
  return node<NestNode>({ kind: 'nest', of, column, fields });
}

function checkNewName(schema: Schema, name: string, mayReplace: boolean): void {
  checkColumnName(name);
  const lower = name.toLowerCase();
  const taken = namableColumns(schema).find((c) => c.name.toLowerCase() === lower);
  if (taken === undefined) return;
  const hidden = [schema.ra?.name, schema.dec?.name, schema.healpix?.name].includes(taken.name);
  if (mayReplace && taken.name === name && !hidden) return;
  throw requestError(
    `there is a column "${taken.name}" already`,
    hidden ? 'Positions and the spatial index cannot be replaced.' : 'Choose another name.',
  );
}

function findNest(schema: Schema, name: string): Column | undefined {
  const lower = name.toLowerCase();
  const found =
    schema.columns.find((column) => column.name === name) ??
    schema.columns.find((column) => column.name.toLowerCase() === lower);
  return found !== undefined && nestOf(found.type) !== undefined ? found : undefined;
}

function nestedColumn(schema: Schema, asked: string): Column {
  const [name] = resolveNames([asked], schema.columns, `of ${schema.name}`);
  const column = settledColumn(schema.columns.find((c) => c.name === name)!);
  if (nestOf(column.type) === undefined) {
    throw requestError(`${column.name} is ${column.type}, not a nested column`);
  }
  return column;
}

function fieldNames(column: Column): string[] {
  return nestOf(column.type)!.fields.map(({ name }) => name);
}

function fieldNamed(column: Column, asked: string): string {
  const names = fieldNames(column);
  const lower = asked.toLowerCase();
  const found =
    names.find((name) => name === asked) ?? names.find((name) => name.toLowerCase() === lower);
  if (found !== undefined) return found;
  const near = nearestNames(asked, names);
  const guess = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `;
  throw requestError(
    `${column.name} has no field "${asked}"`,
    `${guess}Fields: ${listNames(names)}`,
  );
}

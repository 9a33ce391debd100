/** Builders of the nodes that run user code. */
import { requestError } from '../../partitioning/error.ts';
import type { ColumnUse } from '../expression/expression.ts';
import { nestOf } from '../expression/nest-type.ts';
import { type ModuleFunction, userCodeOf } from '../user/code.ts';
import { userConstants } from '../user/constants.ts';
import { outputColumns, readAs, tableColumns } from '../user/types.ts';
import { columnUses } from './nested-columns.ts';
import { node, type PlanNode, type RowsNode, type TableNode } from './node.ts';
import { ERROR_COLUMN, namableColumns, type Schema, schemaOf, UNSETTLED } from './schema.ts';
import { resolveNames } from './select-names.ts';

/** What a function for rows is given: the row, and with it constants and what the module's `setup` made. */
export type RowFunction = (
  // biome-ignore lint/suspicious/noExplicitAny: rows have the columns that the user asked for
  row: any,
  // biome-ignore lint/suspicious/noExplicitAny: as the user passed and made them
  context: { readonly constants: any; readonly setup: any },
) => unknown;

export interface MapRowsOptions {
  /** Columns that a row has, `lc.mag` for one field of a nested column; default: all that can be passed. */
  readonly columns?: readonly string[];
  /**
   * Names and types of what is returned: `{ period: 'double', kind: 'string', powers: 'double[]' }`. Needed where a later
   * step names these columns; otherwise the first rows are tried, and their types hold for all.
   */
  readonly returns?: Readonly<Record<string, string>>;
  /** Values for the function's second argument, `{ constants }`; they are copied to the workers. */
  readonly constants?: unknown;
  /**
   * `fail` (default) ends the run at the first row that the code throws on or returns something wrong for; `skip` leaves
   * such rows out; `collect` keeps them with nulls and the message in the column `_error`.
   */
  readonly onError?: 'fail' | 'skip' | 'collect';
  /** A row may take so long, seconds; then the run ends with an error. Default: for ever. */
  readonly rowTimeoutSeconds?: number;
}

/** What a function for partitions is given: an Arrow table of all rows of a partition, and where it is. */
export type PartitionFunction = (
  // biome-ignore lint/suspicious/noExplicitAny: an apache-arrow Table, of whichever copy
  table: any,
  context: {
    readonly pixel: { readonly order: number; readonly pixel: number };
    // biome-ignore lint/suspicious/noExplicitAny: as the user passed and made them
    readonly constants: any;
    // biome-ignore lint/suspicious/noExplicitAny: as the user passed and made them
    readonly setup: any;
  },
) => unknown;

export interface MapPartitionsOptions extends Pick<MapRowsOptions, 'columns' | 'constants'> {
  /** Names and DuckDB types of the columns of the returned table; otherwise the first partition is tried. */
  readonly returns?: Readonly<Record<string, string>>;
}

export function rowsNode(
  input: PlanNode,
  fn: RowFunction | ModuleFunction,
  options: MapRowsOptions,
): PlanNode {
  const code = userCodeOf(fn);
  const schema = schemaOf(input);
  const { onError = 'fail', rowTimeoutSeconds, constants } = options;
  if (!['fail', 'skip', 'collect'].includes(onError)) {
    throw requestError(`onError "${onError}" is not one of fail, skip, collect`);
  }
  if (rowTimeoutSeconds !== undefined && !(rowTimeoutSeconds > 0)) {
    throw requestError(`rowTimeoutSeconds ${rowTimeoutSeconds} is not a positive time`);
  }
  const returns = options.returns ?? (typeof fn === 'object' ? fn.returns : undefined);
  const outputs = returns === undefined ? null : outputColumns(returns);
  checkNewNames(schema, outputs?.map(({ name }) => name) ?? []);
  if (onError === 'collect') checkNewNames(schema, [ERROR_COLUMN]);
  return node<RowsNode>({
    kind: 'user-rows',
    input,
    code,
    constants: userConstants(constants),
    columns: Object.freeze(rowColumns(schema, options.columns)),
    outputs: outputs === null ? null : Object.freeze(outputs),
    onError,
    ...(rowTimeoutSeconds === undefined ? {} : { rowTimeoutSeconds }),
  });
}

export function tableNode(
  input: PlanNode,
  fn: PartitionFunction | ModuleFunction,
  options: MapPartitionsOptions,
): PlanNode {
  const schema = schemaOf(input);
  const returns = options.returns ?? (typeof fn === 'object' ? fn.returns : undefined);
  const names =
    options.columns === undefined
      ? schema.columns.map(({ name }) => name)
      : resolveNames(options.columns, namableColumns(schema), `of ${schema.name}`);
  return node<TableNode>({
    kind: 'user-table',
    input,
    code: userCodeOf(fn),
    constants: userConstants(options.constants),
    columns: Object.freeze(names),
    outputs: returns === undefined ? null : Object.freeze(tableColumns(returns)),
  });
}

/** Throws where a returned column would have the name of another. */
export function checkNewNames(schema: Schema, names: readonly string[]): void {
  const taken = new Map(namableColumns(schema).map(({ name }) => [name.toLowerCase(), name]));
  for (const name of names) {
    const other = taken.get(name.toLowerCase());
    if (other !== undefined) {
      throw requestError(
        `user code returns "${name}", and there is a column "${other}" already`,
        'Return it under another name.',
      );
    }
    taken.set(name.toLowerCase(), name);
  }
}

/** Of all columns those that can be passed to user code; of those asked for, all, or an error. */
function rowColumns(schema: Schema, asked: readonly string[] | undefined): ColumnUse[] {
  if (asked === undefined) {
    return schema.columns
      .filter(({ type }) => type === UNSETTLED || isReadable(type))
      .map(({ name }) => ({ column: name }));
  }
  const uses = columnUses(schema, asked);
  checkReadable(schema, uses);
  return uses;
}

/** Throws a request error for a column that cannot be passed; one whose type is not known yet may be. */
export function checkReadable(schema: Schema, uses: readonly ColumnUse[]): void {
  const columns = namableColumns(schema);
  for (const { column } of uses) {
    const { type } = columns.find(({ name }) => name === column)!;
    if (type !== UNSETTLED && !isReadable(type)) {
      throw requestError(
        `${column} is ${type}, which cannot be passed to user code`,
        'Make a simpler column of it with withColumns, or use mapPartitions.',
      );
    }
  }
}

function isReadable(type: string): boolean {
  const nest = nestOf(type);
  if (nest !== undefined) return nest.fields.every((field) => isReadable(`${field.type}[]`));
  return readAs(type, '') !== undefined;
}

const ID = /^(.*_)?(id|oid|objid|objectid|object_id|sourceid|source_id|designation|name)(_.*)?$/i;

/** The column that tells a row apart for a reader, else its position; empty where there is neither. */
export function rowIdColumns(input: PlanNode): string[] {
  const { columns, ra, dec } = schemaOf(input);
  const id = columns.find(
    ({ name, type }) => ID.test(name) && /^(BIGINT|UBIGINT|INTEGER|VARCHAR)$/.test(type),
  );
  if (id !== undefined) return [id.name];
  return ra === undefined || dec === undefined ? [] : [ra.name, dec.name];
}

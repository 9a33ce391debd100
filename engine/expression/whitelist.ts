/**
 * The last look before SQL is run: DuckDB's own parse of it must consist of known harmless nodes and nothing else.
 * The parser of this folder cannot produce others; this holds even if the two ever read a text differently.
 */
import { type CrosshatchError, requestError } from '../../partitioning/error.ts';
import type { Session } from '../session.ts';
import { quoteText } from './quote.ts';
import { excerpt } from './source.ts';

type Json = Readonly<Record<string, unknown>>;

/** Keys of a node that do not change what it does. */
const PLAIN_KEYS = ['class', 'type', 'query_location'];

interface NodeRule {
  readonly types: readonly string[];
  /** Keys with a node or an array of nodes. */
  readonly parts: readonly string[];
  /** Keys with plain data, checked where it matters. */
  readonly data?: readonly string[];
}

const RULES: Readonly<Record<string, NodeRule>> = {
  COMPARISON: {
    types: [
      'COMPARE_EQUAL COMPARE_NOTEQUAL COMPARE_LESSTHAN COMPARE_GREATERTHAN COMPARE_LESSTHANOREQUALTO',
      'COMPARE_GREATERTHANOREQUALTO COMPARE_DISTINCT_FROM COMPARE_NOT_DISTINCT_FROM',
    ].flatMap((line) => line.split(' ')),
    parts: ['left', 'right'],
  },
  CONJUNCTION: { types: ['CONJUNCTION_AND', 'CONJUNCTION_OR'], parts: ['children'] },
  OPERATOR: {
    types: [
      'OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL OPERATOR_COALESCE',
      'COMPARE_IN COMPARE_NOT_IN ARRAY_EXTRACT',
    ].flatMap((line) => line.split(' ')),
    parts: ['children'],
  },
  CASE: { types: ['CASE_EXPR'], parts: ['else_expr'], data: ['case_checks'] },
  CAST: { types: ['OPERATOR_CAST'], parts: ['child'], data: ['cast_type', 'try_cast'] },
  CONSTANT: { types: ['VALUE_CONSTANT'], parts: [], data: ['value'] },
  COLUMN_REF: { types: ['COLUMN_REF'], parts: [], data: ['column_names'] },
  FUNCTION: {
    types: ['FUNCTION'],
    parts: ['children'],
    data: ['function_name', 'schema', 'is_operator', 'order_bys'],
  },
};

/** What a refused class of nodes is called. */
const REFUSED: Readonly<Record<string, string>> = {
  SUBQUERY: 'a subquery',
  STAR: 'a star',
  WINDOW: 'a window function',
  LAMBDA: 'a lambda function',
  POSITIONAL_REFERENCE: 'a positional reference',
  COLLATE: 'a collation',
  DEFAULT: 'a default',
  TYPE: 'a type',
};

/**
 * Checks the SQL of one expression.
 *
 * @param columns names it may refer to
 * @returns the names of the functions it calls, operators included, sorted
 * @throws requestError for anything but one expression of known nodes
 */
export async function checkNodes(
  sql: string,
  columns: readonly string[],
  session: Session,
): Promise<string[]> {
  const query = `SELECT json_serialize_sql(${quoteText(`SELECT ${sql}`)}, skip_null := true, skip_empty := true, skip_default := true) AS tree`;
  const rows = await session.rows(query);
  const root = JSON.parse(String(rows[0]!.tree)) as Json;
  const refuse = (what: string): CrosshatchError =>
    requestError(
      `${what} is not allowed in an expression`,
      undefined,
      `expression ${excerpt(sql)}`,
    );
  if (root.error !== false) {
    throw requestError('the expression is not valid SQL', undefined, `expression ${excerpt(sql)}`);
  }
  const functions = new Set<string>();
  new Walker(columns, functions, refuse).node(onlyExpression(root, refuse));
  return [...functions].sort();
}

/** The one expression of `SELECT expression`, without any other clause. */
function onlyExpression(root: Json, refuse: (what: string) => CrosshatchError): Json {
  const statements = root.statements as readonly Json[];
  if (statements.length !== 1) throw refuse('more than one statement');
  checkKeys(statements[0]!, ['node'], refuse);
  const select = statements[0]!.node as Json;
  const keys = ['type', 'select_list', 'from_table', 'aggregate_handling', 'query_location'];
  checkKeys(select, keys, refuse);
  const from = select.from_table as Json;
  const list = select.select_list as readonly Json[];
  if (select.type !== 'SELECT_NODE' || from.type !== 'EMPTY') throw refuse('a query');
  if (select.aggregate_handling !== 'STANDARD_HANDLING') throw refuse('grouping');
  if (list.length !== 1) throw refuse('a list of expressions');
  return list[0]!;
}

function checkKeys(
  value: Json,
  allowed: readonly string[],
  refuse: (what: string) => CrosshatchError,
): void {
  const extra = Object.keys(value).find((key) => !allowed.includes(key));
  if (extra !== undefined) throw refuse(`SQL with ${extra.replaceAll('_', ' ')}`);
}

class Walker {
  readonly #columns: readonly string[];
  readonly #functions: Set<string>;
  readonly #refuse: (what: string) => CrosshatchError;

  constructor(
    columns: readonly string[],
    functions: Set<string>,
    refuse: (what: string) => CrosshatchError,
  ) {
    this.#columns = columns;
    this.#functions = functions;
    this.#refuse = refuse;
  }

  node(value: Json): void {
    const kind = String(value.class);
    const rule = RULES[kind];
    if (rule === undefined || !rule.types.includes(String(value.type))) {
      throw this.#refuse(REFUSED[kind] ?? `SQL of the kind ${String(value.type)}`);
    }
    checkKeys(value, [...PLAIN_KEYS, ...rule.parts, ...(rule.data ?? [])], this.#refuse);
    if (kind === 'COLUMN_REF') this.#column(value.column_names as readonly string[]);
    if (kind === 'FUNCTION') this.#function(value);
    for (const check of (value.case_checks ?? []) as readonly Json[]) {
      checkKeys(check, ['when_expr', 'then_expr'], this.#refuse);
      this.node(check.when_expr as Json);
      this.node(check.then_expr as Json);
    }
    for (const key of rule.parts) {
      const part = value[key];
      if (Array.isArray(part)) for (const inner of part as readonly Json[]) this.node(inner);
      else if (part !== undefined) this.node(part as Json);
    }
  }

  #column(names: readonly string[]): void {
    if (names.length !== 1 || !this.#columns.includes(names[0]!)) {
      throw this.#refuse(`the name ${names.join('.')}`);
    }
  }

  #function(value: Json): void {
    if (value.schema !== undefined && value.schema !== 'main') throw this.#refuse('a schema');
    checkKeys((value.order_bys ?? {}) as Json, ['type'], this.#refuse);
    this.#functions.add(String(value.function_name));
  }
}

/**
 * Aggregate expressions: a scalar expression over aggregates of scalar expressions over rows, such as `mean(mag)`,
 * `count_if(mag < 18) / count(*)` or `max(mag) - min(mag)`. They are taken apart to the calls, whose values are
 * worked out from the rows, and an expression over these values.
 */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import {
  type AggregateFunction,
  aggregateNamed,
  isCountIf,
  LISTED,
  refuseAggregate,
} from './aggregate-functions.ts';
import { type Expression, parseExpression } from './expression.ts';
import type { Grammar } from './grammar.ts';
import { elementsOf, settleLevels, usesOf } from './levels.ts';
import { parseTree } from './parse.ts';
import { printTree } from './print.ts';
import { excerpt } from './source.ts';
import type { Token } from './tokenize.ts';
import { columnsOf, type Tree } from './tree.ts';

/** One aggregate over rows. */
export interface AggregateCall {
  readonly function: AggregateFunction;
  /** What it is taken of, over the columns of the rows; null: the rows themselves, `count(*)`. */
  readonly of: Expression | null;
  /** As written. */
  readonly text: string;
}

/** What a user wrote and what it means: plain data. */
export interface AggregateExpression {
  /** As written. */
  readonly text: string;
  /** The aggregates in it, each once. */
  readonly calls: readonly AggregateCall[];
  /** The value: an expression over columns that stand for the calls. */
  readonly value: Expression;
  /** The column that stands for each call. */
  readonly names: readonly string[];
  /** Columns of the rows that are used. */
  readonly columns: readonly string[];
}

/** The number of rows, which `count` without parentheses says too. */
const ROWS = 'count(*)';

/**
 * Reads an aggregate expression over `columns`. Needs no database: types are settled later.
 *
 * @throws requestError for anything outside the grammar, unknown names, columns outside aggregates, and aggregates
 *   that cannot be put together from parts
 */
export function parseAggregate(text: string, columns: readonly Column[]): AggregateExpression {
  if (typeof text !== 'string') throw requestError('an aggregate must be a text');
  const source = /^\s*count\s*$/i.test(text) ? ROWS : text;
  const found = new Calls(source, columns);
  const tree = parseTree(
    source,
    columns,
    'as-typed',
    (scalar) => (name, token) => found.read(scalar, name, token),
  );
  const where = `expression ${excerpt(text)}`;
  const { calls, names } = found;
  const outside = columnsOf(tree).find((name) => !names.includes(name));
  if (outside !== undefined) {
    throw requestError(
      `${outside} stands outside an aggregate, where many rows have one value`,
      `Write mean(${outside}), max(${outside}) or another aggregate of it.`,
      where,
    );
  }
  if (calls.length === 0)
    throw requestError('there is no aggregate in this expression', LISTED, where);
  return Object.freeze({
    text,
    calls: Object.freeze(calls),
    value: expressionOf(text, tree, []),
    names: Object.freeze(names),
    columns: Object.freeze([...new Set(calls.flatMap(({ of }) => of?.columns ?? []))]),
  });
}

function expressionOf(text: string, tree: Tree, columns: readonly Column[]): Expression {
  return Object.freeze({
    text,
    sql: printTree(tree),
    columns: Object.freeze(columnsOf(tree)),
    uses: Object.freeze(usesOf(tree, columns)),
  });
}

/** Reads an expression with one value for each row, whatever it is for. */
export function parseValue(text: string, columns: readonly Column[]): Expression {
  const expression = parseExpression(text, columns);
  if (expression.nest === undefined) return expression;
  throw requestError(
    `${expression.nest} has many elements in a row, and one value of each row is needed`,
    'Make one of them, such as mean(lc.mag) or len(lc).',
    `expression ${excerpt(text)}`,
  );
}

/** True for the number of rows and nothing else, in any of its forms. */
export function isRowCount(text: string): boolean {
  return /^\s*count\s*(\(\s*\*?\s*\)\s*)?$/i.test(text);
}

/** The aggregate of an expression that is known already. */
export function aggregateOf(name: AggregateFunction, of: Expression): AggregateExpression {
  const text = `${name}(${of.text})`;
  const value = expressionOf(text, { kind: 'column', name: 'agg0' }, []);
  const calls = [{ function: name, of, text }];
  return Object.freeze({ text, calls, value, names: ['agg0'], columns: of.columns });
}

/** The calls of an expression, collected while it is read. */
class Calls {
  readonly calls: AggregateCall[] = [];
  readonly names: string[] = [];
  readonly #text: string;
  readonly #prefix: string;

  constructor(text: string, columns: readonly Column[]) {
    this.#text = text;
    // No column of the rows starts like this, in any letter case.
    let prefix = 'agg';
    while (columns.some(({ name }) => name.toLowerCase().startsWith(prefix))) prefix += '_';
    this.#prefix = prefix;
  }

  /** Reads the arguments of a call, if it is one of an aggregate. */
  read(scalar: Grammar, name: string, token: Token): Tree | undefined {
    const { reader } = scalar;
    const isIf = isCountIf(name);
    const known = isIf ? 'count' : aggregateNamed(name);
    if (known === undefined) {
      const refusal = refuseAggregate(name);
      if (refusal === undefined) return undefined;
      throw reader.fail(token, refusal.what, refusal.hint);
    }
    const argument = readArgument(scalar, name, token, known);
    const close = reader.peek();
    reader.expectSymbol(')', `after the value of ${name}(`);
    refuseTail(scalar);
    const text = this.#text.slice(token.at, close.at + 1);
    if (argument === null) return this.#add({ function: known, of: null, text });
    const tree = isIf ? whereTrue(argument.tree) : argument.tree;
    const written = this.#text.slice(argument.from, close.at).trim();
    const of = expressionOf(written, tree, scalar.columns);
    return this.#add({ function: known, of, text });
  }

  /** The column for a call; the same one for the same call. */
  #add(call: AggregateCall): Tree {
    let at = this.calls.findIndex(
      (known) => known.function === call.function && known.of?.sql === call.of?.sql,
    );
    if (at < 0) {
      at = this.calls.push(Object.freeze(call)) - 1;
      this.names.push(`${this.#prefix}${at}`);
    }
    return { kind: 'column', name: this.names[at]! };
  }
}

/** What stands in the parentheses; null for `count(*)` and `count()`. */
function readArgument(
  scalar: Grammar,
  name: string,
  token: Token,
  known: AggregateFunction,
): { tree: Tree; from: number } | null {
  const { reader } = scalar;
  if (known === 'count' && !isCountIf(name)) {
    if (reader.takeSymbol('*') || reader.isSymbol(')')) return null;
  }
  if (reader.isWord('distinct')) {
    throw reader.fail(
      reader.peek(),
      `${name}(DISTINCT …) is not available: it needs all values at once`,
      "Count the groups instead: aggregate({ n: 'count(*)' }, { by: 'x' }) has one row for each value of x.",
    );
  }
  const from = reader.peek().at;
  if (reader.isSymbol(')')) {
    throw reader.fail(token, `${name}() needs a value`, `For example ${name}(mag).`);
  }
  const tree = settleLevels(scalar.expression(), scalar.columns);
  const [nest] = elementsOf(tree);
  if (nest !== undefined) {
    throw reader.fail(
      token,
      `${name}() over rows needs one value of each row, and ${nest} has many elements in a row`,
      `Make one of them first, such as ${name}(mean(lc.mag)) or ${name}(len(lc)).`,
    );
  }
  if (reader.isSymbol(',')) throw reader.fail(reader.peek(), `${name}() takes one value`);
  for (const word of ['order', 'ignore', 'respect']) {
    if (reader.isWord(word)) {
      throw reader.fail(reader.peek(), `${word.toUpperCase()} is not supported in an aggregate`);
    }
  }
  return { tree, from };
}

/** `CASE WHEN condition THEN TRUE END`: null, and so not counted, where the condition does not hold. */
function whereTrue(condition: Tree): Tree {
  const value: Tree = { kind: 'constant', value: 'TRUE' };
  return { kind: 'case', branches: [{ when: condition, value }], otherwise: null };
}

function refuseTail({ reader }: Grammar): void {
  if (reader.isWord('over')) {
    throw reader.fail(reader.peek(), 'window functions are not supported in an expression');
  }
  if (reader.isWord('filter') || reader.isWord('within')) {
    throw reader.fail(
      reader.peek(),
      `${reader.peek().value.toUpperCase()} is not supported after an aggregate`,
      'Write sum(case when condition then x end).',
    );
  }
}

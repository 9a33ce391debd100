/**
 * The grammar's operators. Precedence, loosest first: `or` `|`; `and` `&`; `not`; comparisons (chained), `in`,
 * `between`, `like`, `is`; `||`; `+ -`; `* / // %`; signs and `~`; `**`; casts, fields and elements.
 * So `a > 1 & b < 2` means what it means to `pandas.DataFrame.query`, and `-x ** 2` is `-(x ** 2)`.
 */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import type { Grammar } from './grammar.ts';
import { settleLevels } from './levels.ts';
import { parsePostfix } from './postfix.ts';
import { parseItems } from './primary.ts';
import { Reader } from './reader.ts';
import { sourceOf } from './source.ts';
import { joinLogical, negateLogical } from './sugar.ts';
import { type Token, tokenize } from './tokenize.ts';
import {
  allOf,
  type BinaryOperator,
  binary,
  type CompareOperator,
  compare,
  not,
  type Tree,
} from './tree.ts';

const COMPARISONS: ReadonlyMap<string, CompareOperator> = new Map([
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** Makes the reader of aggregate calls, whose arguments are expressions of `scalar`. */
export type AggregateReader = (scalar: Grammar) => NonNullable<Grammar['aggregate']>;

/**
 * Parses an expression over the columns of one relation.
 *
 * @param quoted what double quotes mean: see {@link Grammar}
 * @param aggregates given where the expression may call aggregates over rows
 * @throws requestError naming the character and, for unknown names, the nearest ones
 */
export function parseTree(
  text: string,
  columns: readonly Column[],
  quoted: Grammar['quoted'],
  aggregates?: AggregateReader,
): Tree {
  const source = sourceOf(text);
  const reader = new Reader(source, tokenize(source));
  if (reader.peek().kind === 'end') throw requestError('the expression is empty');
  const scalar: Grammar = {
    reader,
    columns,
    quoted,
    expression: () => reader.nested(() => parseOr(scalar)),
  };
  const outer: Grammar = { ...scalar, expression: () => reader.nested(() => parseOr(outer)) };
  const grammar: Grammar =
    aggregates === undefined ? scalar : Object.assign(outer, { aggregate: aggregates(scalar) });
  const tree = grammar.expression();
  const rest = reader.peek();
  if (rest.kind === 'end') return settleLevels(tree, columns);
  if (rest.kind === 'symbol' && rest.value === ')')
    throw reader.fail(rest, 'this parenthesis closes nothing');
  throw reader.unexpected('an operator or the end');
}

function parseOr(grammar: Grammar): Tree {
  const { reader } = grammar;
  let tree = parseAnd(grammar);
  for (
    let token = reader.peek();
    reader.takeWord('or') || reader.takeSymbol('|');
    token = reader.peek()
  ) {
    tree = joinLogical(grammar, token, tree, parseAnd(grammar));
  }
  return tree;
}

function parseAnd(grammar: Grammar): Tree {
  const { reader } = grammar;
  let tree = parseNot(grammar);
  for (
    let token = reader.peek();
    reader.takeWord('and') || reader.takeSymbol('&');
    token = reader.peek()
  ) {
    tree = joinLogical(grammar, token, tree, parseNot(grammar));
  }
  return tree;
}

function parseNot(grammar: Grammar): Tree {
  const { reader } = grammar;
  if (!reader.takeWord('not')) return parsePredicate(grammar);
  return not(reader.nested(() => parseNot(grammar)));
}

/** One operand with what is asked of it; several comparisons in a row form a chain. */
function parsePredicate(grammar: Grammar): Tree {
  const { reader } = grammar;
  const first = parseConcatenation(grammar);
  const chain: Tree[] = [];
  let previous = first;
  for (;;) {
    const token = reader.peek();
    const operator = token.kind === 'symbol' ? COMPARISONS.get(token.value) : undefined;
    if (operator === undefined) break;
    reader.take();
    const next = parseConcatenation(grammar);
    chain.push(compare(operator, previous, next));
    previous = next;
  }
  const start = reader.peek();
  const question = parseQuestion(grammar, first);
  if (question === undefined) return chain.length === 0 ? first : allOf(chain);
  const after = reader.peek();
  const another = after.kind === 'symbol' ? COMPARISONS.has(after.value) : isQuestionWord(reader);
  if (chain.length > 0 || another) {
    throw reader.fail(
      start,
      'comparisons of different kinds in a row',
      'Put parentheses around one of them.',
    );
  }
  return question;
}

function isQuestionWord(reader: Reader): boolean {
  const at = reader.isWord('not') ? 1 : 0;
  return ['in', 'between', 'like', 'ilike', 'is'].some((word) => reader.isWord(word, at));
}

/** `[not] in`, `between`, `like`, `ilike` and `is` after `of`; undefined when none follows. */
function parseQuestion(grammar: Grammar, of: Tree): Tree | undefined {
  const { reader } = grammar;
  if (!isQuestionWord(reader)) return undefined;
  const negated = reader.takeWord('not');
  const word = reader.take();
  const question = parseQuestionBody(grammar, of, word);
  return negated ? not(question) : question;
}

function parseQuestionBody(grammar: Grammar, of: Tree, word: Token): Tree {
  const { reader } = grammar;
  switch (word.value.toLowerCase()) {
    case 'in':
      return parseIn(grammar, of);
    case 'between': {
      const low = parseConcatenation(grammar);
      reader.expectWord('and', 'after BETWEEN');
      return allOf([compare('>=', of, low), compare('<=', of, parseConcatenation(grammar))]);
    }
    case 'is':
      return parseIs(grammar, of);
    default: {
      const pattern = parseConcatenation(grammar);
      const mark = reader.takeWord('escape') ? parseConcatenation(grammar) : null;
      return { kind: 'like', anyCase: word.value.toLowerCase() === 'ilike', of, pattern, mark };
    }
  }
}

function parseIn(grammar: Grammar, of: Tree): Tree {
  const { reader } = grammar;
  const open = reader.peek();
  const close = reader.isSymbol('(') ? ')' : ']';
  if (!reader.takeSymbol('(') && !reader.takeSymbol('[')) {
    throw reader.fail(
      open,
      'IN needs a list of values in parentheses',
      'For a list column write list_contains(column, x).',
    );
  }
  if (reader.isSymbol(close)) throw reader.fail(open, 'the list after IN is empty');
  const items = parseItems(grammar, close);
  return { kind: 'in', of, items };
}

function parseIs(grammar: Grammar, of: Tree): Tree {
  const { reader } = grammar;
  const negated = reader.takeWord('not');
  const token = reader.take();
  const word = token.kind === 'name' ? token.value.toLowerCase() : '';
  const wrap = (tree: Tree): Tree => (negated ? not(tree) : tree);
  if (word === 'null' || word === 'none' || word === 'unknown') return wrap({ kind: 'null', of });
  if (word === 'true' || word === 'false') {
    return wrap(
      compare('same', of, { kind: 'constant', value: word.toUpperCase() as 'TRUE' | 'FALSE' }),
    );
  }
  if (word === 'distinct') {
    reader.expectWord('from', 'after IS DISTINCT');
    return compare(negated ? 'same' : 'distinct', of, parseConcatenation(grammar));
  }
  const hint = word === 'nan' ? 'Write isnan(x) or not isnan(x).' : undefined;
  throw reader.fail(token, 'NULL, TRUE, FALSE or DISTINCT FROM is expected after IS', hint);
}

function parseConcatenation(grammar: Grammar): Tree {
  return parseLevel(grammar, ['||'], parseSum);
}

function parseSum(grammar: Grammar): Tree {
  return parseLevel(grammar, ['+', '-'], parseProduct);
}

function parseProduct(grammar: Grammar): Tree {
  return parseLevel(grammar, ['*', '/', '//', '%'], parseSigned);
}

/** Left-associative operators of one level over the next tighter one. */
function parseLevel(
  grammar: Grammar,
  operators: readonly BinaryOperator[],
  tighter: (grammar: Grammar) => Tree,
): Tree {
  const { reader } = grammar;
  let tree = tighter(grammar);
  for (;;) {
    const operator = operators.find((symbol) => reader.takeSymbol(symbol));
    if (operator === undefined) return tree;
    tree = binary(operator, tree, tighter(grammar));
  }
}

function parseSigned(grammar: Grammar): Tree {
  const { reader } = grammar;
  const token = reader.peek();
  if (reader.takeSymbol('-')) {
    return { kind: 'unary', operator: '-', of: reader.nested(() => parseSigned(grammar)) };
  }
  if (reader.takeSymbol('+')) return reader.nested(() => parseSigned(grammar));
  if (reader.takeSymbol('~')) {
    return negateLogical(
      grammar,
      token,
      reader.nested(() => parseSigned(grammar)),
    );
  }
  const base = parsePostfix(grammar);
  if (!reader.takeSymbol('**')) return base;
  // To the right: 2 ** 3 ** 2 is 2 ** (3 ** 2), and 2 ** -1 needs no parentheses.
  return binary(
    '**',
    base,
    reader.nested(() => parseSigned(grammar)),
  );
}

/** The innermost parts of an expression: constants, columns, calls, CASE and casts. */
import { constantType, readType } from './cast-type.ts';
import { FUNCTIONS, OTHER_NAMES, refuseFunction, refuseWord } from './functions.ts';
import type { Grammar } from './grammar.ts';
import { elementsOf, settleLevels } from './levels.ts';
import { columnHint, findColumn } from './names.ts';
import { nestOf } from './nest-type.ts';
import { OVER_LIST } from './over-list.ts';
import type { Reader } from './reader.ts';
import type { Token } from './tokenize.ts';
import { call, cast, choose, compare, type Tree } from './tree.ts';

/** Words that give the grammar its shape: a column of that name must be in backticks. */
const RESERVED: readonly string[] =
  'and or not in is like ilike between case when then else end as escape'.split(' ');

const QUERY_WORDS: readonly string[] = [
  'select from with values exists any all some array table pivot unpivot describe summarize show',
  'pragma attach detach copy install load set reset create drop insert update delete call export',
  'import use vacuum checkpoint force explain',
].flatMap((line) => line.split(' '));

const STAR = 'a star (all columns) is not supported in an expression';

export function parsePrimary(grammar: Grammar): Tree {
  const { reader } = grammar;
  const token = reader.peek();
  switch (token.kind) {
    case 'number':
      reader.take();
      return { kind: 'number', text: token.value };
    case 'text':
      reader.take();
      return { kind: 'text', value: token.value };
    case 'ticked':
    case 'quoted':
      return parseQuoted(grammar, reader.take());
    case 'name':
      return parseName(grammar, token);
    case 'symbol':
    case 'end':
      return parseGroup(grammar, token);
  }
}

/** Parses items up to `close`; at least one. */
export function parseItems(grammar: Grammar, close: string): Tree[] {
  const { reader } = grammar;
  const items: Tree[] = [];
  do {
    items.push(grammar.expression());
  } while (reader.takeSymbol(','));
  refuseQueryTail(reader);
  reader.expectSymbol(close, 'after the list');
  return items;
}

function parseGroup(grammar: Grammar, token: Token): Tree {
  const { reader } = grammar;
  if (reader.takeSymbol('(')) {
    refuseQuery(reader);
    const inner = grammar.expression();
    if (reader.isSymbol(',')) throw reader.fail(token, 'a list of values can only follow IN');
    refuseQueryTail(reader);
    reader.expectSymbol(')', 'to close the parenthesis');
    return inner;
  }
  if (reader.takeSymbol('[')) return { kind: 'list', items: parseItems(grammar, ']') };
  if (reader.isSymbol('*')) throw reader.fail(token, STAR);
  throw reader.unexpected('a value');
}

function parseQuoted(grammar: Grammar, token: Token): Tree {
  const { reader, columns, quoted } = grammar;
  if (reader.isSymbol('(')) throw reader.fail(token, 'a function name cannot be in quotes');
  const lookup = findColumn(token.value, columns);
  if (token.kind === 'ticked' || quoted === 'column') return columnTree(grammar, token);
  if (lookup.kind === 'missing') return { kind: 'text', value: token.value };
  throw reader.fail(
    token,
    `"${token.value}" is ambiguous: a text, or the column of that name`,
    `Write '${token.value}' for the text, \`${token.value}\` for the column.`,
  );
}

function columnTree(grammar: Grammar, token: Token): Tree {
  const { reader, columns } = grammar;
  const lookup = findColumn(token.value, columns);
  if (lookup.kind === 'found') return { kind: 'column', name: lookup.column.name };
  if (lookup.kind === 'ambiguous') {
    throw reader.fail(
      token,
      `${token.value} could be any of the columns ${lookup.names.join(', ')}`,
      'Write the name with its exact upper and lower case.',
    );
  }
  const dotted = `${token.value}.${reader.peek(1).value}`;
  if (reader.isSymbol('.') && columns.some(({ name }) => name === dotted)) {
    throw reader.fail(
      token,
      `unknown column ${token.value}`,
      `For the column write \`${dotted}\`.`,
    );
  }
  throw reader.fail(token, `unknown column ${token.value}`, columnHint(token.value, columns));
}

function parseName(grammar: Grammar, token: Token): Tree {
  const { reader, columns } = grammar;
  const word = token.value.toLowerCase();
  if (word === 'case') return reader.nested(() => parseCase(grammar));
  if (word === 'true' || word === 'false' || word === 'null') {
    reader.take();
    return { kind: 'constant', value: word.toUpperCase() as 'TRUE' | 'FALSE' | 'NULL' };
  }
  if (RESERVED.includes(word)) {
    const unexpected = reader.unexpected('a value');
    if (findColumn(token.value, columns).kind === 'missing') throw unexpected;
    throw reader.fail(
      token,
      unexpected.what,
      `For the column of that name write \`${token.value}\`.`,
    );
  }
  reader.take();
  if (reader.isSymbol('(')) return reader.nested(() => parseCall(grammar, token));
  if (findColumn(token.value, columns).kind !== 'missing') return columnTree(grammar, token);
  const type = constantType(word);
  if (type !== undefined && reader.peek().kind === 'text') {
    return cast({ kind: 'text', value: reader.take().value }, type);
  }
  return parseOtherWord(grammar, token);
}

/** Words that are no column: the two pandas knows, and good reasons for the others. */
function parseOtherWord(grammar: Grammar, token: Token): Tree {
  const { reader } = grammar;
  const word = token.value.toLowerCase();
  if (word === 'inf') return cast({ kind: 'text', value: 'inf' }, 'DOUBLE');
  if (word === 'nan')
    throw reader.fail(token, 'nothing equals nan', 'Write isnan(x) or not isnan(x).');
  if (word === 'none')
    throw reader.fail(token, 'nothing equals None', 'Write x is null or x is not null.');
  if (QUERY_WORDS.includes(word)) throw reader.fail(token, queryMessage(token));
  if (word === 'distinct') throw reader.fail(token, 'DISTINCT is not supported in an expression');
  const refusal = refuseWord(word);
  if (refusal !== undefined) throw reader.fail(token, refusal.what, refusal.hint);
  return columnTree(grammar, token);
}

function queryMessage(token: Token): string {
  return `subqueries and statements (${token.value.toUpperCase()}) are not allowed in an expression`;
}

/** Refuses `(SELECT …)` by its own name, rather than as an unknown column. */
function refuseQuery(reader: Reader): void {
  const token = reader.peek();
  if (token.kind !== 'name' || reader.isSymbol('(', 1)) return;
  if (['select', 'from', 'with', 'values', 'table'].includes(token.value.toLowerCase())) {
    const next = reader.peek(1);
    if (next.kind === 'symbol' && next.value !== '*') return;
    throw reader.fail(token, queryMessage(token));
  }
}

/** Refuses what SQL allows before a closing parenthesis: `extract(year from t)`, `f(x order by y)`. */
function refuseQueryTail(reader: Reader): void {
  for (const word of ['from', 'order', 'for', 'using', 'union', 'limit', 'where']) {
    if (reader.isWord(word)) {
      throw reader.fail(reader.peek(), `${word.toUpperCase()} is not supported in an expression`);
    }
  }
}

function parseCase(grammar: Grammar): Tree {
  const { reader } = grammar;
  reader.take();
  const subject = reader.isWord('when') ? null : grammar.expression();
  const branches: { when: Tree; value: Tree }[] = [];
  while (reader.takeWord('when')) {
    const test = grammar.expression();
    reader.expectWord('then', 'after WHEN');
    const when = subject === null ? test : compare('=', subject, test);
    branches.push({ when, value: grammar.expression() });
  }
  if (branches.length === 0) throw reader.unexpected('WHEN');
  const otherwise = reader.takeWord('else') ? grammar.expression() : null;
  reader.expectWord('end', 'after CASE');
  return { kind: 'case', branches, otherwise };
}

function parseCall(grammar: Grammar, token: Token): Tree {
  const { reader } = grammar;
  const word = token.value.toLowerCase();
  reader.take();
  if (word === 'cast' || word === 'try_cast') return parseCast(grammar, word === 'try_cast');
  if (word === 'columns') throw reader.fail(token, STAR);
  const overList = OVER_LIST.get(word);
  if (overList === undefined && QUERY_WORDS.includes(word)) {
    throw reader.fail(token, queryMessage(token));
  }
  const name = OTHER_NAMES.get(word) ?? word;
  const aggregate = grammar.aggregate?.(name, token);
  if (aggregate !== undefined) return aggregate;
  if (overList !== undefined) return parseOverList(grammar, token, overList);
  const special = ['coalesce', 'ifnull', 'nullif'].includes(name);
  if (!special && !FUNCTIONS.has(name)) {
    const { what, hint } = refuseFunction(name);
    throw reader.fail(token, what, hint);
  }
  refuseQuery(reader);
  const args = reader.takeSymbol(')') ? [] : parseItems(grammar, ')');
  for (const tail of ['over', 'filter', 'within']) {
    if (reader.isWord(tail))
      throw reader.fail(reader.peek(), 'window functions are not supported in an expression');
  }
  return special ? specialCall(reader, token, name, args) : checkedCall(grammar, token, name, args);
}

function parseCast(grammar: Grammar, safe: boolean): Tree {
  const { reader } = grammar;
  const of = grammar.expression();
  reader.expectWord('as', 'in the cast');
  const type = readType(reader);
  reader.expectSymbol(')', 'after the type');
  return { kind: 'cast', of, type, safe };
}

/** `nullif` is spelled out, so that its comparison follows the rule for NaN too. */
function specialCall(reader: Reader, token: Token, name: string, args: readonly Tree[]): Tree {
  if (args.length === 0 || (name !== 'coalesce' && args.length !== 2)) {
    throw reader.fail(
      token,
      `${name}() takes ${name === 'coalesce' ? 'one or more' : 'two'} values`,
    );
  }
  if (name !== 'nullif') return call('coalesce', ...args);
  const [value, other] = args as [Tree, Tree];
  return choose(compare('=', value, other), { kind: 'constant', value: 'NULL' }, value);
}

/** Aggregates are over the elements of a list; over rows they stand in `aggregate` and sky maps only. */
function parseOverList(grammar: Grammar, token: Token, name: string): Tree {
  const { reader, columns } = grammar;
  refuseQuery(reader);
  const [of, ...more] = reader.isSymbol('*') ? [] : parseItems(grammar, ')');
  const tree =
    of === undefined ? undefined : settleLevels({ kind: 'over-list', name, of }, columns);
  const nests = tree?.kind === 'over-list' && more.length === 0 ? elementsOf(tree.of) : [];
  if (nests.length === 1) return { kind: 'over-list', name, of: of! };
  if (nests.length > 1) {
    throw reader.fail(
      token,
      `${token.value}() goes over the elements of one nested column, not of ${nests.join(' and ')}`,
    );
  }
  const { what, hint } = refuseFunction(token.value.toLowerCase());
  throw reader.fail(token, what, hint);
}

function checkedCall(grammar: Grammar, token: Token, name: string, args: readonly Tree[]): Tree {
  const first = args[0];
  const type =
    first?.kind === 'column'
      ? (grammar.columns.find((c) => c.name === first.name)?.type ?? '')
      : '';
  if (name === 'len' && first !== undefined && nestOf(type) !== undefined) {
    return { kind: 'over-list', name, of: first };
  }
  // Printed SQL has fields in this form.
  const [, field] = args;
  if (name === 'struct_extract' && first?.kind === 'column' && field?.kind === 'text') {
    return { kind: 'field', of: first, name: field.value };
  }
  if (name === 'len' && type.startsWith('STRUCT') && first?.kind === 'column') {
    throw grammar.reader.fail(
      token,
      `len(${first.name}) of a nested column is not supported`,
      `Count one of its lists: len(${first.name}.<field>).`,
    );
  }
  return call(name, ...args);
}

/** What follows a value directly: `::type`, `.field`, `[index]` and the methods pandas users write. */
import type { CrosshatchError } from '../../partitioning/error.ts';
import { nearestNames } from '../../partitioning/nearest-names.ts';
import { readType } from './cast-type.ts';
import type { Grammar } from './grammar.ts';
import { listNames } from './names.ts';
import { fieldsAfter, nestOf } from './nest-type.ts';
import { parsePrimary } from './primary.ts';
import { elementTypeOf, typeOfTree } from './sugar.ts';
import type { Token } from './tokenize.ts';
import { anyOf, call, cast, not, type Tree } from './tree.ts';
import { isFloat } from './types.ts';

const METHOD_HINT =
  'Of the methods of pandas only isna() and notna() are supported; for others write a function: contains(x, y).';

export function parsePostfix(grammar: Grammar): Tree {
  const { reader } = grammar;
  let tree = parsePrimary(grammar);
  for (;;) {
    if (reader.takeSymbol('::')) {
      tree = cast(tree, readType(reader));
    } else if (reader.takeSymbol('.')) {
      tree = parseMember(grammar, tree);
    } else if (reader.isSymbol('[')) {
      tree = parseElement(grammar, tree);
    } else {
      return tree;
    }
  }
}

function parseElement(grammar: Grammar, of: Tree): Tree {
  const { reader } = grammar;
  const open = reader.take();
  const index = grammar.expression();
  reader.expectSymbol(']', 'after the index');
  if (index.kind === 'number' && index.text === '0') {
    throw reader.fail(
      open,
      'lists start at element 1',
      'Write [1] for the first element, [-1] for the last.',
    );
  }
  return { kind: 'element', of, index };
}

function parseMember(grammar: Grammar, of: Tree): Tree {
  const { reader } = grammar;
  const token = reader.take();
  if (token.kind === 'symbol' && token.value === '*') {
    throw reader.fail(token, 'a star (all columns) is not supported in an expression');
  }
  if (
    token.kind === 'text' ||
    token.kind === 'number' ||
    token.kind === 'symbol' ||
    token.kind === 'end'
  ) {
    throw reader.fail(token, 'a field name is expected after the point');
  }
  if (reader.isSymbol('(')) return parseMethod(grammar, of, token);
  const type = typeOfTree(of, grammar.columns);
  const fields = type === undefined ? undefined : fieldsAfter(type);
  // Of a value whose type only DuckDB knows, DuckDB will say whether it has the field.
  if (type === undefined) return { kind: 'field', of, name: token.value };
  if (fields === undefined) throw noFields(grammar, of, token, type);
  const lower = token.value.toLowerCase();
  const field =
    fields.find(({ name }) => name === token.value) ??
    fields.find(({ name }) => name.toLowerCase() === lower);
  if (field !== undefined) return { kind: 'field', of, name: field.name };
  const names = fields.map(({ name }) => name);
  const near = nearestNames(token.value, names);
  const guess = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `;
  throw reader.fail(
    token,
    `there is no field ${token.value}`,
    `${guess}Fields: ${listNames(names)}`,
  );
}

function noFields(grammar: Grammar, of: Tree, token: Token, type: string): CrosshatchError {
  const { reader, columns } = grammar;
  const owner = of.kind === 'column' ? of.name : 'the value';
  const dotted = of.kind === 'column' ? `${of.name}.${token.value}` : '';
  let hint: string | undefined;
  if (columns.some(({ name }) => name === dotted))
    hint = `For the column of that name write \`${dotted}\`.`;
  else if (['str', 'dt'].includes(token.value)) hint = METHOD_HINT;
  return reader.fail(token, `${owner} is ${type} and has no fields`, hint);
}

/** `.isna()` and its kin: null, or NaN where the column can hold one. */
function parseMethod(grammar: Grammar, of: Tree, token: Token): Tree {
  const { reader, columns } = grammar;
  const name = token.value.toLowerCase();
  if (name === 'len' && nestOf(typeOfTree(of, columns) ?? '') !== undefined) {
    reader.take();
    reader.expectSymbol(')', 'after len(');
    return { kind: 'over-list', name, of };
  }
  const asksMissing = ['isna', 'isnull'].includes(name);
  if (!asksMissing && !['notna', 'notnull'].includes(name)) {
    throw reader.fail(token, `the method ${token.value}() is not supported`, METHOD_HINT);
  }
  const type = typeOfTree(of, columns);
  if (type === undefined) {
    throw reader.fail(
      token,
      `${token.value}() needs a column before it`,
      'Write x is null or isnan(x).',
    );
  }
  reader.take();
  reader.expectSymbol(')', `after ${token.value}(`);
  const isNull: Tree = { kind: 'null', of };
  const missing = isFloat(elementTypeOf(of, columns) ?? type)
    ? anyOf([isNull, call('isnan', of)])
    : isNull;
  return asksMissing ? missing : not(missing);
}

/**
 * Trees as DuckDB SQL. Only columns are in double quotes, so that names can be changed in printed SQL, and
 * parentheses stand wherever DuckDB's precedence is not beyond doubt.
 */
import { quoteName, quoteText } from './quote.ts';
import { type CompareOperator, neverTree, type Tree } from './tree.ts';

/** Looser first. A part is put in parentheses when it is looser than its place allows. */
const OR = 1;
const AND = 2;
const NOT = 3;
const PREDICATE = 4;
/** Operators whose precedence differs between dialects: always in parentheses inside others. */
const ODD = 5;
const SUM = 6;
const PRODUCT = 7;
const SIGNED = 8;
const VALUE = 9;

const COMPARISONS: Readonly<Record<CompareOperator, string>> = {
  '=': '=',
  '!=': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  same: 'IS NOT DISTINCT FROM',
  distinct: 'IS DISTINCT FROM',
};

/** The SQL text of a tree. */
export function printTree(tree: Tree): string {
  return text(tree, OR);
}

function text(tree: Tree, loosest: number): string {
  const body = bodyOf(tree);
  return levelOf(tree) < loosest ? `(${body})` : body;
}

function levelOf(tree: Tree): number {
  switch (tree.kind) {
    case 'or':
      return OR;
    case 'and':
      return AND;
    case 'not':
      return ['null', 'in', 'like'].includes(tree.of.kind) ? PREDICATE : NOT;
    case 'compare':
    case 'in':
    case 'like':
    case 'null':
      return PREDICATE;
    case 'binary':
      if (tree.operator === '+' || tree.operator === '-') return SUM;
      return tree.operator === '*' || tree.operator === '/' ? PRODUCT : ODD;
    case 'unary':
      return SIGNED;
    default:
      return VALUE;
  }
}

function bodyOf(tree: Tree): string {
  switch (tree.kind) {
    case 'number':
      return tree.text;
    case 'text':
      return quoteText(tree.value);
    case 'constant':
      return tree.value;
    case 'column':
      return quoteName(tree.name);
    case 'field':
      return `struct_extract(${text(tree.of, OR)}, ${quoteText(tree.name)})`;
    case 'item':
      if (tree.name === null) return text(tree.of, OR);
      return `struct_extract(${text(tree.of, OR)}, ${quoteText(tree.name)})`;
    case 'over-list':
      return `${tree.name}(${text(tree.of, OR)})`;
    case 'element':
      return `${text(tree.of, VALUE)}[${text(tree.index, OR)}]`;
    case 'list':
      return `[${list(tree.items)}]`;
    case 'cast':
      return `${tree.safe ? 'TRY_CAST' : 'CAST'}(${text(tree.of, OR)} AS ${tree.type})`;
    case 'unary':
      return `${tree.operator}${text(tree.of, VALUE)}`;
    case 'binary':
      return binaryText(tree.operator, tree.left, tree.right);
    case 'compare':
      return `${text(tree.left, SUM)} ${COMPARISONS[tree.operator]} ${text(tree.right, SUM)}`;
    case 'in':
    case 'like':
    case 'null':
      return questionText(tree, false);
    case 'not':
      return notText(tree.of);
    case 'and':
      return tree.items.map((item) => text(item, NOT)).join(' AND ');
    case 'or':
      return tree.items.map((item) => text(item, AND)).join(' OR ');
    case 'case': {
      const branches = tree.branches.map(
        ({ when, value }) => `WHEN ${text(when, OR)} THEN ${text(value, OR)}`,
      );
      const otherwise = tree.otherwise === null ? '' : ` ELSE ${text(tree.otherwise, OR)}`;
      return `CASE ${branches.join(' ')}${otherwise} END`;
    }
    case 'call':
      return `${tree.name}(${list(tree.args)})`;
    default:
      return neverTree(tree);
  }
}

function binaryText(operator: string, left: Tree, right: Tree): string {
  if (operator === '+' || operator === '-')
    return `${text(left, SUM)} ${operator} ${text(right, PRODUCT)}`;
  if (operator === '*' || operator === '/')
    return `${text(left, PRODUCT)} ${operator} ${text(right, SIGNED)}`;
  return `${text(left, VALUE)} ${operator} ${text(right, VALUE)}`;
}

function questionText(tree: Tree & { kind: 'in' | 'like' | 'null' }, negated: boolean): string {
  const of = text(tree.of, SUM);
  const no = negated ? 'NOT ' : '';
  if (tree.kind === 'null') return `${of} IS ${no}NULL`;
  if (tree.kind === 'in') return `${of} ${no}IN (${list(tree.items)})`;
  const mark = tree.mark === null ? '' : ` ESCAPE ${text(tree.mark, SUM)}`;
  return `${of} ${no}${tree.anyCase ? 'ILIKE' : 'LIKE'} ${text(tree.pattern, SUM)}${mark}`;
}

function notText(of: Tree): string {
  if (of.kind === 'null' || of.kind === 'in' || of.kind === 'like') return questionText(of, true);
  return `NOT ${text(of, VALUE)}`;
}

function list(items: readonly Tree[]): string {
  return items.map((item) => text(item, OR)).join(', ');
}

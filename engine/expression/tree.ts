/**
 * The grammar of expressions as a tree: what is not in this union cannot be said. `NOT BETWEEN`, `NOT IN`,
 * simple `CASE`, `nullif` and chained comparisons are spelled with the nodes below when they are parsed.
 */

/** `same` and `distinct` are SQL's `IS NOT DISTINCT FROM` and `IS DISTINCT FROM`, which never answer null. */
export type CompareOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'same' | 'distinct';

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '||' | '&' | '|';

export interface CompareTree {
  readonly kind: 'compare';
  readonly operator: CompareOperator;
  readonly left: Tree;
  readonly right: Tree;
}

export interface BinaryTree {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Tree;
  readonly right: Tree;
}

export interface InTree {
  readonly kind: 'in';
  readonly of: Tree;
  readonly items: readonly Tree[];
}

export interface CaseTree {
  readonly kind: 'case';
  readonly branches: readonly { readonly when: Tree; readonly value: Tree }[];
  readonly otherwise: Tree | null;
}

export interface CallTree {
  readonly kind: 'call';
  /** Lower case; `coalesce` counts as a function here. */
  readonly name: string;
  readonly args: readonly Tree[];
}

export type Tree =
  /** Without a sign. Digits only: an integer; with a point or an exponent: a double. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'constant'; readonly value: 'TRUE' | 'FALSE' | 'NULL' }
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'field'; readonly of: Tree; readonly name: string }
  | { readonly kind: 'element'; readonly of: Tree; readonly index: Tree }
  /** Each element of a list: of a field of a nested column, or (name null) of a list column. See levels.ts. */
  | { readonly kind: 'item'; readonly of: Tree; readonly name: string | null }
  /** An aggregate over the elements that `of` speaks of; `len` takes the nested column itself. */
  | { readonly kind: 'over-list'; readonly name: string; readonly of: Tree }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'cast'; readonly of: Tree; readonly type: string; readonly safe: boolean }
  | { readonly kind: 'unary'; readonly operator: '-' | '~'; readonly of: Tree }
  | {
      readonly kind: 'like';
      readonly anyCase: boolean;
      readonly of: Tree;
      readonly pattern: Tree;
      readonly mark: Tree | null;
    }
  | { readonly kind: 'null'; readonly of: Tree }
  | { readonly kind: 'not'; readonly of: Tree }
  | { readonly kind: 'and' | 'or'; readonly items: readonly Tree[] }
  | BinaryTree
  | CompareTree
  | InTree
  | CaseTree
  | CallTree;

/** For the `default` branch of a switch over kinds: a forgotten kind does not compile. */
export function neverTree(tree: never): never {
  throw new Error(`unknown expression node ${JSON.stringify(tree)}`);
}

/** The direct parts of a node, in reading order. */
export function partsOf(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case 'number':
    case 'text':
    case 'constant':
    case 'column':
      return [];
    case 'field':
    case 'item':
    case 'over-list':
    case 'cast':
    case 'unary':
    case 'null':
    case 'not':
      return [tree.of];
    case 'element':
      return [tree.of, tree.index];
    case 'list':
    case 'and':
    case 'or':
      return tree.items;
    case 'like':
      return [tree.of, tree.pattern, ...(tree.mark === null ? [] : [tree.mark])];
    case 'binary':
    case 'compare':
      return [tree.left, tree.right];
    case 'in':
      return [tree.of, ...tree.items];
    case 'case': {
      const branches = tree.branches.flatMap(({ when, value }) => [when, value]);
      return tree.otherwise === null ? branches : [...branches, tree.otherwise];
    }
    case 'call':
      return tree.args;
    default:
      return neverTree(tree);
  }
}

/** A copy of `tree` whose direct parts are replaced by `change` of each. */
export function mapParts(tree: Tree, change: (part: Tree) => Tree): Tree {
  switch (tree.kind) {
    case 'number':
    case 'text':
    case 'constant':
    case 'column':
      return tree;
    case 'field':
    case 'item':
    case 'over-list':
    case 'cast':
    case 'unary':
    case 'null':
    case 'not':
      return { ...tree, of: change(tree.of) };
    case 'element':
      return { ...tree, of: change(tree.of), index: change(tree.index) };
    case 'list':
      return { ...tree, items: tree.items.map(change) };
    case 'and':
    case 'or':
      return { ...tree, items: tree.items.map(change) };
    case 'like': {
      const mark = tree.mark === null ? null : change(tree.mark);
      return { ...tree, of: change(tree.of), pattern: change(tree.pattern), mark };
    }
    case 'binary':
    case 'compare':
      return { ...tree, left: change(tree.left), right: change(tree.right) };
    case 'in':
      return { ...tree, of: change(tree.of), items: tree.items.map(change) };
    case 'case': {
      const branches = tree.branches.map(({ when, value }) => ({
        when: change(when),
        value: change(value),
      }));
      return {
        ...tree,
        branches,
        otherwise: tree.otherwise === null ? null : change(tree.otherwise),
      };
    }
    case 'call':
      return { ...tree, args: tree.args.map(change) };
    default:
      return neverTree(tree);
  }
}

/** Names of the columns used, each once, in order of first appearance. */
export function columnsOf(tree: Tree): string[] {
  const names = new Set<string>();
  const visit = (part: Tree): void => {
    if (part.kind === 'column') names.add(part.name);
    for (const inner of partsOf(part)) visit(inner);
  };
  visit(tree);
  return [...names];
}

/** All true; nested conjunctions are flattened. */
export function allOf(items: readonly Tree[]): Tree {
  const flat = items.flatMap((item) => (item.kind === 'and' ? item.items : [item]));
  return flat.length === 1 ? flat[0]! : { kind: 'and', items: flat };
}

/** Any true; nested disjunctions are flattened. */
export function anyOf(items: readonly Tree[]): Tree {
  const flat = items.flatMap((item) => (item.kind === 'or' ? item.items : [item]));
  return flat.length === 1 ? flat[0]! : { kind: 'or', items: flat };
}

export function not(of: Tree): Tree {
  return { kind: 'not', of };
}

export function compare(operator: CompareOperator, left: Tree, right: Tree): CompareTree {
  return { kind: 'compare', operator, left, right };
}

export function binary(operator: BinaryOperator, left: Tree, right: Tree): BinaryTree {
  return { kind: 'binary', operator, left, right };
}

export function call(name: string, ...args: readonly Tree[]): CallTree {
  return { kind: 'call', name, args };
}

export function cast(of: Tree, type: string): Tree {
  return { kind: 'cast', of, type, safe: false };
}

/** `CASE WHEN when THEN then ELSE otherwise END`. */
export function choose(when: Tree, value: Tree, otherwise: Tree): CaseTree {
  return { kind: 'case', branches: [{ when, value }], otherwise };
}

/** A finite number as a literal, its sign as a unary minus. */
export function numberTree(value: number | bigint): Tree {
  const negative = typeof value === 'bigint' ? value < 0n : value < 0 || Object.is(value, -0);
  const digits =
    typeof value === 'bigint' ? (value < 0n ? -value : value).toString() : doubleText(value);
  const literal: Tree = { kind: 'number', text: digits };
  return negative ? { kind: 'unary', operator: '-', of: literal } : literal;
}

/** Always with an exponent: without one DuckDB reads a decimal, whose arithmetic overflows. */
function doubleText(value: number): string {
  const text = Math.abs(value).toString();
  return text.includes('e') ? text : `${text}e0`;
}

/** The value of a number literal with any sign; undefined for everything else. */
export function literalOf(tree: Tree): number | undefined {
  if (tree.kind === 'number') return Number(tree.text);
  if (tree.kind !== 'unary' || tree.operator !== '-' || tree.of.kind !== 'number') return undefined;
  return -Number(tree.of.text);
}

/** True for a literal written with digits only, with or without a sign. */
export function isIntegerLiteral(tree: Tree): boolean {
  const unsigned = tree.kind === 'unary' && tree.operator === '-' ? tree.of : tree;
  return unsigned.kind === 'number' && /^[0-9]+$/.test(unsigned.text);
}

/**
 * What a field of a nested column stands for: the whole list where a function of lists or an index takes it
 * (`len(lc.mag)`, `lc.mag[1]`), and otherwise one element at a time (`lc.mag < 18`, `mean(lc.mag - 1)`).
 */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { LIST_FUNCTIONS } from './functions.ts';
import { elementType, narrowestField, nestOf } from './nest-type.ts';
import { excerpt } from './source.ts';
import { mapParts, partsOf, type Tree } from './tree.ts';

/** A column, or one field of a nested column. */
export interface ColumnUse {
  readonly column: string;
  readonly field?: string;
}

/** The tree with {@link Tree} nodes of kind `item` where a field of a nested column means its elements. */
export function settleLevels(tree: Tree, columns: readonly Column[]): Tree {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const settle = (part: Tree, takesList: boolean): Tree => {
    const field = nestField(part, types);
    if (field !== undefined) return takesList ? field : { ...field, kind: 'item' };
    switch (part.kind) {
      case 'call': {
        const lists = LIST_FUNCTIONS.has(part.name);
        return { ...part, args: part.args.map((arg) => settle(arg, lists)) };
      }
      case 'element':
        return { ...part, of: settle(part.of, true), index: settle(part.index, false) };
      case 'over-list':
        return part.name === 'len' ? part : { ...part, of: settleElements(part.of, types, settle) };
      default:
        return mapParts(part, (inner) => settle(inner, false));
    }
  };
  return settle(tree, false);
}

/** Inside an aggregate over a list a plain list column stands for its elements too. */
function settleElements(
  tree: Tree,
  types: ReadonlyMap<string, string>,
  settle: (part: Tree, takesList: boolean) => Tree,
): Tree {
  if (tree.kind === 'column' && elementType(types.get(tree.name) ?? '') !== undefined) {
    return { kind: 'item', of: tree, name: null };
  }
  if (tree.kind === 'call' && LIST_FUNCTIONS.has(tree.name)) return settle(tree, false);
  if (tree.kind === 'element' || tree.kind === 'over-list') return settle(tree, false);
  if (nestField(tree, types) !== undefined) return settle(tree, false);
  return mapParts(tree, (part) => settleElements(part, types, settle));
}

/** A field of a nested column, in either spelling. */
function nestField(
  tree: Tree,
  types: ReadonlyMap<string, string>,
): (Tree & { kind: 'field' }) | undefined {
  if (tree.kind !== 'field' || tree.of.kind !== 'column') return undefined;
  const nest = nestOf(types.get(tree.of.name) ?? '');
  return nest?.fields.some(({ name }) => name === tree.name) ? tree : undefined;
}

/** Names of the nested or list columns whose elements the tree is about, each once, those inside aggregates left out. */
export function elementsOf(tree: Tree): string[] {
  const names = new Set<string>();
  const visit = (part: Tree): void => {
    if (part.kind === 'over-list') return;
    if (part.kind === 'item' && part.of.kind === 'column') names.add(part.of.name);
    else for (const inner of partsOf(part)) visit(inner);
  };
  visit(tree);
  return [...names];
}

/**
 * The nested column whose elements a condition is about; undefined when it is about rows.
 *
 * @throws requestError where it is about several, or partly about rows
 */
export function elementNest(tree: Tree, text: string): string | undefined {
  const [nest, ...others] = elementsOf(tree);
  if (nest === undefined) return undefined;
  const where = `expression ${excerpt(text)}`;
  if (others.length > 0) {
    throw requestError(
      `the expression is about the elements of ${nest} and of ${others.join(', ')}`,
      'Write one query for each nested column.',
      where,
    );
  }
  const conditions = tree.kind === 'and' ? tree.items : [tree];
  if (conditions.some((part) => elementsOf(part).length === 0)) {
    throw requestError(
      `one part of the expression is about elements of ${nest}, another about whole rows`,
      'Write two queries: one keeps elements, the other keeps rows.',
      where,
    );
  }
  return nest;
}

/** The columns and fields that a tree uses, each once. */
export function usesOf(tree: Tree, columns: readonly Column[]): ColumnUse[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const uses = new Map<string, ColumnUse>();
  const add = (use: ColumnUse) => uses.set(JSON.stringify([use.column, use.field]), use);
  const visit = (part: Tree): void => {
    if (part.kind === 'item' && part.of.kind === 'column' && part.name !== null) {
      add({ column: part.of.name, field: part.name });
    } else if (part.kind === 'field' && nestField(part, types) !== undefined) {
      add({ column: (part.of as Tree & { kind: 'column' }).name, field: part.name });
    } else if (part.kind === 'over-list' && part.name === 'len' && part.of.kind === 'column') {
      add(lengthUse(part.of.name, types.get(part.of.name)!));
    } else {
      if (part.kind === 'column') add({ column: part.name });
      for (const inner of partsOf(part)) visit(inner);
    }
  };
  visit(tree);
  return [...uses.values()];
}

/** All lists of a nested column are of one length: the narrowest one tells it. */
export function lengthUse(column: string, type: string): ColumnUse {
  const nest = nestOf(type)!;
  return nest.form === 'structs' ? { column } : { column, field: narrowestField(nest) };
}

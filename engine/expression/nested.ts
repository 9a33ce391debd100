/**
 * Expressions on nested columns, turned into expressions on plain ones: fields that stand for whole lists and
 * aggregates over lists become columns of their own, computed once per row before the expression is; a condition on
 * elements becomes a lambda function, which is put together here and never comes from a user's text.
 */
import { createHash } from 'node:crypto';
import type { Column } from '../../catalogs/types.ts';
import type { Session } from '../session.ts';
import { checkTree, typeOfSql } from './check.ts';
import type { Fail } from './conditions.ts';
import { lengthUse } from './levels.ts';
import { elementType, nestOf } from './nest-type.ts';
import { overListSql, refuseOverList } from './over-list.ts';
import { printTree } from './print.ts';
import { quoteName } from './quote.ts';
import { mapColumns } from './rename.ts';
import { call, columnsOf, mapParts, partsOf, type Tree } from './tree.ts';

/** What a quoted name in checked SQL stands for. */
export type ExpressionInput =
  /** A column, or a field of a nested column as a list. */
  | { readonly name: string; readonly column: string; readonly field?: string }
  /** SQL over other inputs, to be computed once per row. */
  | {
      readonly name: string;
      readonly type: string;
      readonly sql: string;
      readonly inputs: readonly ExpressionInput[];
    };

/** A checked condition or value per element. */
export interface CheckedElements {
  readonly sql: string;
  readonly type: string;
  /** Names of the elements in `sql`, and the lists that they come from. */
  readonly items: readonly { readonly name: string; readonly list: ExpressionInput }[];
  /** What else `sql` names: values of the row. */
  readonly inputs: readonly ExpressionInput[];
}

/** What a checked expression over nested and plain columns comes to. */
export async function checkNested(
  tree: Tree,
  columns: readonly Column[],
  session: Session,
  want: 'boolean' | 'any',
  fail: Fail,
): Promise<{ sql: string; type: string; inputs: readonly ExpressionInput[] }> {
  const lift = new Lift(columns, session, fail);
  const plain = await lift.plain(tree);
  const { sql, type } = await checkTree(plain, lift.columns, session, want, fail);
  return { sql, type, inputs: lift.inputsOf(plain) };
}

/** The same for the elements of one nested column. */
export async function checkItems(
  tree: Tree,
  columns: readonly Column[],
  session: Session,
  want: 'boolean' | 'any',
  fail: Fail,
): Promise<CheckedElements> {
  return new Lift(columns, session, fail).elements(tree, want);
}

class Lift {
  readonly columns: Column[];
  readonly #session: Session;
  readonly #fail: Fail;
  /** By what they stand for, so that equal parts are computed once. */
  readonly #inputs = new Map<string, ExpressionInput>();

  constructor(columns: readonly Column[], session: Session, fail: Fail) {
    this.columns = [...columns];
    this.#session = session;
    this.#fail = fail;
  }

  /** The inputs that a plain tree names. */
  inputsOf(tree: Tree): ExpressionInput[] {
    return columnsOf(tree).map((name) => this.#input(name));
  }

  /** `tree` without anything nested. */
  async plain(tree: Tree): Promise<Tree> {
    if (tree.kind === 'item') throw this.#manyValues(tree);
    if (tree.kind === 'over-list') return this.#overList(tree.name, tree.of);
    if (tree.kind === 'field' && tree.of.kind === 'column' && this.#nest(tree.of.name)) {
      return { kind: 'column', name: this.#list(tree.of.name, tree.name).name };
    }
    const parts = new Map<Tree, Tree>();
    for (const part of partsOf(tree)) parts.set(part, await this.plain(part));
    return mapParts(tree, (part) => parts.get(part)!);
  }

  /** What is said of each element. */
  async elements(tree: Tree, want: 'boolean' | 'any'): Promise<CheckedElements> {
    const items = new Map<string, { name: string; list: ExpressionInput; type: string }>();
    const named = this.#nameItems(tree, items);
    const plain = await this.plain(named);
    const own = [...items.values()].map(({ name, type }) => ({ name, type }));
    const { sql, type } = await checkTree(
      plain,
      [...this.columns, ...own],
      this.#session,
      want,
      this.#fail,
    );
    const names = new Set(own.map(({ name }) => name));
    const others = columnsOf(plain).filter((name) => !names.has(name));
    return {
      sql,
      type,
      items: [...items.values()].map(({ name, list }) => ({ name, list })),
      inputs: others.map((name) => this.#input(name)),
    };
  }

  /** Elements become columns, those inside aggregates left alone. */
  #nameItems(
    tree: Tree,
    items: Map<string, { name: string; list: ExpressionInput; type: string }>,
  ): Tree {
    if (tree.kind === 'over-list') return tree;
    if (tree.kind !== 'item' || tree.of.kind !== 'column') {
      return mapParts(tree, (part) => this.#nameItems(part, items));
    }
    const key = printTree(tree);
    let item = items.get(key);
    if (item === undefined) {
      const list = this.#list(tree.of.name, tree.name);
      const type = elementType(this.#typeOf(list.name))!;
      item = { name: this.#nameFor(['item', key]), list, type };
      items.set(key, item);
    }
    return { kind: 'column', name: item.name };
  }

  async #overList(name: string, of: Tree): Promise<Tree> {
    if (name === 'len') return this.#length(of);
    const elements = await this.elements(of, 'any');
    const refusal = refuseOverList(name, elements.type);
    if (refusal !== undefined) throw this.#fail(refusal.what, refusal.hint);
    const list = isItem(of) ? elements.items[0]!.list : await this.#transformed(elements);
    const sql = overListSql(name, quoteName(list.name), elements.type);
    return { kind: 'column', name: (await this.#computed(sql, [list])).name };
  }

  /** A list of the values computed for each element. */
  async #transformed(elements: CheckedElements): Promise<ExpressionInput> {
    const { sql, items, inputs } = elements;
    const lists = items.map(({ list }) => list);
    const named = items.map(({ name }) => name);
    const values = `list_transform(${zipped(lists)}, lambda e: ${inLambda(sql, named)})`;
    return this.#computed(nullWithout(lists, values), [...lists, ...inputs]);
  }

  #length(of: Tree): Tree {
    if (of.kind !== 'column') throw this.#manyValues(of);
    const { column, field } = lengthUse(of.name, this.#typeOf(of.name));
    const list = field === undefined ? column : this.#list(column, field).name;
    return call('len', { kind: 'column', name: list });
  }

  /** A list column, or a field of a nested one as a column. */
  #list(column: string, field: string | null): ExpressionInput {
    if (field === null) return this.#input(column);
    const key = JSON.stringify([column, field]);
    const known = this.#inputs.get(key);
    if (known !== undefined) return known;
    const type = nestOf(this.#typeOf(column))!.fields.find(({ name }) => name === field)!.type;
    return this.#add(
      key,
      { name: this.#nameFor(['list', column, field]), column, field },
      `${type}[]`,
    );
  }

  async #computed(sql: string, inputs: readonly ExpressionInput[]): Promise<ExpressionInput> {
    const known = this.#inputs.get(sql);
    if (known !== undefined) return known;
    const type = await typeOfSql(sql, this.columns, this.#session, this.#fail);
    return this.#add(sql, { name: this.#nameFor(['sql', sql]), type, sql, inputs }, type);
  }

  #add(key: string, input: ExpressionInput, type: string): ExpressionInput {
    this.#inputs.set(key, input);
    this.columns.push({ name: input.name, type });
    return input;
  }

  #input(name: string): ExpressionInput {
    for (const input of this.#inputs.values()) if (input.name === name) return input;
    return { name, column: name };
  }

  #nest(column: string): boolean {
    return nestOf(this.#typeOf(column)) !== undefined;
  }

  #typeOf(column: string): string {
    return this.columns.find(({ name }) => name === column)!.type;
  }

  /**
   * The name follows from what it stands for: expressions that are checked one by one are computed side by side, where
   * equal names must mean equal values.
   */
  #nameFor(what: readonly string[]): string {
    const digest = createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 20);
    let name = `__crosshatch_${digest}`;
    while (this.columns.some((column) => column.name.toLowerCase() === name)) name += '_';
    return name;
  }

  #manyValues(tree: Tree) {
    return this.#fail(
      `${printTree(tree)} has many values per row where one is expected`,
      'Take an aggregate, for example mean(lc.mag), or one element, lc.mag[1].',
    );
  }
}

function isItem(tree: Tree): boolean {
  return tree.kind === 'item';
}

/** SQL of one list whose elements hold those of all lists: themselves, or tuples of them. */
export function zipped(lists: readonly { readonly name: string }[]): string {
  const names = lists.map(({ name }) => quoteName(name));
  return names.length === 1 ? names[0]! : `list_zip(${names.join(', ')})`;
}

/** Zipped, no lists at all would be an empty one. */
function nullWithout(lists: readonly { readonly name: string }[], sql: string): string {
  if (lists.length === 1) return sql;
  const absent = lists.map(({ name }) => `${quoteName(name)} IS NULL`).join(' AND ');
  return `CASE WHEN ${absent} THEN NULL ELSE ${sql} END`;
}

/** SQL over elements as the body of a lambda function of `e`, an element of {@link zipped}. */
export function inLambda(sql: string, items: readonly string[]): string {
  const place = new Map(items.map((name, i) => [name, items.length === 1 ? 'e' : `e[${i + 1}]`]));
  return mapColumns(sql, (name) => place.get(name) ?? quoteName(name));
}

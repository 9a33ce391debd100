/** Columns of a plan bound to where their values come from; nested columns field by field. */
import type {
  CheckedElements,
  CheckedExpression,
  Expression,
  ExpressionInput,
} from '../expression/expression.ts';
import { nestOf, nestType } from '../expression/nest-type.ts';
import { quoteText } from '../expression/quote.ts';
import type { BoundColumn, ColumnRef, Computation } from '../task.ts';

/** The columns of a plan node by name. */
export type Bindings = ReadonlyMap<string, BoundColumn>;

/** Final SQL of the plan's expressions, checked by the database. */
export interface CompiledSql {
  /** Of an expression about rows. */
  ofRows(expression: Expression): CheckedExpression;
  /** Of a condition on the elements of a nested column. */
  ofElements(expression: Expression): CheckedElements;
}

/** The computations of a program in the making; what is computed twice is one. */
export class Computations {
  readonly list: Computation[] = [];
  readonly #numbers = new Map<string, number>();

  /** `known`: those that a program has already. */
  constructor(known: readonly Computation[] = []) {
    for (const { sql, inputs } of known) this.add(sql, inputs);
  }

  add(sql: string, inputs: readonly BoundColumn[]): ColumnRef {
    const key = JSON.stringify([sql, inputs.map(({ name, ref }) => [name, ref])]);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.list.push({ sql, inputs }) - 1;
      this.#numbers.set(key, number);
    }
    return { kind: 'computed', number };
  }
}

/** One list of a nested column. */
export function fieldOf(nest: BoundColumn, field: string, computed: Computations): BoundColumn {
  const { ref } = nest;
  const type = `${nestOf(nest.type)!.fields.find(({ name }) => name === field)!.type}[]`;
  switch (ref.kind) {
    case 'scan':
      return { name: field, type, ref: { ...ref, field } };
    case 'nest':
      return ref.fields.find(({ name }) => name === field)!;
    default: {
      const sql =
        nestOf(nest.type)!.form === 'lists'
          ? `struct_extract("nest", ${quoteText(field)})`
          : `list_transform("nest", lambda e: struct_extract(e, ${quoteText(field)}))`;
      const inputs = [{ ...nest, name: 'nest' }];
      return { name: field, type, ref: computed.add(sql, inputs) };
    }
  }
}

/** A nested column out of list columns, whose names are the fields'. */
export function nestColumn(name: string, fields: readonly BoundColumn[]): BoundColumn {
  const types = fields.map((field) => ({ name: field.name, type: field.type.slice(0, -2) }));
  return { name, type: nestType(types), ref: { kind: 'nest', fields } };
}

/** What the names in checked SQL stand for. */
export function bindInputs(
  inputs: readonly ExpressionInput[],
  bindings: Bindings,
  computed: Computations,
): readonly BoundColumn[] {
  return inputs.map((input) => bindInput(input, bindings, computed));
}

export function bindInput(
  input: ExpressionInput,
  bindings: Bindings,
  computed: Computations,
): BoundColumn {
  const { name } = input;
  if ('sql' in input) {
    const { type, sql } = input;
    return { name, type, ref: computed.add(sql, bindInputs(input.inputs, bindings, computed)) };
  }
  const column = bindings.get(input.column)!;
  const { field } = input;
  return { ...(field === undefined ? column : fieldOf(column, field, computed)), name };
}

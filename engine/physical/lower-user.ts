/** User code as steps of a cell's program: what rows are made of, and what becomes columns. */
import { nestOf } from '../expression/nest-type.ts';
import type { RowsNode, TableNode } from '../plan/node.ts';
import { ERROR_COLUMN, INDEX_COLUMN, schemaOf } from '../plan/schema.ts';
import { rowIdColumns } from '../plan/user-code.ts';
import type { BoundColumn, RowsCell, TableCell } from '../task.ts';
import type { RowProperty } from '../user/rows.ts';
import { outputType, readAs } from '../user/types.ts';
import { type Bindings, type Computations, fieldOf } from './bind.ts';
import type { Lowered } from './lower-pairs.ts';

export function lowerRows(
  plan: RowsNode,
  input: Lowered,
  computed: Computations,
  step: number,
): Lowered {
  const { inputs, properties } = rowInputs(plan, input.bindings, computed);
  const outputs = plan.outputs ?? [];
  const cell: RowsCell = {
    kind: 'user-rows',
    step,
    input: input.cell,
    code: plan.code,
    constants: plan.constants,
    inputs,
    properties,
    id: rowIdColumns(plan.input).map((name) => input.bindings.get(name)!),
    outputs,
    onError: plan.onError,
    ...(plan.rowTimeoutSeconds === undefined ? {} : { rowTimeoutSeconds: plan.rowTimeoutSeconds }),
    label: schemaOf(plan.input).name,
  };
  const made = outputs.map((output) => madeColumn(step, output.name, outputType(output)));
  if (plan.onError === 'collect') made.push(madeColumn(step, ERROR_COLUMN, 'VARCHAR'));
  return {
    cell,
    bindings: new Map([...input.bindings, ...made.map((of) => [of.name, of] as const)]),
  };
}

export function lowerTable(plan: TableNode, input: Lowered, step: number): Lowered {
  const outputs = plan.outputs ?? [];
  const { ra, dec } = schemaOf(plan);
  const position = ra === undefined || dec === undefined ? null : { ra: ra.name, dec: dec.name };
  const cell: TableCell = {
    kind: 'user-table',
    step,
    input: input.cell,
    code: plan.code,
    constants: plan.constants,
    inputs: plan.columns.map((name) => input.bindings.get(name)!),
    outputs,
    position,
    label: schemaOf(plan.input).name,
  };
  const bindings = new Map(outputs.map(({ name, type }) => [name, madeColumn(step, name, type)]));
  // Rows may have moved: a stored index says nothing any more.
  if (position !== null) {
    bindings.set(INDEX_COLUMN, { name: INDEX_COLUMN, type: 'BIGINT', ref: { kind: 'index' } });
  }
  return { cell, bindings };
}

function madeColumn(step: number, name: string, type: string): BoundColumn {
  return { name, type, ref: { kind: 'made', step, column: name } };
}

/** The columns that rows are made of; nested ones field by field. */
function rowInputs(
  plan: RowsNode,
  bindings: Bindings,
  computed: Computations,
): { inputs: BoundColumn[]; properties: RowProperty[] } {
  const inputs: BoundColumn[] = [];
  const add = (column: BoundColumn) => {
    const read = readAs(column.type, '"v"')!;
    const name = `i${inputs.length}`;
    const time = /^(DATE|TIMESTAMP)/.test(column.type);
    const bound: BoundColumn =
      read.sql === '"v"'
        ? { ...column, name }
        : {
            name,
            type: read.type,
            ref: computed.add(read.sql, [{ ...column, name: 'v' }]),
          };
    return { column: inputs.push(bound) - 1, time };
  };
  const fieldsOf = new Map<string, readonly string[]>();
  for (const { column, field } of plan.columns) {
    const nest = nestOf(bindings.get(column)!.type);
    const all = nest?.fields.map(({ name }) => name) ?? [];
    fieldsOf.set(column, field === undefined ? all : [...(fieldsOf.get(column) ?? []), field]);
  }
  const properties = [...fieldsOf].map(([name, fields]): RowProperty => {
    const column = bindings.get(name)!;
    if (nestOf(column.type) === undefined) return { name, kind: 'value', ...add(column) };
    return {
      name,
      kind: 'nest',
      fields: fields.map((field) => ({ name: field, ...add(fieldOf(column, field, computed)) })),
    };
  });
  return { inputs, properties };
}

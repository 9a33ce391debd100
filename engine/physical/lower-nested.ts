/** Computed and nested columns as bindings: SQL over other columns, put together here, run with the gather. */
import type { CheckedElements } from '../expression/expression.ts';
import { nestOf } from '../expression/nest-type.ts';
import { inLambda, zipped } from '../expression/nested.ts';
import { isFloat } from '../expression/types.ts';
import type { ComputedColumn } from '../plan/node.ts';
import type { BoundColumn } from '../task.ts';
import {
  type Bindings,
  bindInput,
  bindInputs,
  type CompiledSql,
  fieldOf,
  nestColumn,
} from './bind.ts';

/** A computed column bound over the columns of its input. */
export function lowerComputed(
  computed: ComputedColumn,
  bindings: Bindings,
  compiled: CompiledSql,
): BoundColumn {
  const { name } = computed;
  switch (computed.kind) {
    case 'value': {
      const { sql, type, inputs } = compiled.ofRows(computed.expression);
      return { name, type, ref: { kind: 'computed', sql, inputs: bindInputs(inputs, bindings) } };
    }
    case 'lists': {
      const fields = computed.fields.map((field) => ({
        ...bindings.get(field.column)!,
        name: field.name,
      }));
      return nestColumn(name, fields);
    }
    case 'fields':
      return nestColumn(
        name,
        computed.fields.map((field) => fieldOf(bindings.get(name)!, field)),
      );
    case 'where':
      return whereColumn(computed, bindings, compiled.ofElements(computed.expression));
    case 'sort':
      return sortedColumn(computed, bindings.get(name)!);
    default:
      throw new Error(`unknown computed column ${JSON.stringify(computed satisfies never)}`);
  }
}

/** One list of tuples: the fields kept, then what the condition needs besides. */
function whereColumn(
  { name, fields }: Extract<ComputedColumn, { kind: 'where' }>,
  bindings: Bindings,
  { sql, items, inputs }: CheckedElements,
): BoundColumn {
  const nest = bindings.get(name)!;
  const lists: BoundColumn[] = fields.map((field, i) => ({
    ...fieldOf(nest, field),
    name: `z${i}`,
  }));
  // Where an element of the condition is in the tuple.
  const places = items.map(({ list }) => {
    const field = 'field' in list ? fields.indexOf(list.field!) : -1;
    if (field >= 0) return field;
    return lists.push({ ...bindInput(list, bindings), name: `z${lists.length}` }) - 1;
  });
  const named = lists.map((_, place) => items[places.indexOf(place)]?.name ?? `z${place}`);
  const condition = inLambda(sql, named);
  const filtered = `list_filter(${zipped(lists)}, lambda e: coalesce(${condition}, FALSE))`;
  const tuples = tupleColumn(filtered, lists, bindInputs(inputs, bindings));
  return nestColumn(
    name,
    fields.map((field, i) => untupled(field, lists[i]!, tuples, lists.length === 1 ? null : i + 1)),
  );
}

/** Tuples of key and place sort stably: the place decides among equal keys. */
function sortedColumn(
  { name, fields, by, descending }: Extract<ComputedColumn, { kind: 'sort' }>,
  nest: BoundColumn,
): BoundColumn {
  const lists: BoundColumn[] = fields.map((field, i) => ({
    ...fieldOf(nest, field),
    name: `z${i}`,
  }));
  const key = { ...fieldOf(nest, by), name: 'key' };
  const values = lists.map((list) => `"${list.name}"`);
  const float = isFloat(nestOf(nest.type)!.fields.find((field) => field.name === by)!.type);
  // Descending, what has no value would come first.
  const known = float ? 'e IS NOT NULL AND NOT isnan(e)' : 'e IS NOT NULL';
  const head = descending
    ? [
        `list_transform("key", lambda e: ${known})`,
        '"key"',
        'list_transform(range(len("key")), lambda e: -e)',
      ]
    : ['"key"', 'range(len("key"))'];
  const tuple = `list_zip(${[...head, ...values].join(', ')})`;
  const sorted = descending ? `list_sort(${tuple}, 'DESC', 'NULLS LAST')` : `list_sort(${tuple})`;
  const tuples = tupleColumn(sorted, [key, ...lists], []);
  return nestColumn(
    name,
    fields.map((field, i) => untupled(field, lists[i]!, tuples, head.length + i + 1)),
  );
}

/** Tuples of some lists, computed once for all fields; null where all lists are. */
function tupleColumn(
  sql: string,
  lists: readonly BoundColumn[],
  others: readonly BoundColumn[],
): BoundColumn {
  const absent = lists.map(({ name }) => `"${name}" IS NULL`).join(' AND ');
  const inputs = [...lists, ...others];
  return {
    name: 'tuples',
    type: 'LIST',
    ref: {
      kind: 'computed',
      sql: `CASE WHEN ${absent} THEN NULL ELSE ${sql} END`,
      inputs: inputs.filter(
        (input, i) => inputs.findIndex(({ name }) => name === input.name) === i,
      ),
    },
  };
}

/** One field out of tuples, null where it was; `place` null: the elements are no tuples. */
function untupled(
  field: string,
  list: BoundColumn,
  tuples: BoundColumn,
  place: number | null,
): BoundColumn {
  const values = place === null ? '"tuples"' : `list_transform("tuples", lambda e: e[${place}])`;
  const sql = `CASE WHEN "${list.name}" IS NULL THEN NULL ELSE ${values} END`;
  return { name: field, type: list.type, ref: { kind: 'computed', sql, inputs: [list, tuples] } };
}

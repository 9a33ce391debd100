/** Computed and nested columns as bindings: SQL over other columns, put together here, run with the gather. */
import type { CheckedElements } from '../expression/expression.ts';
import { nestOf } from '../expression/nest-type.ts';
import { inLambda, zipped } from '../expression/nested.ts';
import { quoteText } from '../expression/quote.ts';
import { isFloat } from '../expression/types.ts';
import type { ComputedColumn } from '../plan/node.ts';
import type { BoundColumn } from '../task.ts';
import {
  type Bindings,
  bindInput,
  bindInputs,
  type CompiledSql,
  type Computations,
  fieldOf,
  nestColumn,
} from './bind.ts';

/** What columns are bound over: those of the input, the checked expressions, and the program's computations. */
export interface Binding {
  readonly bindings: Bindings;
  readonly compiled: CompiledSql;
  readonly computed: Computations;
}

/** A computed column bound over the columns of its input. */
export function lowerComputed(column: ComputedColumn, over: Binding): BoundColumn {
  const { name } = column;
  const { bindings, compiled, computed } = over;
  switch (column.kind) {
    case 'value': {
      const { sql, type, inputs } = compiled.ofRows(column.expression);
      return { name, type, ref: computed.add(sql, bindInputs(inputs, bindings, computed)) };
    }
    case 'lists':
      return listsColumn(column, over);
    case 'fields':
      return nestColumn(
        name,
        column.fields.map((field) => fieldOf(bindings.get(name)!, field, computed)),
      );
    case 'where':
      return whereColumn(column, over, compiled.ofElements(column.expression));
    case 'sort':
      return sortedColumn(column, bindings.get(name)!, computed);
    default:
      throw new Error(`unknown computed column ${JSON.stringify(column satisfies never)}`);
  }
}

/** Lists of different lengths cannot be one table: a row that has such ends the run. */
function listsColumn(
  { name, fields }: Extract<ComputedColumn, { kind: 'lists' }>,
  { bindings, computed }: Binding,
): BoundColumn {
  const lists = fields.map(
    (field, i): BoundColumn => ({ ...bindings.get(field.column)!, name: `z${i}` }),
  );
  const [first, ...others] = lists;
  const differ = others.map((list) => `len("z0") IS DISTINCT FROM len("${list.name}")`);
  const lengths = lists.map(
    (list, i) =>
      `${quoteText(`${i === 0 ? '' : ', '}${fields[i]!.column} has `)} || coalesce(len("${list.name}")::VARCHAR, 'none')`,
  );
  const message = `${quoteText(`lists of different lengths cannot be nested as ${name}: `)} || ${lengths.join(' || ')}`;
  const checked = (field: string, list: BoundColumn): BoundColumn => {
    if (others.length === 0) return { ...first!, name: field };
    const sql = `CASE WHEN ${differ.join(' OR ')} THEN error(${message}) ELSE "${list.name}" END`;
    return { name: field, type: list.type, ref: computed.add(sql, lists) };
  };
  return nestColumn(
    name,
    fields.map((field, i) => checked(field.name, lists[i]!)),
  );
}

/** One list of tuples: the fields kept, then what the condition needs besides. */
function whereColumn(
  { name, fields }: Extract<ComputedColumn, { kind: 'where' }>,
  { bindings, computed }: Binding,
  { sql, items, inputs }: CheckedElements,
): BoundColumn {
  const nest = bindings.get(name)!;
  const lists: BoundColumn[] = fields.map((field, i) => ({
    ...fieldOf(nest, field, computed),
    name: `z${i}`,
  }));
  // Where an element of the condition is in the tuple.
  const places = items.map(({ list }) => {
    const field = 'field' in list ? fields.indexOf(list.field!) : -1;
    if (field >= 0) return field;
    return lists.push({ ...bindInput(list, bindings, computed), name: `z${lists.length}` }) - 1;
  });
  const named = lists.map((_, place) => items[places.indexOf(place)]?.name ?? `z${place}`);
  const condition = inLambda(sql, named);
  const filtered = `list_filter(${zipped(lists)}, lambda e: coalesce(${condition}, FALSE))`;
  const tuples = tupleColumn(filtered, lists, bindInputs(inputs, bindings, computed), computed);
  return nestColumn(
    name,
    fields.map((field, i) =>
      untupled(field, lists[i]!, tuples, lists.length === 1 ? null : i + 1, computed),
    ),
  );
}

/**
 * Tuples sort by what comes first in them: whether there is a key, the key, and then the place, which keeps the order
 * among equal keys. What has no key comes last, in its order, whichever way the others go.
 */
function sortedColumn(
  { name, fields, by, descending }: Extract<ComputedColumn, { kind: 'sort' }>,
  nest: BoundColumn,
  computed: Computations,
): BoundColumn {
  const lists: BoundColumn[] = fields.map((field, i) => ({
    ...fieldOf(nest, field, computed),
    name: `z${i}`,
  }));
  const key = { ...fieldOf(nest, by, computed), name: 'key' };
  const float = isFloat(nestOf(nest.type)!.fields.find((field) => field.name === by)!.type);
  const known = float ? 'e IS NOT NULL AND NOT isnan(e)' : 'e IS NOT NULL';
  const keys = float
    ? 'list_transform("key", lambda e: CASE WHEN isnan(e) THEN NULL ELSE e END)'
    : '"key"';
  const places = 'range(len("key"))';
  const head = [
    `list_transform("key", lambda e: ${descending ? known : `NOT (${known})`})`,
    keys,
    descending ? `list_transform(${places}, lambda e: -e)` : places,
  ];
  const tuple = `list_zip(${[...head, ...lists.map((list) => `"${list.name}"`)].join(', ')})`;
  // Without keys there is no order to bring the others into.
  const sorted = `CASE WHEN "key" IS NULL THEN ${tuple} ELSE list_sort(${tuple}, '${descending ? 'DESC' : 'ASC'}') END`;
  const tuples = tupleColumn(sorted, [key, ...lists], [], computed);
  return nestColumn(
    name,
    fields.map((field, i) => untupled(field, lists[i]!, tuples, head.length + i + 1, computed)),
  );
}

/** Tuples of some lists, computed once for all fields; null where all lists are. */
function tupleColumn(
  sql: string,
  lists: readonly BoundColumn[],
  others: readonly BoundColumn[],
  computed: Computations,
): BoundColumn {
  const absent = lists.map(({ name }) => `"${name}" IS NULL`).join(' AND ');
  const inputs = [...lists, ...others];
  const named = inputs.filter(
    (input, i) => inputs.findIndex(({ name }) => name === input.name) === i,
  );
  const ref = computed.add(`CASE WHEN ${absent} THEN NULL ELSE ${sql} END`, named);
  return { name: 'tuples', type: 'LIST', ref };
}

/** One field out of tuples, null where it was; `place` null: the elements are no tuples. */
function untupled(
  field: string,
  list: BoundColumn,
  tuples: BoundColumn,
  place: number | null,
  computed: Computations,
): BoundColumn {
  const values = place === null ? '"tuples"' : `list_transform("tuples", lambda e: e[${place}])`;
  const sql = `CASE WHEN "${list.name}" IS NULL THEN NULL ELSE ${values} END`;
  return { name: field, type: list.type, ref: computed.add(sql, [list, tuples]) };
}

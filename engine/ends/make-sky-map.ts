/** Makes maps of the sky: rows, or the value of an aggregate, per HEALPix pixel; of a match, at the left position. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import {
  type AggregateExpression,
  isRowCount,
  parseAggregate,
  parseValue,
} from '../expression/aggregate.ts';
import type { Expression } from '../expression/expression.ts';
import { quoteName } from '../expression/quote.ts';
import { storageOf } from '../expression/storage.ts';
import type { KeyValue } from '../groups.ts';
import { runProgram } from '../physical/run-program.ts';
import type { PlanNode } from '../plan/node.ts';
import { namableColumns, positionOf, schemaOf } from '../plan/schema.ts';
import { addMaps } from '../reduce/add-maps.ts';
import type { ValueColumn } from '../reduce/group-values.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import type { SparseMap } from '../task.ts';
import { type Groups, runGrouping } from './grouping.ts';
import { prepare } from './prepare.ts';
import { withWorkspace } from './run.ts';
import { type CategoryValue, MAX_MAP_ORDER, SkyMap, type SkyMapData, SkyMaps } from './sky-map.ts';
import { withinReach } from './within-reach.ts';

/** Categories that maps may be made for. */
const MAX_MAPS = 512;

export interface SkyMapOptions extends RunSettings {
  /** HEALPix order of the pixels, 0 to 13. */
  readonly order: number;
  /** What a pixel holds: `count` (default), or an aggregate expression such as `mean(mag)`. */
  readonly value?: string;
  /** Column or expression with few values: a map for each of them, at most 512. */
  readonly by?: string;
}

function checkMapOrder(order: number): void {
  if (!Number.isInteger(order) || order < 0 || order > MAX_MAP_ORDER) {
    throw requestError(`sky map order ${order} is not an integer from 0 to ${MAX_MAP_ORDER}`);
  }
}

/** The expressions of a map; `value` null: rows are counted. */
interface MapValue {
  readonly value: AggregateExpression | null;
  readonly by: Expression | null;
}

/** Reads the expressions of a map, checked as far as that needs no database. */
function readMapValue(
  plan: PlanNode,
  { value = 'count', by }: Pick<SkyMapOptions, 'value' | 'by'>,
): MapValue {
  const columns = namableColumns(schemaOf(plan));
  return {
    value: isRowCount(value) ? null : parseAggregate(value, columns),
    by: by === undefined ? null : parseValue(by, columns),
  };
}

/** Columns that a map reads besides positions. */
export function mapColumns(
  plan: PlanNode,
  options: Pick<SkyMapOptions, 'value' | 'by'>,
): readonly string[] {
  const { value, by } = readMapValue(plan, options);
  return [...new Set([...(value?.columns ?? []), ...(by?.columns ?? [])])];
}

/**
 * The map of a plan, or with `by` those of its categories.
 *
 * @param whole the plan as it can be run; asked for once the request is known to be right
 */
export async function skyMap(
  plan: PlanNode,
  whole: () => Promise<PlanNode>,
  runtime: Runtime,
  options: SkyMapOptions,
): Promise<SkyMap | SkyMaps> {
  checkMapOrder(options.order);
  positionOf(schemaOf(plan));
  readMapValue(plan, options);
  const runnable = await whole();
  const { by } = options;
  if (by !== undefined) return categoryMaps(runnable, { ...options, by }, runtime);
  const { value } = readMapValue(runnable, options);
  return value === null
    ? countMap(runnable, options.order, runtime, options)
    : valueMap(runnable, value, options, runtime);
}

async function valueMap(
  plan: PlanNode,
  value: AggregateExpression,
  options: SkyMapOptions,
  runtime: Runtime,
): Promise<SkyMap> {
  const groups = await runGrouping(plan, requestOf(value, null, options.order), runtime, options);
  const { place, rows } = groups.finished;
  const map = { ...kindOf(plan, value, options), ...sparse(place, groups.values[0]!) };
  return new SkyMap({ ...map, rows: rows.reduce((sum, n) => sum + n, 0) }, groups.summary);
}

async function categoryMaps(
  plan: PlanNode,
  options: SkyMapOptions & { readonly by: string },
  runtime: Runtime,
): Promise<SkyMaps> {
  const { by, ...read } = readMapValue(plan, options);
  const value = read.value ?? parseAggregate('count(*)', []);
  const groups = await runGrouping(plan, requestOf(value, by, options.order), runtime, options);
  const kind = kindOf(plan, read.value, options);
  const { place, rows } = groups.finished;
  const column = groups.values[0]!;
  const maps = new Map<CategoryValue, SkyMap>();
  eachCategory(groups, (key, [from, to]) => {
    const part: ValueColumn = {
      type: column.type,
      values: column.values.slice(from, to),
      valid: column.valid?.slice(from, to) ?? null,
    };
    const sum = rows.subarray(from, to).reduce((all, n) => all + n, 0);
    const map = { ...kind, ...sparse(place.slice(from, to), part), rows: sum };
    maps.set(key, new SkyMap(map, groups.summary));
  });
  return new SkyMaps(options.by, options.order, maps, groups.summary);
}

function requestOf(value: AggregateExpression, by: Expression | null, order: number) {
  return {
    aggregates: [value],
    by: by === null ? [] : [by],
    place: { kind: 'pixel' as const, order },
    maxCategories: MAX_MAPS,
  };
}

async function countMap(
  plan: PlanNode,
  order: number,
  runtime: Runtime,
  settings: RunSettings,
): Promise<SkyMap> {
  const { program } = await prepare(plan, [], runtime, settings);
  return withWorkspace(program, runtime, settings, async (space) => {
    const { map, rows } = await withinReach(space.stats, async (allowance) => {
      const maps: SparseMap[] = [];
      let sum = 0;
      const run = { ...space, ...settings, sink: { kind: 'map' as const, order }, ordered: false };
      for await (const cell of runProgram(program, run, space.stats, allowance)) {
        maps.push(cell.map!);
        sum += cell.rows;
      }
      return { map: addMaps(order, maps), rows: sum };
    });
    const kind = kindOf(plan, null, { order });
    const data = { ...kind, pixels: map.pixels, values: map.counts, rows };
    return new SkyMap(data, space.summary(rows));
  });
}

/** What a map is a map of. */
function kindOf(
  plan: PlanNode,
  value: AggregateExpression | null,
  { order }: Pick<SkyMapOptions, 'order'>,
): Pick<SkyMapData, 'order' | 'name' | 'isCount' | 'unit'> {
  if (value === null) return { order, name: 'COUNT', isCount: true };
  const unit = unitOf(value, namableColumns(schemaOf(plan)));
  const name = value.text.trim().replaceAll(/\s+/g, ' ');
  return { order, name, isCount: false, ...(unit === undefined ? {} : { unit }) };
}

/** The unit of a column, where the value is of its kind: its mean, say, but not its variance. */
function unitOf({ calls, value, names }: AggregateExpression, columns: readonly Column[]) {
  const [call] = calls;
  if (call?.of == null || value.sql !== quoteName(names[0]!)) return undefined;
  const keeps = ['sum', 'mean', 'min', 'max', 'stddev_samp', 'stddev_pop'].includes(call.function);
  const column = columns.find(({ name }) => quoteName(name) === call.of!.sql);
  return keeps ? column?.unit : undefined;
}

/** The pixels that have a value, with their values as doubles. */
function sparse(
  pixels: Float64Array,
  { type, values, valid }: ValueColumn,
): { pixels: Float64Array; values: Float64Array } {
  const bias = storageOf(type)!.biased ? 2n ** 63n : 0n;
  const doubles =
    values instanceof Float64Array
      ? values
      : Float64Array.from(values, (value) => Number(value + bias));
  if (valid === null) return { pixels, values: doubles };
  return {
    pixels: pixels.filter((_, i) => valid[i] === 1),
    values: doubles.filter((_, i) => valid[i] === 1),
  };
}

/** Calls `visit` for each category with its value and the range of its groups. */
function eachCategory(
  { finished: { keys, category }, keyTypes }: Groups,
  visit: (value: CategoryValue, range: readonly [number, number]) => void,
): void {
  let from = 0;
  while (from < category.length) {
    const current = category[from]!;
    let to = from + 1;
    while (to < category.length && category[to] === current) to++;
    visit(categoryValue(keys[current]![0]!, keyTypes[0]!), [from, to]);
    from = to;
  }
}

/** A key as its column's values are given elsewhere: integers of 64 bits as bigint, smaller ones as number. */
function categoryValue(key: KeyValue, type: string): CategoryValue {
  if (typeof key !== 'bigint') return key;
  if (type === 'BOOLEAN') return key !== 0n;
  if (type === 'UBIGINT') return key + 2n ** 63n;
  return /^U?(TINY|SMALL)INT$|^U?INTEGER$/.test(type) ? Number(key) : key;
}

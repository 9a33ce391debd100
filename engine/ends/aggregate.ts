/** Aggregates of all rows, or of groups of them, as a table. */
import { Table, type Vector } from 'apache-arrow';
import { requestError } from '../../partitioning/error.ts';
import { type AggregateExpression, parseAggregate, parseValue } from '../expression/aggregate.ts';
import type { Expression } from '../expression/expression.ts';
import type { PlanNode } from '../plan/node.ts';
import { namableColumns, schemaOf } from '../plan/schema.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import { arrowColumn, arrowKeys } from './arrow-columns.ts';
import { type Groups, runGrouping } from './grouping.ts';

/** Groups that a table may have: their keys are held in memory as they are. */
const MAX_GROUPS = 100_000;

export interface AggregateOptions extends RunSettings {
  /**
   * Columns or expressions whose values make the groups: a name or expression, several, or expressions by the names
   * of their columns in the result. At most 100,000 groups.
   */
  readonly by?: string | readonly string[] | Readonly<Record<string, string>>;
}

/** Name of a result column → aggregate expression. */
export type AggregateSpecs = Readonly<Record<string, string>>;

/**
 * A row for each group, ascending by the keys, null last; without `by` one row.
 * Throws request errors for what metadata can tell, before any row is read.
 *
 * @param whole the plan as it can be run; asked for once the request is known to be right
 */
export async function aggregate(
  plan: PlanNode,
  whole: () => Promise<PlanNode>,
  specs: AggregateSpecs,
  runtime: Runtime,
  options: AggregateOptions,
): Promise<Table> {
  readAggregates(plan, specs, options.by);
  const runnable = await whole();
  const { aggregates, by } = readAggregates(runnable, specs, options.by);
  const request = {
    aggregates: [...aggregates.values()],
    by: [...by.values()],
    place: { kind: 'one' as const },
    maxCategories: MAX_GROUPS,
  };
  const groups = await runGrouping(runnable, request, runtime, options);
  return tableOf(groups, [...by.keys()], [...aggregates.keys()]);
}

/** The expressions by name, checked as far as that needs no database. */
function readAggregates(
  plan: PlanNode,
  specs: AggregateSpecs,
  by: AggregateOptions['by'],
): {
  readonly aggregates: ReadonlyMap<string, AggregateExpression>;
  readonly by: ReadonlyMap<string, Expression>;
} {
  const columns = namableColumns(schemaOf(plan));
  const keys = Object.entries(namedKeys(by));
  const names = Object.keys(specs);
  if (names.length === 0) {
    throw requestError('there is nothing to aggregate', "For example { n: 'count(*)' }.");
  }
  refuseRepeats([...keys.map(([name]) => name), ...names]);
  return {
    aggregates: new Map(names.map((name) => [name, parseAggregate(specs[name]!, columns)])),
    by: new Map(keys.map(([name, text]) => [name, parseValue(text, columns)])),
  };
}

/** Keys by the names of their columns: a key without a name is called as it is written. */
function namedKeys(by: AggregateOptions['by']): Readonly<Record<string, string>> {
  if (by === undefined) return {};
  if (typeof by === 'string') return { [by]: by };
  if (!Array.isArray(by)) return by as Readonly<Record<string, string>>;
  refuseRepeats(by);
  return Object.fromEntries((by as readonly string[]).map((text) => [text, text]));
}

function refuseRepeats(names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated === undefined) return;
  throw requestError(
    `two columns of the result would be called "${repeated}"`,
    "Give the key another name: by: { key: 'band' }.",
  );
}

function tableOf(
  { finished, values, keyTypes }: Groups,
  keyNames: readonly string[],
  names: readonly string[],
): Table {
  const { keys, category } = finished;
  const columns: Record<string, Vector> = {};
  keyNames.forEach((name, i) => {
    columns[name] = arrowKeys(
      keyTypes[i]!,
      Array.from(category, (c) => keys[c]![i]!),
    );
  });
  names.forEach((name, i) => {
    columns[name] = arrowColumn(values[i]!);
  });
  return new Table(columns);
}

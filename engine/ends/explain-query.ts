/** Explains what a query would do: prepares it as a run does, and runs nothing. */
import { checkOptions } from '../../partitioning/options.ts';
import { type Explanation, explain } from '../explain.ts';
import type { Program } from '../physical/lower.ts';
import type { PlanNode } from '../plan/node.ts';
import { printPlan } from '../plan/print.ts';
import { schemaOf } from '../plan/schema.ts';
import { ARROW_BRIDGE } from '../run/arrow-bridge.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import type { Sink } from '../task.ts';
import { mapColumns, type SkyMapOptions } from './make-sky-map.ts';
import { bindColumns, flatNames } from './output-columns.ts';
import { prepare } from './prepare.ts';
import { explainedPlan } from './whole-plan.ts';

export interface ExplainOptions extends RunSettings {
  /** What the sink would read; default: every column. */
  readonly columns?: readonly string[];
  /** The columns that a sky map would read instead. */
  readonly map?: Pick<SkyMapOptions, 'value' | 'by'>;
}

/** What a run of `query` would read and do. */
export async function explainQuery(
  query: PlanNode,
  runtime: Runtime,
  options: ExplainOptions,
): Promise<Explanation> {
  const { columns, map } = options;
  if (map !== undefined) checkOptions('map of explain', map, { value: true, by: true });
  const plan = await explainedPlan(query, runtime, options);
  const wanted = columns ?? (map === undefined ? flatNames(plan) : mapColumns(plan, map));
  const prepared = await prepare(plan, wanted, runtime, options);
  const sink = explainedSink(prepared.program, wanted);
  return explain(prepared, printPlan(query), schemaOf(query).columns, sink);
}

/** The sink that reads these columns: none is what a count reads. */
function explainedSink(program: Program, names: readonly string[]): Sink {
  if (names.length === 0) return { kind: 'count' };
  return {
    kind: 'rows',
    columns: bindColumns(program, names),
    dir: '',
    format: 'parquet',
    parquet: ARROW_BRIDGE,
  };
}

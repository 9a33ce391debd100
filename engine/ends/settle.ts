/** Settles what a plan cannot say by itself: types that only the database knows, and what user code returns. */
import { requestError } from '../../partitioning/error.ts';
import { checkExpression } from '../expression/expression.ts';
import { checkNodes } from '../expression/whitelist.ts';
import { runProgram } from '../physical/run-program.ts';
import {
  type ComputedColumn,
  type ComputeNode,
  inputsOf,
  mapInputs,
  node,
  type PlanNode,
  type RowsNode,
  type TableNode,
} from '../plan/node.ts';
import { namableColumns, schemaOf } from '../plan/schema.ts';
import { checkNewNames, checkReadable } from '../plan/user-code.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import type { Session } from '../session.ts';
import { decidedTypes, joinedTypes, type LearntTypes } from '../user/infer.ts';
import { outputColumns, type TableColumn, tableColumns } from '../user/types.ts';
import { prepare } from './prepare.ts';
import { withWorkspace } from './run.ts';
import { withinReach } from './within-reach.ts';

/** Rows that user code is tried on; their types then hold for all. */
const SAMPLE_ROWS = 20;

/** Makes a plan runnable. */
export type Materialise = (plan: PlanNode) => Promise<PlanNode>;

/** `plan` with the types of its computed columns and the outputs of its user code filled in. */
export async function settled(
  plan: PlanNode,
  runtime: Runtime,
  settings: RunSettings,
  materialise: Materialise,
): Promise<PlanNode> {
  const inputs = new Map<PlanNode, PlanNode>();
  for (const input of inputsOf(plan)) {
    inputs.set(input, await settled(input, runtime, settings, materialise));
  }
  const whole = mapInputs(plan, (input) => inputs.get(input)!);
  if (whole.kind === 'compute') return withTypes(whole, runtime);
  if (whole.kind !== 'user-rows' && whole.kind !== 'user-table') return whole;
  if (whole.kind === 'user-rows') checkReadable(schemaOf(whole.input), whole.columns);
  if (whole.outputs !== null) {
    return whole.kind === 'user-table' ? withTableTypes(whole, whole.outputs, runtime) : whole;
  }
  let returns = known.get(plan);
  if (returns === undefined) {
    const runnable = (await materialise(whole)) as RowsNode | TableNode;
    // What is to be warned of, the run itself will tell.
    returns = await tryFirstRows(runnable, runtime, { ...settings, onWarning: undefined });
    known.set(plan, returns);
  }
  return withOutputs(whole, returns);
}

/** What user code was found to return: it is tried once, and what was found holds from then on. */
const known = new WeakMap<PlanNode, Readonly<Record<string, string>>>();

async function withTypes(plan: ComputeNode, runtime: Runtime): Promise<PlanNode> {
  if (!plan.columns.some((column) => column.kind === 'value' && column.type === null)) return plan;
  const session = await runtime.session();
  const known = namableColumns(schemaOf(plan.input));
  const columns: ComputedColumn[] = [];
  for (const column of plan.columns) {
    if (column.kind !== 'value' || column.type !== null) columns.push(column);
    else {
      const { type } = await checkExpression(column.expression, known, session, 'any');
      columns.push({ ...column, type });
    }
  }
  return node<ComputeNode>({ ...plan, columns });
}

/** Declared types as the database calls them. */
async function withTableTypes(
  plan: TableNode,
  declared: readonly TableColumn[],
  runtime: Runtime,
): Promise<PlanNode> {
  const session = await runtime.session();
  const outputs: TableColumn[] = [];
  for (const { name, type } of declared) {
    const found = await typeNamed(type, session);
    if (found === null) {
      throw requestError(
        `${name} is returned as "${type}", which is no type`,
        "Types are DuckDB's: DOUBLE, BIGINT, VARCHAR, DOUBLE[], STRUCT(mjd DOUBLE[], mag FLOAT[]) and so on.",
      );
    }
    outputs.push({ name, type: found });
  }
  const same = outputs.every(({ type }, i) => type === declared[i]!.type);
  return same ? plan : node<TableNode>({ ...plan, outputs: Object.freeze(outputs) });
}

/** The database's name of a type; null where it knows none. */
async function typeNamed(type: string, session: Session): Promise<string | null> {
  try {
    await checkNodes(`CAST(NULL AS ${type}) IS NULL`, [], session);
    return (await session.describe(`SELECT CAST(NULL AS ${type}) AS t`))[0]!.type;
  } catch {
    return null;
  }
}

function withOutputs(
  plan: RowsNode | TableNode,
  returns: Readonly<Record<string, string>>,
): PlanNode {
  if (plan.kind === 'user-table') {
    return node<TableNode>({ ...plan, outputs: Object.freeze(tableColumns(returns)) });
  }
  checkNewNames(schemaOf(plan.input), Object.keys(returns));
  return node<RowsNode>({ ...plan, outputs: Object.freeze(outputColumns(returns)) });
}

async function tryFirstRows(
  plan: RowsNode | TableNode,
  runtime: Runtime,
  settings: RunSettings,
): Promise<Record<string, string>> {
  const { program } = await prepare(plan, [], runtime, settings);
  return withWorkspace(program, runtime, settings, async (space) => {
    const sink = { kind: 'infer' as const, rows: SAMPLE_ROWS };
    const run = { ...space, signal: settings.signal, sink, ordered: true };
    const { returns, rows } = await withinReach(space.stats, async (allowance) => {
      const parts: LearntTypes[] = [];
      let rows = 0;
      for await (const cell of runProgram(program, run, space.stats, allowance)) {
        parts.push(cell.returns ?? {});
        rows += cell.rows;
        if (rows >= SAMPLE_ROWS) break;
      }
      return { returns: decidedTypes(joinedTypes(parts)), rows };
    });
    if (rows === 0 && plan.kind === 'user-table') {
      throw requestError(
        `there is no row of ${schemaOf(plan.input).name} to learn from what the code returns`,
        "Say it with returns: { name: 'DOUBLE', … }.",
      );
    }
    return returns;
  });
}

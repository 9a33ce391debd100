/** Runs a plan into groups: what `aggregate`, `histogram` and sky maps of values have in common. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import type { AggregateExpression } from '../expression/aggregate.ts';
import {
  type CheckedAggregate,
  type CheckedCall,
  type CheckedValue,
  checkAggregate,
  checkValue,
} from '../expression/aggregate-check.ts';
import type { Expression } from '../expression/expression.ts';
import { excerpt } from '../expression/source.ts';
import { storageOf } from '../expression/storage.ts';
import type {
  GroupKey,
  GroupPart,
  GroupPlace,
  GroupsSink,
  GroupValue,
  RowExpression,
  RowNumber,
} from '../groups.ts';
import { type Bindings, bindInputs, Computations } from '../physical/bind.ts';
import type { Program } from '../physical/lower.ts';
import { runProgram } from '../physical/run-program.ts';
import type { PlanNode } from '../plan/node.ts';
import { namableColumns, schemaOf } from '../plan/schema.ts';
import { CollectedParts } from '../reduce/collected-parts.ts';
import { type FinishedGroups, finishGroups, type PlannedCall } from '../reduce/finish-groups.ts';
import { type ValueColumn, valuesOf } from '../reduce/group-values.ts';
import { tooManyCategories } from '../run/categories.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import type { Session } from '../session.ts';
import { prepare } from './prepare.ts';
import { type RunSummary, type Workspace, withWorkspace } from './run.ts';
import { withinReach } from './within-reach.ts';

/** What is asked of the groups of a plan's rows. */
export interface GroupRequest {
  readonly aggregates: readonly AggregateExpression[];
  /** Expressions whose values make a category. */
  readonly by: readonly Expression[];
  /** Where a row stands in its category; a bin is that of `value`. */
  readonly place:
    | { readonly kind: 'one' }
    | { readonly kind: 'pixel'; readonly order: number }
    | { readonly kind: 'bin'; readonly value: Expression; readonly edges: readonly number[] };
  readonly maxCategories: number;
}

export interface Groups {
  readonly finished: FinishedGroups;
  /** Values of each aggregate expression, one per group. */
  readonly values: readonly ValueColumn[];
  /** DuckDB type of each key. */
  readonly keyTypes: readonly string[];
  readonly summary: RunSummary;
}

/** Works out the groups of `plan`. Throws request errors for types that do not fit, before any row is read. */
export async function runGrouping(
  plan: PlanNode,
  request: GroupRequest,
  runtime: Runtime,
  settings: RunSettings,
): Promise<Groups> {
  const { program: lowered } = await prepare(plan, columnsOfRequest(request), runtime, settings);
  const session = await runtime.session();
  const columns = namableColumns(schemaOf(plan));
  const checked = await checkRequest(request, columns, session);
  const computed = new Computations(lowered.computed);
  const { sink, calls } = sinkOf({ bindings: lowered.bindings, computed }, request, checked);
  const program = { ...lowered, computed: computed.list };
  return withWorkspace(program, runtime, settings, async (space) => {
    const { parts, rows } = await collectParts(program, sink, space, settings);
    // Of nothing there still is a count, unless groups were asked for.
    if (request.by.length === 0 && sink.place.kind === 'one') parts.push(emptyPart(sink));
    const finished = await finishGroups(parts, placesOf(sink.place), calls, settings.signal);
    // Cells were held to it one by one.
    if (finished.keys.length > request.maxCategories)
      throw tooManyCategories(request.maxCategories);
    const values: ValueColumn[] = [];
    let at = 0;
    for (const aggregate of checked.aggregates) {
      const mine = finished.columns.slice(at, at + aggregate.calls.length);
      at += aggregate.calls.length;
      values.push(await valuesOf(aggregate, mine, session));
    }
    const keyTypes = checked.by.map(({ type }) => type);
    return { finished, values, keyTypes, summary: space.summary(rows) };
  });
}

/** Columns of the plan that a request reads. */
function columnsOfRequest({ aggregates, by, place }: GroupRequest): string[] {
  const bin = place.kind === 'bin' ? place.value.columns : [];
  return [...new Set([...aggregates, ...by].flatMap(({ columns }) => columns).concat(bin))];
}

interface CheckedRequest {
  readonly aggregates: readonly CheckedAggregate[];
  readonly by: readonly CheckedValue[];
  readonly bin: CheckedValue | null;
}

async function checkRequest(
  { aggregates, by, place }: GroupRequest,
  columns: readonly Column[],
  session: Session,
): Promise<CheckedRequest> {
  const checkedAggregates: CheckedAggregate[] = [];
  for (const aggregate of aggregates) {
    const checked = await checkAggregate(aggregate, columns, session);
    refuseResult(checked);
    checkedAggregates.push(checked);
  }
  const checkedBy: CheckedValue[] = [];
  for (const key of by) {
    const checked = await checkValue(key, columns, session);
    refuseKey(checked.type, key);
    checkedBy.push(checked);
  }
  const bin = place.kind === 'bin' ? await checkValue(place.value, columns, session) : null;
  return { aggregates: checkedAggregates, by: checkedBy, bin };
}

/** A result is a number, or what min and max give. */
function refuseResult({ text, value }: CheckedAggregate): void {
  const { type } = value;
  if (storageOf(type) !== undefined || type === 'HUGEINT' || type === 'UHUGEINT') return;
  throw requestError(
    `an aggregate must be a number, but this is ${type}`,
    undefined,
    `expression ${excerpt(text)}`,
  );
}

function refuseKey(type: string, { text }: Expression): void {
  if (type === 'VARCHAR' || storageOf(type) !== undefined) return;
  throw requestError(
    `rows cannot be grouped by ${type}`,
    'Group by numbers, texts, dates or times; others can be cast: x::varchar.',
    `expression ${excerpt(text)}`,
  );
}

/** What names stand for, and where computations of the request are put down. */
interface Binder {
  readonly bindings: Bindings;
  readonly computed: Computations;
}

function sinkOf(
  binder: Binder,
  request: GroupRequest,
  checked: CheckedRequest,
): { sink: GroupsSink; calls: PlannedCall[] } {
  const values = new Values(binder);
  const calls = checked.aggregates.flatMap(({ calls }) => calls.map((call) => values.plan(call)));
  const { place } = request;
  const sinkPlace: GroupPlace =
    place.kind === 'bin'
      ? { kind: 'bin', value: numberOf(binder, checked.bin!), edges: place.edges }
      : place;
  return {
    calls,
    sink: {
      kind: 'groups',
      place: sinkPlace,
      keys: checked.by.map((key) => keyOf(binder, key)),
      values: values.list,
      maxCategories: request.maxCategories,
    },
  };
}

/** The numbers that calls are taken of, each once. */
class Values {
  readonly list: GroupValue[] = [];
  readonly #binder: Binder;

  constructor(binder: Binder) {
    this.#binder = binder;
  }

  plan({ function: name, of }: CheckedCall): PlannedCall {
    if (of === null) return { function: name, value: null, whole: true };
    const isSpread = name.startsWith('var') || name.startsWith('stddev');
    const value = this.#add(
      name === 'count' && storageOf(of.type) === undefined ? presence(of) : of,
      {
        sum: name === 'sum' || name === 'mean' || isSpread,
        squares: isSpread,
        least: name === 'min' || name === 'bool_and',
        most: name === 'max' || name === 'bool_or',
      },
    );
    return { function: name, value, whole: this.list[value]!.kind === 'i64' };
  }

  #add(of: CheckedValue, wants: Pick<GroupValue, 'sum' | 'squares' | 'least' | 'most'>): number {
    const number = numberOf(this.#binder, of);
    const at = this.list.findIndex(({ sql }) => sql === number.sql);
    if (at < 0) return this.list.push({ ...number, ...wants }) - 1;
    const known = this.list[at]!;
    this.list[at] = {
      ...known,
      sum: known.sum || wants.sum,
      squares: known.squares || wants.squares,
      least: known.least || wants.least,
      most: known.most || wants.most,
    };
    return at;
  }
}

/** Of a text or another value that is no number, only whether it is there. */
function presence(of: CheckedValue): CheckedValue {
  return { ...of, sql: `CASE WHEN (${of.sql}) IS NOT NULL THEN TRUE END`, type: 'BOOLEAN' };
}

function bound(binder: Binder, { inputs, total }: CheckedValue, sql: string): RowExpression {
  return { sql, columns: bindInputs(inputs, binder.bindings, binder.computed), total };
}

function numberOf(binder: Binder, value: CheckedValue): RowNumber {
  const { kind, biased, encode } = storageOf(value.type)!;
  return { ...bound(binder, value, encode(value.sql)), kind, biased };
}

/** The value of a key as it travels; −0 is 0 there. */
function keyOf(binder: Binder, key: CheckedValue): GroupKey {
  const storage = storageOf(key.type);
  if (storage === undefined) return { ...bound(binder, key, key.sql), kind: 'text' };
  const { kind, encode } = storage;
  const sql = encode(key.sql);
  return { ...bound(binder, key, kind === 'f64' ? `(${sql} + 0e0)` : sql), kind };
}

/** A number above every place of a sink's rows. */
function placesOf(place: GroupPlace): number {
  switch (place.kind) {
    case 'one':
      return 1;
    case 'pixel':
      return 12 * 4 ** place.order;
    case 'bin':
      return place.edges.length + 3;
    default:
      throw new Error(`unknown place ${JSON.stringify(place satisfies never)}`);
  }
}

/** Partial results may always take so much, bytes. */
const LEAST_PARTS_BYTES = 64 * 2 ** 20;

async function collectParts(
  program: Program,
  sink: GroupsSink,
  space: Workspace,
  settings: RunSettings,
): Promise<{ parts: GroupPart[]; rows: number }> {
  const { memoryPerTaskBytes, parallelism } = space.executor;
  const most = Math.max(LEAST_PARTS_BYTES, memoryPerTaskBytes * parallelism);
  return withinReach(space.stats, async (allowance) => {
    const collected = new CollectedParts(most);
    let rows = 0;
    const run = { ...space, ...settings, sink, ordered: false };
    for await (const cell of runProgram(program, run, space.stats, allowance)) {
      rows += cell.rows;
      collected.add(cell.groups ?? []);
    }
    return { parts: collected.parts, rows };
  });
}

/** One group without rows. */
function emptyPart({ values }: GroupsSink): GroupPart {
  return {
    keys: [[]],
    category: null,
    place: null,
    rows: new Float64Array(1),
    values: values.map(({ kind, sum, squares, least, most }) => {
      const numbers = kind === 'f64' ? new Float64Array(1) : new BigInt64Array(1);
      const sums = { high: new Float64Array(1), middle: null, low: null, rest: null };
      return {
        count: new Float64Array(1),
        sum: sum ? sums : null,
        squares: squares ? sums : null,
        least: least ? numbers : null,
        most: most ? numbers : null,
      };
    }),
  };
}

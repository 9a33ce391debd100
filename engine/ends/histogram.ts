/** How many rows have a value in each of some bins. */
import { requestError } from '../../partitioning/error.ts';
import { doubleAbove, doubleBelow } from '../exact/next-double.ts';
import { aggregateOf, parseValue } from '../expression/aggregate.ts';
import { checkValue } from '../expression/aggregate-check.ts';
import type { Expression } from '../expression/expression.ts';
import { excerpt } from '../expression/source.ts';
import { isSummable } from '../expression/storage.ts';
import { isFloat } from '../expression/types.ts';
import type { PlanNode } from '../plan/node.ts';
import { namableColumns, schemaOf } from '../plan/schema.ts';
import { ABOVE, BELOW, NO_VALUE, NOT_A_NUMBER } from '../run/bins.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import { runGrouping } from './grouping.ts';
import type { RunSummary } from './run.ts';

const DEFAULT_BINS = 10;
const MAX_BINS = 100_000;

export interface HistogramOptions extends RunSettings {
  /** Number of bins of equal width, default 10. */
  readonly bins?: number;
  /** Lower end of the first bin and upper end of the last; default: the smallest and largest finite value. */
  readonly range?: readonly [number, number];
  /** Edges of bins of any width, ascending, instead of `bins` and `range`. */
  readonly edges?: ArrayLike<number>;
}

export interface Histogram {
  /** One more than there are bins, ascending. A bin holds its lower edge; the last one holds both. */
  readonly edges: Float64Array;
  /** Rows in each bin. */
  readonly counts: Float64Array;
  /** Rows whose value lies below the first edge, and above the last; infinite ones among them. */
  readonly below: number;
  readonly above: number;
  /** Rows without a value, and rows whose value is NaN. */
  readonly nulls: number;
  readonly nans: number;
  readonly summary: RunSummary;
}

/**
 * Counts the rows of a plan by the value of an expression; reads them twice where the range is not given.
 *
 * @param whole the plan as it can be run; asked for once the request is known to be right
 */
export async function histogram(
  plan: PlanNode,
  whole: () => Promise<PlanNode>,
  text: string,
  runtime: Runtime,
  options: HistogramOptions,
): Promise<Histogram> {
  parseValue(text, namableColumns(schemaOf(plan)));
  const given = givenEdges(options);
  return fillBins(await whole(), text, given, runtime, options);
}

async function fillBins(
  plan: PlanNode,
  text: string,
  given: Float64Array | undefined,
  runtime: Runtime,
  options: HistogramOptions,
): Promise<Histogram> {
  const value = parseValue(text, namableColumns(schemaOf(plan)));
  const isFloating = await checkNumber(plan, value, runtime);
  const edges = given ?? (await findEdges(plan, value, isFloating, runtime, options));
  const bins = edges.length - 1;
  const request = {
    aggregates: [],
    by: [],
    place: { kind: 'bin' as const, value, edges: [...edges] },
    maxCategories: 1,
  };
  const { finished, summary } = await runGrouping(plan, request, runtime, options);
  const all = new Float64Array(bins + 4);
  finished.place.forEach((bin, i) => {
    all[bin] = finished.rows[i]!;
  });
  return {
    edges,
    counts: all.slice(0, bins),
    below: all[bins + BELOW]!,
    above: all[bins + ABOVE]!,
    nulls: all[bins + NO_VALUE]!,
    nans: all[bins + NOT_A_NUMBER]!,
    summary,
  };
}

/** Refuses what cannot be binned; true for floats. */
async function checkNumber(plan: PlanNode, value: Expression, runtime: Runtime): Promise<boolean> {
  const session = await runtime.session();
  const { type } = await checkValue(value, namableColumns(schemaOf(plan)), session);
  if (!isSummable(type)) {
    throw requestError(
      `a histogram needs numbers, but this is ${type}`,
      type === 'VARCHAR'
        ? "For the number of rows of each text use aggregate({ n: 'count(*)' }, { by })."
        : undefined,
      `expression ${excerpt(value.text)}`,
    );
  }
  return isFloat(type);
}

/** The edges that the options tell; undefined where the range has to be looked for. Throws request errors. */
function givenEdges({ bins, range, edges }: HistogramOptions): Float64Array | undefined {
  if (edges !== undefined) {
    if (bins !== undefined || range !== undefined) {
      throw requestError('a histogram takes either edges, or bins and a range');
    }
    return checkedEdges(Float64Array.from(edges));
  }
  const count = bins ?? DEFAULT_BINS;
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_BINS)) {
    throw requestError(`bins ${count} is not a whole number from 1 to ${MAX_BINS}`);
  }
  if (range === undefined) return undefined;
  const [from, to] = range;
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
    throw requestError(`the range from ${from} to ${to} is not one of ascending numbers`);
  }
  return checkedEdges(equalEdges(from, to, count));
}

function checkedEdges(edges: Float64Array): Float64Array {
  if (edges.length < 2) throw requestError('a histogram needs at least two edges');
  if (edges.length > MAX_BINS + 1) throw requestError(`a histogram has at most ${MAX_BINS} bins`);
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i]!;
    if (Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]!)) continue;
    const what = i === 0 ? `edge ${edge} is not finite` : `edge ${edge} follows ${edges[i - 1]}`;
    throw requestError(`${what}: edges must ascend`, 'Take fewer bins, or a wider range.');
  }
  return edges;
}

function equalEdges(from: number, to: number, bins: number): Float64Array {
  const step = (to - from) / bins;
  // The width of the range may be more than a double holds.
  const edgeOf = Number.isFinite(step)
    ? (i: number) => from + i * step
    : (i: number) => (from / bins) * (bins - i) + (to / bins) * i;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => edgeOf(i));
  edges[bins] = to;
  return edges;
}

/** Edges from the smallest finite value to the largest, half a unit to both sides of a lone one, 0 to 1 for none. */
async function findEdges(
  plan: PlanNode,
  value: Expression,
  isFloating: boolean,
  runtime: Runtime,
  options: HistogramOptions,
): Promise<Float64Array> {
  const sql = `CASE WHEN isfinite(${value.sql}) THEN ${value.sql} END`;
  const finite = isFloating ? { ...value, sql } : value;
  const request = {
    aggregates: [aggregateOf('min', finite), aggregateOf('max', finite)],
    by: [],
    place: { kind: 'one' as const },
    maxCategories: 1,
  };
  const { values } = await runGrouping(plan, request, runtime, options);
  const [least, most] = values as [(typeof values)[0], (typeof values)[0]];
  const bins = options.bins ?? DEFAULT_BINS;
  if (least.valid?.[0] === 0) return equalEdges(0, 1, bins);
  const bias = least.type === 'UBIGINT' ? 2n ** 63n : 0n;
  const from = roundedTo(least.values[0]!, bias, doubleBelow, (a, b) => a > b);
  const to = roundedTo(most.values[0]!, bias, doubleAbove, (a, b) => a < b);
  if (from < to) return checkedEdges(equalEdges(from, to, bins));
  const [lower, upper] = [from - 0.5, to + 0.5];
  return checkedEdges(
    lower < from
      ? equalEdges(lower, upper, bins)
      : equalEdges(doubleBelow(from), doubleAbove(to), bins),
  );
}

/** A number as a double; an integer that none holds as the one beside it that leaves it within the range. */
function roundedTo(
  value: number | bigint,
  bias: bigint,
  beside: (value: number) => number,
  isBeyond: (double: bigint, value: bigint) => boolean,
): number {
  if (typeof value === 'number') return value;
  const whole = value + bias;
  const rounded = Number(whole);
  return isBeyond(BigInt(rounded), whole) ? beside(rounded) : rounded;
}

/** From an optimised plan to the program that runs in every cell, and the scans it reads. */
import { requestError } from '../../partitioning/error.ts';
import { narrowestField, nestOf } from '../expression/nest-type.ts';
import {
  type ExplodeNode,
  type JoinNode,
  type MatchNode,
  neverKind,
  nodesOf,
  type PlanNode,
} from '../plan/node.ts';
import { INDEX_COLUMN, schemaOf } from '../plan/schema.ts';
import type { BoundColumn, CellNode, CellProgram } from '../task.ts';
import { bindInputs, type CompiledSql, Computations, fieldOf } from './bind.ts';
import { lowerComputed } from './lower-nested.ts';
import { type Lowered, type LoweredSides, lowerNest, lowerPairs } from './lower-pairs.ts';
import { lowerScan, type ProgramScan, type ScanPlace, scanBindings } from './lower-scan.ts';
import { lowerRows, lowerTable } from './lower-user.ts';

export interface Program extends CellProgram {
  readonly scans: readonly ProgramScan[];
  /** Everything the result can be asked for, by name: its columns and the hidden position and index. */
  readonly bindings: ReadonlyMap<string, BoundColumn>;
  /** Rows to keep, in spatial order; absent: all. */
  readonly limit?: number;
}

interface Lowering {
  readonly scans: ProgramScan[];
  readonly computed: Computations;
  readonly compiled: CompiledSql;
  readonly dropInvalid: boolean;
  matches: number;
  steps: number;
}

/** Lowers a plan whose only `limit`, if any, is its root. */
export function lower(plan: PlanNode, compiled: CompiledSql, dropInvalid: boolean): Program {
  const computed = new Computations();
  const lowering: Lowering = { scans: [], computed, compiled, dropInvalid, matches: 0, steps: 0 };
  const body = plan.kind === 'limit' ? plan.input : plan;
  const { cell, bindings } = lowerNode(lowering, body, { reachArcsec: 0, required: true });
  return {
    root: cell,
    computed: computed.list,
    scans: lowering.scans,
    bindings,
    ...(plan.kind === 'limit' ? { limit: plan.count } : {}),
  };
}

function lowerNode(lowering: Lowering, plan: PlanNode, place: ScanPlace): Lowered {
  const { computed, compiled, dropInvalid } = lowering;
  switch (plan.kind) {
    case 'scan': {
      const scan = lowering.scans.push(lowerScan(plan, compiled, dropInvalid, place)) - 1;
      return { cell: { kind: 'scan', scan }, bindings: scanBindings(plan.catalog, scan) };
    }
    case 'select':
      return lowerNode(lowering, plan.input, place);
    case 'region': {
      const input = lowerNode(lowering, plan.input, place);
      return { ...input, cell: { kind: 'region', input: input.cell, region: plan.region } };
    }
    case 'filter': {
      const input = lowerNode(lowering, plan.input, place);
      const { sql, inputs } = compiled.ofRows(plan.expression);
      const columns = bindInputs(inputs, input.bindings, computed);
      return { ...input, cell: { kind: 'filter', input: input.cell, sql, columns } };
    }
    case 'compute': {
      const { cell, bindings } = lowerNode(lowering, plan.input, place);
      const over = { bindings, compiled, computed };
      const made = plan.columns.map((column) => lowerComputed(column, over));
      return { cell, bindings: new Map([...bindings, ...byName(made)]) };
    }
    case 'explode':
      return lowerExplode(lowering, plan, lowerNode(lowering, plan.input, place));
    case 'match':
    case 'join':
      return lowerPairs(plan, lowerSides(lowering, plan, place));
    case 'nest':
      return lowerNest(plan, lowerSides(lowering, plan.of, place), lowering.steps++);
    case 'user-rows': {
      const input = lowerNode(lowering, plan.input, place);
      return lowerRows(plan, input, computed, lowering.steps++);
    }
    case 'user-table':
      return lowerTable(plan, lowerNode(lowering, plan.input, place), lowering.steps++);
    case 'limit':
      throw requestError(
        'a limit in the middle of a query is not supported in this version',
        'Put limit last, or write its result first and open that.',
      );
    default:
      return neverKind(plan);
  }
}

/** The right side is needed as far outside the cell as the left side, plus how far a row's partners may be. */
function lowerSides(
  lowering: Lowering,
  plan: MatchNode | JoinNode,
  place: ScanPlace,
): LoweredSides {
  const { reachArcsec, required } = place;
  const left = lowerNode(lowering, plan.left, place);
  const own = plan.kind === 'match' ? plan.radiusArcsec : (plan.withinArcsec ?? 0);
  const right = lowerNode(lowering, plan.right, {
    reachArcsec: reachArcsec + own,
    required: required && plan.how === 'inner',
    ...alongCurve(plan, reachArcsec),
  });
  return { left, right, match: plan.kind === 'match' ? lowering.matches++ : -1 };
}

/**
 * The nearest row in the order of the spatial index may lie in the partition before or after. Where rows are dropped, or
 * the left rows are those around a cell, it may lie anywhere.
 */
function alongCurve(
  plan: MatchNode | JoinNode,
  reachArcsec: number,
): Pick<ScanPlace, 'alongCurve'> {
  if (plan.kind !== 'join' || plan.asof === undefined || plan.leftOn.length > 0) return {};
  const all = nodesOf(plan.right).every((node) =>
    node.kind === 'scan' ? node.filters.length === 0 : ['select', 'compute'].includes(node.kind),
  );
  const byIndex = plan.asof.right === schemaOf(plan.right).healpix?.name;
  return { alongCurve: all && byIndex && reachArcsec === 0 ? 'next' : 'all' };
}

function lowerExplode(lowering: Lowering, plan: ExplodeNode, input: Lowered): Lowered {
  const { computed } = lowering;
  const step = lowering.steps++;
  const column = input.bindings.get(plan.column)!;
  const nest = nestOf(column.type);
  const listOf = (field: string) =>
    nest === undefined ? column : fieldOf(column, field, computed);
  const bindings = new Map(input.bindings);
  bindings.delete(plan.column);
  for (const [field, name] of Object.entries(plan.names)) {
    const list = listOf(field);
    const type = list.type.slice(0, -2);
    bindings.set(name, { name, type, ref: { kind: 'exploded', step, column: list } });
  }
  const cell: CellNode = {
    kind: 'explode',
    step,
    input: input.cell,
    list: listOf(nest === undefined ? plan.column : narrowestField(nest)),
    keepEmpty: plan.how === 'left',
  };
  return { cell, bindings };
}

function byName(columns: readonly BoundColumn[]): [string, BoundColumn][] {
  return columns.map((column) => [column.name, column]);
}

/** The bound column of the order-29 index: the stored one where there is one, else computed. */
export function indexBinding(program: Program): BoundColumn {
  const { catalog } = program.scans[0]!;
  if (catalog.healpix?.order === 29) {
    return {
      name: INDEX_COLUMN,
      type: 'BIGINT',
      ref: { kind: 'scan', scan: 0, column: catalog.healpix.name },
    };
  }
  return { name: INDEX_COLUMN, type: 'BIGINT', ref: { kind: 'index' } };
}

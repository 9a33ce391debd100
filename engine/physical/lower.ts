/** From an optimised plan to the program that runs in every cell, and the scans it reads. */
import type { CatalogInfo } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import type { Expression } from '../expression/expression.ts';
import { neverKind, type PlanNode, type ScanNode } from '../plan/node.ts';
import { DISTANCE_COLUMN, INDEX_COLUMN } from '../plan/schema.ts';
import type { BoundColumn, CellNode, ScanSpec } from '../task.ts';

/** Final SQL of an expression, checked by the database. */
export type CompiledSql = (expression: Expression) => string;

/** One scan of the program, with what forming cells needs to know of it. */
export interface ProgramScan {
  readonly spec: ScanSpec;
  readonly catalog: CatalogInfo;
  /** Indices into `catalog.partitions` that may be read. */
  readonly partitions: readonly number[];
  /** Rows this far outside a cell can matter to it, arcsec; 0 for the scan that gives rows their place. */
  readonly reachArcsec: number;
  /** False where a left join keeps the left rows even when this scan has none. */
  readonly required: boolean;
}

export interface Program {
  readonly root: CellNode;
  readonly scans: readonly ProgramScan[];
  /** Everything the result can be asked for, by name: its columns and the hidden position and index. */
  readonly bindings: ReadonlyMap<string, BoundColumn>;
  /** Rows to keep, in spatial order; absent: all. */
  readonly limit?: number;
}

interface Lowering {
  readonly scans: ProgramScan[];
  readonly sqlOf: CompiledSql;
  readonly dropInvalid: boolean;
  matches: number;
}

interface Lowered {
  readonly cell: CellNode;
  readonly bindings: ReadonlyMap<string, BoundColumn>;
}

/** Lowers a plan whose only `limit`, if any, is its root. */
export function lower(plan: PlanNode, sqlOf: CompiledSql, dropInvalid: boolean): Program {
  const lowering: Lowering = { scans: [], sqlOf, dropInvalid, matches: 0 };
  const body = plan.kind === 'limit' ? plan.input : plan;
  const { cell, bindings } = lowerNode(lowering, body, 0, true);
  return {
    root: cell,
    scans: lowering.scans,
    bindings,
    ...(plan.kind === 'limit' ? { limit: plan.count } : {}),
  };
}

function lowerNode(
  lowering: Lowering,
  plan: PlanNode,
  reachArcsec: number,
  required: boolean,
): Lowered {
  switch (plan.kind) {
    case 'scan':
      return lowerScan(lowering, plan, reachArcsec, required);
    case 'select':
      return lowerNode(lowering, plan.input, reachArcsec, required);
    case 'region': {
      const input = lowerNode(lowering, plan.input, reachArcsec, required);
      return { ...input, cell: { kind: 'region', input: input.cell, region: plan.region } };
    }
    case 'filter': {
      const input = lowerNode(lowering, plan.input, reachArcsec, required);
      const columns = plan.expression.columns.map((name) => input.bindings.get(name)!);
      const sql = lowering.sqlOf(plan.expression);
      return { ...input, cell: { kind: 'filter', input: input.cell, sql, columns } };
    }
    case 'match':
      return lowerMatch(lowering, plan, reachArcsec, required);
    case 'limit':
      throw requestError(
        'a limit in the middle of a query is not supported in this version',
        'Put limit last, or write its result first and open that.',
      );
    default:
      return neverKind(plan);
  }
}

function lowerScan(
  lowering: Lowering,
  plan: ScanNode,
  reachArcsec: number,
  required: boolean,
): Lowered {
  const { catalog } = plan;
  const scan = lowering.scans.length;
  const filters = plan.filters.map((expression) => ({
    sql: lowering.sqlOf(expression),
    columns: expression.columns,
  }));
  const needed = new Set([
    ...plan.columns,
    catalog.raColumn!,
    catalog.decColumn!,
    ...(catalog.healpix === undefined ? [] : [catalog.healpix.name]),
    ...filters.flatMap(({ columns }) => columns),
  ]);
  lowering.scans.push({
    spec: {
      label: catalog.name,
      ra: catalog.raColumn!,
      dec: catalog.decColumn!,
      ...(catalog.healpix === undefined ? {} : { healpix: catalog.healpix }),
      columns: catalog.columns
        .filter(({ name }) => needed.has(name))
        .map(({ name, type }) => ({ name, type })),
      allColumns: catalog.columns.map(({ name, type }) => ({ name, type })),
      ...(catalog.schemaFile === undefined ? {} : { schemaFile: catalog.schemaFile }),
      filters,
      regions: plan.regions,
      dropInvalid: lowering.dropInvalid,
      reachArcsec,
      ...(catalog.type === 'margin' ? { aroundPartitions: true } : {}),
    },
    catalog,
    partitions: plan.partitions ?? catalog.partitions.map((_, i) => i),
    reachArcsec,
    required,
  });
  const bindings = new Map(
    catalog.columns.map(({ name, type }) => [
      name,
      { name, type, ref: { kind: 'scan' as const, scan, column: name } },
    ]),
  );
  return { cell: { kind: 'scan', scan }, bindings };
}

/** The right side of a match is needed as far outside the cell as the left side, plus the radius. */
function lowerMatch(
  lowering: Lowering,
  plan: Extract<PlanNode, { kind: 'match' }>,
  reachArcsec: number,
  required: boolean,
): Lowered {
  const left = lowerNode(lowering, plan.left, reachArcsec, required);
  const right = lowerNode(
    lowering,
    plan.right,
    reachArcsec + plan.radiusArcsec,
    required && plan.how === 'inner',
  );
  const match = lowering.matches++;
  const bindings = new Map<string, BoundColumn>();
  for (const [from, to] of Object.entries(plan.names.left)) {
    bindings.set(to, { ...left.bindings.get(from)!, name: to });
  }
  for (const [from, to] of Object.entries(plan.names.right)) {
    if (to !== null) bindings.set(to, { ...right.bindings.get(from)!, name: to });
  }
  bindings.set(DISTANCE_COLUMN, {
    name: DISTANCE_COLUMN,
    type: 'DOUBLE',
    ref: { kind: 'distance', match },
  });
  return {
    cell: {
      kind: 'match',
      match,
      left: left.cell,
      right: right.cell,
      radiusArcsec: plan.radiusArcsec,
      minRadiusArcsec: plan.minRadiusArcsec,
      neighbors: plan.neighbors,
      keepUnmatched: plan.how === 'left',
    },
    bindings,
  };
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

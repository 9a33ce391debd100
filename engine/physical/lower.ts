/** From an optimised plan to the program that runs in every cell, and the scans it reads. */
import type { CatalogInfo } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { boundsOf } from '../expression/bounds.ts';
import { narrowestField, nestOf } from '../expression/nest-type.ts';
import {
  type ExplodeNode,
  type JoinNode,
  type MatchNode,
  type NestNode,
  neverKind,
  type PlanNode,
  type ScanNode,
} from '../plan/node.ts';
import { DISTANCE_COLUMN, INDEX_COLUMN } from '../plan/schema.ts';
import type { BoundColumn, CellNode, JoinCell, MatchCell, ScanSpec } from '../task.ts';
import { type Bindings, bindInputs, type CompiledSql, fieldOf, nestColumn } from './bind.ts';
import { lowerComputed } from './lower-nested.ts';
import { lowerRows, lowerTable } from './lower-user.ts';

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
  readonly compiled: CompiledSql;
  readonly dropInvalid: boolean;
  matches: number;
  steps: number;
}

interface Lowered {
  readonly cell: CellNode;
  readonly bindings: Bindings;
}

/** Lowers a plan whose only `limit`, if any, is its root. */
export function lower(plan: PlanNode, compiled: CompiledSql, dropInvalid: boolean): Program {
  const lowering: Lowering = { scans: [], compiled, dropInvalid, matches: 0, steps: 0 };
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
      const { sql, inputs } = lowering.compiled.ofRows(plan.expression);
      const columns = bindInputs(inputs, input.bindings);
      return { ...input, cell: { kind: 'filter', input: input.cell, sql, columns } };
    }
    case 'compute': {
      const input = lowerNode(lowering, plan.input, reachArcsec, required);
      const computed = plan.columns.map((column) =>
        lowerComputed(column, input.bindings, lowering.compiled),
      );
      const bindings = new Map([...input.bindings, ...byName(computed)]);
      return { cell: input.cell, bindings };
    }
    case 'explode':
      return lowerExplode(lowering, plan, lowerNode(lowering, plan.input, reachArcsec, required));
    case 'match':
    case 'join':
      return lowerPairs(lowering, plan, reachArcsec, required).joined;
    case 'nest':
      return lowerNest(lowering, plan, reachArcsec, required);
    case 'user-rows': {
      const input = lowerNode(lowering, plan.input, reachArcsec, required);
      return lowerRows(plan, input, lowering.steps++);
    }
    case 'user-table': {
      const input = lowerNode(lowering, plan.input, reachArcsec, required);
      return lowerTable(plan, input, lowering.steps++);
    }
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
  const filters = plan.filters.map((expression) => {
    const { sql, inputs } = lowering.compiled.ofRows(expression);
    return { sql, inputs };
  });
  const bounds = plan.filters.flatMap((filter) => boundsOf(filter, catalog.columns));
  const needed = new Set([
    ...plan.columns,
    ...positionNames(catalog),
    ...(catalog.healpix === undefined ? [] : [catalog.healpix.name]),
    ...plan.filters.flatMap(({ columns }) => columns),
  ]);
  lowering.scans.push({
    spec: {
      label: catalog.name,
      ...(positionNames(catalog).length === 0
        ? {}
        : { ra: catalog.raColumn!, dec: catalog.decColumn! }),
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
      ...(bounds.length === 0 ? {} : { bounds }),
      ...(plan.near === undefined ? {} : { near: plan.near }),
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

function positionNames({ raColumn, decColumn }: CatalogInfo): string[] {
  return raColumn === undefined || decColumn === undefined ? [] : [raColumn, decColumn];
}

function lowerExplode(lowering: Lowering, plan: ExplodeNode, input: Lowered): Lowered {
  const step = lowering.steps++;
  const column = input.bindings.get(plan.column)!;
  const nest = nestOf(column.type);
  const listOf = (field: string) => (nest === undefined ? column : fieldOf(column, field));
  const bindings = new Map(input.bindings);
  bindings.delete(plan.column);
  for (const [field, name] of Object.entries(plan.names)) {
    const list = listOf(field);
    const type = list.type.slice(0, -2);
    bindings.set(name, { name, type, ref: { kind: 'exploded', step, column: list } });
  }
  const counted = nest === undefined ? plan.column : narrowestField(nest);
  const cell: CellNode = {
    kind: 'explode',
    step,
    input: input.cell,
    list: listOf(counted),
    keepEmpty: plan.how === 'left',
  };
  return { cell, bindings };
}

function lowerNest(
  lowering: Lowering,
  plan: NestNode,
  reachArcsec: number,
  required: boolean,
): Lowered {
  const { joined, left, right, distance } = lowerPairs(lowering, plan.of, reachArcsec, required);
  const step = lowering.steps++;
  const fields = plan.fields.map(({ name, column }): BoundColumn => {
    const of = column === null ? distance! : right.bindings.get(column)!;
    return { name, type: `${of.type}[]`, ref: { kind: 'gathered', step, column: of } };
  });
  const bindings = new Map([...left.bindings, [plan.column, nestColumn(plan.column, fields)]]);
  return { cell: { kind: 'nest', step, of: joined.cell as MatchCell | JoinCell }, bindings };
}

interface LoweredPairs {
  readonly joined: Lowered;
  readonly left: Lowered;
  readonly right: Lowered;
  /** Of a match. */
  readonly distance?: BoundColumn;
}

/** The right side is needed as far outside the cell as the left side, plus how far a row's partners may be. */
function lowerPairs(
  lowering: Lowering,
  plan: MatchNode | JoinNode,
  reachArcsec: number,
  required: boolean,
): LoweredPairs {
  const left = lowerNode(lowering, plan.left, reachArcsec, required);
  const own = plan.kind === 'match' ? plan.radiusArcsec : (plan.withinArcsec ?? 0);
  const right = lowerNode(
    lowering,
    plan.right,
    reachArcsec + own,
    required && plan.how === 'inner',
  );
  const bindings = new Map<string, BoundColumn>();
  for (const [from, to] of Object.entries(plan.names.left)) {
    bindings.set(to, { ...left.bindings.get(from)!, name: to });
  }
  for (const [from, to] of Object.entries(plan.names.right)) {
    if (to !== null) bindings.set(to, { ...right.bindings.get(from)!, name: to });
  }
  if (plan.kind === 'join') {
    return { joined: { cell: joinCell(plan, left, right), bindings }, left, right };
  }
  const match = lowering.matches++;
  const distance: BoundColumn = {
    name: DISTANCE_COLUMN,
    type: 'DOUBLE',
    ref: { kind: 'distance', match },
  };
  bindings.set(DISTANCE_COLUMN, distance);
  const cell: MatchCell = {
    kind: 'match',
    match,
    left: left.cell,
    right: right.cell,
    radiusArcsec: plan.radiusArcsec,
    minRadiusArcsec: plan.minRadiusArcsec,
    neighbors: plan.neighbors,
    keepUnmatched: plan.how === 'left',
  };
  return { joined: { cell, bindings }, left, right, distance };
}

function joinCell(plan: JoinNode, left: Lowered, right: Lowered): JoinCell {
  const { asof } = plan;
  return {
    kind: 'join',
    left: left.cell,
    right: right.cell,
    leftOn: plan.leftOn.map((name) => left.bindings.get(name)!),
    rightOn: plan.rightOn.map((name) => right.bindings.get(name)!),
    withinArcsec: plan.withinArcsec,
    keepUnmatched: plan.how === 'left',
    ...(asof === undefined
      ? {}
      : {
          asof: {
            ...asof,
            left: left.bindings.get(asof.left)!,
            right: right.bindings.get(asof.right)!,
          },
        }),
  };
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

/** Matches, joins and nests of either as steps of a cell's program. */
import type { JoinNode, MatchNode, NestNode } from '../plan/node.ts';
import { DISTANCE_COLUMN } from '../plan/schema.ts';
import type { BoundColumn, CellNode, JoinCell, MatchCell } from '../task.ts';
import { type Bindings, nestColumn } from './bind.ts';

/** A step of the program and the columns of its rows. */
export interface Lowered {
  readonly cell: CellNode;
  readonly bindings: Bindings;
}

/** The lowered sides of a pair of rows, and the number of the match. */
export interface LoweredSides {
  readonly left: Lowered;
  readonly right: Lowered;
  readonly match: number;
}

/** The pairs as rows, with the columns of both sides under their new names. */
export function lowerPairs(plan: MatchNode | JoinNode, sides: LoweredSides): Lowered {
  const { left, right, match } = sides;
  const bindings = new Map<string, BoundColumn>();
  for (const [from, to] of Object.entries(plan.names.left)) {
    bindings.set(to, { ...left.bindings.get(from)!, name: to });
  }
  for (const [from, to] of Object.entries(plan.names.right)) {
    if (to !== null) bindings.set(to, { ...right.bindings.get(from)!, name: to });
  }
  if (plan.kind === 'match') bindings.set(DISTANCE_COLUMN, distanceOf(match));
  return { cell: pairCell(plan, sides), bindings };
}

/** One row per left row of the pairs, with its right rows as a nested column. */
export function lowerNest(plan: NestNode, sides: LoweredSides, step: number): Lowered {
  const { left, right, match } = sides;
  const fields = plan.fields.map(({ name, column }): BoundColumn => {
    const of = column === null ? distanceOf(match) : right.bindings.get(column)!;
    return { name, type: `${of.type}[]`, ref: { kind: 'gathered', step, column: of } };
  });
  const bindings = new Map([...left.bindings, [plan.column, nestColumn(plan.column, fields)]]);
  return { cell: { kind: 'nest', step, of: pairCell(plan.of, sides) }, bindings };
}

function distanceOf(match: number): BoundColumn {
  return { name: DISTANCE_COLUMN, type: 'DOUBLE', ref: { kind: 'distance', match } };
}

function pairCell(plan: MatchNode | JoinNode, { left, right, match }: LoweredSides) {
  return plan.kind === 'join' ? joinCell(plan, left, right) : matchCell(plan, left, right, match);
}

function matchCell(plan: MatchNode, left: Lowered, right: Lowered, match: number): MatchCell {
  return {
    kind: 'match',
    match,
    left: left.cell,
    right: right.cell,
    radiusArcsec: plan.radiusArcsec,
    minRadiusArcsec: plan.minRadiusArcsec,
    neighbors: plan.neighbors,
    keepUnmatched: plan.how === 'left',
  };
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

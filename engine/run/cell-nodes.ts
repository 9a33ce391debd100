/** Questions about the program of a cell. */
import type { BoundColumn, CellNode, JoinCell, MatchCell, ScanSpec } from '../task.ts';
import { noSteps, type RowSet } from './row-set.ts';

/** The direct inputs of a node, left to right. */
export function inputsOf(node: CellNode): readonly CellNode[] {
  switch (node.kind) {
    case 'scan':
      return [];
    case 'match':
    case 'join':
      return [node.left, node.right];
    case 'nest':
      return [node.of];
    case 'filter':
    case 'region':
    case 'explode':
    case 'user-rows':
    case 'user-table':
      return [node.input];
    default:
      throw new Error(`unknown cell node ${JSON.stringify(node satisfies never)}`);
  }
}

/** The node and everything below it. */
export function nodesIn(node: CellNode): CellNode[] {
  return [node, ...inputsOf(node).flatMap(nodesIn)];
}

/** Those of its nodes that its rows are made of, without the rows that were nested into them. */
function rowNodesIn(node: CellNode): CellNode[] {
  const inputs = node.kind === 'nest' ? [node.of.left] : inputsOf(node);
  return [node, ...inputs.flatMap(rowNodesIn)];
}

/** What a right side comes to that need not be read: no left row is there to match. */
export function emptySide(node: CellNode): { set: RowSet; scans: readonly number[] } {
  const nodes = nodesIn(node);
  const none = new Float64Array(0);
  const scans = nodes.flatMap((part) => (part.kind === 'scan' ? [part.scan] : []));
  const matches = nodes.flatMap((part) => (part.kind === 'match' ? [part.match] : []));
  const explodes = nodes.flatMap((part) => (part.kind === 'explode' ? [part] : []));
  const made = nodes.flatMap((part) =>
    part.kind === 'user-rows' || part.kind === 'user-table' ? [part] : [],
  );
  const nests = nodes.flatMap((part) => (part.kind === 'nest' ? [part] : []));
  const set: RowSet = {
    length: 0,
    ra: none,
    dec: none,
    index: null,
    ...noSteps,
    rids: new Map(scans.map((scan) => [scan, new Int32Array(0)])),
    distances: new Map(matches.map((match) => [match, none])),
    made: new Map(made.map(({ step }) => [step, new Int32Array(0)])),
    exploded: new Map(
      explodes.map(({ step, input }) => [
        step,
        { of: emptySide(input).set, bases: new Int32Array(0), elements: new Int32Array(0) },
      ]),
    ),
    groups: new Map(
      nests.map(({ step, of }) => [
        step,
        { members: emptyMembers(of), starts: new Int32Array(0), counts: new Int32Array(0) },
      ]),
    ),
  };
  return { set, scans };
}

function emptyMembers(of: MatchCell | JoinCell): RowSet {
  const { set } = emptySide(of.right);
  if (of.kind !== 'match') return set;
  return { ...set, distances: new Map([...set.distances, [of.match, new Float64Array(0)]]) };
}

/**
 * Every column of the scans inside `node`, needed by the plan or not, then what its matches and steps tell of a row: the
 * order in which rows that tie exactly are told apart. What was nested into a row, or computed of it, says nothing more: it
 * is the same for equal rows.
 */
export function contentColumns(node: CellNode, specs: readonly ScanSpec[]): BoundColumn[] {
  const nodes = rowNodesIn(node);
  return [
    ...nodes.flatMap((part) => (part.kind === 'scan' ? scanColumns(part.scan, specs) : [])),
    ...nodes.flatMap((part): BoundColumn[] => {
      if (part.kind !== 'match') return [];
      const { match } = part;
      return [{ name: `d${match}`, type: 'DOUBLE', ref: { kind: 'distance', match } }];
    }),
    ...nodes.flatMap((part): BoundColumn[] => {
      if (part.kind !== 'explode') return [];
      const { step } = part;
      return [{ name: `e${step}`, type: 'INTEGER', ref: { kind: 'element', step } }];
    }),
  ];
}

function scanColumns(scan: number, specs: readonly ScanSpec[]): BoundColumn[] {
  return specs[scan]!.allColumns.map(({ name, type }) => ({
    name: `${scan}.${name}`,
    type,
    ref: { kind: 'scan', scan, column: name },
  }));
}

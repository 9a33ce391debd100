/**
 * Which files of which catalogs a task reads, and which columns of them. What is said here decides what is fetched
 * ahead; a column that a task turns out to need beyond it is met as an error that fetches more, never as a wrong
 * answer.
 */
import type { Footer } from '../../catalogs/parquet-footer.ts';
import { isRemote } from '../../catalogs/path.ts';
import type { ExpressionInput } from '../expression/expression.ts';
import { nestOf } from '../expression/nest-type.ts';
import { groupExpressions, groupsWithoutPositions } from '../groups.ts';
import { leavesOf, type StoredColumn } from '../run/leaves.ts';
import type { BoundColumn, CellNode, CellsTask, Computation, ScanSpec, Task } from '../task.ts';

/** How much of a file is asked for. */
export type Extent =
  /** What the task is known to read. */
  | 'needed'
  /** All columns that the plan can need. */
  | 'planned'
  /** All columns there are, and the files behind edge files: exact ties are told apart by them. */
  | 'whole';

export const EXTENTS: readonly Extent[] = ['needed', 'planned', 'whole'];

/** One remote file for one scan. */
export interface FileNeed {
  /** Number of the scan in the task. */
  readonly scan: number;
  readonly url: string;
  readonly columns: ReadonlySet<string>;
}

/** The scans of a task. */
export function scansOfTask(task: Task): readonly ScanSpec[] {
  if (task.kind === 'cells') return task.program.scans;
  return 'scan' in task ? [task.scan] : [];
}

/** Every remote file that the task reads, once per scan. */
export function needsOf(task: Task, extent: Extent): FileNeed[] {
  const needs = new Map<string, { scan: number; url: string; columns: Set<string> }>();
  const add = (scan: number, url: string, columns: Iterable<string>) => {
    if (!isRemote(url)) return;
    const key = `${scan} ${url}`;
    const known = needs.get(key) ?? { scan, url, columns: new Set<string>() };
    for (const column of columns) known.columns.add(column);
    needs.set(key, known);
  };
  switch (task.kind) {
    case 'cells':
      addCells(task, extent, add);
      break;
    case 'edges':
    case 'margin':
      for (const { files } of task.parts) {
        for (const file of files) add(0, file, wholeColumns(task.scan, extent));
      }
      break;
    case 'table':
      for (const file of task.files) add(0, file, wholeColumns(task.scan, extent));
      break;
    case 'generate':
    case 'merge':
    case 'empty':
      break;
    default:
      throw new Error(`unknown task ${JSON.stringify(task satisfies never)}`);
  }
  return [...needs.values()];
}

type Add = (scan: number, url: string, columns: Iterable<string>) => void;

function addCells(task: CellsTask, extent: Extent, add: Add): void {
  const { scans } = task.program;
  const columns = scans.map((spec, scan) => cellColumns(task, spec, scan, extent));
  for (const cell of task.cells) {
    cell.scans.forEach(({ own, halo }, scan) => {
      const wanted = columns[scan]!;
      for (const { files } of own) for (const file of files) add(scan, file, wanted.own);
      switch (halo.kind) {
        case 'none':
          break;
        case 'margin':
          for (const file of halo.files) add(scan, file, wanted.margin);
          break;
        case 'files':
          for (const { files } of halo.parts) for (const file of files) add(scan, file, wanted.own);
          break;
        case 'edges':
          if (extent !== 'whole') break;
          for (const { sources } of halo.parts) {
            for (const file of sources) add(scan, file, wanted.own);
          }
          break;
        default:
          throw new Error(`unknown halo ${JSON.stringify(halo satisfies never)}`);
      }
    });
  }
}

function wholeColumns(spec: ScanSpec, extent: Extent): string[] {
  const columns = extent === 'whole' ? spec.allColumns : spec.columns;
  return [...columns.map(({ name }) => name), ...positionNames(spec)];
}

interface CellColumns {
  readonly own: ReadonlySet<string>;
  readonly margin: ReadonlySet<string>;
}

function cellColumns(task: CellsTask, spec: ScanSpec, scan: number, extent: Extent): CellColumns {
  if (extent !== 'needed') {
    const all = new Set(wholeColumns(spec, extent));
    return { own: all, margin: all };
  }
  const filters = spec.filters.flatMap(({ inputs }) =>
    inputs.flatMap((of) => inputNames(of, spec)),
  );
  const columns = [...sinkColumns(task), ...nodeColumns(task.program.root)];
  const payload = storedNames(columns, task.program.computed, spec, scan);
  if (readsNoPositions(task)) return { own: new Set([...filters, ...payload]), margin: new Set() };
  const own = new Set([...positionNames(spec), ...filters, ...payload]);
  const index = spec.healpix;
  const margin = new Set(own);
  if (index !== undefined) {
    const isOrdered = scan === 0 && (task.sink.kind !== 'count' || task.limit !== undefined);
    const isCut = spec.regions.length > 0 && !spec.aroundPartitions;
    if ((isOrdered && wantsOrder(task)) || isCut) own.add(index.name);
    // Rows of margins are told from a cell's own by the index.
    margin.add(index.name);
  }
  return { own, margin };
}

/** A plain count reads no positions, and groups of rows wherever they are need none. */
function readsNoPositions({ program, sink, limit }: CellsTask): boolean {
  const { root, scans } = program;
  if (root.kind !== 'scan') return false;
  const isPlain =
    sink.kind === 'groups'
      ? limit === undefined && groupsWithoutPositions(sink, root.scan)
      : sink.kind === 'count';
  if (!isPlain) return false;
  const spec = scans[root.scan]!;
  return spec.regions.length === 0 && !spec.dropInvalid;
}

function wantsOrder({ sink, limit }: CellsTask): boolean {
  return sink.kind === 'pieces' || sink.kind === 'rows' || limit !== undefined;
}

function sinkColumns({ sink }: CellsTask): readonly BoundColumn[] {
  if (sink.kind === 'groups') return groupExpressions(sink).flatMap(({ columns }) => columns);
  return sink.kind === 'pieces' || sink.kind === 'rows' ? sink.columns : [];
}

/** Every column that the steps of a program look at, whatever they are made of. */
function nodeColumns(node: CellNode): readonly BoundColumn[] {
  switch (node.kind) {
    case 'scan':
      return [];
    case 'filter':
      return [...node.columns, ...nodeColumns(node.input)];
    case 'region':
      return nodeColumns(node.input);
    case 'match':
      return [...nodeColumns(node.left), ...nodeColumns(node.right)];
    case 'join': {
      const asof = node.asof === undefined ? [] : [node.asof.left, node.asof.right];
      const sides = [...nodeColumns(node.left), ...nodeColumns(node.right)];
      return [...node.leftOn, ...node.rightOn, ...asof, ...sides];
    }
    case 'nest':
      return nodeColumns(node.of);
    case 'explode':
      return [node.list, ...nodeColumns(node.input)];
    case 'user-rows':
      return [...node.inputs, ...node.id, ...nodeColumns(node.input)];
    case 'user-table':
      return [...node.inputs, ...nodeColumns(node.input)];
    default:
      throw new Error(`unknown cell node ${JSON.stringify(node satisfies never)}`);
  }
}

/** Names of the stored columns of a scan that columns are made of; `lc.mag` for one list of a nested one. */
function storedNames(
  columns: readonly BoundColumn[],
  computed: readonly Computation[],
  spec: ScanSpec,
  scan: number,
): string[] {
  const { scans, exploded, gathered } = leavesOf(columns, computed);
  const inside = [...exploded.values(), ...gathered.values()].flat();
  const below = inside.length === 0 ? [] : storedNames(inside, computed, spec, scan);
  return [...(scans.get(scan) ?? []).map((of) => storedName(of, spec)), ...below];
}

/** Of a struct of lists the reader reads one field only; of a list of structs all of them. */
function storedName({ column, field }: StoredColumn, spec: ScanSpec): string {
  if (field === undefined) return column;
  const type = spec.allColumns.find(({ name }) => name === column)?.type ?? '';
  return nestOf(type)?.form === 'lists' ? `${column}.${field}` : column;
}

function inputNames(input: ExpressionInput, spec: ScanSpec): string[] {
  if ('sql' in input) return input.inputs.flatMap((inner) => inputNames(inner, spec));
  return [storedName(input, spec)];
}

function positionNames({ ra, dec }: ScanSpec): string[] {
  return [ra, dec].filter((name) => name !== undefined);
}

/** Numbers of the leaf columns that names ask for; a name may lead into a nested column. */
export function chosenLeaves(footer: Footer, columns: ReadonlySet<string>): number[] {
  const [group] = footer.rowGroups;
  if (group === undefined) return [];
  const parts = [...columns].map((name) => `${name}.`);
  // A field that the file lacks is null as often as the nested column has elements: another field tells how often.
  for (const name of columns) {
    const nest = name.slice(0, name.indexOf('.') + 1);
    const has = group.columns.some(
      (leaf) => leaf.name === name || leaf.name.startsWith(`${name}.`),
    );
    if (nest === '' || has) continue;
    const like = group.columns.find((leaf) => leaf.name.startsWith(nest));
    if (like !== undefined) parts.push(like.name);
  }
  return group.columns.flatMap(({ column, name }, leaf) => {
    // A name may lead into a nested column: `lc.mag`.
    const isAsked = columns.has(column) || columns.has(name);
    return isAsked || parts.some((part) => name.startsWith(part)) ? [leaf] : [];
  });
}

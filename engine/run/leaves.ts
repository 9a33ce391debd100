/** What columns are made of at the bottom: the stored columns, row numbers and steps that a query must bring along. */
import type { BoundColumn, ColumnRef, Computation } from '../task.ts';

/** A stored column, or one list of a nested one. */
export interface StoredColumn {
  readonly column: string;
  readonly field?: string;
}

/** A column that user code returned. */
export interface MadeColumn {
  readonly name: string;
  readonly type: string;
}

export interface Leaves {
  /** Columns of scans, each once, in order of first appearance. */
  readonly scans: ReadonlyMap<number, readonly StoredColumn[]>;
  /** Scans whose row numbers are asked for themselves. */
  readonly rows: ReadonlySet<number>;
  readonly distances: ReadonlySet<number>;
  readonly index: boolean;
  /** Explode steps whose element numbers are asked for. */
  readonly elements: ReadonlySet<number>;
  /** List columns whose elements are asked for, by explode step. */
  readonly exploded: ReadonlyMap<number, readonly BoundColumn[]>;
  /** Columns that user code returned, by step. */
  readonly made: ReadonlyMap<number, readonly MadeColumn[]>;
  /** Columns that nest steps put together, by step. */
  readonly gathered: ReadonlyMap<number, readonly BoundColumn[]>;
  /** Numbers of computed columns, those that others need before them. */
  readonly computed: readonly number[];
}

/** Everything that `columns` of a program need. */
export function leavesOf(
  columns: readonly BoundColumn[],
  computations: readonly Computation[],
): Leaves {
  const scans = new Map<number, Map<string, StoredColumn>>();
  const made = new Map<number, Map<string, MadeColumn>>();
  const gathered = new Map<number, Map<string, BoundColumn>>();
  const exploded = new Map<number, Map<string, BoundColumn>>();
  const computed = new Set<number>();
  const [rows, distances, elements] = [new Set<number>(), new Set<number>(), new Set<number>()];
  let index = false;
  const visit = ({ type, ref }: BoundColumn): void => {
    switch (ref.kind) {
      case 'scan': {
        const { scan, column, field } = ref;
        const stored = field === undefined ? { column } : { column, field };
        entry(scans, scan, () => new Map()).set(storedKey(stored), stored);
        break;
      }
      case 'distance':
        distances.add(ref.match);
        break;
      case 'row':
        rows.add(ref.scan);
        break;
      case 'index':
        index = true;
        break;
      case 'element':
        elements.add(ref.step);
        break;
      case 'exploded':
        entry(exploded, ref.step, () => new Map()).set(refKey(ref.column.ref), ref.column);
        break;
      case 'made':
        entry(made, ref.step, () => new Map()).set(ref.column, { name: ref.column, type });
        break;
      case 'gathered':
        entry(gathered, ref.step, () => new Map()).set(refKey(ref.column.ref), ref.column);
        break;
      case 'nest':
        ref.fields.forEach(visit);
        break;
      case 'computed':
        if (computed.has(ref.number)) break;
        computed.add(ref.number);
        computations[ref.number]!.inputs.forEach(visit);
        break;
      default:
        throw new Error(`unknown column reference ${JSON.stringify(ref satisfies never)}`);
    }
  };
  columns.forEach(visit);
  return {
    scans: new Map(
      [...scans].sort(([a], [b]) => a - b).map(([scan, of]) => [scan, [...of.values()]]),
    ),
    rows,
    distances,
    index,
    elements,
    exploded: new Map([...exploded].map(([step, of]) => [step, [...of.values()]])),
    made: new Map([...made].map(([step, of]) => [step, [...of.values()]])),
    gathered: new Map([...gathered].map(([step, of]) => [step, [...of.values()]])),
    computed: [...computed].sort((a, b) => a - b),
  };
}

export function storedKey({ column, field }: StoredColumn): string {
  return JSON.stringify([column, field]);
}

/** Equal for references that mean the same. */
export function refKey(ref: ColumnRef): string {
  return JSON.stringify(ref);
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

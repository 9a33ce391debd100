/**
 * Whole flat columns of eight bytes a value, straight out of a local Parquet file: positions and indices, which most
 * tasks read whole. DuckDB decodes them quickly, but takes longer to hand them over. What is not simple (nulls, other
 * types, rare encodings, damage) is left to it.
 */
import type { RowGroup } from 'hyparquet';
import { dataOf, hasNoNulls, orNull } from './parquet-local.ts';
import { openPlain, type PlainFile } from './parquet-plain.ts';

/** A column, and what it must be in the file. */
export interface WantedColumn {
  readonly name: string;
  readonly type: 'DOUBLE' | 'BIGINT';
}

/** Row groups by what their statistics say of a column of long integers; those that say nothing, or of nulls, are read. */
export interface GroupChoice {
  readonly column: string;
  readonly mayHold: (least: bigint, most: bigint) => boolean;
}

/** Row groups that are read, by the number of their first row. */
export interface RowSpan {
  readonly firstRow: number;
  readonly rows: number;
}

/** Columns of a file that can be read in this way. */
export interface OpenColumns {
  /** Rows of the whole file. */
  readonly fileRows: number;
  readonly spans: readonly RowSpan[];
  /**
   * All values of the columns, in their order, eight bytes for each row of the spans; null where they cannot be read
   * in this way after all.
   *
   * @param checkStop called now and then; what it throws is passed on
   */
  read(checkStop: () => void): ArrayBuffer[] | null;
  close(): void;
}

/** Looks at the footer; null where some of the columns cannot be read in this way, for whatever reason. */
export function openColumns(
  path: string,
  wanted: readonly WantedColumn[],
  choice?: GroupChoice,
): OpenColumns | null {
  const file = openPlain(path);
  if (file === null) return null;
  const { groups, starts } = file;
  const chosen = orNull(() =>
    [...groups.keys()].filter((i) => choice === undefined || isChosen(groups[i]!, choice)),
  );
  if (chosen === null || !wanted.every(({ name, type }) => file.holds(name, type))) {
    file.close();
    return null;
  }
  const spans = chosen.map((i) => ({ firstRow: starts[i]!, rows: starts[i + 1]! - starts[i]! }));
  return {
    fileRows: starts.at(-1)!,
    spans,
    read: (checkStop) => {
      const read: ArrayBuffer[] = [];
      for (const { name } of wanted) {
        const values = readGroups(file, name, chosen, spans, checkStop);
        if (values === null) return null;
        read.push(values);
      }
      return read;
    },
    close: () => file.close(),
  };
}

/** False where the statistics of all row groups say that no value of a column is null. */
export function mayHoldNulls(path: string, column: string): boolean {
  const file = openPlain(path);
  file?.close();
  return orNull(() => file?.groups.every((group) => hasNoNulls(group, column))) !== true;
}

function isChosen(group: RowGroup, { column, mayHold }: GroupChoice): boolean {
  const data = dataOf(group, column);
  const { min_value: least, max_value: most } = data?.statistics ?? {};
  if (data?.type !== 'INT64' || typeof least !== 'bigint' || typeof most !== 'bigint') return true;
  return mayHold(least, most) || !hasNoNulls(group, column);
}

/** Null where a row group has nulls, or is not simple after all. */
function readGroups(
  file: PlainFile,
  name: string,
  groups: readonly number[],
  spans: readonly RowSpan[],
  checkStop: () => void,
): ArrayBuffer | null {
  // Damage may say of a file that it has more rows than there is memory.
  const values = orNull(() => new ArrayBuffer(8 * spans.reduce((sum, { rows }) => sum + rows, 0)));
  if (values === null) return null;
  let row = 0;
  for (const [i, { rows }] of spans.entries()) {
    const target = new Uint8Array(values, 8 * row, 8 * rows);
    const chunk = { width: 8, values: target, valid: null } as const;
    if (!file.read(name, groups[i]!, chunk, checkStop)) return null;
    row += rows;
  }
  return values;
}

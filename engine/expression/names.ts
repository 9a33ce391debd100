/** Column and function names in messages and look-ups. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { nearestNames } from '../../partitioning/nearest-names.ts';

/** Columns named in a message before it is cut short. */
const MAX_LISTED = 8;

/** DuckDB's own columns of a Parquet file, by which scans tell files and rows apart. */
const RESERVED = /^(file_row_number|file_index)$/i;

/** Whether the database keeps a name for itself. */
export function isReserved(name: string): boolean {
  return RESERVED.test(name);
}

/** Throws for a name that no new column may have; `what`: how the message calls it. */
export function checkColumnName(name: string, what = 'a column'): void {
  if (name === '') throw requestError(`${what} needs a name`);
  if (isReserved(name)) {
    throw requestError(
      `${what} cannot be called "${name}", a name that the database keeps for itself`,
      'Choose another name.',
    );
  }
}

export type ColumnLookup =
  | { readonly kind: 'found'; readonly column: Column }
  | { readonly kind: 'ambiguous'; readonly names: readonly string[] }
  | { readonly kind: 'missing' };

/** The exact name first, else the only one that differs by letter case. */
export function findColumn(name: string, columns: readonly Column[]): ColumnLookup {
  const exact = columns.find((column) => column.name === name);
  if (exact !== undefined) return { kind: 'found', column: exact };
  const lower = name.toLowerCase();
  const alike = columns.filter((column) => column.name.toLowerCase() === lower);
  if (alike.length === 1) return { kind: 'found', column: alike[0]! };
  if (alike.length === 0) return { kind: 'missing' };
  return { kind: 'ambiguous', names: alike.map((column) => column.name) };
}

/** What to do about an unknown column: the nearest names, then the first few there are. */
export function columnHint(name: string, columns: readonly Column[]): string {
  const names = columns.map((column) => column.name);
  const near = nearestNames(name, names);
  const guess = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `;
  return `${guess}Columns: ${listNames(names)}`;
}

/** The first few names, and how many there are when that is not all. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  if (names.length <= MAX_LISTED) return names.join(', ');
  return `${names.slice(0, MAX_LISTED).join(', ')}, … (${names.length} in all)`;
}

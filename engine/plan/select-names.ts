/** Resolves the names of a column list. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { columnHint, findColumn } from '../expression/names.ts';

/** The names as `columns` spell them. Throws for unknown, ambiguous and repeated ones; `what` completes "column x …". */
export function resolveNames(
  names: readonly string[],
  columns: readonly Column[],
  what: string,
): string[] {
  if (names.length === 0) throw requestError('the list of columns is empty');
  const out: string[] = [];
  for (const name of names) {
    const found = findColumn(name, columns);
    if (found.kind !== 'found') {
      throw requestError(`there is no column "${name}" ${what}`, columnHint(name, columns));
    }
    if (out.includes(found.column.name)) throw requestError(`column "${name}" is listed twice`);
    out.push(found.column.name);
  }
  return out;
}

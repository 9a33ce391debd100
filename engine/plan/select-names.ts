/** Resolves the names of a column list against a schema. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { columnHint, findColumn } from '../expression/names.ts';
import { namableColumns, type Schema } from './schema.ts';

/** The names as the schema spells them. Throws for unknown, ambiguous and repeated ones. */
export function selectNames(schema: Schema, names: readonly string[]): string[] {
  return resolveNames(names, namableColumns(schema), `of ${schema.name}`);
}

/** The same against a plain list of columns; `what` completes "column x …" in messages. */
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

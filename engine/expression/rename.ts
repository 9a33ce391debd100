/** Changes column names in printed SQL. */
import { quoteName } from './quote.ts';

/** A text constant, which is left alone, or a quoted column name. */
const QUOTED = /'(?:[^']|'')*'|"((?:[^"]|"")*)"/g;

/**
 * Replaces every column reference of SQL that {@link printTree} printed, where only columns are in double quotes.
 *
 * @param change gives the SQL for a column, for example `l."ra"`
 */
export function mapColumns(sql: string, change: (name: string) => string): string {
  return sql.replaceAll(QUOTED, (match: string, quoted: string | undefined) =>
    quoted === undefined ? match : change(quoted.replaceAll('""', '"')),
  );
}

/** Replaces every column name of SQL that {@link printTree} printed. */
export function renameQuoted(sql: string, rename: (name: string) => string): string {
  return mapColumns(sql, (name) => quoteName(rename(name)));
}

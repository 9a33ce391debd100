/** Query results as plain rows. */
import type { Table } from 'apache-arrow';

export type ResultRow = Readonly<Record<string, unknown>>;

/** The rows of an Arrow table in order; 64-bit integers are bigints, nulls null. */
export function rowsOf(table: Table): ResultRow[] {
  const columns = table.schema.names.map(
    (name) => [String(name), [...table.getChild(name)!]] as const,
  );
  return Array.from({ length: table.numRows }, (_, i) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[i]])),
  );
}

/** One numeric column of an Arrow table. */
export function numbersOf(table: Table, name: string): number[] {
  return Array.from(table.getChild(name)!, Number);
}

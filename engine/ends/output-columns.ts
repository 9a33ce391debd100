/** The columns a sink writes, bound to the scans they come from. */
import type { Column } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import { indexBinding, type Program } from '../physical/lower.ts';
import type { PlanNode } from '../plan/node.ts';
import { INDEX_COLUMN, namableColumns, positionOf, schemaOf } from '../plan/schema.ts';
import type { BoundColumn } from '../task.ts';

/** Names of the columns of a flat output: what the plan's schema shows. */
export function flatNames(plan: PlanNode): string[] {
  return schemaOf(plan).columns.map(({ name }) => name);
}

/** The columns of a HATS output: the index first, position always, then the rest in schema order. */
export function hatsColumns(plan: PlanNode): Column[] {
  const schema = schemaOf(plan);
  const index: Column = {
    name: INDEX_COLUMN,
    type: 'BIGINT',
    description: 'HEALPix index of the position at order 29, NESTED',
  };
  const rest = schema.columns.filter(({ name }) => name !== INDEX_COLUMN);
  const names = new Set(rest.map(({ name }) => name));
  const { ra, dec } = positionOf(schema);
  const position = [ra, dec].filter(({ name }) => !names.has(name));
  const columns = [index, ...position, ...rest];
  refuseSameNames(columns);
  return columns;
}

/** Binds output columns for a sink; `_healpix_29` is the stored index or computed. */
export function bindColumns(program: Program, names: readonly string[]): BoundColumn[] {
  return names.map((name) => {
    const bound = program.bindings.get(name);
    if (name === INDEX_COLUMN && bound === undefined) return indexBinding(program);
    if (bound === undefined) throw new Error(`column ${name} is not in the program`);
    return { ...bound, name };
  });
}

/** Of columns to be written, those the plan can be asked for by name. */
export function plannedNames(plan: PlanNode, columns: readonly Column[]): string[] {
  const known = new Set(namableColumns(schemaOf(plan)).map(({ name }) => name));
  return columns.map(({ name }) => name).filter((name) => known.has(name));
}

function refuseSameNames(columns: readonly Column[]): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      throw requestError(
        `the output would have the columns "${other}" and "${name}", which differ by case only`,
        'Leave one of them out with select (--columns).',
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}

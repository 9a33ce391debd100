/** Which columns are wanted of a node, and of nested columns which fields. */
import type { ColumnUse } from '../expression/expression.ts';

/** By name: all of a column, or some fields of a nested one. */
export type Wanted = ReadonlyMap<string, ReadonlySet<string> | 'whole'>;

/** The columns and fields named in `uses`. */
export function wantedOf(uses: Iterable<ColumnUse>): Wanted {
  const wanted = new Map<string, Set<string> | 'whole'>();
  for (const { column, field } of uses) {
    if (field === undefined) {
      wanted.set(column, 'whole');
      continue;
    }
    const known = wanted.get(column);
    if (known === undefined) wanted.set(column, new Set([field]));
    else if (known !== 'whole') known.add(field);
  }
  return wanted;
}

/** What `wanted` names, one column or field each. */
export function usesIn(wanted: Wanted): ColumnUse[] {
  return [...wanted].flatMap(([column, fields]) =>
    fields === 'whole' ? [{ column }] : [...fields].map((field) => ({ column, field })),
  );
}

/** `wanted` and more. */
export function withUses(wanted: Wanted, uses: readonly ColumnUse[]): Wanted {
  return wantedOf([...usesIn(wanted), ...uses]);
}

/** Of all `fields` of a nested column those that are wanted, in their order. */
export function wantedFields(
  wanted: Wanted,
  column: string,
  fields: readonly string[],
): readonly string[] {
  const of = wanted.get(column);
  if (of === undefined) return [];
  return of === 'whole' ? fields : fields.filter((field) => of.has(field));
}

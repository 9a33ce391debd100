/**
 * Nested columns: values that are small tables, such as light curves. HATS has them as a struct of lists of equal
 * length (`STRUCT(mjd DOUBLE[], mag FLOAT[])`); a list of structs is read as the same thing.
 */
import { type Field, structFields } from './fields.ts';

export interface NestType {
  readonly form: 'lists' | 'structs';
  /** Columns of the small table, with the types of their elements. */
  readonly fields: readonly Field[];
}

/** What a type says of a nested column; undefined where it is none. */
export function nestOf(type: string): NestType | undefined {
  const lists = structFields(type);
  if (lists !== undefined) {
    const fields = lists.map(({ name, type: list }) => ({ name, type: elementType(list) }));
    return fields.length > 0 && fields.every(isField) ? { form: 'lists', fields } : undefined;
  }
  const element = elementType(type);
  const fields = element === undefined ? undefined : structFields(element);
  return fields === undefined ? undefined : { form: 'structs', fields };
}

/** Type of the elements of a list type; undefined for anything else, arrays of fixed size included. */
export function elementType(type: string): string | undefined {
  return type.endsWith('[]') ? type.slice(0, -2) : undefined;
}

/** The fields that may follow a value of `type` after a point; those of a nested column are lists. */
export function fieldsAfter(type: string): readonly Field[] | undefined {
  const nest = nestOf(type);
  if (nest?.form !== 'structs') return structFields(type);
  return nest.fields.map((field) => ({ name: field.name, type: `${field.type}[]` }));
}

/** The type of a nested column with these fields, as it is written: a struct of lists. */
export function nestType(fields: readonly Field[]): string {
  return `STRUCT(${fields.map(({ name, type }) => `"${name.replaceAll('"', '""')}" ${type}[]`).join(', ')})`;
}

function isField(field: { name: string; type: string | undefined }): field is Field {
  return field.type !== undefined;
}

const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/^(BOOLEAN|U?TINYINT)$/, 1],
  [/^U?SMALLINT$/, 2],
  [/^(FLOAT|U?INTEGER|DATE)$/, 4],
  [/^(DOUBLE|U?BIGINT|TIMESTAMP.*)$/, 8],
];

/** Bytes that a value of `type` takes in memory, about. */
export function widthOf(type: string): number {
  return WIDTHS.find(([pattern]) => pattern.test(type))?.[1] ?? 16;
}

/** The field that is read fastest. */
export function narrowestField({ fields }: NestType): string {
  return fields.reduce((a, b) => (widthOf(b.type) < widthOf(a.type) ? b : a)).name;
}

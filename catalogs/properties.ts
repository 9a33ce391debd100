/**
 * Properties files of HATS catalogs: the Java `.properties` syntax, and the two names (standard key and
 * Python field name) under which readers have to accept a key.
 */
import { requestError } from '../partitioning/error.ts';

/** A value of a property; `undefined` and empty lists are left out of the file. */
export type PropertyValue = string | number | boolean | readonly (string | number)[] | undefined;

/**
 * Standard key → name of the same field in the Python reference (hats 0.11.1), in the order in which the
 * reference writes them.
 */
const CATALOG_KEYS: readonly (readonly [key: string, field: string])[] = [
  ['obs_collection', 'catalog_name'],
  ['dataproduct_type', 'catalog_type'],
  ['hats_nrows', 'total_rows'],
  ['hats_col_ra', 'ra_column'],
  ['hats_col_dec', 'dec_column'],
  ['hats_cols_default', 'default_columns'],
  ['hats_col_healpix', 'healpix_column'],
  ['hats_col_healpix_order', 'healpix_order'],
  ['hats_primary_table_url', 'primary_catalog'],
  ['hats_margin_threshold', 'margin_threshold'],
  ['hats_col_assn_primary', 'primary_column'],
  ['hats_col_assn_primary_assn', 'primary_column_association'],
  ['hats_assn_join_table_url', 'join_catalog'],
  ['hats_col_assn_join', 'join_column'],
  ['hats_col_assn_join_assn', 'join_column_association'],
  ['hats_assn_max_separation', 'assn_max_separation'],
  ['hats_assn_leaf_files', 'contains_leaf_files'],
  ['hats_index_column', 'indexing_column'],
  ['hats_index_extra_column', 'extra_columns'],
  ['hats_npix_suffix', 'npix_suffix'],
  ['hats_skymap_order', 'skymap_order'],
  ['hats_skymap_alt_orders', 'skymap_alt_orders'],
  ['hats_max_rows', 'hats_max_rows'],
  ['hats_max_bytes', 'hats_max_bytes'],
  ['hats_estsize', 'hats_estsize'],
  ['moc_sky_fraction', 'moc_sky_fraction'],
];

const COLLECTION_KEYS: readonly (readonly [key: string, field: string])[] = [
  ['obs_collection', 'name'],
  ['hats_primary_table_url', 'hats_primary_table_url'],
  ['all_margins', 'all_margins'],
  ['default_margin', 'default_margin'],
  ['all_indexes', 'all_indexes'],
  ['default_index', 'default_index'],
  ['all_extensions', 'all_extensions'],
];

export type PropertiesKind = 'catalog' | 'collection';

function keysOf(kind: PropertiesKind) {
  return kind === 'catalog' ? CATALOG_KEYS : COLLECTION_KEYS;
}

/** Keys that the reference reads as floats and writes with a decimal point. */
const FLOAT_KEYS: ReadonlySet<string> = new Set([
  'hats_margin_threshold',
  'hats_assn_max_separation',
  'moc_sky_fraction',
]);

/**
 * Keys and values of a properties file as they stand, escapes resolved; of a repeated key the last counts.
 * The syntax is that of `java.util.Properties`: `#` and `!` comments, `=`, `:` or blanks after the key,
 * backslash escapes, lines continued by a backslash.
 */
export function parseProperties(text: string): Record<string, string> {
  const entries: Record<string, string> = Object.create(null);
  for (const line of logicalLines(text)) {
    const match = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/su.exec(line)!;
    entries[unescaped(match[1]!)] = unescaped(match[2]!.replace(/(?<!\\)[ \t\f]+$/, ''));
  }
  return { ...entries };
}

function* logicalLines(text: string): Generator<string> {
  let pending = '';
  let continued = false;
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    const line = raw.replace(/^[ \t\f]+/, '');
    if (!continued && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const slashes = /\\*$/.exec(line)![0].length;
    continued = slashes % 2 === 1;
    pending += continued ? line.slice(0, -1) : line;
    if (continued) continue;
    yield pending;
    pending = '';
  }
  if (pending !== '') yield pending;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/gsu,
    (_, code: string | undefined, char: string) =>
      code === undefined ? (ESCAPES[char] ?? char) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/**
 * The same entries under their standard keys, unknown ones kept. Where a file has both names of a field, the
 * standard one counts. Values that stand for nothing (empty, or the `None` that hats 0.11 writes for an empty
 * list) are left out.
 */
export function standardKeys(
  entries: Readonly<Record<string, string>>,
  kind: PropertiesKind,
): Record<string, string> {
  const keyOfField = new Map(keysOf(kind).map(([key, field]) => [field, key]));
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(entries)) {
    const key = keyOfField.get(name) ?? name;
    if (value === '' || value === 'None') continue;
    if (key !== name && entries[key] !== undefined) continue;
    result[key] = value;
  }
  return result;
}

/** The words of a list value, split at spaces, commas, semicolons and line breaks. */
export function listOf(value: string | undefined): string[] {
  return (value ?? '').split(/[;, \n]/).filter((word) => word !== '');
}

/**
 * Text of a properties file: the comment line, declared keys in the reference's order, then the others as
 * given. Values are written as the reference writes them, so that all its versions read them: colons are
 * not escaped, only what would otherwise be lost (backslashes, line breaks, leading blanks).
 */
export function formatProperties(
  entries: Readonly<Record<string, PropertyValue>>,
  kind: PropertiesKind = 'catalog',
): string {
  const declared = keysOf(kind).map(([key]) => key);
  const others = Object.keys(entries).filter((key) => !declared.includes(key));
  const lines = [kind === 'catalog' ? '#HATS catalog' : '#HATS Collection'];
  for (const key of [...declared, ...others]) {
    const value = entries[key];
    if (value === undefined || value === '' || (isList(value) && value.length === 0)) continue;
    if (!/^[^\s=:#!\\]+$/u.test(key)) {
      throw requestError(
        `'${key}' cannot be the key of a property`,
        'use a word without = : # ! \\',
      );
    }
    lines.push(`${key}=${escapeValue(propertyText(key, value))}`);
  }
  return `${lines.join('\n')}\n`;
}

function isList(value: PropertyValue): value is readonly (string | number)[] {
  return Array.isArray(value);
}

function propertyText(key: string, value: Exclude<PropertyValue, undefined>): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return FLOAT_KEYS.has(key) ? floatText(value) : String(value);
  return typeof value === 'string' ? value : value.join(' ');
}

/** A float as Python prints it: whole numbers keep their `.0`, exponents have two digits. */
function floatText(value: number): string {
  const text = String(value).replace(/e([+-])(\d)$/, 'e$10$2');
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function escapeValue(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replace(/^[ \t\f]|[ \t\f]$/g, '\\$&');
}

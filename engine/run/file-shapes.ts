/**
 * Which fields of nested columns a leaf lacks. Whole columns that a leaf lacks become null by themselves; a field that it
 * lacks must become a null for every element, or the lists of one row would be of different lengths.
 */
import { nestOf } from '../expression/nest-type.ts';
import { quoteText } from '../expression/quote.ts';
import type { ScanSpec } from '../task.ts';
import { type RunContext, timed } from './context.ts';

/** A Parquet file of a scan. */
export interface LeafFile {
  readonly path: string;
  /** Fields that nested columns lack in it, by column; absent: none. */
  readonly lacks?: ReadonlyMap<string, readonly string[]>;
}

/** The files at `paths`, with what they lack; reads no footers where nothing can be lacking. */
export async function leafFiles(
  context: RunContext,
  spec: ScanSpec,
  paths: readonly string[],
): Promise<LeafFile[]> {
  const nests = spec.allColumns.flatMap(({ name, type }) => {
    const nest = nestOf(type);
    return nest?.form === 'lists' ? [{ name, fields: nest.fields.map((field) => field.name) }] : [];
  });
  if (spec.schemaFile === undefined || nests.length === 0 || paths.length === 0) {
    return paths.map((path) => ({ path }));
  }
  const found = await fieldsIn(context, paths);
  return paths.map((path) => {
    const columns = found.get(path);
    const lacks = new Map<string, readonly string[]>();
    for (const { name, fields } of nests) {
      const present = columns?.get(name);
      if (present === undefined) continue;
      const lacking = fields.filter((field) => !present.has(field));
      if (lacking.length > 0) lacks.set(name, lacking);
    }
    return lacks.size === 0 ? { path } : { path, lacks };
  });
}

/** Rows of some files together, as their footers have it. */
export async function footerRows(context: RunContext, paths: readonly string[]): Promise<number> {
  const list = paths.map(quoteText).join(', ');
  const sql = `SELECT sum(num_rows) AS num_rows FROM parquet_file_metadata([${list}])`;
  const [footer] = await timed(context, 'metadata', () => context.session.rows(sql));
  return Number(footer!['num_rows']);
}

type Fields = Map<string, Set<string>>;

/** Names of the groups of every file, and of what is directly below them. */
async function fieldsIn(
  context: RunContext,
  paths: readonly string[],
): Promise<Map<string, Fields>> {
  const list = [...new Set(paths)].map(quoteText).join(', ');
  const sql = `SELECT file_name, name, coalesce(num_children, 0)::INTEGER AS children FROM parquet_schema([${list}])`;
  const rows = await timed(context, 'metadata', () => context.session.rows(sql));
  const files = new Map<string, Fields>();
  // Each file's tree comes depth first, root and all.
  let at = 0;
  const read = (depth: number, fields: Fields, column: string): void => {
    const row = rows[at++]!;
    const name = row['name'] as string;
    if (depth === 1) fields.set(name, new Set());
    if (depth === 2) fields.get(column)!.add(name);
    const children = row['children'] as number;
    for (let i = 0; i < children; i++) read(depth + 1, fields, depth === 1 ? name : column);
  };
  while (at < rows.length) {
    const fields: Fields = new Map();
    files.set(rows[at]!['file_name'] as string, fields);
    read(0, fields, '');
  }
  return files;
}

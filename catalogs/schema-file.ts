/** The columns of a catalog, and the file that tells them. */
import { dataError } from '../partitioning/error.ts';
import { parseFooter, readFooter } from './parquet-footer.ts';
import type { Store } from './store.ts';
import type { Column, LeafFile } from './types.ts';

/** Columns that repeat a leaf's path. Some catalogs store them, others only list them in `_common_metadata`. */
const HIVE_COLUMNS: ReadonlySet<string> = new Set([
  'Norder',
  'Dir',
  'Npix',
  'margin_Norder',
  'margin_Dir',
  'margin_Npix',
]);

export function isHiveColumn(name: string): boolean {
  return HIVE_COLUMNS.has(name);
}

export interface SchemaSources {
  /** `_common_metadata`, where it exists. */
  readonly commonMetadata?: LeafFile;
  /** `_metadata`, where it exists and was read. */
  readonly metadata?: { readonly path: string; readonly bytes: Uint8Array };
  /** Any leaf file. */
  readonly leaf?: LeafFile;
  /** The catalog's directory, for messages. */
  readonly catalog: string;
}

/**
 * The first schema there is: of `_common_metadata`, `_metadata`, or a leaf. Hive columns that leaves do not
 * store are left out: their values are those of the path.
 * @throws the `data` error when there is none
 */
export async function readSchema(
  sources: SchemaSources,
  store: Store,
): Promise<{ file: string; columns: readonly Column[] }> {
  const { commonMetadata, metadata, leaf } = sources;
  let file: string;
  let columns: readonly Column[];
  if (commonMetadata !== undefined) {
    file = commonMetadata.path;
    columns = (await readFooter(file, store, commonMetadata.bytes)).schema;
  } else if (metadata !== undefined) {
    file = metadata.path;
    columns = (await parseFooter(metadata.bytes, file)).schema;
  } else if (leaf !== undefined) {
    const footer = await readFooter(leaf.path, store, leaf.bytes);
    return { file: leaf.path, columns: footer.schema };
  } else {
    throw dataError(
      'the catalog schema could not be loaded',
      sources.catalog,
      'it needs dataset/_common_metadata, dataset/_metadata or a leaf file, and has none of them',
    );
  }
  if (!columns.some((column) => isHiveColumn(column.name))) return { file, columns };
  const stored = leaf === undefined ? [] : (await readFooter(leaf.path, store, leaf.bytes)).schema;
  const names = new Set(stored.map((column) => column.name));
  return { file, columns: columns.filter((c) => !isHiveColumn(c.name) || names.has(c.name)) };
}

/** Opens HATS catalogs and collections: the metadata only, no rows. */
import { requestError } from '../partitioning/error.ts';
import { openCollection } from './collection.ts';
import { openHiveTable } from './hive-table.ts';
import { checkTemplate } from './leaf-files.ts';
import { findCatalog, locateCatalog } from './locate.ts';
import { openMargin } from './margin.ts';
import { absolutePath } from './path.ts';
import { type CatalogReference, checkReference, choosePlace, findReference } from './reference.ts';
import { rememberReads } from './remembered-reads.ts';
import { type Store, storeFor } from './store.ts';
import { openTable } from './table.ts';
import type { CatalogInfo, OpenOptions } from './types.ts';

/**
 * Opens a catalog of any type but index, a collection, or a directory named by its properties file: by its path or
 * URL, by the name of a well-known one, or by a reference to several places. Margins: see {@link OpenOptions}.
 * @throws the `request` error when there is no catalog, when it is of a kind that cannot be opened, or when
 * a margin asked for does not exist or fit; the `data` error when its files are missing or contradict each
 * other
 */
export async function openCatalogInfo(
  catalog: string | CatalogReference,
  options: OpenOptions = {},
  from?: Store,
): Promise<CatalogInfo> {
  checkTemplate(options.pathTemplate);
  const reference =
    typeof catalog === 'string' ? await findReference(catalog) : checkReference(catalog);
  if (reference === undefined) return openAt(catalog as string, options, from);
  const place = await choosePlace(reference);
  return { ...(await openAt(place.url, options)), place };
}

async function openAt(
  path: string,
  options: OpenOptions,
  from: Store = storeFor(path),
): Promise<CatalogInfo> {
  const store = rememberReads(from);
  const found = await findCatalog(path, store);
  if (found === undefined) {
    const hive = await openHiveTable(absolutePath(path), store);
    if (hive !== undefined) return hive;
  }
  const located = found ?? (await locateCatalog(path, store));
  if (located.kind === 'collection') return openCollection(located, options, store);
  const info = await openTable(located, options, store);
  const { margin } = options;
  if (margin === undefined || margin === 'none') return info;
  if ((await findCatalog(margin, store)) === undefined) {
    throw requestError(
      `no margin '${margin}' for ${info.name}`,
      `${info.path} is not a collection, so it lists no margins: give the path of a margin catalog, or none`,
    );
  }
  return { ...info, margin: await openMargin(absolutePath(margin), info, options, store) };
}

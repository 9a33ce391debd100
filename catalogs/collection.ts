/** Collections: a primary table with its margins and indexes. */
import { dataError, requestError } from '../partitioning/error.ts';
import {
  type CollectionProperties,
  readCatalogProperties,
  readCollectionProperties,
} from './catalog-properties.ts';
import { findCatalog, type Located } from './locate.ts';
import { marginOf, openMarginTable } from './margin.ts';
import { absolutePath, nameOf, resolveReference } from './path.ts';
import { startReads } from './remembered-reads.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';
import type { CatalogInfo, OpenOptions } from './types.ts';

/** Opens the primary table of a collection with the margin that `options` ask for, else the default one. */
export async function openCollection(
  located: Located,
  options: OpenOptions,
  store: Store,
): Promise<CatalogInfo> {
  const collection = readCollectionProperties(located.text, located.propertiesFile);
  const directory = await marginDirectory(collection, located, options, store);
  // Asked for before the properties of the members have come, which name what they hold: a round trip less.
  startReads(resolveReference(located.directory, collection.primary), store);
  if (directory !== undefined) startReads(directory, store);
  // All are opened at the same time: over a network that halves the waiting.
  const opening = openPrimary(collection, located, options, store);
  opening.catch(() => {});
  const marginTable =
    directory === undefined ? undefined : openMarginTable(directory, options, store);
  marginTable?.catch(() => {});
  const marginsAvailable = listMargins(collection, located, store);
  const primary = await opening;
  const indexes: Record<string, string> = {};
  for (const [field, reference] of Object.entries(collection.indexes)) {
    indexes[field] = resolveReference(located.directory, reference);
  }
  const margin = marginTable === undefined ? undefined : marginOf(await marginTable, primary);
  return {
    ...primary,
    collectionPath: located.directory,
    marginsAvailable: await marginsAvailable,
    ...(margin === undefined ? {} : { margin }),
    indexes,
  };
}

async function openPrimary(
  collection: CollectionProperties,
  located: Located,
  options: OpenOptions,
  store: Store,
): Promise<CatalogInfo> {
  const directory = resolveReference(located.directory, collection.primary);
  const found = await findCatalog(directory, store);
  if (found === undefined) {
    throw dataError(
      `the primary table of the collection ${collection.name} is missing`,
      directory,
      `hats_primary_table_url in ${located.propertiesFile} names it`,
    );
  }
  if (found.kind === 'collection') {
    throw dataError(`the primary table of ${collection.name} is itself a collection`, directory);
  }
  const primary = await openTable(found, options, store);
  if (primary.type !== 'object' && primary.type !== 'source') {
    const what = `the primary table of ${collection.name} is of type ${primary.type}`;
    throw dataError(`${what}, not object or source`, directory);
  }
  return primary;
}

/** Directory of the margin to use; `undefined` for none. */
async function marginDirectory(
  collection: CollectionProperties,
  located: Located,
  options: OpenOptions,
  store: Store,
): Promise<string | undefined> {
  const asked = options.margin ?? collection.defaultMargin ?? 'none';
  if (asked === 'none') return undefined;
  const member = collection.margins.find((name) => name === asked || nameOf(name) === asked);
  if (member !== undefined) return resolveReference(located.directory, member);
  if ((await findCatalog(asked, store)) !== undefined) return absolutePath(asked);
  const names = collection.margins;
  throw requestError(
    `the collection ${collection.name} has no margin '${asked}'`,
    names.length === 0
      ? 'it has no margins: give the path of one, or none'
      : `it has ${names.join(', ')}; or give the path of one, or none`,
  );
}

function listMargins(
  { margins }: CollectionProperties,
  { directory }: Located,
  store: Store,
): Promise<{ name: string; thresholdArcsec?: number }[]> {
  return Promise.all(
    margins.map(async (name) => {
      const thresholdArcsec = await marginThreshold(directory, name, store);
      return thresholdArcsec === undefined ? { name } : { name, thresholdArcsec };
    }),
  );
}

/** Threshold of a listed margin; one that cannot be read is still listed, without it. */
async function marginThreshold(
  collection: string,
  name: string,
  store: Store,
): Promise<number | undefined> {
  try {
    const found = await findCatalog(resolveReference(collection, name), store);
    if (found === undefined) return undefined;
    return readCatalogProperties(found.text, found.propertiesFile).marginThresholdArcsec;
  } catch {
    return undefined;
  }
}

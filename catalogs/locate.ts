/** Finds out what lies at a path: a catalog, a collection, or something else worth a clear message. */
import { type CrosshatchError, requestError } from '../partitioning/error.ts';
import { absolutePath, directoryOf, joinPath, nameOf } from './path.ts';
import { parseProperties, standardKeys } from './properties.ts';
import type { Store } from './store.ts';

/** A catalog or collection that has been found, with the text of its properties file. */
export interface Located {
  readonly kind: 'catalog' | 'collection';
  readonly directory: string;
  readonly propertiesFile: string;
  readonly text: string;
}

/** No properties file is longer; a larger file of that name is something else. */
const MAX_PROPERTIES_BYTES = 1 << 20;

/** In the reference's order: a directory that has both kinds is a catalog. */
const FILES = [
  { name: 'hats.properties', kind: 'catalog' },
  { name: 'properties', kind: 'catalog' },
  { name: 'collection.properties', kind: 'collection' },
] as const;

/**
 * What a directory holds, or a path that names a properties file itself; `undefined` when it is neither a
 * catalog nor a collection.
 */
export async function findCatalog(location: string, store: Store): Promise<Located | undefined> {
  const path = absolutePath(location);
  if (/(^|\.)properties$/.test(nameOf(path))) {
    const text = await textOf(path, store);
    if (text !== undefined) return describedBy(path, text);
  }
  if (store.find !== undefined) return findAtOnce(path, store);
  for (const { name, kind } of FILES) {
    const propertiesFile = joinPath(path, name);
    const text = await textOf(propertiesFile, store);
    if (text !== undefined) return { kind, directory: path, propertiesFile, text };
  }
  return undefined;
}

/**
 * Over a network the answers come one round trip after the questions: all are asked at once. A bucket that does not
 * let its contents be listed answers "forbidden" for what does not exist; that is an error only where nothing is found.
 */
async function findAtOnce(path: string, store: Store): Promise<Located | undefined> {
  const answers = await Promise.allSettled(
    FILES.map(async ({ name, kind }) => {
      const propertiesFile = joinPath(path, name);
      return { kind, directory: path, propertiesFile, text: await textOf(propertiesFile, store) };
    }),
  );
  for (const answer of answers) {
    if (answer.status === 'fulfilled' && answer.value.text !== undefined) {
      return { ...answer.value, text: answer.value.text };
    }
  }
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return undefined;
}

/** Like {@link findCatalog}, but throws the `request` error that says what is there instead. */
export async function locateCatalog(location: string, store: Store): Promise<Located> {
  return (await findCatalog(location, store)) ?? Promise.reject(await nothingAt(location, store));
}

/** Text of a file, or `undefined` when there is none. */
export async function textOf(
  path: string,
  store: Store,
  maxBytes = MAX_PROPERTIES_BYTES,
): Promise<string | undefined> {
  if (store.find !== undefined) {
    const bytes = await store.find(path, maxBytes);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }
  const stat = await store.stat(path);
  if (stat === undefined) return undefined;
  return new TextDecoder().decode(await store.readAll(path, maxBytes));
}

/** A properties file named directly may have any name: its keys tell what it describes. */
function describedBy(propertiesFile: string, text: string): Located {
  const keys = standardKeys(parseProperties(text), 'catalog');
  const type = keys.dataproduct_type;
  const joins =
    keys.hats_assn_join_table_url !== undefined && keys.hats_col_assn_join !== undefined;
  if (type === 'extension' || (type === undefined && joins)) {
    throw requestError(
      `${propertiesFile} describes an extension of ${keys.hats_primary_table_url ?? 'a catalog'}`,
      'an extension has only further columns: open the catalog it extends',
    );
  }
  const isCollection = type === undefined && keys.hats_primary_table_url !== undefined;
  return {
    kind: isCollection ? 'collection' : 'catalog',
    directory: directoryOf(propertiesFile),
    propertiesFile,
    text,
  };
}

async function nothingAt(location: string, store: Store): Promise<CrosshatchError> {
  const path = absolutePath(location);
  if (store.find === undefined && (await store.stat(path)) !== undefined) {
    const hint = 'a HATS catalog is a directory with a hats.properties file: give that directory';
    return requestError(`${path} is a file, not a catalog`, hint);
  }
  const entries = await store.list(path);
  if (entries === undefined) {
    return requestError(
      `no catalog at ${path}`,
      'check the path: there is no hats.properties, properties or collection.properties below it',
    );
  }
  const names = entries.map((entry) => entry.name);
  if (names.includes('catalog_info.json')) {
    return requestError(
      `${path} is a HiPSCat catalog, the format before HATS, which is not read`,
      'convert it with hats-import, or ask its provider for the HATS version',
    );
  }
  if (names.length === 0) {
    return requestError(
      `no catalog at ${path}`,
      'check the path: there is no such directory, or it is empty',
    );
  }
  const inside: string[] = [];
  for (const entry of entries.filter((candidate) => candidate.directory).slice(0, 32)) {
    if ((await findCatalog(entry.path, store)) !== undefined) inside.push(entry.name);
  }
  const hint =
    inside.length > 0
      ? `it contains ${inside.length === 1 ? 'a catalog' : 'catalogs'}: ${inside.slice(0, 5).join(', ')}`
      : 'a catalog has a file hats.properties or properties, a collection has collection.properties';
  return requestError(`${path} is a directory but not a catalog`, hint);
}

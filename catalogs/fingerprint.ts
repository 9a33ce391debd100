/** Tells whether two places hold the same catalog, without reading its rows. */
import { createHash } from 'node:crypto';
import { readCollectionProperties } from './catalog-properties.ts';
import { textOf } from './locate.ts';
import { absolutePath, joinPath, resolveReference } from './path.ts';
import { parseProperties } from './properties.ts';
import { isPassingFailure } from './remote/problem.ts';
import { storeFor } from './store.ts';

/** The end of `_metadata` has the places of the last row groups: that and its size stand for the whole. */
const METADATA_BYTES = 1 << 16;

/**
 * What the catalog or collection at `url` is known by; null where its files do not tell. A collection is known by the
 * tables in it: its own file only has their names, which stay when the tables are made anew.
 * @throws when the place is out of reach for now
 */
export async function fingerprintOf(url: string): Promise<string | null> {
  const base = absolutePath(url);
  const table = await tablePrint(base);
  if (table !== null) return table;
  const file = joinPath(base, 'collection.properties');
  const text = await textOf(file, storeFor(file)).catch(noneUnlessPassing);
  if (text === undefined) return null;
  const { primary, margins } = readCollectionProperties(text, file);
  const prints = await Promise.all(
    [primary, ...margins].map((name) => tablePrint(resolveReference(base, name))),
  );
  return prints.includes(null) ? null : prints.join('\n');
}

async function tablePrint(base: string): Promise<string | null> {
  const store = storeFor(base);
  for (const below of ['dataset/_metadata', '_metadata']) {
    const file = joinPath(base, below);
    const stat = await store.stat(file).catch(noneUnlessPassing);
    if (stat === undefined) continue;
    const from = Math.max(0, stat.size - METADATA_BYTES);
    return `${stat.size} ${sha256(await store.readRange(file, from, stat.size))}`;
  }
  for (const name of ['hats.properties', 'properties']) {
    const file = joinPath(base, name);
    const text = await textOf(file, store).catch(noneUnlessPassing);
    // Without the time at which the catalog was made, properties are the same for other rows too.
    if (text === undefined || parseProperties(text).hats_creation_date === undefined) continue;
    return sha256(text);
  }
  return null;
}

/**
 * A bucket may forbid what does not exist, so such errors say "none". Where the next try may find the file, going on
 * without it would give the catalog another print than it has elsewhere.
 */
function noneUnlessPassing(error: unknown): undefined {
  if (isPassingFailure(error)) throw error;
  return undefined;
}

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Catalogs that are kept in several places, named by a small file, by an object, or by a name that ships with the
 * package; and which of the places is used.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { CrosshatchError, requestError } from '../partitioning/error.ts';
import { absolutePath, isRemote, joinPath, schemeOf } from './path.ts';
import { addMirrors, type Fingerprint } from './remote/mirrors.ts';
import { storeFor } from './store.ts';
import type { ChosenPlace } from './types.ts';

const LOCATION = z.strictObject({
  url: z.string().min(1),
  region: z.string().optional(),
  note: z.string().optional(),
});
const REFERENCE = z.object({ name: z.string().min(1), locations: z.array(LOCATION).min(1) });

/** One place of a catalog. */
export interface CatalogLocation {
  readonly url: string;
  /** Cloud region of its bucket. */
  readonly region?: string | undefined;
  readonly note?: string | undefined;
}

/** A catalog by its places. */
export interface CatalogReference {
  readonly name: string;
  readonly locations: readonly CatalogLocation[];
}

/** A well-known catalog that ships with the package. */
export interface RegisteredCatalog extends CatalogReference {
  readonly title: string;
  readonly rows: number;
  readonly bytes: number;
  /** Columns of interest. */
  readonly columns: readonly string[];
  readonly margins: string;
  readonly citation: string;
  /** Where its places were read, and that document's date. */
  readonly source: { readonly document: string; readonly date: string };
}

let registered: readonly RegisteredCatalog[] | null = null;

/** The catalogs that are known by name. */
export function registeredCatalogs(): readonly RegisteredCatalog[] {
  registered ??= JSON.parse(
    readFileSync(new URL('./registry.json', import.meta.url), 'utf8'),
  ) as RegisteredCatalog[];
  return registered;
}

/**
 * What a path or name stands for: a reference where it is a file that describes one or a name of the registry,
 * `undefined` for the path of a catalog itself.
 * @throws the `request` error when a reference file cannot be read
 */
export async function findReference(path: string): Promise<CatalogReference | undefined> {
  if (/\.(json|ya?ml)$/i.test(path)) return readReference(path);
  if (schemeOf(path) !== undefined || /[/\\]/.test(path) || existsSync(path)) return undefined;
  return registeredCatalogs().find(({ name }) => name === path);
}

async function readReference(path: string): Promise<CatalogReference> {
  const text = new TextDecoder().decode(await storeFor(path).readAll(path, 1 << 20));
  let value: unknown;
  try {
    value = /json$/i.test(path) ? JSON.parse(text) : (await import('yaml')).parse(text);
  } catch (error) {
    throw requestError(
      `the catalog reference cannot be read: ${(error as Error).message}`,
      undefined,
      path,
    );
  }
  return checkReference(value, path);
}

/** A reference as given in code or read from a file, checked. */
export function checkReference(value: unknown, where?: string): CatalogReference {
  const parsed = REFERENCE.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw requestError(
    `the catalog reference is wrong at ${issue!.path.join('.') || 'its top'}: ${issue!.message}`,
    'It is { name, locations: [{ url, region?, note? }] }.',
    where,
  );
}

/**
 * The nearest place that answers: a local one, one in the cloud region this runs in, else the one that answers
 * first. The others are remembered: a run goes on with one of them when the chosen one goes down.
 * @throws the `storage` error when none answers
 */
export async function choosePlace({ name, locations }: CatalogReference): Promise<ChosenPlace> {
  const near = [
    ...locations.filter(({ url }) => !isRemote(url)).map((at) => ({ at, why: 'local' })),
    ...locations.filter(isSameRegion).map((at) => ({ at, why: `same region, ${at.region}` })),
  ];
  for (const { at, why } of near) {
    if ((await answers(at.url)) !== null) return chosen(at.url, why, locations);
  }
  const left = locations.filter(
    ({ url }) => isRemote(url) && !near.some(({ at }) => at.url === url),
  );
  const first = await firstToAnswer(left.map(({ url }) => url));
  if (first === null) {
    const urls = locations.map(({ url }) => url).join(', ');
    throw new CrosshatchError({
      tag: 'storage',
      what: `none of the places of ${name} answers`,
      where: urls,
      hint: 'Check the network, or whether the catalog has moved.',
    });
  }
  const why = left.length === 1 ? 'the only one that answers' : `answered first, in ${first.ms} ms`;
  return chosen(first.url, why, locations);
}

async function chosen(
  url: string,
  why: string,
  locations: readonly CatalogLocation[],
): Promise<ChosenPlace> {
  const others = locations.map((at) => at.url).filter((other) => other !== url);
  if (isRemote(url) && others.length > 0)
    addMirrors(url, others, await fingerprintOf(url), fingerprintOf);
  return { url, why, others };
}

function isSameRegion({ url, region }: CatalogLocation): boolean {
  const here = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? '';
  return isRemote(url) && region !== undefined && region === here;
}

const PROBES = ['collection.properties', 'hats.properties', 'properties', '_common_metadata'];

/** Milliseconds until a place gave a file that a catalog has; null where it gave none. */
async function answers(url: string): Promise<number | null> {
  const start = performance.now();
  const store = storeFor(url);
  const base = absolutePath(url);
  const found = await Promise.allSettled(PROBES.map((name) => store.stat(joinPath(base, name))));
  const isThere = found.some((probe) => probe.status === 'fulfilled' && probe.value !== undefined);
  return isThere ? Math.round(performance.now() - start) : null;
}

function firstToAnswer(urls: readonly string[]): Promise<{ url: string; ms: number } | null> {
  return Promise.any(
    urls.map(async (url) => {
      const ms = await answers(url);
      if (ms === null) throw new Error(url);
      return { url, ms };
    }),
  ).catch(() => null);
}

const FINGERPRINT_BYTES = 1 << 16;

/** Tells whether two places hold the same: the end of `_metadata`, which has the sizes of all files, and its size. */
export const fingerprintOf: Fingerprint = async (url) => {
  const store = storeFor(url);
  const base = absolutePath(url);
  for (const below of [
    'dataset/_metadata',
    '_metadata',
    'hats.properties',
    'collection.properties',
  ]) {
    const file = joinPath(base, below);
    const stat = await store.stat(file).catch(() => undefined);
    if (stat === undefined) continue;
    const from = Math.max(0, stat.size - FINGERPRINT_BYTES);
    const bytes = await store.readRange(file, from, stat.size);
    return `${below} ${stat.size} ${createHash('sha256').update(bytes).digest('hex')}`;
  }
  return null;
};

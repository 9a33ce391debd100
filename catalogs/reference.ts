/**
 * Catalogs that are kept in several places, named by a small file, by an object, or by a name that ships with the
 * package; and which of the places is used.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { CrosshatchError, requestError } from '../partitioning/error.ts';
import { fingerprintOf } from './fingerprint.ts';
import {
  absolutePath,
  directoryOf,
  isRemote,
  joinPath,
  resolveReference,
  schemeOf,
} from './path.ts';
import { addMirrors } from './remote/mirrors.ts';
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
  const { name, locations } = checkReference(value, path);
  // As in properties files, a relative path is seen from the folder of the file that has it.
  const folder = directoryOf(absolutePath(path));
  return {
    name,
    locations: locations.map((at) => ({ ...at, url: resolveReference(folder, at.url) })),
  };
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
  const problems: string[] = [];
  for (const { at, why } of near) {
    const found = await probe(at.url);
    if (found.answers) return chosen(at.url, why, locations);
    problems.push(found.problem);
  }
  const left = locations.filter(
    ({ url }) => isRemote(url) && !near.some(({ at }) => at.url === url),
  );
  const probes = left.map(({ url }) => probe(url));
  const first = await firstToAnswer(probes);
  if (first === null) {
    for (const found of await Promise.all(probes)) if (!found.answers) problems.push(found.problem);
    throw new CrosshatchError({
      tag: 'storage',
      what: `none of the places of ${name} answers: ${problems.join('; ')}`,
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
  if (isRemote(url) && others.length > 0) {
    // Without it, files that have the same version elsewhere can still be had there.
    const fingerprint = await fingerprintOf(url).catch(() => null);
    addMirrors(url, others, fingerprint, fingerprintOf);
  }
  return { url, why, others };
}

function isSameRegion({ url, region }: CatalogLocation): boolean {
  const here = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? '';
  return isRemote(url) && region !== undefined && region === here;
}

const PROBES = ['collection.properties', 'hats.properties', 'properties', '_common_metadata'];

type Probe = { readonly url: string } & (
  | { readonly answers: true; readonly ms: number }
  | { readonly answers: false; readonly problem: string }
);

/** Asks a place for the files that a catalog has. */
async function probe(url: string): Promise<Probe> {
  const start = performance.now();
  const store = storeFor(url);
  const base = absolutePath(url);
  const found = await Promise.allSettled(PROBES.map((name) => store.stat(joinPath(base, name))));
  if (found.some((one) => one.status === 'fulfilled' && one.value !== undefined)) {
    return { url, answers: true, ms: Math.round(performance.now() - start) };
  }
  const failed = found.find((one) => one.status === 'rejected')?.reason as unknown;
  const { what } = failed instanceof CrosshatchError ? failed : { what: 'there is no catalog' };
  return { url, answers: false, problem: `${url}: ${what}` };
}

async function firstToAnswer(
  probes: readonly Promise<Probe>[],
): Promise<{ url: string; ms: number } | null> {
  const answered = probes.map(async (one) => {
    const found = await one;
    if (!found.answers) throw new Error(found.url);
    return found;
  });
  return Promise.any(answered).catch(() => null);
}

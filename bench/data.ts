/** Seeded catalogs for benchmarks, made once and kept below bench/data. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { close, type GenerateSpec, generateCatalog, openCatalog } from '../index.ts';
import { importCatalog } from './import-data.ts';
import type { Settings } from './suite.ts';

export const dataDir = join(import.meta.dirname, 'data');

/** Parts of the sky, degrees, and about how many Gaia stars a square degree has there. */
export const FIELDS = {
  /** Half-way between the poles and the plane of the Galaxy. */
  sky: { ra: 290, dec: 10, starsPerSquareDegree: 50_000 },
  plane: { ra: 270, dec: -28, starsPerSquareDegree: 300_000 },
} as const;
export type Field = keyof typeof FIELDS;

export interface Pair {
  readonly left: string;
  readonly right: string;
}

/** What a pair is made of: the specs of both sides. */
export function pairSpecs(
  leftRows: number,
  rightRows: number,
  field: Field = 'sky',
): { readonly gaia: GenerateSpec; readonly ztf: GenerateSpec } {
  const { ra, dec, starsPerSquareDegree } = FIELDS[field];
  // The radius grows with the rows.
  const radiusArcsec = Math.min(90, Math.sqrt(leftRows / starsPerSquareDegree / Math.PI)) * 3600;
  const gaia = {
    kind: 'gaia' as const,
    rows: leftRows,
    seed: 1,
    rowsPerPartition: 1_000_000,
    cone: { ra, dec, radiusArcsec },
  };
  const ztf = {
    ...gaia,
    kind: 'ztf' as const,
    rows: rightRows,
    seed: 2,
    rowsPerPartition: 700_000,
    counterpartOf: gaia,
  };
  return { gaia, ztf };
}

/** A Gaia-like and a ZTF-like catalog of so many rows, with margins of 10″, in a cone that fits them. */
export async function pairOf(
  leftRows: number,
  rightRows: number,
  field: Field = 'sky',
): Promise<Pair> {
  const name = `${leftRows}x${rightRows}${field === 'sky' ? '' : `-${field}`}`;
  const { gaia, ztf } = pairSpecs(leftRows, rightRows, field);
  const pair = { left: join(dataDir, name, 'gaia'), right: join(dataDir, name, 'ztf') };
  const options = { marginArcsec: 10, overwrite: true };
  await madeOnce(pair.left, (path) => generateCatalog(path, gaia, options));
  await madeOnce(pair.right, (path) => generateCatalog(path, ztf, options));
  return pair;
}

/** The pair that the settings ask for: as generated, or as hats-import makes it of the same rows. */
export async function askedPair({ rows, rightRows, imported }: Settings): Promise<Pair> {
  const pair = await pairOf(rows, rightRows);
  if (!imported) return pair;
  const dir = join(dataDir, `${rows}x${rightRows}-imported`);
  const made = { left: join(dir, 'gaia'), right: join(dir, 'ztf') };
  await madeOnce(made.left, (path) => importCatalog(pair.left, path));
  await madeOnce(made.right, (path) => importCatalog(pair.right, path));
  return made;
}

/** `rows` Gaia-like rows with `columns` columns: what more there are than 17 are doubles without structure. */
export async function wideCatalog(rows: number, columns: number): Promise<string> {
  const { left } = await pairOf(rows, rows);
  const path = join(dataDir, `${rows}x${columns}-columns`, 'gaia');
  await madeOnce(path, async (at) => {
    const narrow = await openCatalog(left);
    const added: Record<string, string> = {};
    for (let i = 0; i < columns - narrow.columns.length; i++) {
      added[`c${i}`] = `sin(${i + 1}.0 * source_id)`;
    }
    await narrow.withColumns(added).writeHats(at, { marginArcsec: 10 });
  });
  return path;
}

/** Makes a catalog unless it is there; one that was interrupted is made again. */
export async function madeOnce(
  path: string,
  make: (path: string) => Promise<unknown>,
): Promise<void> {
  if (existsSync(path)) return;
  // A catalog is named after its folder: only the folder above is another.
  const staging = join(dirname(path), 'unfinished');
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  console.log(`making ${relative(process.cwd(), path)}`);
  await make(join(staging, basename(path)));
  renameSync(join(staging, basename(path)), path);
  rmSync(staging, { recursive: true, force: true });
  await close();
}

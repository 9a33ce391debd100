/** Seeded catalogs for benchmarks, made once and kept below bench/data. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { close, generateCatalog } from '../index.ts';

const root = join(import.meta.dirname, 'data');
/** Gaia's density around this direction: half-way between the poles and the plane of the Galaxy. */
const FIELD = { ra: 290, dec: 10 };

export interface Pair {
  readonly left: string;
  readonly right: string;
}

/** A Gaia-like and a ZTF-like catalog of so many rows, with margins of 10″, in a cone that fits them. */
export async function pairOf(leftRows: number, rightRows: number): Promise<Pair> {
  const dir = join(root, `${leftRows}x${rightRows}`);
  mkdirSync(dir, { recursive: true });
  const pair = { left: join(dir, 'gaia'), right: join(dir, 'ztf') };
  // About 50,000 stars per square degree: the radius grows with the rows.
  const radiusArcsec = Math.min(90, Math.sqrt(leftRows / 50_000 / Math.PI)) * 3600;
  const gaia = {
    kind: 'gaia' as const,
    rows: leftRows,
    seed: 1,
    rowsPerPartition: 1_000_000,
    cone: { ...FIELD, radiusArcsec },
  };
  const ztf = {
    ...gaia,
    kind: 'ztf' as const,
    rows: rightRows,
    seed: 2,
    rowsPerPartition: 700_000,
    counterpartOf: gaia,
  };
  const options = { marginArcsec: 10, overwrite: true };
  if (!existsSync(pair.left)) await generateCatalog(pair.left, gaia, options);
  if (!existsSync(pair.right)) await generateCatalog(pair.right, ztf, options);
  await close();
  return pair;
}

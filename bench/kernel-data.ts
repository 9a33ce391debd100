/** Seeded positions for the kernel's benchmark: two sides of a field, sorted as HATS files are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { quoteText } from '../engine/expression/quote.ts';
import { normalQuantile } from '../engine/generate/normal.ts';
import { PURPOSE, RandomStream } from '../engine/generate/random.ts';
import type { Positions } from '../engine/kernel/match.ts';
import { hashToInt32 } from '../partitioning/healpix.ts';
import { openSession } from '../workers/duckdb-session.ts';
import { partitionsOf } from './compare.ts';
import { pairOf } from './data.ts';

export interface KernelData {
  readonly left: Positions;
  readonly right: Positions;
}

/** An even field; Gaia's density off the Galaxy's plane and in it; clumps on an even field. */
export const PLACES = ['uniform', 'sky', 'plane', 'clumps'] as const;
export type Place = (typeof PLACES)[number];

/** Rows per square degree: Gaia's half-way between the poles and the plane of the Galaxy. */
const DENSITY = 40_000;
const CORNER = { ra: 100, dec: 20 };
/** Scatter of a counterpart in each coordinate, arcsec. */
const SCATTER_ARCSEC = 0.2;
/** Half of the rows are in clumps of so many within so much. */
const CLUMP = { rows: 100_000, radiusArcsec: 30 };

/** Order of the sort: cells of 26″, finer than the mean distance of two rows is not needed. */
const SORT_ORDER = 13;

export async function kernelPositions(place: Place, rows: number): Promise<KernelData> {
  switch (place) {
    case 'uniform':
      return kernelData(rows, 1);
    case 'clumps':
      return kernelData(rows, 1, true);
    case 'sky':
    case 'plane': {
      const { left, right } = await pairOf(rows, rows, place);
      return { left: await positionsOf(left), right: await positionsOf(right) };
    }
    default:
      throw new Error(`unknown place ${place satisfies never}`);
  }
}

/** `rows` a side on a square field; every second right row is the counterpart of a left row. */
function kernelData(rows: number, seed: number, hasClumps = false): KernelData {
  const side = Math.sqrt(rows / DENSITY);
  const stretch = Math.cos(((CORNER.dec + side / 2) * Math.PI) / 180);
  const random = new RandomStream();
  random.startAt(seed, PURPOSE.place, 0, 0);
  const [left, right] = [emptySide(rows), emptySide(rows)];
  const place = (ra: Float64Array, dec: Float64Array, i: number) => {
    ra[i] = CORNER.ra + (side * random.uniform()) / stretch;
    dec[i] = CORNER.dec + side * random.uniform();
  };
  /** Places a row in the clump that its number says. */
  const clump = (ra: Float64Array, dec: Float64Array, i: number) => {
    const angle = 2 * Math.PI * random.uniform();
    const radius = (CLUMP.radiusArcsec / 3600) * Math.sqrt(random.uniform());
    const number = Math.floor(i / 2 / CLUMP.rows) + 0.5;
    ra[i] = CORNER.ra + (((side * number * 0.37) % side) + radius * Math.cos(angle)) / stretch;
    dec[i] = CORNER.dec + ((side * number * 0.61) % side) + radius * Math.sin(angle);
  };
  const scatter = (SCATTER_ARCSEC / 3600) * (hasClumps ? 0.2 : 1);
  for (let i = 0; i < rows; i++) {
    const isCounterpart = hasClumps ? i % 4 < 2 : i % 2 === 0;
    const put = hasClumps && i % 2 === 0 ? clump : place;
    put(left.ra, left.dec, i);
    if (isCounterpart) {
      right.ra[i] = left.ra[i]! + (scatter * normalQuantile(random.uniform())) / stretch;
      right.dec[i] = left.dec[i]! + scatter * normalQuantile(random.uniform());
    } else {
      put(right.ra, right.dec, i);
    }
  }
  return { left: sorted(left), right: sorted(right) };
}

function emptySide(rows: number): Positions {
  return { ra: new Float64Array(rows), dec: new Float64Array(rows), length: rows };
}

/** Rows in the order of the spatial index. */
function sorted({ ra, dec, length }: Positions): Positions {
  const pixels = hashToInt32(ra, dec, SORT_ORDER);
  // Pixel and row in one double, which sorts fast: 12·4¹³ pixels leave room for 2²³ rows.
  const keys = Float64Array.from(pixels, (pixel, row) => pixel * 2 ** 23 + row).sort();
  const order = keys.map((key) => key % 2 ** 23);
  return {
    ra: Float64Array.from(order, (row) => ra[row]!),
    dec: Float64Array.from(order, (row) => dec[row]!),
    length,
  };
}

/** Positions of all rows of a generated catalog. */
async function positionsOf(collection: string): Promise<Positions> {
  const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-kernel-'));
  const session = await openSession({ memoryLimitBytes: 2e9, spillDir });
  try {
    const files = quoteText(partitionsOf(join(collection, basename(collection))));
    const rows = await session.rows(
      `SELECT ra, dec FROM read_parquet(${files}, hive_partitioning=false) ORDER BY _healpix_29`,
    );
    return {
      ra: Float64Array.from(rows, (row) => Number(row['ra'])),
      dec: Float64Array.from(rows, (row) => Number(row['dec'])),
      length: rows.length,
    };
  } finally {
    session.close();
    rmSync(spillDir, { recursive: true, force: true });
  }
}

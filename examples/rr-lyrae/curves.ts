/**
 * Light curves of variable stars: real ones where sample data are found, otherwise synthetic RR Lyrae stars.
 *
 * Real: SDSS Stripe 82 RR Lyrae stars (Sesar et al. 2010, ApJ 708, 717) and ZTF type Ia supernovae.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromTable, openCatalog } from 'crosshatch';
import { normal, seeded } from '../random.ts';

export interface Point {
  readonly mjd: number;
  readonly mag: number;
  readonly magerr: number;
  readonly band: string;
}

export interface Variable {
  readonly objectid: bigint;
  readonly kind: 'RR Lyrae' | 'supernova' | 'star';
  readonly ra: number;
  readonly dec: number;
  /** Published period, days; null where there is none. */
  readonly period: number | null;
  readonly points: readonly Point[];
}

const FIRST_RR_LYRAE = 1_000_000_000n;
const FIRST_SUPERNOVA = 2_000_000_000n;

/** Real curves below `shared`, or synthetic ones; `scratch`: a folder for catalogs on the way. */
export async function variables(
  shared: string,
  scratch: string,
): Promise<{ readonly real: boolean; readonly variables: readonly Variable[] }> {
  const stars = join(shared, 'sky-data', 's82_rrlyrae_nested.parquet');
  const supernovae = join(shared, 'sky-data', 'ztf_bts_snia_nested.parquet');
  if (!existsSync(stars) || !existsSync(supernovae)) {
    return { real: false, variables: syntheticStars(300) };
  }
  const rrLyrae = await readCurves(stars, join(scratch, 'rr_lyrae'), ['id', 'period']);
  const others = await readCurves(supernovae, join(scratch, 'supernovae'), []);
  return {
    real: true,
    variables: [
      ...rrLyrae.map(
        (row): Variable => ({
          objectid: FIRST_RR_LYRAE + (row['id'] as bigint),
          kind: 'RR Lyrae',
          ra: row['ra'] as number,
          dec: row['dec'] as number,
          period: row['period'] as number,
          points: pointsOf(row['lightcurve']),
        }),
      ),
      ...others.map(
        (row, i): Variable => ({
          objectid: FIRST_SUPERNOVA + BigInt(i),
          kind: 'supernova',
          ra: row['ra'] as number,
          dec: row['dec'] as number,
          period: null,
          points: pointsOf(row['lightcurve']),
        }),
      ),
    ],
  };
}

async function readCurves(
  file: string,
  folder: string,
  more: readonly string[],
): Promise<Record<string, unknown>[]> {
  await fromTable(file, { ra: 'ra', dec: 'dec' }).writeHats(folder, { overwrite: true });
  const catalog = await openCatalog(folder);
  const table = await catalog.select([...more, 'ra', 'dec', 'lightcurve']).collect();
  return table.toArray().map((row) => row?.toJSON() as Record<string, unknown>);
}

function pointsOf(curve: unknown): Point[] {
  return [...(curve as Iterable<{ toJSON(): Record<string, unknown> }>)].map((row) => {
    const { time, mag, magerr, band } = row.toJSON();
    return { mjd: Number(time), mag: Number(mag), magerr: Number(magerr), band: String(band) };
  });
}

/** Cosine amplitudes and phases of a curve of type ab, the shape that most of them have. */
const TEMPLATE = [
  { amplitude: 0.33, phase: 2.3 },
  { amplitude: 0.16, phase: 1.0 },
  { amplitude: 0.1, phase: 0.0 },
  { amplitude: 0.06, phase: 5.3 },
] as const;

/** RR Lyrae stars along Stripe 82 with the sampling of a survey of nine years. */
function syntheticStars(count: number): Variable[] {
  const random = seeded(82);
  return Array.from({ length: count }, (_, i) => {
    const period = 0.45 + 0.3 * random();
    const mean = 15 + 4 * random();
    const points = Array.from({ length: 60 }, (): Point => {
      const mjd = 51_000 + 3300 * random();
      let mag = mean;
      for (const [k, { amplitude, phase }] of TEMPLATE.entries()) {
        mag += amplitude * Math.cos(2 * Math.PI * (k + 1) * (mjd / period) + phase);
      }
      return { mjd, mag: mag + 0.02 * normal(random), magerr: 0.02, band: 'g' };
    });
    return {
      objectid: FIRST_RR_LYRAE + BigInt(i),
      kind: 'RR Lyrae' as const,
      ra: (310 + 110 * random()) % 360,
      dec: -1.25 + 2.5 * random(),
      period,
      points,
    };
  });
}

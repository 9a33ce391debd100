/** What to generate. */
import type { Cone } from '../../partitioning/cone.ts';
import { requestError } from '../../partitioning/error.ts';
import { checkOptions, type OptionNames } from '../../partitioning/options.ts';

/** A seeded catalog: plain data, from which every row follows. */
export interface GenerateSpec {
  /** `gaia`: stars with astrometry; `ztf`: objects of a repeated survey in one band each. */
  readonly kind: 'gaia' | 'ztf';
  /** Exact number of rows, 1 to 10¹⁰. */
  readonly rows: number;
  /** Any integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** Only this part of the sky (degrees, arcseconds); the whole sky without it. */
  readonly cone?: Cone;
  /**
   * For `ztf`: the catalog whose stars it measured again, on the same part of the sky. Without it all rows
   * are stars of their own.
   */
  readonly counterpartOf?: GenerateSpec;
  /** Partitions have at most this many rows, as far as generation atoms (tree.ts) can be told apart. */
  readonly rowsPerPartition: number;
}

const KNOWN: OptionNames<GenerateSpec> = {
  kind: true,
  rows: true,
  seed: true,
  cone: true,
  counterpartOf: true,
  rowsPerPartition: true,
};

const MAX_ROWS = 1e10;
const MAX_RADIUS_ARCSEC = 180 * 3600;
/** More rows than this per star would pile unrelated sources up in atoms that are cut by stars. */
const MAX_ROWS_PER_STAR = 10;

/**
 * Refuses what cannot be generated.
 * @throws request error naming the number or the combination that is wrong
 */
export function checkSpec(spec: GenerateSpec): void {
  checkOptions('the spec of generateCatalog', spec, KNOWN);
  checkInteger('rows', spec.rows, 1, MAX_ROWS);
  checkInteger('seed', spec.seed, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('rows per partition', spec.rowsPerPartition, 1, Number.MAX_SAFE_INTEGER);
  if (spec.cone !== undefined) checkCone(spec.cone);
  if (spec.counterpartOf !== undefined) checkCounterpart(spec, spec.counterpartOf);
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw requestError(`${name} must be an integer from ${least} to ${most}, not ${value}`);
}

function checkCone({ ra, dec, radiusArcsec }: Cone): void {
  if (!Number.isFinite(ra)) throw requestError(`cone RA must be a finite number, not ${ra}`);
  if (!(Math.abs(dec) <= 90)) throw requestError(`cone Dec must be from -90 to 90, not ${dec}`);
  if (!(radiusArcsec >= 1 && radiusArcsec <= MAX_RADIUS_ARCSEC)) {
    throw requestError(
      `cone radius must be from 1 to ${MAX_RADIUS_ARCSEC} arcsec, not ${radiusArcsec}`,
    );
  }
}

function checkCounterpart(spec: GenerateSpec, stars: GenerateSpec): void {
  if (spec.kind !== 'ztf')
    throw requestError('only a ztf catalog can be the counterpart of another');
  if (stars.kind !== 'gaia') throw requestError('a ztf catalog can only follow a gaia catalog');
  checkSpec(stars);
  if (spec.rows > MAX_ROWS_PER_STAR * stars.rows) {
    throw requestError(
      `${spec.rows} rows are more than ${MAX_ROWS_PER_STAR} for each of the ${stars.rows} stars`,
      'Ask for fewer counterpart rows or for more stars.',
    );
  }
  const { cone } = spec;
  if (cone === undefined) return;
  const same =
    cone.ra === stars.cone?.ra &&
    cone.dec === stars.cone.dec &&
    cone.radiusArcsec === stars.cone.radiusArcsec;
  if (!same) {
    throw requestError(
      'a counterpart catalog covers the sky of the catalog that it follows',
      'Give both the same cone.',
    );
  }
}

/** Checks the numbers of a crossmatch before anything else happens. */
import { requestError } from '../../partitioning/error.ts';
import type { SuffixOptions } from './match-names.ts';

/** Radii above this need more than the sky near a cell: 10 degrees. */
export const MAX_RADIUS_ARCSEC = 36_000;

export interface MatchSettings extends SuffixOptions {
  /** Pairs are nearer than this, arcsec; above 0 and at most 36000 (10°). */
  readonly radiusArcsec: number;
  /** Pairs are further apart than this, arcsec; default 0, where exact duplicates count. */
  readonly minRadiusArcsec?: number;
  /** k nearest, default 1, or every right row within the radius. */
  readonly neighbors?: number | 'all';
  /** `inner` (default) leaves unmatched rows out, `left` keeps them once with nulls. */
  readonly how?: 'inner' | 'left';
}

export interface CheckedMatch {
  readonly radiusArcsec: number;
  readonly minRadiusArcsec: number;
  readonly neighbors: number | 'all';
  readonly how: 'inner' | 'left';
}

/** The settings with their defaults. Throws request errors. */
export function checkMatch(options: MatchSettings): CheckedMatch {
  const { radiusArcsec, minRadiusArcsec = 0, neighbors = 1, how = 'inner' } = options;
  if (!(radiusArcsec > 0)) {
    throw requestError(`radius ${radiusArcsec}″ is not a positive angle`, 'Give it in arcseconds.');
  }
  if (radiusArcsec > MAX_RADIUS_ARCSEC) {
    throw requestError(
      `radius ${radiusArcsec}″ is above ${MAX_RADIUS_ARCSEC}″ (10°)`,
      'Radii are in arcseconds.',
    );
  }
  if (!(minRadiusArcsec >= 0 && minRadiusArcsec < radiusArcsec)) {
    throw requestError(
      `minimum radius ${minRadiusArcsec}″ is not from 0 to below the radius of ${radiusArcsec}″`,
    );
  }
  if (neighbors !== 'all' && !(Number.isInteger(neighbors) && neighbors >= 1)) {
    throw requestError(`neighbors ${neighbors} is neither a whole number from 1 nor 'all'`);
  }
  if (how !== 'inner' && how !== 'left') {
    throw requestError(`how '${how}' is not available in this version`, "Use 'inner' or 'left'.");
  }
  return { radiusArcsec, minRadiusArcsec, neighbors, how };
}

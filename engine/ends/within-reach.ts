/** Starts a run again with a wider reach when rows were found further outside their partitions than assumed. */
import { dataError } from '../../partitioning/error.ts';
import { type Allowance, FIRST_ALLOWANCE, ReachTooShort } from '../physical/run-program.ts';
import { forgetRows, type RunStats } from '../physical/stats.ts';

/**
 * Calls `attempt`, and once more with what the first attempt measured; `stats`, where both count into them, then tell of
 * the second one's rows only.
 */
export async function withinReach<T>(
  stats: RunStats | null,
  attempt: (allowance: Allowance) => Promise<T>,
): Promise<T> {
  try {
    return await attempt(FIRST_ALLOWANCE);
  } catch (error) {
    if (!(error instanceof ReachTooShort)) throw error;
    if (stats !== null) forgetRows(stats);
    const slackArcsec = Math.max(error.neededSlackArcsec, FIRST_ALLOWANCE.slackArcsec);
    return await attempt({ slackArcsec, measured: true }).catch((second: unknown) => {
      throw misplaced(second);
    });
  }
}

/** For runs whose rows are given away as they come: they cannot start again. */
export function misplaced(error: unknown): unknown {
  if (!(error instanceof ReachTooShort)) return error;
  return dataError(
    `rows lie ${error.neededSlackArcsec.toPrecision(3)}″ outside the partitions they are stored in`,
    undefined,
    'Use writeHats, collect or count, which look further when they meet such rows.',
  );
}

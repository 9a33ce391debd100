/** Starts a run again with a wider reach when rows were found further outside their partitions than assumed. */
import { type Allowance, FIRST_ALLOWANCE, ReachTooShort } from '../physical/run-program.ts';

/** Calls `attempt`, and once more with what the first attempt measured. */
export async function withinReach<T>(attempt: (allowance: Allowance) => Promise<T>): Promise<T> {
  try {
    return await attempt(FIRST_ALLOWANCE);
  } catch (error) {
    if (!(error instanceof ReachTooShort)) throw error;
    return attempt({ slackArcsec: error.neededSlackArcsec });
  }
}

/** Settings of remote reading in one place, for programs. */
import { requestError } from '../../partitioning/error.ts';
import { checkOptions, type OptionNames } from '../../partitioning/options.ts';
import { setSpool } from '../spool/settings.ts';
import type { Prices } from './prices.ts';
import { remoteSettings, setRemote } from './settings.ts';

export interface RemoteOptions {
  /** Unsigned requests to S3, whatever credentials there are. Default: only where there are none. */
  readonly anonymous?: boolean | undefined;
  /** Agree to pay for requests to buckets that ask for it. */
  readonly requesterPays?: boolean | undefined;
  /** Folder that keeps what was fetched. Default: `crosshatch/spool` in the user's cache folder. */
  readonly spoolDir?: string | undefined;
  /** Bytes that it keeps at most. Default: 20 GB. */
  readonly spoolLimitBytes?: number | undefined;
  /** What S3 asks for; those that are not given stay as they are. */
  readonly prices?: Partial<Prices> | undefined;
}

const KNOWN: OptionNames<RemoteOptions> = {
  anonymous: true,
  requesterPays: true,
  spoolDir: true,
  spoolLimitBytes: true,
  prices: true,
};

const KNOWN_PRICES: OptionNames<Prices> = {
  perThousandRequests: true,
  sameRegion: true,
  otherRegion: true,
  outOfCloud: true,
};

const LEAST_SPOOL_BYTES = 1e6;

/** Changes settings for the whole process, from the next request on; what is not given stays as it is. */
export function configureRemote(options: RemoteOptions): void {
  checkOptions('configureRemote', options, KNOWN);
  const { anonymous, requesterPays, spoolDir, spoolLimitBytes, prices } = options;
  if (spoolLimitBytes !== undefined && !(spoolLimitBytes >= LEAST_SPOOL_BYTES)) {
    throw requestError('the spool needs at least 1 MB', 'For example --spool-limit 20GB.');
  }
  if (prices !== undefined) checkOptions('configureRemote({ prices })', prices, KNOWN_PRICES);
  if (Object.values(prices ?? {}).some((price) => !(price >= 0))) {
    throw requestError('prices are US dollars, none below 0', 'For example { outOfCloud: 0.09 }.');
  }
  const current = remoteSettings();
  setRemote({
    anonymous: anonymous ?? current.anonymous,
    requesterPays: requesterPays ?? current.requesterPays,
    // The same object where none are given: that they are the known ones is told by it.
    prices: prices === undefined ? current.prices : { ...current.prices, ...prices },
  });
  setSpool({
    ...(spoolDir === undefined ? {} : { dir: spoolDir }),
    ...(spoolLimitBytes === undefined ? {} : { limitBytes: spoolLimitBytes }),
  });
}

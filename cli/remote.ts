/** Flags of reading from the network: how requests are signed, where what was fetched is kept, what it may cost. */
import type { Command } from 'commander';
import type { Prices } from '../catalogs/remote/prices.ts';
import { parseBytes, parseNumber, parsePrices } from './parse.ts';

export interface RemoteFlags {
  readonly anonymous?: boolean;
  readonly requesterPays?: boolean;
  readonly spool?: string;
  readonly spoolLimit?: number;
}

/** What a run may fetch. */
export interface BudgetFlags {
  readonly maxBytes?: number;
  readonly maxCost?: number;
  readonly prices?: Prices;
}

export function addRemoteFlags(command: Command): Command {
  return command
    .optionsGroup('Remote catalogs (s3://, https://):')
    .option('--anonymous', 'unsigned requests, also where there are credentials')
    .option('--requester-pays', 'agree to pay for requests to buckets that ask for it')
    .option('--spool <dir>', 'keep what was fetched here (default: in the cache folder)')
    .option('--spool-limit <size>', 'bytes to keep at most (default: 20GB)', parseBytes);
}

export function addBudgetFlags(command: Command): Command {
  return command
    .option('--max-bytes <size>', 'refuse, or end, a run that fetches more', parseBytes)
    .option('--max-cost <dollars>', 'the same for what the requests and bytes cost', parseNumber)
    .option(
      '--prices <r,in,between,out>',
      'dollars for 1000 requests, and for 1 GB in the region, from another, out of the cloud',
      parsePrices,
    );
}

/** Makes the flags hold for everything that follows. */
export async function applyRemoteFlags(flags: RemoteFlags & BudgetFlags): Promise<void> {
  const { anonymous, requesterPays, spool, spoolLimit, prices } = flags;
  const all = [anonymous, requesterPays, spool, spoolLimit, prices];
  if (all.every((flag) => flag === undefined)) return;
  const { configureRemote } = await import('../catalogs/remote/configure.ts');
  configureRemote({
    ...{ anonymous, requesterPays, prices },
    ...{ spoolDir: spool, spoolLimitBytes: spoolLimit },
  });
}

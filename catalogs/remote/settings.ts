/** Settings of network access, for the whole process: the command line and `configureRemote` set them. */
import { PATIENCE, type Patience } from './guard.ts';
import { DEFAULT_PRICES, type Prices } from './prices.ts';

export interface RemoteSettings {
  /** Unsigned requests to S3, whatever credentials there are. */
  readonly anonymous: boolean;
  /** The requests are paid by who makes them. */
  readonly requesterPays: boolean;
  readonly patience: Patience;
  readonly prices: Prices;
}

let current: RemoteSettings = {
  anonymous: false,
  requesterPays: false,
  patience: PATIENCE,
  prices: DEFAULT_PRICES,
};
let version = 0;

export function remoteSettings(): RemoteSettings {
  return current;
}

/** Changes with every call of {@link setRemote}: what was made with older settings is to be made anew. */
export function settingsVersion(): number {
  return version;
}

export function setRemote(changes: Partial<RemoteSettings>): void {
  current = { ...current, ...changes };
  version++;
}

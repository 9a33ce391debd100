/** What the engine is given by the rooms to its right: threads and a database session. Wired in index.ts. */
import { requestError } from '../partitioning/error.ts';
import type { Executor } from './executor.ts';
import type { OnProgress } from './physical/progress.ts';
import type { Session } from './session.ts';

export interface ExecutorRequest {
  /** Default: all cores. */
  readonly workers?: number | undefined;
  /** Memory that the whole run may use, bytes. Default: half of what the process may use. */
  readonly memoryBytes?: number | undefined;
  /** True where starting threads would cost more than the query. */
  readonly small: boolean;
}

export interface Runtime {
  /** An executor for these settings; kept for later runs, so the caller does not close it. */
  executor(request: ExecutorRequest): Executor;
  /** A session of the main thread for checking expressions; no data are read with it. */
  session(): Promise<Session>;
  /** Makes a new empty temporary folder, removed at the end of the process at the latest. */
  tempDir(): Promise<string>;
  removeTempDir(dir: string): Promise<void>;
}

/** Settings that every end of a query takes. */
export interface RunSettings {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Called with things worth knowing that do not stop the run. */
  readonly onWarning?: (message: string) => void;
  readonly workers?: number;
  /** Memory that the whole run may use, bytes. */
  readonly memoryBytes?: number;
  /** Leave out rows with unusable positions, and count them, instead of failing. */
  readonly dropInvalid?: boolean;
  /** Bytes that may be fetched from remote stores: a run that needs more is refused, or ended. */
  readonly maxBytes?: number;
  /** The same for what requests and bytes cost, US dollars. */
  readonly maxCostDollars?: number;
}

/** Least memory a run can be given: one worker and the process around it. */
const LEAST_MEMORY_BYTES = 2 ** 28;
const MAX_WORKERS = 1024;

/** Refuses settings that no run could have; called before anything is opened or made. */
export function checkRunSettings({ workers, memoryBytes }: RunSettings): void {
  if (
    workers !== undefined &&
    !(Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS)
  ) {
    throw requestError(`workers ${workers} is not a whole number from 1 to ${MAX_WORKERS}`);
  }
  if (memoryBytes !== undefined && !(memoryBytes >= LEAST_MEMORY_BYTES)) {
    throw requestError('memory must be at least 256 MB', 'For example --memory 2GB.');
  }
}

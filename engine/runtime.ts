/** What the engine is given by the rooms to its right: threads and a database session. Wired in index.ts. */
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
}

/** Where the spool is and how large it may grow: for the whole process, set by the command line or `configureRemote`. */
import { homedir } from 'node:os';
import path from 'node:path';

export interface SpoolSettings {
  /** Folder; made when it is first needed. */
  readonly dir: string;
  /** True when the user named the folder: then no other is tried. */
  readonly chosen: boolean;
  /** Bytes that it may hold. */
  readonly limitBytes: number;
}

const DEFAULT_LIMIT_BYTES = 20e9;

let changes: Partial<SpoolSettings> = {};

export function setSpool(next: { readonly dir?: string; readonly limitBytes?: number }): void {
  if (next.dir !== undefined) changes = { ...changes, dir: path.resolve(next.dir), chosen: true };
  if (next.limitBytes !== undefined) changes = { ...changes, limitBytes: next.limitBytes };
}

export function spoolSettings(): SpoolSettings {
  const named = process.env['CROSSHATCH_SPOOL'] ?? '';
  const cache = process.env['XDG_CACHE_HOME'] ?? '';
  const home = path.isAbsolute(cache) ? cache : path.join(homedir(), '.cache');
  return {
    dir: named === '' ? path.join(home, 'crosshatch', 'spool') : path.resolve(named),
    chosen: named !== '',
    limitBytes: DEFAULT_LIMIT_BYTES,
    ...changes,
  };
}

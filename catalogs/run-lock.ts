/**
 * Tells whether the process that left something behind is still running. Node cannot lock files, so a
 * process leaves its identity instead: number and start time, since numbers are given out again.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, for as long as it lives. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot; empty where the system does not tell. */
  readonly started: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { host: hostname(), pid: process.pid, started: startOf(process.pid) };
}

/**
 * True when another process with that identity runs on this machine. One on another machine cannot be asked,
 * and counts as gone: a user who asks for a fresh run means it.
 */
export function isRunningElsewhere(identity: ProcessIdentity): boolean {
  if (identity.host !== hostname() || identity.pid === process.pid) return false;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it exists, but belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return identity.started === startOf(identity.pid);
}

/** Field 22 of /proc/PID/stat; the name before it may hold blanks, so count from its closing bracket. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** What a process and all that come from it use, out of /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
/** Clock ticks a second in /proc, on every Linux there is. */
const TICKS = 100;

/** What a process said when it was last seen. */
interface Seen {
  readonly parent: number;
  readonly cpuSeconds: number;
  /** What the system says: with what children read that it has waited for. */
  readonly saidBytes: number;
  /** It was there when processes were listed, and no more when it was asked. */
  readonly isGone: boolean;
  /** Its own. */
  readonly readBytes: number;
}

export interface GroupUse {
  /** Largest sum of the resident memory of all processes. */
  readonly peakBytes: number;
  /** Own time of every process, when last seen. */
  readonly cpuSeconds: number;
  /** Bytes that `read` gave (rchar), those of files in memory too; mapped files are not among them. */
  readonly readBytes: number;
  /** Most threads and open files of all processes at a time. */
  readonly threads: number;
  readonly openFiles: number;
}

/**
 * Follows a process and its descendants, wherever they go: a server that forks workers is nobody's child to wait for.
 * `look` is called again and again; the last time before the end counts.
 */
export function followGroup(pid: number): { look(): void; use(): GroupUse } {
  const members = new Set([pid]);
  const seen = new Map<number, Seen>();
  let peakBytes = 0;
  let threads = 0;
  let openFiles = 0;
  return {
    look() {
      let pages = 0;
      const alive: ProcessLine[] = [];
      const now = { threads: 0, openFiles: 0 };
      for (const process of listProcesses()) {
        const isOurs =
          process.group === pid || members.has(process.pid) || members.has(process.parent);
        if (!isOurs) continue;
        members.add(process.pid);
        now.threads += process.threads;
        now.openFiles += openFilesOf(process.pid);
        pages += process.residentPages;
        alive.push(process);
      }
      noteReads(alive, seen);
      peakBytes = Math.max(peakBytes, pages * PAGE_BYTES);
      threads = Math.max(threads, now.threads);
      openFiles = Math.max(openFiles, now.openFiles);
    },
    use() {
      const all = [...seen.values()];
      return {
        peakBytes,
        threads,
        openFiles,
        cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
        readBytes: all.reduce((sum, { readBytes }) => sum + readBytes, 0),
      };
    },
  };
}

/**
 * What processes read since they were last seen. A process that has waited for a child is said to have read what the child had: that was
 * noted already.
 */
function noteReads(alive: readonly ProcessLine[], seen: Map<number, Seen>): void {
  // Children are asked after their parents. One that has gone meanwhile may have been inherited already: the next look
  // knows.
  const said = new Map(alive.map(({ pid }) => [pid, readBytesOf(pid)]));
  for (const [pid, bytes] of said) {
    const before = seen.get(pid);
    if (bytes !== null || before === undefined || before.isGone) continue;
    seen.set(pid, { ...before, isGone: true });
    return;
  }
  const isAlive = new Set(alive.map(({ pid }) => pid));
  const inherited = new Map<number, number>();
  for (const [pid, { parent, saidBytes }] of seen) {
    if (isAlive.has(pid) || saidBytes === 0) continue;
    let heir = parent;
    // It may have ended with its parent, whose own parent has it all then.
    while (!isAlive.has(heir) && seen.has(heir)) heir = seen.get(heir)!.parent;
    inherited.set(heir, (inherited.get(heir) ?? 0) + saidBytes);
  }
  for (const { pid, parent, cpuSeconds } of alive) {
    const before = seen.get(pid);
    const saidBytes = said.get(pid) ?? before?.saidBytes ?? 0;
    const since = saidBytes - (before?.saidBytes ?? 0) - (inherited.get(pid) ?? 0);
    const readBytes = (before?.readBytes ?? 0) + Math.max(0, since);
    const isGone = before?.isGone ?? false;
    seen.set(pid, { parent, cpuSeconds, saidBytes, readBytes, isGone });
  }
  // Each child that ended is inherited once.
  for (const [pid, one] of seen) {
    if (!isAlive.has(pid)) seen.set(pid, { ...one, saidBytes: 0 });
  }
}

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly cpuSeconds: number;
  readonly threads: number;
  readonly residentPages: number;
}

/** Parents before their children, as a rule: children get higher numbers. */
function listProcesses(): ProcessLine[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
    .flatMap((pid) => processOf(pid) ?? []);
}

function processOf(pid: number): ProcessLine | null {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // Fields after the name: state, parent, group, …; times are the 12th and 13th, threads the 18th, resident pages the
  // 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    threads: Number(fields[17]),
    residentPages: Number(fields[21]),
  };
}

function readBytesOf(pid: number): number | null {
  const match = /^rchar: (\d+)/m.exec(textOf(`/proc/${pid}/io`) ?? '');
  return match === null ? null : Number(match[1]);
}

function openFilesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    // Gone, or another user's.
    return 0;
  }
}

/** Null: the process is gone, or a zombie. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

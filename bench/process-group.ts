/** What a process and all that come from it use, out of /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;
/** Clock ticks a second in /proc, on every Linux there is. */
const TICKS = 100;

/** What a process said when it was last seen. */
interface Seen {
  readonly cpuSeconds: number;
  readonly readBytes: number;
}

export interface GroupUse {
  /** Largest sum of the resident memory of all processes. */
  readonly peakBytes: number;
  /** Own time of every process, when last seen. */
  readonly cpuSeconds: number;
  /** Bytes that `read` gave (rchar), those of files in memory too; mapped files are not among them. */
  readonly readBytes: number;
  /** Most processes at a time. */
  readonly processes: number;
}

/**
 * Follows a process and its descendants, wherever they go: a server that forks workers is nobody's child to wait for.
 * `look` is called again and again; the last time before the end counts.
 */
export function followGroup(pid: number): { look(): void; use(): GroupUse } {
  const members = new Set([pid]);
  const seen = new Map<number, Seen>();
  let peakBytes = 0;
  let processes = 0;
  return {
    look() {
      let pages = 0;
      let alive = 0;
      for (const process of listProcesses()) {
        const isOurs =
          process.group === pid || members.has(process.pid) || members.has(process.parent);
        if (!isOurs) continue;
        members.add(process.pid);
        alive++;
        pages += process.residentPages;
        const readBytes = readBytesOf(process.pid) ?? seen.get(process.pid)?.readBytes ?? 0;
        seen.set(process.pid, { cpuSeconds: process.cpuSeconds, readBytes });
      }
      peakBytes = Math.max(peakBytes, pages * PAGE_BYTES);
      processes = Math.max(processes, alive);
    },
    use() {
      const all = [...seen.values()];
      return {
        peakBytes,
        processes,
        cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
        readBytes: all.reduce((sum, { readBytes }) => sum + readBytes, 0),
      };
    },
  };
}

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly cpuSeconds: number;
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
  // Fields after the name: state, parent, group, …; times are the 12th and 13th, resident pages the 22nd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    residentPages: Number(fields[21]),
  };
}

function readBytesOf(pid: number): number | null {
  const match = /^rchar: (\d+)/m.exec(textOf(`/proc/${pid}/io`) ?? '');
  return match === null ? null : Number(match[1]);
}

/** Null: the process is gone, or a zombie. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

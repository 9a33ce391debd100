/** Runs a program as a whole process and measures it as the operating system does: wall, CPU, peak memory. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface Measured {
  readonly seconds: number;
  /** User and system time of the process and everything it waited for. */
  readonly cpuSeconds: number;
  /** Largest sum of the resident memory of all its processes, sampled. */
  readonly peakBytes: number;
  readonly stdout: string;
}

const SAMPLE_MS = 100;

/** Runs `command` to its end; rejects when it fails, with the end of what it said. */
export function measure(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    // The shell's own `times` counts descendants too: rivals compute in child processes.
    const script = '"$@"; status=$?; times >&3; exit $status';
    const child = spawn('bash', ['-c', script, 'bench', ...command], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let times = '';
    child.stdout!.on('data', (data) => (stdout += data));
    child.stderr!.on('data', (data) => (stderr += data));
    child.stdio[3]!.on('data', (data) => (times += data));
    let peakBytes = 0;
    const sampler = setInterval(() => {
      peakBytes = Math.max(peakBytes, residentBytes(child.pid!));
    }, SAMPLE_MS);
    child.on('error', reject);
    child.on('close', (status) => {
      clearInterval(sampler);
      const seconds = (performance.now() - start) / 1000;
      if (status !== 0) {
        reject(new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`));
      } else {
        resolve({ seconds, cpuSeconds: cpuOf(times), peakBytes, stdout });
      }
    });
  });
}

/** The second line of `times`: user and system time of the shell's children, as `1m2.3s 0m0.4s`. */
function cpuOf(times: string): number {
  const children = times.trim().split('\n').at(-1) ?? '';
  let sum = 0;
  for (const [, minutes, seconds] of children.matchAll(/(\d+)m([\d.]+)s/g)) {
    sum += Number(minutes) * 60 + Number(seconds);
  }
  return sum;
}

/** Resident memory of a process group. */
function residentBytes(group: number): number {
  let pages = 0;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // Fields after the name: state, parent, group, …; resident pages are the 22nd.
      if (Number(fields[2]) === group) pages += Number(fields[21]);
    } catch {
      // Gone between the listing and the reading.
    }
  }
  return pages * 4096;
}

/** Median, least and greatest of some numbers. */
export function spread(values: readonly number[]): { median: number; min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

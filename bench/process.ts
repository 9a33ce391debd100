/** Runs a program as a whole process and measures it as the operating system does: wall, CPU, peak memory, bytes read. */
import { spawn } from 'node:child_process';
import { followGroup } from './process-group.ts';

export interface Measured {
  readonly seconds: number;
  /** User and system time of the process and everything that comes from it. */
  readonly cpuSeconds: number;
  /** Largest sum of the resident memory of all its processes, sampled; 0: not measured. */
  readonly peakBytes: number;
  /** What all of them read, from the disk or from memory; 0: not measured. */
  readonly readBytes: number;
  readonly stdout: string;
  /** Other figures, in the units of their names. */
  readonly more?: Readonly<Record<string, number>>;
  /** Where the time went, for programs that say so: seconds by phase, and numbers of tasks. */
  readonly profile?: Readonly<Record<string, number>>;
}

export interface MeasureOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** How often to look at memory and time. */
  readonly sampleMs?: number;
}

const SAMPLE_MS = 50;
/** Workarounds of some machines for old numerical libraries, which slow the rivals down. */
const UNSET = ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'];

/** Runs `command` to its end; rejects when it fails, with the end of what it said. */
export function measure(
  command: readonly string[],
  { env = {}, sampleMs = SAMPLE_MS }: MeasureOptions = {},
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    // The shell's own `times` counts descendants that were waited for, to the last tick.
    const script = '"$@"; status=$?; times >&3; exit $status';
    const child = spawn('bash', ['-c', script, 'bench', ...command], {
      env: { ...environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let times = '';
    child.stdout!.on('data', (data) => (stdout += data));
    child.stderr!.on('data', (data) => (stderr += data));
    child.stdio[3]!.on('data', (data) => (times += data));
    const group = followGroup(child.pid!);
    const sampler = setInterval(() => group.look(), sampleMs);
    child.on('error', reject);
    child.on('close', (status) => {
      clearInterval(sampler);
      const seconds = (performance.now() - start) / 1000;
      if (status !== 0) {
        reject(new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`));
        return;
      }
      const { peakBytes, readBytes, cpuSeconds } = group.use();
      // Workers of a fork server are waited for by nobody: the samples have them.
      resolve({
        seconds,
        cpuSeconds: Math.max(cpuOf(times), cpuSeconds),
        peakBytes,
        readBytes,
        stdout,
      });
    });
  });
}

/** This process's environment as programs under measurement get it. */
export function environment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of UNSET) delete env[name];
  return env;
}

/** The second line of `times`: user and system time of the shell's children, as `1m2.3s 0m0.4s`. */
export function cpuOf(times: string): number {
  const children = times.trim().split('\n').at(-1) ?? '';
  let sum = 0;
  for (const [, minutes, seconds] of children.matchAll(/(\d+)m([\d.]+)s/g)) {
    sum += Number(minutes) * 60 + Number(seconds);
  }
  return sum;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, least and greatest of some numbers. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

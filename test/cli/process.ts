/** The command line as a user runs it: a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bin } from '../built-program.ts';

export interface Ended {
  readonly status: number | null;
  /** The signal that it died of, if it did. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run from the sources, module by module, not as it is shipped. */
  readonly fromSources?: boolean;
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** Called with all of stderr so far; may send signals. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs `crosshatch` with these arguments to its end. */
export function crosshatch(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const program = options.fromSources === true ? path.resolve('cli', 'bin.ts') : bin;
  const child = spawn(process.execPath, [...(options.node ?? []), program, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onStderr?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
}

/** Runs it and gives stdout; what fails is an error with everything it said. */
export async function crosshatchWell(
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { status, stdout, stderr } = await crosshatch(args, options);
  if (status !== 0) throw new Error(`crosshatch ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** The object that `--json` prints, which is the last line of stdout. */
export async function crosshatchJson(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Record<string, unknown>> {
  const stdout = await crosshatchWell([...args, '--json'], options);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>;
}

/** An empty folder, and how to remove it. */
export function tempFolder(): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-cli-test-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/**
 * The Python that oracles and rivals run in: a virtual environment below `.venv`, made once per content of a
 * requirements file out of the Python 3.11 (or newer) on the machine.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
/** The Python programs of the field, pinned, and where their environment is. */
const ORACLES = { file: path.join(root, 'test', 'oracle', 'requirements.txt'), home: '.venv' };
/** Those that want other versions of what they share. */
const RIVALS = {
  file: path.join(import.meta.dirname, 'rivals', 'requirements.txt'),
  home: path.join('bench', 'data', 'venv'),
};

/**
 * Path of the environment's Python; makes the environment when it is not there yet (about a minute).
 * Throws an Error with the reason when that fails.
 */
export function oraclePython(): string {
  return pythonFor(ORACLES);
}

/** {@link oraclePython} for ACID and astropy. */
export function rivalPython(): string {
  return pythonFor(RIVALS);
}

function pythonFor(environment: { readonly file: string; readonly home: string }): string {
  const { command, version } = basePython();
  const requirements = readFileSync(environment.file);
  const key = createHash('sha256').update(requirements).update(version).digest('hex');
  const home = path.join(root, environment.home, key.slice(0, 12));
  if (!existsSync(home)) makeEnvironment(command, home, environment.file);
  return pythonOf(home);
}

/** Made under another name and renamed, so that an interrupted install is never taken for a whole one. */
function makeEnvironment(command: string, home: string, requirements: string): void {
  console.log(`making the Python environment ${path.relative(root, home)}`);
  const staging = `${home}.${process.pid}`;
  mkdirSync(path.dirname(home), { recursive: true });
  try {
    run(command, ['-m', 'venv', staging]);
    // Few of the modules are ever loaded: each is compiled when it is.
    const install = ['-m', 'pip', 'install', '--quiet', '--no-compile', '-r', requirements];
    run(pythonOf(staging), install);
    // Another process may have made the same one meanwhile: then its own is used.
    if (!existsSync(home)) renameSync(staging, home);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function pythonOf(home: string): string {
  return process.platform === 'win32'
    ? path.join(home, 'Scripts', 'python.exe')
    : path.join(home, 'bin', 'python');
}

function basePython(): { command: string; version: string } {
  const named = process.env.CROSSHATCH_PYTHON;
  const candidates = named === undefined ? ['python3.11', 'python3', 'python'] : [named];
  for (const command of candidates) {
    const report = spawnSync(
      command,
      ['-c', 'import sys; print(sys.version_info[:3] >= (3, 11), sys.version)'],
      { encoding: 'utf8' },
    );
    const [recent, ...version] = (report.stdout ?? '').trim().split(' ');
    if (report.status === 0 && recent === 'True') return { command, version: version.join(' ') };
  }
  throw new Error(
    `the oracle checks need Python 3.11 or newer, and ${candidates.join(', ')} is none: ` +
      'install it or name it in CROSSHATCH_PYTHON',
  );
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed`, { cause: error });
  }
}

if (import.meta.main) oraclePython();

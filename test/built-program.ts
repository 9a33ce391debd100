/**
 * Builds the program before the first test, where it is older than its sources: tests of the command line run what users
 * run, and start in half the time that the sources take.
 */
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

/** The command line as it is shipped. */
export const bin = path.join(root, 'dist', 'bin.js');

const SOURCES = [
  '{partitioning,catalogs,engine,workers,pictures,cli}/**',
  '*.ts',
  'package-lock.json',
];

/** Called by vitest, once before all tests. */
export function setup(): void {
  const built = statSync(bin, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).reduce(
    (latest, file) => Math.max(latest, statSync(path.join(root, file)).mtimeMs),
    0,
  );
  if (built > newest) return;
  const build = [path.join(root, 'build.ts'), '--program'];
  const { status } = spawnSync(process.execPath, build, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the program could not be built: node build.ts');
}

/** On what a benchmark ran: figures without that mean nothing. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly usableCores: number;
  readonly memoryBytes: number;
  readonly system: string;
  /** Of Node, the package, DuckDB and Piscina, and of the rivals as they are pinned. */
  readonly versions: Readonly<Record<string, string>>;
  /** The commit that was measured; null: no checkout. */
  readonly commit: string | null;
  /** On a cloud machine: its type, where CROSSHATCH_BENCH_INSTANCE says it. */
  readonly instance: string | null;
}

export function machine(): Machine {
  const { version, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as { version: string; dependencies: Record<string, string> };
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    usableCores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    versions: {
      node: process.version,
      crosshatch: version,
      duckdb: dependencies['@duckdb/node-bindings']!,
      piscina: dependencies['piscina']!,
      ...pinnedIn(join('test', 'oracle', 'requirements.txt'), ['lsdb', 'hats-import', 'scipy']),
      ...pinnedIn(join('bench', 'rivals', 'requirements.txt'), ['pyacid', 'astropy']),
    },
    commit: commitOf(),
    instance: process.env['CROSSHATCH_BENCH_INSTANCE'] ?? null,
  };
}

/** @throws where one is not pinned there: figures beside a rival of whatever version mean nothing */
function pinnedIn(file: string, names: readonly string[]): Record<string, string> {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return Object.fromEntries(
    names.map((name) => {
      const line = lines.find((one) => one.startsWith(`${name}==`));
      if (line === undefined) throw new Error(`${name} is not pinned in ${file}`);
      return [name, line.slice(name.length + 2).split(/[ ;]/)[0]!];
    }),
  );
}

function commitOf(): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

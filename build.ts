/**
 * Makes `dist/`, what the package ships: the program in few files, declarations beside them, and the data files of the
 * rooms. Half the time of a small query was spent finding and reading four hundred modules, in every worker again, so
 * the sources and the packages that every start needs become a few files. Packages that are native, that few runs
 * need, or whose classes users meet stay packages.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';

const root = import.meta.dirname;
/** Where it is made, whole, before it takes the place of the one before: that may be running. */
const made = join(root, `.dist-${process.pid}`);
// Tests and examples run the program and need no declarations, which take most of the time.
const isProgramOnly = process.argv.includes('--program');

try {
  await writeProgram();
  if (!isProgramOnly) writeDeclarations();
  copyData();
  publish(join(root, 'dist'));
} finally {
  rmSync(made, { recursive: true, force: true });
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The entries and what they share, all in one folder: files are found from where the code that reads them lies. */
async function writeProgram(): Promise<void> {
  const kept = Object.keys(manifestOf(root).dependencies);
  const program = await rolldown({
    cwd: root,
    input: { index: 'index.ts', bin: 'cli/bin.ts', worker: 'workers/worker.ts' },
    platform: 'node',
    external: (id) => kept.some((name) => id === name || id.startsWith(`${name}/`)),
  });
  const { output } = await program.write({ dir: made, format: 'esm' });
  await program.close();
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  writeFileSync(join(made, 'third-party-licenses.txt'), licensesOf(modules));
}

/** The licence of every package that has gone into the program, and those of parts of it that have one of their own. */
function licensesOf(modules: readonly string[]): string {
  const folders = new Map<string, Set<string>>();
  for (const id of modules) {
    const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0];
    if (folder === undefined) continue;
    if (!folders.has(folder)) folders.set(folder, new Set([folder]));
    for (let part = dirname(id); part.length > folder.length; part = dirname(part)) {
      folders.get(folder)!.add(part);
    }
  }
  const texts = [...folders].sort().map(([folder, parts]) => {
    const { name, version, license } = manifestOf(folder);
    const found = [...parts].sort().flatMap((part) => licenseIn(part) ?? []);
    if (found.length === 0) throw new Error(`${name} goes into the program without its licence`);
    return `${name} ${version} (${license})\n\n${found.join('\n\n')}\n`;
  });
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}

function licenseIn(folder: string): string | undefined {
  const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
  return file === undefined ? undefined : readFileSync(join(folder, file), 'utf8').trim();
}

function writeDeclarations(): void {
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  const command = ['-p', 'tsconfig.build.json', '--outDir', join(made, 'types')];
  const { status } = spawnSync(compiler, command, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('the declarations could not be made');
}

/** What rooms read at run time, at the same place beside the program as beside their sources. */
function copyData(): void {
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')) as {
    include: readonly string[];
  };
  const notData = ['', '.ts', '.py', '.md'];
  for (const room of include) {
    for (const file of globSync('**/*.*', { cwd: join(root, room) })) {
      if (notData.includes(extname(file))) continue;
      const target = join(made, file);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(root, room, file), target);
    }
  }
}

/** File by file, the entry last: what is there is whole. A file that was renamed in the sources must not live on. */
function publish(dist: string): void {
  const entry = 'bin.js';
  const files = [...filesBelow(made).filter((file) => file !== entry), entry];
  for (const file of files) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    renameSync(join(made, file), join(dist, file));
  }
  for (const file of filesBelow(dist)) {
    if (files.includes(file) || (isProgramOnly && file.startsWith('types'))) continue;
    rmSync(join(dist, file));
  }
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [relative(dir, join(entry.parentPath, entry.name))] : [],
  );
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

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
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { rolldown } from 'rolldown';

const root = import.meta.dirname;
const dist = join(root, 'dist');

// A file that was renamed in the sources must not live on in the package.
rmSync(dist, { recursive: true, force: true });
await writeProgram();
// Tests run the program and need no declarations, which take most of the time.
if (!process.argv.includes('--program')) writeDeclarations();
copyData();

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
  const { output } = await program.write({ dir: dist, format: 'esm' });
  await program.close();
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  writeFileSync(join(dist, 'third-party-licenses.txt'), licensesOf(modules));
}

/** The licence of every package that has gone into the program. */
function licensesOf(modules: readonly string[]): string {
  const packages = new Set(
    modules.flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? []),
  );
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = manifestOf(folder);
    const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} goes into the program without its licence`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(72)}\n\n`);
}

function writeDeclarations(): void {
  const compiler = join(root, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(compiler, ['-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
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
      const target = join(dist, file);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(root, room, file), target);
    }
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

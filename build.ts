/**
 * Makes `dist/`, what the package ships: JavaScript and declarations by the TypeScript compiler, and
 * beside them the data files of the rooms, which the compiler leaves behind.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';

const root = import.meta.dirname;
const dist = join(root, 'dist');
const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')) as {
  include: string[];
};

// A file that was renamed in the sources must not live on in the package.
rmSync(dist, { recursive: true, force: true });

const compiler = join(root, 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(compiler, ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (status !== 0) process.exit(1);

const notData = ['.ts', '.py', '.md'];
for (const room of include.filter((name) => extname(name) === '')) {
  cpSync(join(root, room), join(dist, room), {
    recursive: true,
    filter: (source) => !notData.includes(extname(source)),
  });
}

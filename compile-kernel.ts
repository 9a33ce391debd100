/**
 * Compiles the loops of the crossmatch kernel, `engine/kernel/assembly`, to WebAssembly, which the program carries as
 * text: `npm run kernel`, after every change there. A test compares the two.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = import.meta.dirname;
const SOURCE = 'engine/kernel/assembly/kernel.ts';
const TARGET = 'engine/kernel/compiled.ts';

/** The text of the file that holds the compiled loops. */
export function compiledKernel(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosshatch-kernel-'));
  try {
    const file = join(folder, 'kernel.wasm');
    const compiler = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
    const options = ['-O3', '--runtime', 'stub', '--noAssert', '--importMemory', '--outFile', file];
    const { status } = spawnSync(process.execPath, [compiler, SOURCE, ...options], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`${SOURCE} could not be compiled`);
    const lines = readFileSync(file)
      .toString('base64')
      .match(/.{1,90}/g)!;
    return [
      '/** The loops of `assembly/kernel.ts` as WebAssembly, in base64. Made by `npm run kernel`: do not edit. */',
      'export const COMPILED_KERNEL =',
      `${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
    ].join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) writeFileSync(join(root, TARGET), compiledKernel());

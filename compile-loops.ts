/**
 * Compiles the AssemblyScript of the rooms, loops over all rows, to WebAssembly, which the program carries as text:
 * `npm run loops`, after every change of a source. A test compares the two.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = import.meta.dirname;

export interface Loops {
  readonly source: string;
  /** The file that carries them, made of it, and the constant in it. */
  readonly target: string;
  readonly constant: string;
}

export const ALL_LOOPS: readonly Loops[] = [
  {
    source: 'engine/kernel/assembly/kernel.ts',
    target: 'engine/kernel/compiled.ts',
    constant: 'COMPILED_KERNEL',
  },
  {
    source: 'catalogs/assembly/pages.ts',
    target: 'catalogs/compiled-pages.ts',
    constant: 'COMPILED_PAGES',
  },
];

/** The text of the file that carries the compiled loops. */
export function compiledText({ source, constant }: Loops): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosshatch-loops-'));
  try {
    const file = join(folder, 'loops.wasm');
    const compiler = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
    const options = [
      '-O3',
      '--runtime',
      'stub',
      '--noAssert',
      '--importMemory',
      '--enable',
      'simd',
      // Vectors that functions exchange: none of them is called from outside.
      '--disableWarning',
      '112',
    ];
    const { status } = spawnSync(process.execPath, [compiler, source, ...options, '-o', file], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`${source} could not be compiled`);
    const lines = readFileSync(file)
      .toString('base64')
      .match(/.{1,90}/g)!;
    return [
      `/** \`${source}\` as WebAssembly, in base64. Made by \`npm run loops\`: do not edit. */`,
      `export const ${constant} =`,
      `${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
    ].join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  for (const loops of ALL_LOOPS) writeFileSync(join(root, loops.target), compiledText(loops));
}

/** The files of the checkout and what they import, for the tests that hold the shape of the house. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..', '..');

// What .gitignore names, and git's own folder.
const notOurs = new Set([
  ...['.git', 'node_modules', 'dist', '.venv', 'coverage', 'demo-output'],
  ...['bench/data', 'bench/results'],
]);

/** Every file of the checkout, sorted, as paths with `/` relative to the root. */
export const checkoutFiles: readonly string[] = filesBelow('').sort();

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (notOurs.has(file)) return [];
    if (entry.isDirectory()) return filesBelow(file);
    return entry.isFile() ? [file] : [];
  });
}

export function textOf(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

const importForms = [
  // import a, { b } from 'x'; export type { c } from 'x'; export * as d from 'x'
  /^[ \t]*(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\}|[\w$]+)\s+from\s+['"]([^'"]+)['"]/gm,
  // import 'x'
  /^[ \t]*import\s+['"]([^'"]+)['"]/gm,
  // import('x'), of a value or of a type
  /\bimport\(\s*['"]([^'"]+)['"]/g,
  // new URL('./worker.ts', import.meta.url): how a thread's program is named
  /\bnew URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url/g,
];

/** Everything that a source text imports, types included, as it is written there. */
export function importsIn(source: string): string[] {
  return importForms.flatMap((form) => Array.from(source.matchAll(form), ([, name]) => name ?? ''));
}

/** The file of the checkout that a relative import means. */
export function resolveImport(file: string, specifier: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
}

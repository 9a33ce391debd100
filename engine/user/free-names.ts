/** Which names a function's text takes from around it. */
import { createRequire } from 'node:module';

/** Loaded at first use: most queries have no user code. */
const load = createRequire(import.meta.url);

/** Names that every thread has. */
const EVERYWHERE = new Set([...Object.getOwnPropertyNames(globalThis), 'undefined', 'arguments']);

/** Names used but neither declared in `text` nor global, sorted; null where it is not the text of a function. */
export function freeNames(text: string): string[] | null {
  const { parse } = load('acorn') as typeof import('acorn');
  const { analyze } = load('eslint-scope') as typeof import('eslint-scope');
  let tree: ReturnType<typeof parse>;
  try {
    tree = parse(`(${text})`, { ecmaVersion: 'latest', sourceType: 'module', ranges: true });
  } catch {
    return null;
  }
  const scopes = analyze(tree as never, { ecmaVersion: 2022, sourceType: 'module' });
  const names = scopes.globalScope!.through.map(
    ({ identifier }) => (identifier as { name: string }).name,
  );
  return [...new Set(names)].filter((name) => !EVERYWHERE.has(name)).sort();
}

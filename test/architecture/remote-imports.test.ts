/** The clients of S3 and HTTP are loaded with the first remote path: a local query must not pay for them. */
import { expect, test } from 'vitest';
import { resolveImport, textOf } from './source.ts';

/** What a file loads when it is loaded: its static imports of values. */
const STATIC = /^[ \t]*(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?['"]([^'"]+)['"]/gm;

function loadedWith(entry: string): Set<string> {
  const loaded = new Set<string>();
  const visit = (file: string) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const [, name] of textOf(file).matchAll(STATIC)) {
      if (!name!.startsWith('.')) loaded.add(packageOf(name!));
      else if (name!.endsWith('.ts')) visit(resolveImport(file, name!));
    }
  };
  visit(entry);
  return loaded;
}

/** Parts of a package are it, too. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

test.each(['index.ts', 'workers/worker.ts', 'cli/program.ts'])('%s loads neither', (entry) => {
  const loaded = loadedWith(entry);
  // The walk finds what is loaded.
  expect(loaded.size).toBeGreaterThan(3);
  for (const name of ['undici', '@aws-sdk/client-s3', 'yaml']) expect(loaded).not.toContain(name);
});

test('the files of the protocols do', () => {
  expect(loadedWith('catalogs/remote/http-store.ts')).toContain('undici');
});

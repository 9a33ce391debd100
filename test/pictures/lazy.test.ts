/** Whoever draws nothing pays for no drawing: what does it is loaded when the first picture is asked for. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..', '..');

/** Packages and files of the room of pictures that a program loads. */
function loadedBy(program: string): string[] {
  const watch = [
    "import { registerHooks } from 'node:module';",
    'const loaded = new Set();',
    'registerHooks({ load(url, context, next) { loaded.add(url); return next(url, context); } });',
    program,
    'console.log(JSON.stringify([...loaded]));',
  ].join('\n');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', watch],
    { cwd: root, encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const own = `${pathToFileURL(root).href}/`;
  return (JSON.parse(stdout) as string[])
    .flatMap((url) => {
      const [, library] = /node_modules\/(d3-[\w-]+|fontkitten)\//.exec(url) ?? [];
      if (library !== undefined) return library;
      return url.startsWith(`${own}pictures/`) ? url.slice(own.length) : [];
    })
    .sort();
}

test('a program that only counts loads none of it', () => {
  expect(loadedBy("await import('./index.ts');")).toEqual(['pictures/drawable-map.ts']);
});

test('one that draws loads it', () => {
  const loaded = loadedBy(
    "await (await import('./index.ts')).plotLightCurve({}, 'x.gif').catch(() => 0);",
  );
  expect(loaded).toEqual(expect.arrayContaining(['fontkitten', 'pictures/light-curve.ts']));
});

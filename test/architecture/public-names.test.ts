import { expect, test } from 'vitest';
import { textOf } from './source.ts';

/** Public names of a module that exports by lists or declarations only: `type NAME` or `NAME`. */
function exportedNames(source: string): string[] {
  const names: string[] = [];
  for (const [, allTypes, list = ''] of source.matchAll(/^export\s+(type\s+)?\{([^}]*)\}/gm)) {
    for (const item of list.split(',').map((text) => text.trim())) {
      if (item === '') continue;
      const isType = allTypes !== undefined || item.startsWith('type ');
      const name = item.split(/\s+/).at(-1);
      names.push(isType ? `type ${name}` : `${name}`);
    }
  }
  const declared =
    /^export\s+(?:async\s+|abstract\s+)?(function\*?|const|let|class|interface|type)\s+([\w$]+)/gm;
  for (const [, keyword, name] of source.matchAll(declared)) {
    names.push(keyword === 'interface' || keyword === 'type' ? `type ${name}` : `${name}`);
  }
  return names.sort();
}

test('the public names are the ones in public-names.txt', async () => {
  await expect(`${exportedNames(textOf('index.ts')).join('\n')}\n`).toMatchFileSnapshot(
    'public-names.txt',
  );
});

test('every public name is spelt out', () => {
  expect(textOf('index.ts')).not.toMatch(/^export\s+(\*|default)/m);
});

test('at run time the module has exactly the names that are not types', async () => {
  const module: object = await import('../../index.ts');
  const values = exportedNames(textOf('index.ts')).filter((name) => !name.startsWith('type '));
  expect(Object.keys(module).sort()).toEqual(values);
});

test('names are read from lists and declarations', () => {
  const text = [
    "export { a, type B, c as d } from './x.ts';",
    "export type { E,\n  F as G } from './y.ts';",
    'export async function h() {}',
    'export const i = 1;',
    'export interface J {}',
    'export type K = 1;',
    'export class L {}',
  ].join('\n');
  const names = ['L', 'a', 'd', 'h', 'i', 'type B', 'type E', 'type G', 'type J', 'type K'];
  expect(exportedNames(text)).toEqual(names);
});

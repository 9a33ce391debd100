import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkoutFiles, root, textOf } from './source.ts';

const documents = checkoutFiles.filter((file) => /^(README|CONTRIBUTING|docs\/.*)\.md$/.test(file));
const roomPath =
  /^(?:partitioning|catalogs|pictures|engine|workers|cli|examples|bench|test|docs|\.ci)\/[\w./-]*$/;

// Made by a run, so they are named in the documents and are not in a fresh checkout.
const madeLater = ['bench/data', 'bench/results'];

/** Texts in backticks, blocks between fences aside. */
function codeSpans(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```/gm, '');
  return Array.from(prose.matchAll(/`([^`\n]+)`/g), ([, code]) => code ?? '');
}

/** Targets of links to files, without the fragment. */
function linkTargets(markdown: string): string[] {
  return Array.from(
    markdown.matchAll(/\]\(([^)#\s]+)[^)]*\)/g),
    ([, target]) => target ?? '',
  ).filter((target) => !/^[a-z]+:/.test(target));
}

test('the documents are there', () => {
  const names = ['CONTRIBUTING.md', 'README.md', 'docs/architecture.md', 'docs/glossary.md'];
  expect(documents).toEqual(expect.arrayContaining(names));
});

describe.each(documents)('%s', (document) => {
  const text = textOf(document);

  test('names only files that exist', () => {
    const named = codeSpans(text).filter((code) => roomPath.test(code));
    const missing = named.filter(
      (file) =>
        !madeLater.some((made) => file.startsWith(made)) && !existsSync(path.join(root, file)),
    );
    expect(missing).toEqual([]);
  });

  test('links only to files that exist', () => {
    const folder = path.dirname(path.join(root, document));
    const missing = linkTargets(text).filter((target) => !existsSync(path.join(folder, target)));
    expect(missing).toEqual([]);
  });

  test('names only scripts that exist', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = Array.from(text.matchAll(/npm run ([\w:-]+)/g), ([, name]) => name ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

test('paths and links are found', () => {
  const markdown = 'See `engine/gone.ts`, `npm ci` and [it](docs/a.md#b), [web](https://x.org).';
  expect(codeSpans(markdown).filter((code) => roomPath.test(code))).toEqual(['engine/gone.ts']);
  expect(linkTargets(markdown)).toEqual(['docs/a.md']);
});

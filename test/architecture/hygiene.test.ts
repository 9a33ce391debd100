import { describe, expect, test } from 'vitest';
import { checkoutFiles, textOf } from './source.ts';

// The one place that may leave tests out: where the sample data are absent, and never with CI=true.
const maySkip = ['test/shared-data.ts'];

// In two parts, so that this file passes its own test.
const words = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'];

const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a path of one machine', /(?<![\w.:/-])\/(?:work|root|Users\/\w+|home\/\w+)\//],
  ['a test left out or run alone', /\b(?:test|it|describe|suite)\.(?:only|skip)\b/],
  ['something left for later', new RegExp(`\\b(?:${words.join('|')})\\b`)],
];

const files = checkoutFiles.filter((file) =>
  /\.(ts|js|mjs|py|sh|json|toml|md|txt)$|^\.ci\/|^\.gitignore$/.test(file),
);

function findings(file: string, text: string): string[] {
  const patterns = forbidden.filter(([what]) => !what.includes('test') || !maySkip.includes(file));
  return text
    .split('\n')
    .flatMap((line, index) =>
      patterns
        .filter(([, pattern]) => pattern.test(line))
        .map(([what]) => `${file}:${index + 1}: ${what}: ${line.trim().slice(0, 100)}`),
    );
}

test('no file has a machine path, a test left out or a note for later', () => {
  expect(files).toContain('package.json');
  expect(files).toContain('.ci/run');
  expect(files.flatMap((file) => findings(file, textOf(file)))).toEqual([]);
});

describe('each is found where it is', () => {
  test.each([
    `const a = '${['', 'work', 'main'].join('/')}';`,
    `# ${['', 'home', 'someone', 'data'].join('/')}`,
    `${'test'}.only('a', () => {});`,
    `  ${'describe'}.skip('a', () => {});`,
    `// ${words[0]}: later`,
  ])('%s', (line) => {
    expect(findings('engine/a.ts', line)).toHaveLength(1);
  });

  test('and not where it is not', () => {
    const text = "'../work/a'\nhttps://a.org/work/b\ntest.skipIf(a)\nconst todo = 1;";
    expect(findings('engine/a.ts', text)).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ALL_LOOPS, compiledText } from '../../compile-loops.ts';

const root = path.resolve(import.meta.dirname, '../..');

test.each(ALL_LOOPS)('$target is what $source compiles to: npm run loops', (loops) => {
  expect(compiledText(loops)).toBe(readFileSync(path.join(root, loops.target), 'utf8'));
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compiledKernel } from '../../compile-kernel.ts';

test('the compiled loops of the kernel are those of its source: npm run kernel', () => {
  const file = path.resolve(import.meta.dirname, '../../engine/kernel/compiled.ts');
  expect(compiledKernel()).toBe(readFileSync(file, 'utf8'));
});

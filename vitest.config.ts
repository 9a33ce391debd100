import { availableParallelism } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples name the package; in tests that is the checkout, built or not.
  resolve: { alias: { crosshatch: path.resolve(import.meta.dirname, 'index.ts') } },
  test: {
    // DuckDB is native code that must not be loaded twice into one process by the runner's threads.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/built-program.ts'],
    setupFiles: ['test/reproducible.ts'],
    // One for each core; by default one core would be left idle.
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

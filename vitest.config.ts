import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // DuckDB is native code that must not be loaded twice into one process by the runner's threads.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/reproducible.ts'],
    // One for each core; by default one core would be left idle.
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

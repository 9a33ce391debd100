import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // DuckDB is native code that must not be loaded twice into one process by the runner's threads.
    pool: 'forks',
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/reproducible.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Other packages of the workspace are read from their sources, so that a test sees an edit next door without a build.
  ssr: { resolve: { conditions: ['source', 'node', 'development|production'] } },
  test: {
    include: ['{packages,services}/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['./test-support/property-seed.ts'],
    // Rendering, git and the chain are real in our tests: they cost seconds and both cores.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './scripts/count-reporter.mjs'],
  },
});

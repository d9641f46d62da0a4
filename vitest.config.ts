import { defineConfig } from 'vitest/config';

export default defineConfig({
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

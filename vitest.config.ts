import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Other packages of the workspace are read from their sources, so that a test sees an edit next door without a build.
  ssr: { resolve: { conditions: ['source', 'node', 'development|production'] } },
  test: {
    include: ['{packages,services}/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['./test-support/property-seed.ts', './test-support/leave-as-found.ts'],
    // Rendering, git and the chain are real in our tests: they cost seconds and both cores.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // The files of a worker share its process: the chain's and the renderer's libraries take seconds to load. What a file
    // changes about the process it puts back, or it fails: test-support/leave-as-found.ts.
    isolate: false,
    maxWorkers: 2,
    reporters: ['default', './scripts/count-reporter.mjs'],
  },
});

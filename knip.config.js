// What knip looks at. `--production` leaves tests out, and so finds what only they use; there, an export that its own file
// uses as well may be one for a test.
const isProduction = process.argv.includes('--production');

export default {
  // A type that an exported function speaks of is exported with it.
  ignoreExportsUsedInFile: isProduction || { interface: true, type: true },
  workspaces: {
    '.': {
      entry: ['scripts/*.mjs!'],
      project: ['scripts/**!', 'test/**', 'test-support/**'],
      // Run by its path; linked for `npx tiltyard`.
      ignoreDependencies: ['@biomejs/biome', '@tiltyard/cli'],
    },
    // A benchmark is run by scripts/bench.mjs; tests run programs of their own by path.
    '{packages,services}/*': {
      entry: ['bench/bench.ts!', 'test/**/*.mjs'],
      project: ['{src,bench}/**!', 'test/**'],
    },
  },
  // Asked for by `createRequire`, since it has no types.
  ignoreDependencies: ['draco3dgltf', 's3rver'],
  // Debian's. Tests that need one of the last four skip themselves without it.
  ignoreBinaries: ['dpkg-query', 'ssh-keygen', 'jq', 'mkfifo', 'strace', 'unshare'],
};

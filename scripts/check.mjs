// `npm run check`: format, lint, patterns, types and dead code of the whole tree, and whether generated files are fresh.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(fileURLToPath(import.meta.url), '../..');
const bin = (name) => path.join(root, 'node_modules', name);
const knip = [bin('knip/bin/knip.js'), '--no-progress', '--no-config-hints'];
const steps = [
  ['format and lint', process.execPath, [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']],
  ['regular expressions', process.execPath, [path.join(root, 'scripts/check-patterns.mjs')]],
  ['types', process.execPath, [bin('typescript/bin/tsc'), '-b']],
  ['dead code', process.execPath, knip],
  ['code that only tests use', process.execPath, [...knip, '--production']],
  [
    'structure and generated files',
    process.execPath,
    [bin('vitest/vitest.mjs'), 'run', 'test/structure', 'format-reference'],
  ],
];
let failed = 0;
for (const [name, command, args] of steps) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (done.status !== 0) failed += 1;
  console.error(`check: ${name}: ${done.status === 0 ? 'ok' : 'FAILED'}`);
}
process.exit(failed === 0 ? 0 : 1);

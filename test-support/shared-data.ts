import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = path.resolve(fileURLToPath(import.meta.url), '../..');

/**
 * Where a file of the developers' shared data lies, or undefined where it is absent.
 *
 * The data are not part of the project and never needed: a test that uses them is skipped by name without them, as in
 * `describe.skipIf(!file)('reads a real history (needs TILTYARD_SHARED)', …)`. They are looked for in
 * `TILTYARD_SHARED`, else in `../shared` next to the project.
 */
export function sharedData(relativePath: string): string | undefined {
  const root = process.env.TILTYARD_SHARED ?? path.join(projectRoot, '..', 'shared');
  const file = path.join(root, 'data', relativePath);
  return existsSync(file) ? file : undefined;
}

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** This project's root folder. Services are started from it as processes; no package imports one. */
export const PROJECT_ROOT = path.resolve(fileURLToPath(import.meta.url), '../../../../..');

/** The main file of a service. */
export function serviceEntry(name: string): string {
  return path.join(PROJECT_ROOT, 'services', name, 'dist', 'main.js');
}

/** Finds the status URL in the log line by which a service says that it has started. */
export function startedService(line: string): string | undefined {
  return line.includes('"msg":"started"') ? (/"status":"([^"]+)"/.exec(line)?.[1] ?? 'started') : undefined;
}

/** The main file of a package that is a process of its own. */
export function packageEntry(name: 'store' | 'devnet'): string {
  return require.resolve(`@tiltyard/${name}/main`);
}

/** A main file of this package. */
export function ownEntry(name: 'miner-main' | 'container-main' | 'local-judge-main'): string {
  return require.resolve(`@tiltyard/dev-env/${name}`);
}

import { createRequire } from 'node:module';
import type { Rules } from '@tiltyard/schema';
import type { Environment } from './environment.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** This software's version, as in commit trailers. */
export const SOFTWARE_VERSION: string = version;

/**
 * This software as rules.json names it. The commit it was built from comes from TILTYARD_COMMIT, which the images set;
 * empty where nobody says.
 */
export function softwareIdentity(environment: Environment): Rules['software'] {
  return { name: 'tiltyard', version, commit: environment.TILTYARD_COMMIT ?? '' };
}

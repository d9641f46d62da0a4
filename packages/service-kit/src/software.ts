import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Environment } from '@tiltyard/schema';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** This software's version, as in commit trailers. */
export const SOFTWARE_VERSION: string = version;

/** Which software decided. */
export interface SoftwareIdentity {
  readonly name: string;
  readonly version: string;
  /** Empty where it is not known. */
  readonly commit: string;
}

/**
 * This software as rules.json names it. The commit it was built from comes from TILTYARD_COMMIT, which the images set, else
 * from the checkout that it runs in; empty only where neither is there.
 */
export function softwareIdentity(environment: Environment): SoftwareIdentity {
  return { name: 'tiltyard', version, commit: environment.TILTYARD_COMMIT || commitOfCheckout(environment) };
}

/** Where this package lies in a checkout of ours: a repository that it is merely installed in does not say its commit. */
const OWN_PREFIX = 'packages/service-kit/';
const GIT_TIMEOUT_MS = 10_000;

function commitOfCheckout({ PATH = '' }: Environment): string {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  // The user who runs a service may not own the checkout; nothing of the repository is executed.
  const asked = ['-c', 'safe.directory=*', '-C', folder, 'rev-parse', '--show-prefix', 'HEAD'];
  try {
    const stdout = execFileSync('git', asked, {
      env: { PATH },
      encoding: 'utf8',
      timeout: GIT_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [prefix, commit = ''] = stdout.split('\n');
    return prefix === OWN_PREFIX ? commit : '';
  } catch {
    return ''; // no git, or no checkout: then it does not know
  }
}

import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SOFTWARE_VERSION, softwareIdentity } from '../../src/software.js';

/** The checkout's commit; undefined in a tree without a repository. */
function headOfCheckout(): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
const head = headOfCheckout();

describe('what this software is', () => {
  it('is the commit that its image was built from, where one is named', () => {
    const commit = 'c'.repeat(40);
    expect(softwareIdentity({ ...process.env, TILTYARD_COMMIT: commit })).toEqual({
      name: 'tiltyard',
      version: SOFTWARE_VERSION,
      commit,
    });
  });

  it.skipIf(head === undefined)('is the checkout that it runs in, where none is named', () => {
    const { TILTYARD_COMMIT: _, ...environment } = process.env;
    expect(softwareIdentity(environment).commit).toBe(head);
    // As compose passes it on when it is not set.
    expect(softwareIdentity({ ...environment, TILTYARD_COMMIT: '' }).commit).toBe(head);
  });

  it('is not known where there is no git to ask', () => {
    expect(softwareIdentity({}).commit).toBe('');
  });
});

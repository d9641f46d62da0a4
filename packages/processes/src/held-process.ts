import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { identify, type ProcessIdentity } from './process-identity.js';
import { type Program, startProgram } from './program.js';

/** A process that exists but has not begun: it runs its program when released, and ends when we end first. */
export interface HeldProcess {
  readonly identity: ProcessIdentity;
  release(): Promise<void>;
  discard(): void;
}

const SHELL = '/bin/sh';
const SCRIPT = 'read -r go && exec "$0" "$@" </dev/null';

/**
 * Makes the process of a program and holds it, so that a record of it can be on disk before the program does anything. A
 * crash of ours at any moment then leaves no program without a record.
 *
 * The shell waits for a line and becomes the program, with the same process id; when we die instead, it reads the end
 * of its input and exits.
 *
 * @throws {Error} when it cannot be started, as when its directory is absent.
 */
export async function holdProcess(program: Program): Promise<HeldProcess> {
  const args = ['-c', SCRIPT, program.command, ...program.args];
  const child = startProgram({ ...program, command: SHELL, args }, 'pipe');
  await once(child, 'spawn');
  const discard = () => child.stdin?.destroy();
  const identity = child.pid === undefined ? undefined : await identify(child.pid);
  if (identity === undefined) {
    discard();
    throw new Error('the process ended at once');
  }
  return { identity, release: () => release(child), discard };
}

async function release(child: ChildProcess): Promise<void> {
  // A process that is gone already is found to have ended later.
  child.stdin?.on('error', () => undefined);
  await new Promise<void>((resolve) => child.stdin?.end('go\n', () => resolve()));
  child.unref();
}

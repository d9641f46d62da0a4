import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ownEntry } from '../../network/entries.js';

/** A shell that costs nothing while it waits: without a second line something has gone wrong. */
const WAIT = 'IFS= read -r root; read -r over || printf %s "$root" | "$0" "$1"';

/**
 * Starts a process that outlives this one should it be killed without warning, and then ends what is left of a network.
 *
 * @param root - The network's folder.
 * @returns tells it that all is in order, and waits until it has ended
 */
export function startGuard(root: string): () => Promise<void> {
  // It must not be told of a Ctrl-C, nor be taken for a process of the network: hence the folder comes by a pipe.
  const guard = spawn('sh', ['-c', WAIT, process.execPath, ownEntry('guard-main')], {
    cwd: '/',
    env: { PATH: process.env.PATH },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(guard, 'close').catch(() => undefined);
  // Whoever is gone cannot be told anything.
  guard.stdin.on('error', () => undefined).write(`${root}\n`);
  guard.unref();
  return async () => {
    // From now on it is waited for, perhaps as the last thing.
    guard.ref();
    guard.stdin.end('over\n');
    await ended;
  };
}

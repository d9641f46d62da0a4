import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';

/** A shell that costs nothing while it waits: without a second line something has gone wrong. */
const WAIT = 'IFS= read -r mark; read -r over || printf %s "$mark" | "$0" "$1"';

/**
 * Makes sure that no process that bears a mark outlives this one, however it ends: what still runs is killed when this
 * process exits, and by a process of its own when this one is killed without warning.
 *
 * @returns ends the watch, when all is in order
 */
export function guardProcesses(mark: string): () => Promise<void> {
  const program = [process.execPath, createRequire(import.meta.url).resolve('@tiltyard/processes/guard-main')] as const;
  // It must not get a Ctrl-C, nor bear the mark itself: hence that comes by a pipe.
  const surroundings = { cwd: '/', env: { PATH: process.env.PATH } };
  const guard = spawn('sh', ['-c', WAIT, ...program], {
    ...surroundings,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(guard, 'close').catch(() => undefined);
  // A guard that is gone cannot be told anything.
  guard.stdin.on('error', () => undefined).write(`${mark}\n`);
  guard.unref();
  const [node, main] = program;
  const endNow = () => void spawnSync(node, [main], { ...surroundings, input: mark });
  process.once('exit', endNow);
  return async () => {
    process.off('exit', endNow);
    // From now on it is waited for, perhaps as the last thing.
    guard.ref();
    guard.stdin.end('over\n');
    await ended;
  };
}

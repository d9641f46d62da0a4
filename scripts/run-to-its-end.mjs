// Runs a program for set-up: whatever asks this process to end, the program hears.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const LOOK_MS = 500;
const parent = process.ppid;

/** True once the shell that npm put between itself and us is gone: npm passes signals on to it alone, and it passes them to no one. */
export function isLeftByNpm() {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== parent;
}

/**
 * Runs a program of Node's in this terminal to its end.
 *
 * In a terminal Ctrl-C goes to every process, and is passed on as well: a program counts what arrives twice as one.
 *
 * @returns its exit status; 128 and the signal's number when a signal ended it
 */
export async function runToItsEnd(words, { cwd, env }) {
  const running = spawn(process.execPath, words, { cwd, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => running.kill(signal));
  const watch = setInterval(() => {
    if (!isLeftByNpm()) return;
    clearInterval(watch);
    running.kill('SIGTERM');
  }, LOOK_MS);
  const [status, signal] = await once(running, 'exit');
  clearInterval(watch);
  return status ?? 128 + constants.signals[signal];
}

import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FirstFile, TestCompetition } from './competition.js';

const run = promisify(execFile);

/** A list of one key, an operator's that nobody has here: from then on, what is pushed without a key is not obeyed. */
export const LISTED_KEY: FirstFile = {
  path: 'allowed_signers',
  text: 'operator ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM8M6v7oEzQJqsyeSkvJrE+6ioh0WVWn3yixFuUPv+aN\n',
};

/** Pushes a file as somebody would who may push and has no key. Returns the commit. */
export function pushWithoutKey(competition: TestCompetition, file: string, text: string): Promise<string> {
  return push(competition, file, text);
}

/** Pushes a file's removal, as somebody by hand. Returns the commit. */
export function deleteFile(competition: TestCompetition, file: string): Promise<string> {
  return push(competition, file, undefined);
}

async function push(competition: TestCompetition, file: string, text: string | undefined): Promise<string> {
  const work = path.join(competition.dir, `pusher-${Math.random()}`);
  await run('git', ['clone', '--quiet', competition.remote, work]);
  const target = path.join(work, file);
  await mkdir(path.dirname(target), { recursive: true });
  if (text === undefined) await rm(target);
  else await writeFile(target, text);
  const git = (...args: string[]) =>
    run('git', ['-C', work, '-c', 'user.name=x', '-c', 'user.email=x@example.invalid', ...args]);
  await git('add', '--all');
  await git('commit', '--quiet', '--message=pushed by hand');
  await git('push', '--quiet', 'origin', 'HEAD:main');
  return (await git('rev-parse', 'HEAD')).stdout.trim();
}

/** Orders a pause as only an operator may. Returns the commit. */
export function pauseWithoutKey(competition: TestCompetition, stage: string): Promise<string> {
  const pause = { id: 1, at: '2026-11-20T08:00:00Z', reason: 'mine', action: 'pause', stage };
  return pushWithoutKey(competition, `rounds/${competition.round}/amendments.json`, JSON.stringify([pause]));
}

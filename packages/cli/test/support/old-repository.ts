import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { CommandLine } from './command-line.js';
import { emptyRemote } from './git.js';

/** A repository whose first commit holds the files of the folder `offline`, with another config.json. */
export function oldRepository(user: CommandLine, config: object): string {
  const remote = emptyRemote(user, 'old.git');
  const folder = user.file('offline');
  writeFileSync(`${folder}/config.json`, `${JSON.stringify(config, null, 2)}\n`);
  const env = { ...process.env, GIT_AUTHOR_NAME: 'operator', GIT_AUTHOR_EMAIL: 'operator@tiltyard.invalid' };
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=operator', '-c', 'user.email=o@tiltyard.invalid', ...args], {
      env,
    });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Start competition chairs');
  git('push', '--quiet', remote, 'main');
  return remote;
}

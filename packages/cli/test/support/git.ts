import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { CommandLine } from './command-line.js';

/** An empty bare repository in the user's folder: a real remote. */
export function emptyRemote(user: CommandLine, name = 'state.git'): string {
  const dir = user.file(name);
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', dir]);
  return dir;
}

/** The commit messages of a branch, newest first. */
export function subjects(remote: string): readonly string[] {
  const log = execFileSync('git', ['-C', remote, 'log', '--format=%s', 'main'], { encoding: 'utf8' });
  return log.trim().split('\n');
}

/** An SSH key pair in the user's folder; returns the private key's file. */
export function sshKey(user: CommandLine, name: string): string {
  const file = user.file(name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  return file;
}

/** A prompt pool in the user's folder. */
export function promptPool(user: CommandLine, count: number): string {
  const file = user.file('prompts.txt');
  const lines = Array.from({ length: count }, (_, at) => `https://prompts.example.com/object-${at}.png`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

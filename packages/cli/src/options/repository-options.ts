import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { Terminal } from '../terminal/terminal.js';

/** Options of the commands that read a state repository. */
export interface RepositoryOptions {
  readonly remote?: string;
  readonly branch: string;
  readonly fresh?: true;
}

/** Adds the options that say which state repository is meant. */
export function withRepository(command: Command): Command {
  return command
    .option('--remote <url|dir>', 'the state repository (default: $LEDGER_REMOTE, or this folder if it is one)')
    .option('--branch <name>', 'its branch', 'main')
    .option('--fresh', 'clone it again instead of updating the copy in the cache');
}

/**
 * The address of the state repository: as given, else LEDGER_REMOTE, else the current folder. A path is
 * made absolute. Undefined when none of these names one. @throws CliError `file` for a path where nothing is.
 */
export function knownRemote(
  { remote }: Pick<RepositoryOptions, 'remote'>,
  { environment, cwd }: Terminal,
): string | undefined {
  const given = remote ?? environment.LEDGER_REMOTE;
  if (given !== undefined && given !== '') {
    const local = path.resolve(cwd, given);
    if (existsSync(local)) return local;
    // An address has a colon: https://…, git@host:path.
    if (!given.includes(':'))
      throw new CliError({ code: 'file', path: given, detail: 'there is no such file or folder' });
    return given;
  }
  return existsSync(path.join(cwd, 'state.json')) && existsSync(path.join(cwd, '.git')) ? cwd : undefined;
}

/** As {@link knownRemote}. @throws CliError `file`, and `usage` when nothing says which. */
export function remoteOf(options: Pick<RepositoryOptions, 'remote'>, terminal: Terminal): string {
  const known = knownRemote(options, terminal);
  if (known !== undefined) return known;
  throw new CliError({
    code: 'usage',
    detail: 'Which state repository? Give --remote URL|DIR, set LEDGER_REMOTE, or run this inside of one.',
  });
}

import { Command } from 'commander';
import type { ExitStatus } from './exit-status.js';
import type { Outcome } from './outcome.js';
import type { Terminal } from './terminal/terminal.js';

/** What a command is built with: its surroundings, and where its exit status goes. */
export interface Context {
  readonly terminal: Terminal;
  /** Takes the command's exit status. */
  readonly finish: (status: ExitStatus) => void;
}

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: true;
}

/**
 * A command with its examples below its options in `--help`.
 *
 * @param examples - Command lines without the leading `tiltyard`, each with what it does.
 */
export function commandWith(name: string, says: string, examples: readonly (readonly [string, string])[]): Command {
  const shown = examples.map(([line, does]) => `  # ${does}\n  $ tiltyard ${line}`).join('\n');
  return new Command(name).description(says).addHelpText('after', `\nExamples:\n${shown}`);
}

/** Prints a command's outcome the way that the caller asked for, and remembers its exit status. */
export function report({ terminal, finish }: Context, { json }: GlobalOptions, outcome: Outcome): void {
  const status = outcome.exitStatus ?? 0;
  if (json) terminal.out(`${JSON.stringify({ ok: status === 0, ...outcome.facts })}\n`);
  else {
    if (outcome.text !== '') terminal.out(`${outcome.text}\n`);
    if (outcome.complaint !== undefined) terminal.err(`tiltyard: ${outcome.complaint}\n`);
  }
  finish(status);
}

import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/program.js';
import { CLI_VERSION } from '../../src/version.js';
import { commandLine } from '../support/command-line.js';

/** The words of every command that can be run, found by walking the program itself. */
function everyCommand(command: Command, words: readonly string[] = []): readonly (readonly string[])[] {
  if (command.commands.length === 0) return [words];
  return command.commands.flatMap((child) => everyCommand(child, [...words, child.name()]));
}

const terminal = { out: () => {}, err: () => {}, colours: false, watched: false, environment: {}, cwd: '/' };
const program = buildProgram({
  terminal: {
    ...terminal,
    askSecret: async () => null,
    now: () => new Date(),
    signal: new AbortController().signal,
    onInsisted: () => () => {},
  },
  finish: () => {},
});
const commands = everyCommand(program);

describe('help', () => {
  it('knows the commands of the documentation', () => {
    expect(commands.map((words) => words.join(' '))).toEqual(
      expect.arrayContaining([
        ...[
          'init',
          'demo',
          'status',
          'state show',
          'leader',
          'submit',
          'audit',
          'render',
          'fit',
          'distance',
          'preflight',
        ],
        ...[
          'model fetch',
          'model import',
          'source-audit',
          'publish signers',
          'publish prompts',
          'amend void_audit',
          'amend retry_build',
        ],
        ...['amend rejudge_match', 'amend exclude_hotkey', 'amend extend_deadline', 'amend pause', 'amend resume'],
      ]),
    );
  });

  it.each(commands.map((words) => [words.join(' '), words]))(
    'of %s shows usage, options and examples',
    async (name, words) => {
      using user = commandLine();
      const { status, out, err } = await user.tiltyard(...words, '--help');
      expect({ status, err }).toEqual({ status: 0, err: '' });
      expect(out).toContain(`Usage: tiltyard ${name}`);
      expect(out).toContain('--json');
      expect(out).toMatch(new RegExp(`Examples:\\n( {2}# .+\\n {2}\\$ tiltyard ${words[0]}.*\\n?)+`));
    },
  );

  it('fits a terminal of 80 columns, examples aside', async () => {
    using user = commandLine();
    const { out } = await user.tiltyard('--help');
    const lines = out.split('\n').slice(0, out.split('\n').indexOf('Exit status:'));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('lists the exit statuses', async () => {
    using user = commandLine();
    const { out } = await user.tiltyard('--help');
    for (const status of [0, 1, 2, 64, 70, 130]) expect(out).toMatch(new RegExp(`^ {2}${status} +\\S`, 'm'));
  });

  it('goes to standard error with exit status 64 when no command is named', async () => {
    using user = commandLine();
    const { status, out, err } = await user.tiltyard();
    expect([status, out]).toEqual([64, '']);
    expect(err).toContain('Usage: tiltyard');
  });

  it('tells the version', async () => {
    using user = commandLine();
    expect(await user.tiltyard('--version')).toMatchObject({ status: 0, out: `${CLI_VERSION}\n` });
  });
});

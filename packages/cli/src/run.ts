import { FaultError } from '@tiltyard/schema';
import { CommanderError } from 'commander';
import { EXIT, type ExitStatus, usageStatus } from './exit-status.js';
import { buildProgram } from './program.js';
import type { Terminal } from './terminal/terminal.js';

/**
 * Runs one command line to its end. Never throws: failures become one sentence on standard error, or one JSON object on
 * standard output with `--json`.
 *
 * @param args - The words after `tiltyard`.
 * @returns the exit status, see {@link EXIT}.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const json = args.includes('--json');
  let status: ExitStatus = EXIT.ok;
  const finish = (reached: ExitStatus) => {
    status = reached;
  };
  const program = buildProgram({ terminal, finish });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const failure = failureOf(error, terminal.signal, usageStatus(args));
    if (json) terminal.out(`${JSON.stringify({ ok: false, code: failure.code, message: failure.message })}\n`);
    // Commander has shown the help that was asked for by naming no command.
    else if (failure.code !== 'help') terminal.err(`tiltyard: ${failure.message}\n`);
    if (failure.status === EXIT.internal && error instanceof Error) terminal.err(`${error.stack ?? ''}\n`);
    return failure.status;
  }
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly status: ExitStatus;
}

/** What an error is to the caller of a command: the packages' are FaultErrors, the system's have a `syscall`. */
function failureOf(error: unknown, signal: AbortSignal, usage: ExitStatus): Failure {
  if (signal.aborted) return { code: 'interrupted', message: 'interrupted', status: EXIT.interrupted };
  if (error instanceof CommanderError) {
    if (error.code === 'commander.help') return { code: 'help', message: 'a command is needed', status: usage };
    return { code: 'usage', message: oneLine(error.message.replace(/^error: /, '')), status: usage };
  }
  if (!(error instanceof Error)) return { code: 'internal', message: String(error), status: EXIT.internal };
  if (error instanceof FaultError) {
    const isUsage = error.code === 'usage' || error.code === 'bad_option';
    return { code: error.code, message: oneLine(error.message), status: isUsage ? usage : EXIT.failed };
  }
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && syscall !== undefined) {
    return { code: 'system', message: oneLine(error.message), status: EXIT.failed };
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    const message = `this installation leaves out what the command needs: ${oneLine(error.message)}`;
    return { code: 'not_installed', message, status: EXIT.failed };
  }
  return { code: 'internal', message: `a defect: ${oneLine(error.message)}`, status: EXIT.internal };
}

function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}

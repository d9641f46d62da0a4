import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';

/** How to start a program. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment: nothing is inherited that is not named here. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where its output goes; appended to, so that a restart keeps what was written before. */
  readonly logFile: string;
}

/** These variables of this process, as far as they are set. */
export function inherited(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/**
 * Starts a program as the leader of a process group of its own, out of reach of signals to ours such as a terminal's
 * Ctrl-C. Its output goes to its log.
 */
export function startProgram(program: Program, input: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  const { command, args, env, cwd, logFile } = program;
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  try {
    return spawn(command, args, { cwd, env, detached: true, stdio: [input, log, log] });
  } finally {
    closeSync(log);
  }
}

/** Reads at most `maxBytes` of a log: from an offset, or else its end. */
export async function readLog(logFile: string, maxBytes: number, offset?: number): Promise<string> {
  await using handle = await open(logFile);
  const { size } = await handle.stat();
  const from = offset ?? Math.max(0, size - maxBytes);
  const length = Math.max(0, Math.min(maxBytes, size - from));
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
  return buffer.toString('utf8', 0, bytesRead);
}

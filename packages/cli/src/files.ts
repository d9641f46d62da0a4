import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { CliError } from './cli-error.js';
import type { Terminal } from './terminal/terminal.js';
import { writeWhole } from './write-whole.js';

/**
 * Reads a file that the user named.
 *
 * @param maxBytes - A longer file is refused before it is read.
 * @throws CliError `file`.
 */
export async function readInput(file: string, maxBytes: number, { cwd }: Pick<Terminal, 'cwd'>): Promise<Buffer> {
  const at = path.resolve(cwd, file);
  try {
    const facts = await stat(at);
    if (!facts.isFile()) throw new CliError({ code: 'file', path: file, detail: 'is no file' });
    if (facts.size > maxBytes) {
      throw new CliError({ code: 'file', path: file, detail: `has ${facts.size} bytes, at most ${maxBytes} are read` });
    }
    return await readFile(at);
  } catch (cause) {
    throw fileError(file, cause);
  }
}

/** Writes a file that the user named, whole or not at all. @throws CliError `file`. */
export async function writeOutput(
  file: string,
  content: Uint8Array | string,
  { cwd }: Pick<Terminal, 'cwd'>,
): Promise<void> {
  try {
    await writeWhole(path.resolve(cwd, file), content);
  } catch (cause) {
    throw fileError(file, cause);
  }
}

function fileError(file: string, cause: unknown): Error {
  if (cause instanceof CliError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const detail = code === undefined ? message : (SAYINGS[code] ?? message);
  return new CliError({ code: 'file', path: file, detail }, { cause });
}

const SAYINGS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not use it',
  EISDIR: 'is a folder',
  ENOSPC: 'the disk is full',
};

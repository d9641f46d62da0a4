import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { Secret } from '@tiltyard/schema';
import type { Interruption } from './interruption.js';

/** A foreground colour or weight of `util.styleText`. */
export type Style = Parameters<typeof styleText>[0];

/** Where a command writes and what it may know of its surroundings. Everything else is an argument. */
export interface Terminal extends Pick<Interruption, 'signal' | 'onInsisted'> {
  /** Standard output: the result, and nothing else. */
  out(text: string): void;
  /** Standard error: what people read besides the result. */
  err(text: string): void;
  /** Whether a person reads standard output: colours. */
  readonly colours: boolean;
  /** Whether a person watches standard error: progress. */
  readonly watched: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Asks a person for a secret, without showing it; null when no one can be asked. */
  askSecret(question: string): Promise<Secret | null>;
  /** This machine's clock, for dates that people read; nothing is decided by it. */
  now(): Date;
}

/** The terminal of this process. */
export function processTerminal({ signal, onInsisted }: Interruption): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    colours: process.stdout.isTTY === true && process.stdout.hasColors(process.env),
    watched: process.stderr.isTTY === true,
    environment: process.env,
    cwd: process.cwd(),
    now: () => new Date(),
    askSecret: (question) => askSecret(question, signal),
    signal,
    onInsisted,
  };
}

/** Styles text for people, where colours are shown. */
export function paint({ colours }: Pick<Terminal, 'colours'>, style: Style, text: string): string {
  // Whether the stream shows colours was decided above; node would ask stdout again.
  return colours ? styleText(style, text, { validateStream: false }) : text;
}

async function askSecret(question: string, signal: AbortSignal): Promise<Secret | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  process.stderr.write(question);
  // Readline echoes what is typed to its output: here, to nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return new Secret(await reader.question('', { signal }));
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}

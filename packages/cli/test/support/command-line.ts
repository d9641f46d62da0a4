import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../src/run.js';

/** How a command line ended, and what it printed. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as the one JSON object that `--json` promises. */
  json(): Record<string, unknown>;
}

/** A user with a folder and a home of their own, who runs command lines in this process. */
export interface CommandLine extends Disposable {
  readonly dir: string;
  /** The absolute path of a file in the folder. */
  file(name: string): string;
  tiltyard(...args: readonly string[]): Promise<Ended>;
}

/** A user in a fresh temporary folder. */
export function commandLine(environment: Readonly<Record<string, string>> = {}): CommandLine {
  const dir = mkdtempSync(path.join(tmpdir(), 'tiltyard-cli-'));
  return {
    dir,
    file: (name) => path.join(dir, name),
    async tiltyard(...args) {
      let out = '';
      let err = '';
      const status = await run(args, {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        colours: false,
        watched: false,
        environment: { PATH: process.env.PATH, HOME: dir, XDG_CACHE_HOME: path.join(dir, 'cache'), ...environment },
        cwd: dir,
        askSecret: async () => null,
        now: () => new Date(),
        signal: new AbortController().signal,
        onInsisted: () => () => {},
      });
      return { status, out, err, json: () => JSON.parse(out) as Record<string, unknown> };
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

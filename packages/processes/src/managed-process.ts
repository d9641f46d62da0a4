import type { ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from './proc.js';
import { ProcessError } from './process-error.js';
import { type Program, readLog, startProgram } from './program.js';

export interface ProcessOptions extends Program {
  readonly name: string;
  /** How it tells that it is ready: a line of its log that this finds a value in. */
  readonly ready: (line: string) => string | undefined;
  readonly readyTimeoutMs?: number;
  /** Keeps it from being started, and ends the waiting until it is ready; does not end the process. */
  readonly signal?: AbortSignal | undefined;
  /** Called before the process is ready, so that its owner can end it from the first moment on. */
  readonly onSpawned?: ((process: ManagedProcess) => void) | undefined;
}

export const PROCESS_DEFAULTS = { readyTimeoutMs: 60_000, stopTimeoutMs: 11_000 };

const LOG_READ_BYTES = 1 << 20;

/** A process of ours: started, watched, stopped; killed and started again at will. */
export interface ManagedProcess extends AsyncDisposable {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number | undefined;
  /** What it said when it was ready, such as its URL. */
  readonly announced: string;
  /** Ends it and its process group with SIGKILL, as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again after its end, with the same environment, and waits until it is ready. */
  restart(): Promise<void>;
  /**
   * SIGTERM to the process, which ends what it started itself; SIGKILL to its process group when it does not end in time.
   * Returns the milliseconds that it took. Idempotent.
   */
  stop(): Promise<number>;
  /** Calls back when it ends without having been told to. */
  onUnexpectedExit(listener: (error: ProcessError) => void): void;
}

/** Starts a process and waits until it is ready. @throws ProcessError `not_ready`, `exited`; the signal's reason */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  const { name, logFile, signal } = options;
  signal?.throwIfAborted();
  let child: ChildProcess | undefined;
  let announced = '';
  let expected = false;
  const listeners: ((error: ProcessError) => void)[] = [];

  async function start(): Promise<void> {
    expected = false;
    const offset = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    const started = startProgram(options);
    child = started;
    const status = new Promise<string>((resolve) => {
      started.once('error', (error) => resolve(error.message));
      started.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
    });
    void status.then((how) => {
      if (child !== started || expected) return;
      for (const listener of listeners) {
        listener(new ProcessError({ code: 'exited', process: name, status: how, logFile }));
      }
    });
    announced = await untilReady(options, offset, status);
  }

  async function end(graceMs: number): Promise<number> {
    const ending = child;
    if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null) return 0;
    expected = true;
    const from = performance.now();
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    if (graceMs > 0) ending.kill('SIGTERM');
    // While it runs, the group of its number is surely its own.
    const timer = setTimeout(sendSignal, graceMs, -ending.pid, 'SIGKILL');
    await gone;
    clearTimeout(timer);
    return performance.now() - from;
  }

  const stop = () => end(PROCESS_DEFAULTS.stopTimeoutMs);
  const managed: ManagedProcess = {
    name,
    logFile,
    get pid() {
      return child?.pid;
    },
    get announced() {
      return announced;
    },
    kill: async () => {
      await end(0);
    },
    restart: start,
    stop,
    onUnexpectedExit: (listener) => listeners.push(listener),
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
  // Starting has spawned the process when it first waits.
  const ready = start();
  options.onSpawned?.(managed);
  await ready;
  return managed;
}

/** Reads the log from where this start began until a line says that the process is ready. */
async function untilReady(options: ProcessOptions, offset: number, status: Promise<string>): Promise<string> {
  const { name, logFile, ready, signal } = options;
  const timeoutMs = options.readyTimeoutMs ?? PROCESS_DEFAULTS.readyTimeoutMs;
  let ended: string | undefined;
  void status.then((how) => {
    ended = how;
  });
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const said = (await readLog(logFile, LOG_READ_BYTES, offset))
      .split('\n')
      .map(ready)
      .find((value) => value !== undefined);
    if (said !== undefined) return said;
    if (ended !== undefined) throw new ProcessError({ code: 'exited', process: name, status: ended, logFile });
    if (performance.now() > deadline) {
      throw new ProcessError({ code: 'not_ready', process: name, seconds: timeoutMs / 1000, logFile });
    }
    await sleep(25);
  }
}

/** Finds the URL in a line such as `{"listening":"http://127.0.0.1:4711"}`. */
export function listeningUrl(line: string): string | undefined {
  return /^\{"listening":\s*"([^"]+)"/.exec(line)?.[1];
}

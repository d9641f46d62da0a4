import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DevEnvError } from './dev-env-error.js';

export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where its output goes; appended to, so that a restart keeps what was written before. */
  readonly logFile: string;
  /** How it tells that it is ready: a line of its log that this finds a value in. */
  readonly ready: (line: string) => string | undefined;
  readonly readyTimeoutMs?: number;
  /** Keeps it from being started, and ends the waiting until it is ready; does not end the process. */
  readonly signal?: AbortSignal | undefined;
  /** Told of the process before it is ready, so that whoever must end it knows it from the first moment on. */
  readonly onSpawned?: (process: ManagedProcess) => void;
}

export const PROCESS_DEFAULTS = { readyTimeoutMs: 60_000, stopTimeoutMs: 11_000 };

/** Variables that a child of ours inherits; everything else it is told explicitly, as on a machine of its own. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'NODE_OPTIONS', 'VK_ICD_FILENAMES', 'LP_NATIVE_VECTOR_WIDTH'];

/** A process of the local network: started, watched, stopped; killed and started again at will. */
export interface ManagedProcess extends AsyncDisposable {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number | undefined;
  /** What it said when it was ready, such as its URL. */
  readonly announced: string;
  /** Ends it with SIGKILL, as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Starts it again after its end, with the same environment, and waits until it is ready. */
  restart(): Promise<void>;
  /** SIGTERM, then SIGKILL when it does not end in time. Returns the milliseconds that it took. Idempotent. */
  stop(): Promise<number>;
  /** Calls back when it ends without having been told to. */
  onUnexpectedExit(listener: (error: DevEnvError) => void): void;
}

/** Starts a process and waits until it is ready. @throws DevEnvError `not_ready`, `exited`; the signal's reason */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  const { name, logFile, signal } = options;
  signal?.throwIfAborted();
  let child: ChildProcess | undefined;
  let announced = '';
  let expected = false;
  const listeners: ((error: DevEnvError) => void)[] = [];

  async function start(): Promise<void> {
    expected = false;
    const log = openSync(logFile, 'a');
    const offset = fstatSync(log).size;
    const inherited = Object.fromEntries(
      INHERITED.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])),
    );
    const started = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: { ...inherited, ...options.env },
      stdio: ['ignore', log, log],
      // Ctrl-C in the terminal must not reach it: we stop our processes in order.
      detached: true,
    });
    closeSync(log);
    child = started;
    const status = new Promise<string>((resolve) => {
      started.once('error', (error) => resolve(error.message));
      started.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
    });
    void status.then((how) => {
      if (child === started && !expected) {
        for (const listener of listeners)
          listener(new DevEnvError({ code: 'exited', process: name, status: how, logFile }));
      }
    });
    announced = await untilReady(options, offset, status);
  }

  async function end(signal: NodeJS.Signals, graceMs: number): Promise<number> {
    const ending = child;
    if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null) return 0;
    expected = true;
    const from = performance.now();
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    ending.kill(signal);
    const timer = setTimeout(() => ending.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(timer);
    return performance.now() - from;
  }

  const stop = () => end('SIGTERM', PROCESS_DEFAULTS.stopTimeoutMs);
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
      await end('SIGKILL', PROCESS_DEFAULTS.stopTimeoutMs);
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
    const said = (await readFrom(logFile, offset))
      .split('\n')
      .map(ready)
      .find((value) => value !== undefined);
    if (said !== undefined) return said;
    if (ended !== undefined) throw new DevEnvError({ code: 'exited', process: name, status: ended, logFile });
    if (performance.now() > deadline) {
      throw new DevEnvError({ code: 'not_ready', process: name, seconds: timeoutMs / 1000, logFile });
    }
    await sleep(25);
  }
}

async function readFrom(file: string, offset: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size - offset, 1 << 20);
    if (length <= 0) return '';
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Finds the URL in a line such as `{"listening":"http://127.0.0.1:4711"}`. */
export function listeningUrl(line: string): string | undefined {
  return /^\{"listening":\s*"([^"]+)"/.exec(line)?.[1];
}

/** Finds the status URL in the log line by which a service says that it has started. */
export function startedService(line: string): string | undefined {
  return line.includes('"msg":"started"') ? (/"status":"([^"]+)"/.exec(line)?.[1] ?? 'started') : undefined;
}

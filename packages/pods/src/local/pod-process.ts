import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageManifest } from './image-manifest.js';
import { identify, isRunning, type ProcessIdentity, processesWith } from './process-identity.js';

/** The environment variable that marks all processes of a pod. */
export const MARK = 'TILTYARD_POD';
/** What a pod's program sees of our environment: where programs and libraries are, and nothing secret. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH'] as const;

/** How to start a pod's program. */
export interface PodProgram {
  readonly manifest: ImageManifest;
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly mark: string;
  readonly logFile: string;
}

/** A pod's process that exists but has not begun: it runs its program when told to, and ends when we end first. */
export interface HeldProcess {
  readonly identity: ProcessIdentity;
  release(): Promise<void>;
  discard(): void;
}

/**
 * Makes the process of a pod and holds it, so that its record can be on disk before its program does anything. A crash
 * of ours at any moment then leaves no program without a record.
 *
 * The shell waits for a line and becomes the program, with the same process id; when we die instead, it reads the end
 * of its input and exits. It leads a process group of its own, out of reach of signals to ours.
 *
 * @throws {Error} when it cannot be started, as when its directory is absent.
 */
export async function holdProcess({ manifest, env, port, mark, logFile }: PodProgram): Promise<HeldProcess> {
  await mkdir(path.dirname(logFile), { recursive: true });
  await using log = await open(logFile, 'a');
  const inherited = Object.fromEntries(INHERITED.flatMap((name) => [[name, process.env[name]]]));
  const script = 'read -r go && exec "$0" "$@" </dev/null';
  const child = spawn('/bin/sh', ['-c', script, manifest.command, ...manifest.args], {
    cwd: manifest.cwd,
    env: { ...inherited, ...manifest.env, ...env, PORT: String(port), [MARK]: mark },
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
  });
  await once(child, 'spawn');
  const discard = () => child.stdin?.destroy();
  const identity = child.pid === undefined ? undefined : await identify(child.pid);
  if (identity === undefined) {
    discard();
    throw new Error('the process ended at once');
  }
  return { identity, release: () => release(child), discard };
}

async function release(child: ChildProcess): Promise<void> {
  // Gone already is fine here: the pod is then found to have ended.
  child.stdin?.on('error', () => undefined);
  await new Promise<void>((resolve) => child.stdin?.end('go\n', () => resolve()));
  child.unref();
}

/**
 * Ends every process of a pod: politely, and after `graceMs` for good.
 *
 * Finds them by their mark, so children that left the group or outlived the first process are ended too, and a stranger
 * with a reused process id is not.
 *
 * @returns whether all are gone within `graceMs` and 5 seconds more.
 */
export async function endProcesses(first: ProcessIdentity, mark: string, graceMs: number): Promise<boolean> {
  const politely = performance.now() + graceMs;
  const atLast = politely + 5000;
  const asked = new Set<number>();
  for (;;) {
    const alive = new Set(await processesWith(MARK, mark));
    const led = await isRunning(first);
    if (led) alive.add(first.pid);
    if (alive.size === 0) return true;
    const now = performance.now();
    if (now > atLast) return false;
    // While its leader lives, the group is surely the pod's; it may hold children that dropped their environment.
    if (led && (now > politely || asked.size === 0)) signal(-first.pid, now > politely ? 'SIGKILL' : 'SIGTERM');
    for (const pid of alive) {
      if (now > politely) signal(pid, 'SIGKILL');
      else if (!asked.has(pid)) signal(pid, 'SIGTERM');
      asked.add(pid);
    }
    await sleep(now > politely ? 50 : 25);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

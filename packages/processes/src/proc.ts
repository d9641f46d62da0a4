import { readdir, readFile } from 'node:fs/promises';

/** What proc_pid_stat(5) says of a running process. */
export interface ProcessStat {
  readonly parent: number;
  /** When it started, in clock ticks since boot. */
  readonly startTicks: string;
}

/** What /proc says of a process that is gone (ESRCH where it goes meanwhile), and of another user's. */
const NOT_OURS: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** Signals a process, or the group of a negative number; does nothing when it is gone. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The ids of all processes of this machine. */
export async function runningPids(): Promise<readonly number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** A file of /proc, or undefined when the process is gone or not ours to look into. @throws what the file system says else */
export async function readProc(name: string): Promise<string | undefined> {
  return readFile(`/proc/${name}`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (NOT_OURS.has(error.code ?? '')) return undefined;
    // Too many open files, say: that does not mean that a process has ended.
    throw error;
  });
}

/**
 * The parent and the start of a running process, or undefined when there is none, or only its remains.
 *
 * @see proc_pid_stat(5): field 3 is the state, field 4 the parent, field 22 the start time
 */
export async function readStat(pid: number): Promise<ProcessStat | undefined> {
  const stat = await readProc(`${pid}/stat`);
  // The command in field 2 is in parentheses and may hold spaces and parentheses itself.
  const [state = 'X', parent, ...rest] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const startTicks = rest[17];
  return 'ZX'.includes(state) || startTicks === undefined ? undefined : { parent: Number(parent), startTicks };
}

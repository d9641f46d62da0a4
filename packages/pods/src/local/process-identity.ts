import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * A process, told apart from every later one with the same number: process ids are reused, but not at the same clock
 * tick of the same boot.
 */
export const ProcessIdentity = z.strictObject({
  pid: z.int().min(2),
  /** When it started, in clock ticks since boot. */
  startTicks: z.string().regex(/^\d+$/),
  bootId: z.string().min(1).max(64),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/**
 * Identifies a running process, or undefined when there is none, or only its remains.
 *
 * @throws what the file system says when /proc cannot be read.
 * @see proc_pid_stat(5): field 3 is the state, field 22 the start time
 */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const [stat, bootId] = await Promise.all([readProc(`${pid}/stat`), readProc('sys/kernel/random/boot_id')]);
  if (stat === undefined || bootId === undefined) return undefined;
  // The command in field 2 is in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === undefined || startTicks === undefined || 'ZX'.includes(state)) return undefined;
  return { pid, startTicks, bootId: bootId.trim() };
}

/** Whether exactly this process still runs. */
export async function isRunning(process: ProcessIdentity): Promise<boolean> {
  const now = await identify(process.pid);
  return now !== undefined && now.startTicks === process.startTicks && now.bootId === process.bootId;
}

/** The processes of this user that were started, directly or not, with this variable in their environment. */
export async function processesWith(variable: string, value: string): Promise<readonly number[]> {
  const entry = `${variable}=${value}`;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const marked = await Promise.all(
    pids.map(async (pid) => (await readProc(`${pid}/environ`))?.split('\0').includes(entry) === true),
  );
  return pids.filter((_, i) => marked[i]);
}

/** What /proc says of a process that is gone (ESRCH where it goes meanwhile), and of one of somebody else. */
const NOT_OURS: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** A file of /proc, or undefined when the process is gone or not ours to look into. */
async function readProc(name: string): Promise<string | undefined> {
  return readFile(`/proc/${name}`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (NOT_OURS.has(error.code ?? '')) return undefined;
    // Too many open files, say: that is no end of a process.
    throw error;
  });
}

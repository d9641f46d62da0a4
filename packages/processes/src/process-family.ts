import { readlink } from 'node:fs/promises';
import { readProc, readStat, runningPids } from './proc.js';

/** A process of a family. */
export interface FamilyMember {
  readonly pid: number;
  readonly command: string;
}

/**
 * The running processes that bear a mark, `founder` if it runs, and all their descendants; never this process itself.
 *
 * A mark is a unique text: the path of a folder of one's own, or a random id. A process bears it when a
 * variable that it was started with holds the id or a path below the folder, or when its output goes to a file there. What
 * else a process has open does not count: a reader of a log is not one of ours.
 *
 * Linux only, by /proc.
 */
export async function processFamily(mark: string, founder?: number): Promise<readonly FamilyMember[]> {
  const pids = await runningPids();
  const [stats, marked] = await Promise.all([
    Promise.all(pids.map(readStat)),
    Promise.all(pids.map((pid) => bears(pid, mark.startsWith('/') ? `${mark}/` : mark))),
  ]);
  const running = pids.flatMap((pid, i) => {
    const parent = stats[i]?.parent;
    return parent === undefined ? [] : [{ pid, parent, isRoot: marked[i] === true || pid === founder }];
  });
  const family = new Set(running.filter(({ isRoot }) => isRoot).map(({ pid }) => pid));
  // What is added to a set while it is walked is walked as well.
  for (const pid of family) {
    for (const child of running) if (child.parent === pid) family.add(child.pid);
  }
  family.delete(process.pid);
  return Promise.all([...family].map(async (pid) => ({ pid, command: await commandOf(pid) })));
}

/** Memory that processes use, in bytes: the sum of their proportional set sizes, which counts shared pages once. */
export async function proportionalSetBytes(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const text = await readProc(`${pid}/smaps_rollup`);
      return Number(/^Pss:\s+(\d+) kB$/m.exec(text ?? '')?.[1] ?? 0) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Where a user's shell is or was: programs that a user starts while looking around in a folder have these. */
const WHERE_A_SHELL_IS = /^(?:OLD)?PWD=/;

/** Whether a process was started with a variable that begins so, or writes its output to a file whose path does. */
async function bears(pid: number, beginning: string): Promise<boolean> {
  const environment = (await readProc(`${pid}/environ`)) ?? '';
  const isIn = (variable: string) => variable.includes(`=${beginning}`) && !WHERE_A_SHELL_IS.test(variable);
  if (environment.split('\0').some(isIn)) return true;
  const output = await readlink(`/proc/${pid}/fd/1`).catch(() => '');
  return output.startsWith(beginning);
}

async function commandOf(pid: number): Promise<string> {
  return (await readProc(`${pid}/cmdline`))?.split('\0').join(' ').trim() ?? '';
}

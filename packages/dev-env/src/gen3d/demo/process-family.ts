import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';

/** A process of a demo. */
export interface FamilyMember {
  readonly pid: number;
  readonly command: string;
}

/**
 * The running processes of a network: whatever names the network's folder in its environment or writes its output there,
 * such as a pod whose parent is gone, and every descendant of `ancestor` and of those. `ancestor` itself is not among them.
 *
 * Linux only, by /proc. @see proc_pid_stat(5)
 */
export async function processFamily(root: string, ancestor: number | undefined): Promise<readonly FamilyMember[]> {
  const processes = await Promise.all((await runningPids()).map(look));
  const found = processes.flatMap((process) => process ?? []);
  const children = groupByParent(found);
  const named = await Promise.all(found.map(({ pid }) => isNamed(root, pid)));
  const family = new Set(found.flatMap(({ pid }, index) => (named[index] === true ? [pid] : [])));
  const waiting = ancestor === undefined ? [...family] : [...family, ancestor];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (!family.has(child.pid)) waiting.push(child.pid);
      family.add(child.pid);
    }
  }
  return found.filter(({ pid }) => family.has(pid) && pid !== process.pid);
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

interface Process extends FamilyMember {
  readonly parent: number;
}

async function runningPids(): Promise<readonly number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function look(pid: number): Promise<Process | undefined> {
  const stat = await readProc(`${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command in field 2 is in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', parent] = fields;
  if ('ZX'.includes(state)) return undefined;
  const command = (await readProc(`${pid}/cmdline`))?.split('\0').join(' ').trim() ?? '';
  return { pid, parent: Number(parent), command };
}

/** Looks at what a process was started with, not at what it has open: a reader of a log is nobody of ours. */
async function isNamed(root: string, pid: number): Promise<boolean> {
  if (hasIn(root, (await readProc(`${pid}/environ`)) ?? '')) return true;
  const output = await readlink(`/proc/${pid}/fd/1`).catch(() => '');
  return output.startsWith(`${root}/`);
}

/** Whether a process names a network's folder in its environment or writes its output there; for a process that is just ending. */
export function isNamedSync(root: string, pid: number): boolean {
  try {
    if (hasIn(root, readFileSync(`/proc/${pid}/environ`, 'utf8'))) return true;
    return readlinkSync(`/proc/${pid}/fd/1`).startsWith(`${root}/`);
  } catch {
    // It is gone, or not ours to look into.
    return false;
  }
}

/** Where somebody's shell is, or was before: whoever looks around in a network's folder starts programs with these. */
const WHERE_A_SHELL_IS = /^(?:OLD)?PWD=/;

/** Whether an environment, as of proc_pid_environ(5), leads into a folder. */
function hasIn(root: string, environment: string): boolean {
  return environment.split('\0').some((variable) => variable.includes(`=${root}/`) && !WHERE_A_SHELL_IS.test(variable));
}

/** A file of /proc, or undefined when the process is gone or not ours to look into. */
async function readProc(name: string): Promise<string | undefined> {
  return readFile(`/proc/${name}`, 'utf8').catch(() => undefined);
}

function groupByParent(processes: readonly Process[]): ReadonlyMap<number, readonly Process[]> {
  const children = new Map<number, Process[]>();
  for (const process of processes) children.set(process.parent, [...(children.get(process.parent) ?? []), process]);
  return children;
}

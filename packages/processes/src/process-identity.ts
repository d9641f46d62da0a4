import { z } from 'zod';
import { readProc, readStat } from './proc.js';

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
 */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const [stat, bootId] = await Promise.all([readStat(pid), readProc('sys/kernel/random/boot_id')]);
  if (stat === undefined || bootId === undefined) return undefined;
  return { pid, startTicks: stat.startTicks, bootId: bootId.trim() };
}

/** Whether exactly this process still runs. */
export async function isRunning(process: ProcessIdentity): Promise<boolean> {
  const now = await identify(process.pid);
  return now !== undefined && now.startTicks === process.startTicks && now.bootId === process.bootId;
}

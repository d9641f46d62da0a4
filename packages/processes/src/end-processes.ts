import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from './proc.js';
import { type FamilyMember, processFamily } from './process-family.js';
import { isRunning, type ProcessIdentity } from './process-identity.js';

export interface EndOptions {
  /** How long they may take to end when asked to, in milliseconds; then they are killed. 0 kills them at once. */
  readonly graceMs: number;
  /** The first of them, which leads a process group. */
  readonly leader?: ProcessIdentity;
}

export interface EndedProcesses {
  /** Every process that got a signal. */
  readonly ended: readonly FamilyMember[];
  /** Whether all are gone. */
  readonly isOver: boolean;
}

/** How long killed processes may take to be gone. */
export const KILLED_MS = 5_000;

/**
 * Ends all processes that bear a mark, with their descendants: by SIGTERM, and after `graceMs` by SIGKILL. Returns once
 * they are gone, or `KILLED_MS` after the grace.
 *
 * Processes that left the group or outlived the first one are ended too, and a stranger with a reused process id is not.
 */
export async function endProcesses(mark: string, { graceMs, leader }: EndOptions): Promise<EndedProcesses> {
  const graceEnds = performance.now() + graceMs;
  const asked = new Map<number, FamilyMember>();
  for (;;) {
    const isLed = leader !== undefined && (await isRunning(leader));
    const alive = await processFamily(mark, isLed ? leader.pid : undefined);
    const now = performance.now();
    if (alive.length === 0 || now > graceEnds + KILLED_MS) {
      return { ended: [...asked.values()], isOver: alive.length === 0 };
    }
    const isForced = now >= graceEnds;
    const name = isForced ? 'SIGKILL' : 'SIGTERM';
    // While its leader lives, the group is surely ours; it may hold children that dropped their environment.
    if (isLed && (isForced || asked.size === 0)) sendSignal(-leader.pid, name);
    for (const member of alive) {
      if (isForced || !asked.has(member.pid)) sendSignal(member.pid, name);
      asked.set(member.pid, member);
    }
    await sleep(isForced ? 50 : 25);
  }
}

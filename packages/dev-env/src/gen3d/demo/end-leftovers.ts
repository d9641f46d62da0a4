import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FamilyMember, isNamedSync, processFamily } from './process-family.js';

const TRIES = 10;
const PAUSE_MS = 100;

/**
 * Ends, with SIGKILL, what still runs of a network that has been taken down. There should be nothing.
 *
 * @returns what was ended
 */
export async function endLeftovers(root: string): Promise<readonly FamilyMember[]> {
  const ended = new Map<number, FamilyMember>();
  for (let tried = 0; tried < TRIES; tried += 1) {
    // A child of this process that is not the network's is none of our business.
    const left = await processFamily(root, undefined);
    if (left.length === 0) break;
    for (const member of left) {
      ended.set(member.pid, member);
      kill(member.pid);
    }
    await sleep(PAUSE_MS);
  }
  return [...ended.values()];
}

/**
 * Sees to it that nothing of a network outlives this process, however it ends: by an exception that nobody catches, or
 * because nobody reads its output any more. What only SIGKILL does is the guard's business.
 *
 * @returns ends the watch
 */
export function endLeftoversAtExit(root: string): () => void {
  const end = () => {
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (Number.isInteger(pid) && pid !== process.pid && isNamedSync(root, pid)) kill(pid);
    }
  };
  process.once('exit', end);
  return () => process.off('exit', end);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

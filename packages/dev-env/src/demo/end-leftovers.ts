import { setTimeout as sleep } from 'node:timers/promises';
import { type FamilyMember, processFamily } from './process-family.js';

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
      try {
        process.kill(member.pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    await sleep(PAUSE_MS);
  }
  return [...ended.values()];
}

import { createHash } from 'node:crypto';
import { LEADER, type Side, shortName } from '@tiltyard/schema';
import { z } from 'zod';

/** A pod's name: a DNS label, since some providers make a host name of it. */
export const PodName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'is not a pod name (a DNS label in lower case)')
  .brand<'PodName'>();
export type PodName = z.infer<typeof PodName>;

/** The start of the names of a round's pods. Ends in a dash, so that no round's prefix is a part of another's. */
export function roundPrefix(round: number): string {
  return `miner-${String(round).padStart(2, '0')}-`;
}

/**
 * The start of the names of one side's pods in a round. A deploy finds the pod that has its name, so two sides that shared a
 * prefix would be given each other's pods. Ten characters in lower case can be ground; with a digest of the hotkey they cannot.
 */
export function sidePrefix(round: number, side: Side): string {
  const name = shortName(side).toLowerCase();
  if (side === LEADER) return `${roundPrefix(round)}${name}-`;
  return `${roundPrefix(round)}${name}-${createHash('sha256').update(side).digest('hex').slice(0, 8)}-`;
}

/** The name of a side's pod: `miner-{round}-{hotkey10}-{digest8}-{index}`, of the leader's `miner-{round}-leader-{index}`. */
export function podName({ round, side, index }: { round: number; side: Side; index: number }): PodName {
  return PodName.parse(`${sidePrefix(round, side)}${index}`);
}

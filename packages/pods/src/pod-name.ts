import { type Side, shortName } from '@tiltyard/schema';
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

/** The start of the names of one side's pods in a round. */
export function sidePrefix(round: number, side: Side): string {
  return `${roundPrefix(round)}${shortName(side).toLowerCase()}-`;
}

/** The name of a side's pod: `miner-{round}-{hotkey10}-{index}`. */
export function podName({ round, side, index }: { round: number; side: Side; index: number }): PodName {
  return PodName.parse(`${sidePrefix(round, side)}${index}`);
}

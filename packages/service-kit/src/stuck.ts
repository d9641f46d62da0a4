import { LedgerError } from '@tiltyard/ledger';
import { isFault } from '@tiltyard/schema';
import { StateError } from './state-error.js';

/**
 * What can keep a round, or a service, from going on, and whether that is a fault. A fault makes the service not ready. What a
 * person has to do by the rules is none: it is reported by metric and notice, and the service stays ready.
 */
const KINDS = {
  starting: 'fault',
  /** Ticks fail for a reason of no other kind: the chain, a store, a disk. */
  tick: 'fault',
  /** The repository cannot be reached, was rewritten, or holds what no key signs. */
  repository: 'fault',
  /** A state file is missing, cannot be read, or contradicts another. */
  state: 'fault',
  /** The round's rules, or those of the next one, want what this version cannot do. */
  rules: 'fault',
  signing: 'fault',
  baseline: 'fault',
  audit_run: 'fault',
  builds: 'fault',
  judge: 'fault',
  judge_refusal: 'fault',
  prompt_pool: 'fault',
  /** Too few chain endpoints agree on the block that the seed follows from, or on what was revealed. */
  witnesses: 'fault',
  downloads: 'fault',
  no_winner: 'fault',
  weights: 'fault',
  source_audit: 'by_rule',
  paused: 'by_rule',
} as const satisfies Record<string, 'fault' | 'by_rule'>;

export type StuckKind = keyof typeof KINDS;

/** Something that does not go on. */
export interface Stuck {
  readonly kind: StuckKind;
  readonly reason: string;
  /** Milliseconds until it is tried again; the next tick where it is not said. */
  readonly retryInMs?: number | undefined;
}

/** Whether it is a fault, and no person's part in the rules. */
export function isStuckByFault({ kind }: Stuck): boolean {
  return KINDS[kind] === 'fault';
}

/** What an error that a tick threw means for the service. */
export function stuckBy(error: unknown): Stuck {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof StateError) return { kind: error.code === 'unsupported' ? 'rules' : 'state', reason };
  if (isFault(error, LedgerError, 'malformed', 'unknown_version', 'too_large')) return { kind: 'state', reason };
  return { kind: error instanceof LedgerError ? 'repository' : 'tick', reason };
}

/** A time until something is tried again, for people. */
export function retryText(inMs: number): string {
  const seconds = Math.max(1, Math.round(inMs / 1000));
  return seconds < 120 ? `in ${seconds} s` : `in ${Math.round(seconds / 60)} minutes`;
}

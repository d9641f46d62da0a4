import type { TimelineEntry } from '@tiltyard/rules';
import type { GenerationAudit, Side } from '@tiltyard/schema';

/** A challenger's round. */
export interface ChallengerStory {
  readonly entry: TimelineEntry;
  /** The margin against the reigning leader. */
  readonly againstLeader: number | undefined;
  /** What rejected it, where something did. */
  readonly rejectedBy: string | undefined;
  readonly audit: GenerationAudit | undefined;
  readonly sourceAudit: 'passed' | 'failed' | undefined;
}

/** One thing that, had it gone the other way, would have changed who won. */
export interface Turn {
  readonly what: string;
  /** How many points of a match it is away: a duel that goes to the other side moves two. 0 for a rejection. */
  readonly points: number;
  /** Who would have won; undefined when that would have taken matches that were never played. */
  readonly winner: Side | undefined;
}

/** What happened in a round, and what it hung on. */
export interface RoundStory {
  readonly round: number;
  readonly winner: Side | null;
  readonly rederived: Side | null;
  readonly winMargin: number;
  readonly prompts: number;
  readonly challengers: readonly ChallengerStory[];
  /** Set for a round that was a chain of duels: challengers met whoever led, and nobody qualified first. */
  readonly isChain?: boolean;
  /** What the round waits for; empty once decided. */
  readonly awaits: readonly string[];
  /** The nearest first. */
  readonly turns: readonly Turn[];
}

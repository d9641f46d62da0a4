import type { TimelineEntry } from '@tiltyard/rules/gen3d';
import type { Side } from '@tiltyard/schema';
import type { Build, GenerationAudit, LeaderEntry } from '@tiltyard/schema/gen3d';
import type { EarlierVerdict } from '../../interfaces.js';

/** A challenger's round. */
export interface ChallengerStory {
  readonly entry: TimelineEntry;
  /** The margin against the reigning leader. */
  readonly againstLeader: number | undefined;
  /** What rejected it, where something did. */
  readonly rejectedBy: string | undefined;
  /** Its build on record. */
  readonly build: Pick<Build, 'repo' | 'commit' | 'status' | 'docker_image'> | undefined;
  /** Whether it had a usable file; undefined where that cannot be told. Without any, it loses every duel unplayed. */
  readonly hasFiles: boolean | undefined;
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
  /** Verdicts before the one that stands, oldest first: a round is decided once. */
  readonly earlier: readonly EarlierVerdict[];
  /** The leader whom the challengers met, by leader.json; null while there is none. */
  readonly defender: LeaderEntry | null;
  /** Whether the leader had a usable file; undefined where that cannot be told. */
  readonly leaderHasFiles: boolean | undefined;
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

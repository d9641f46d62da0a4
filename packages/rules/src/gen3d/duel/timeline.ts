import { type Hotkey, LEADER, type Side } from '@tiltyard/schema';
import type { AuditKind, StandingOf } from '../audit/audit-standing.js';
import { matchKey } from '../round/amendments.js';
import type { MarginOf } from './matrix.js';
import { type Qualification, qualificationOf } from './qualification.js';

/** What a timeline follows from: observations of one commit and the round's margin, nothing else. */
export interface TimelineInput {
  /** Challengers in order of reveal. */
  readonly hotkeys: readonly Hotkey[];
  readonly margin: MarginOf;
  readonly standing: StandingOf;
  readonly winMargin: number;
  /** False while the leader's own files are still being generated: until then no one can play `leader`. */
  readonly leaderBaselineComplete: boolean;
}

/**
 * One challenger's place in the timeline.
 *
 * - `won`: it beat the defender by the win margin and holds the lead from there: a local leader.
 * - `lost`: it did not, or never qualified.
 * - `rejected`: passed over as if it had never played.
 * - `pending`: not known yet.
 */
export interface TimelineEntry {
  readonly hotkey: Hotkey;
  readonly status: 'pending' | 'won' | 'lost' | 'rejected';
  readonly qualification: Qualification;
  /** Whom it met or will meet: undefined when passed over, and while it is open who will defend. */
  readonly defender: Side | undefined;
  /** The margin against the defender, once played. */
  readonly margin: number | undefined;
}

/** A match to play, and what for. */
export interface MatchToPlay {
  readonly left: Side;
  readonly right: Hotkey;
  readonly purpose: 'qualification' | 'timeline' | 'exploratory';
}

/** Something outside the judge that must happen before the round can go on. */
export type OutsideEvent = { readonly kind: 'leader_baseline' } | { readonly kind: AuditKind; readonly hotkey: Hotkey };

/** What the judge does next. Exactly one of these exists in every state of a round. */
export type NextUnit =
  | { readonly kind: 'decided'; readonly winner: Side }
  | { readonly kind: 'match'; readonly match: MatchToPlay }
  | { readonly kind: 'await'; readonly events: readonly [OutsideEvent, ...OutsideEvent[]] };

/** The round so far: who held the lead, in order of reveal, and what is still to be done. */
export interface Timeline {
  readonly entries: readonly TimelineEntry[];
  /** The last local leader so far, `leader` while there is none. The winner once `next` is decided. */
  readonly current: Side;
  readonly next: NextUnit;
  /** Every match that can be played now, most useful first: `next` and those that may run in parallel. Empty once decided. */
  readonly playable: readonly MatchToPlay[];
}

/**
 * Derives the round's timeline: who held the lead, in order of reveal, and what is still to be done.
 *
 * A fold over observations only, so any process that sees the same commit derives the same timeline; it is never stored.
 * A rejected challenger is passed over as if it had never played; its matches stay on record.
 *
 * @see docs/rules.md#timeline
 */
export function deriveTimeline(input: TimelineInput): Timeline {
  const { entries, current, blocker } = walk(input);
  const open = openLocalLeaders(entries, input.standing);
  if (blocker === undefined && open.length === 0) {
    return { entries, current, next: { kind: 'decided', winner: current }, playable: [] };
  }
  const wanted = matchesToPlay(input, entries, blocker, open);
  const playable = wanted.filter((match) => match.left !== LEADER || input.leaderBaselineComplete);
  const [first] = playable;
  if (first !== undefined) return { entries, current, next: { kind: 'match', match: first }, playable };
  return { entries, current, next: { kind: 'await', events: awaited(input, open, wanted.length > 0) }, playable };
}

/** The local leaders of a timeline, in order: each needs an audit, and the round waits for all of them. */
export function localLeaders(timeline: Pick<Timeline, 'entries'>): readonly TimelineEntry[] {
  return timeline.entries.filter((entry) => entry.status === 'won');
}

interface Walk {
  readonly entries: readonly TimelineEntry[];
  readonly current: Side;
  /** The first match without which the walk cannot go on. */
  readonly blocker: MatchToPlay | undefined;
}

/** Walks the hotkeys in order of reveal. Behind a match that has not been played, nothing is known about the qualified. */
function walk(input: TimelineInput): Walk {
  const { margin, winMargin } = input;
  const entries: TimelineEntry[] = [];
  let current: Side = LEADER;
  let blocker: MatchToPlay | undefined;
  for (const hotkey of input.hotkeys) {
    const qualification = qualificationOf(hotkey, input);
    const entry = (status: TimelineEntry['status'], defender?: Side, met?: number): TimelineEntry => ({
      hotkey,
      status,
      qualification,
      defender,
      margin: met,
    });
    if (qualification === 'rejected') entries.push(entry('rejected'));
    else if (qualification === 'unqualified') entries.push(entry('lost', LEADER, margin(LEADER, hotkey)));
    else if (qualification === 'unplayed') {
      blocker ??= { left: LEADER, right: hotkey, purpose: 'qualification' };
      entries.push(entry('pending', LEADER));
    } else if (blocker !== undefined) entries.push(entry('pending'));
    else {
      const met = margin(current, hotkey);
      if (met === undefined) {
        blocker = { left: current, right: hotkey, purpose: 'timeline' };
        entries.push(entry('pending', current));
      } else if (met >= winMargin) {
        entries.push(entry('won', current, met));
        current = hotkey;
      } else entries.push(entry('lost', current, met));
    }
  }
  return { entries, current, blocker };
}

/** Local leaders whose audits are not all in. A walk never makes a rejected hotkey a local leader. */
function openLocalLeaders(entries: readonly TimelineEntry[], standing: StandingOf): readonly Hotkey[] {
  return entries
    .filter((entry) => entry.status === 'won' && standing(entry.hotkey).status !== 'approved')
    .map((entry) => entry.hotkey);
}

/** The most matches that are looked ahead to: more than every two of 256 hotkeys, which a subnet has. */
const MOST_AHEAD = 40_000;
/** The most open local leaders whose rejection is thought through. */
const MOST_REJECTIONS = 256;

/**
 * Matches worth playing, each once: what the walk waits for, the rest of qualification, and while audits run first those
 * that a rejection of a local leader would call for, then the other pairs of qualified hotkeys in order.
 */
function matchesToPlay(
  input: TimelineInput,
  entries: readonly TimelineEntry[],
  blocker: MatchToPlay | undefined,
  open: readonly Hotkey[],
): readonly MatchToPlay[] {
  const matches = new Map<string, MatchToPlay>();
  const add = (match: MatchToPlay) => {
    const key = matchKey(match.left, match.right);
    if (!matches.has(key)) matches.set(key, match);
  };
  if (blocker !== undefined) add(blocker);
  for (const { hotkey, qualification } of entries) {
    if (qualification === 'unplayed') add({ left: LEADER, right: hotkey, purpose: 'qualification' });
  }
  for (const hotkey of open.slice(0, MOST_REJECTIONS)) {
    const without = walk({ ...input, hotkeys: input.hotkeys.filter((other) => other !== hotkey) }).blocker;
    if (without?.purpose === 'timeline') add({ ...without, purpose: 'exploratory' });
  }
  const qualified = entries.filter((entry) => entry.qualification === 'qualified').map((entry) => entry.hotkey);
  for (const [at, left] of qualified.entries()) {
    if (matches.size >= MOST_AHEAD) break;
    for (const right of qualified.slice(at + 1)) {
      if (input.margin(left, right) === undefined) add({ left, right, purpose: 'exploratory' });
    }
  }
  return [...matches.values()];
}

/**
 * What an undecided round without playable matches waits for. At least one thing: without an open local leader the walk is
 * blocked by a match, and only matches against the leader are ever held back.
 */
function awaited(
  { standing }: TimelineInput,
  open: readonly Hotkey[],
  matchesHeldBack: boolean,
): readonly [OutsideEvent, ...OutsideEvent[]] {
  const audits: OutsideEvent[] = open.flatMap((hotkey) => {
    const audit = standing(hotkey);
    return audit.status === 'open' ? audit.awaits.map((kind) => ({ kind, hotkey })) : [];
  });
  const [first, ...rest] = audits;
  return first === undefined || matchesHeldBack ? [{ kind: 'leader_baseline' }, ...audits] : [first, ...rest];
}

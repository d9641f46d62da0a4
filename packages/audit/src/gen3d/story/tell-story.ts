import {
  activeLeaderAt,
  deriveTimeline,
  type MarginOf,
  matchKey,
  type StandingOf,
  type Timeline,
} from '@tiltyard/rules/gen3d';
import { counted, type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';
import { isUsable, type LeaderEntry } from '@tiltyard/schema/gen3d';
import type { Tree } from '../../replay/tree.js';
import { type Chain, followChain, leaderAfter } from '../round/chain.js';
import { type RoundRecord, roundRecord } from '../round/round-view.js';
import { timelineWinner, undecidedBecause } from '../rules/outcomes.js';
import { generationsOf, valueIn } from '../tree.js';
import type { ChallengerStory, RoundStory, Turn } from './round-story.js';

/** The most challengers that turns are sought for: each takes a timeline of its own. */
const TURNS_UP_TO = 500;

/** A round's story as it stands at a commit; undefined before it has submissions, and where they cannot be read. */
export function tellStory(tree: Tree, round: number): RoundStory | undefined {
  const view = roundRecord(tree, round);
  if (view === undefined) return undefined;
  const timeline = deriveTimeline(view);
  const why = undecidedBecause(timeline);
  return {
    round,
    winner: valueIn(tree, 'winner', { round })?.winner_hotkey ?? null,
    rederived: timelineWinner(timeline),
    earlier: [],
    defender: defenderIn(tree, round),
    leaderHasFiles: hasFiles(tree, round, LEADER),
    winMargin: view.winMargin,
    prompts: view.prompts,
    challengers: timeline.entries.map((entry) => challengerStory(entry, view, tree)),
    awaits: why === undefined ? [] : [why],
    turns: timeline.next.kind === 'decided' && view.hotkeys.length <= TURNS_UP_TO ? turnsOf(view, timeline) : [],
  };
}

/** The story of a round that was a chain of duels, as the first competition's were; undefined where it cannot be followed. */
export function tellChain(tree: Tree, round: number): RoundStory | undefined {
  const chain = followChain(tree, round);
  if (chain === undefined) return undefined;
  const builds = valueIn(tree, 'builds', { round }) ?? {};
  const nothing = { againstLeader: undefined, rejectedBy: undefined, audit: undefined, sourceAudit: undefined };
  return {
    round,
    winner: leaderAfter(tree, round),
    rederived: chain.winner ?? null,
    earlier: [],
    defender: defenderIn(tree, round),
    leaderHasFiles: hasFiles(tree, round, LEADER),
    winMargin: chain.winMargin,
    prompts: valueIn(tree, 'prompts', { round })?.length ?? 0,
    challengers: chain.entries.map((entry) => ({
      entry,
      ...nothing,
      build: builds[entry.hotkey],
      hasFiles: hasFiles(tree, round, entry.hotkey),
    })),
    isChain: true,
    awaits: awaitedIn(chain),
    turns: [],
  };
}

/** The leader when a round's reveals end: whom its challengers meet. */
function defenderIn(tree: Tree, round: number): LeaderEntry | null {
  const block = valueIn(tree, 'schedule', { round })?.latest_reveal_block;
  const leaders = valueIn(tree, 'leader', {}) ?? [];
  return (block === undefined ? leaders.at(-1) : activeLeaderAt(leaders, block)) ?? null;
}

/** Whether a side has a usable file; undefined where its files cannot be read. */
function hasFiles(tree: Tree, round: number, side: Side): boolean | undefined {
  const files = generationsOf(tree, round, side);
  return files === undefined ? undefined : Object.values(files).some(isUsable);
}

function awaitedIn({ broken, unmet }: Chain): readonly string[] {
  if (broken !== undefined) return [`the chain of duels breaks: ${broken}`];
  const [first, ...others] = unmet.map(shortName);
  if (first === undefined) return [];
  const more = others.length === 0 ? ' has' : ` and ${others.length} more have`;
  return [`${first}${more} met nobody on record`];
}

function challengerStory(entry: ChallengerStory['entry'], view: RoundRecord, tree: Tree): ChallengerStory {
  const standing = view.standing(entry.hotkey);
  return {
    entry,
    againstLeader: view.margin(LEADER, entry.hotkey),
    rejectedBy: standing.status === 'rejected' ? standing.by.replace('_', ' ') : undefined,
    build: view.builds[entry.hotkey],
    hasFiles: hasFiles(tree, view.round, entry.hotkey),
    audit: view.audits[entry.hotkey],
    sourceAudit: view.sourceAudits.findLast(({ hotkey }) => hotkey === entry.hotkey)?.verdict,
  };
}

/**
 * What would have changed the outcome: each rejection as if it had not been, each decisive match as if it had gone the
 * other way, one at a time. The timeline is derived anew for each, with audits that nobody asked for taken as passed.
 */
function turnsOf(view: RoundRecord, { entries, current }: Timeline): readonly Turn[] {
  const turns: Turn[] = [];
  const consider = (
    what: string,
    points: number,
    instead: { readonly margin?: MarginOf; readonly spared?: Hotkey },
  ) => {
    const standing: StandingOf = (hotkey) => {
      const found = view.standing(hotkey);
      return found.status === 'open' || hotkey === instead.spared ? { status: 'approved' } : found;
    };
    const winner =
      timelineWinner(deriveTimeline({ ...view, margin: instead.margin ?? view.margin, standing })) ?? undefined;
    if (winner !== current) turns.push({ what, points, winner });
  };
  for (const { hotkey, status, defender, margin } of entries) {
    const name = shortName(hotkey);
    if (status === 'rejected') {
      consider(`if ${name} had not been rejected`, 0, { spared: hotkey });
      continue;
    }
    if (defender === undefined || margin === undefined) continue;
    const points = pointsBetween(margin, view);
    const other = status === 'won' ? losing(view) : view.winMargin;
    const how = `${counted(points, 'point')} ${status === 'won' ? 'worse' : 'better'} against ${defender === LEADER ? 'the leader' : shortName(defender)}`;
    consider(`if ${name} had done ${how}`, points, { margin: withMargin(view, defender, hotkey, other) });
  }
  return turns.sort((a, b) => a.points - b.points);
}

/** A margin that does not win. */
function losing({ winMargin }: RoundRecord): number {
  return winMargin - 1;
}

function withMargin(view: RoundRecord, left: Side, right: Hotkey, margin: number): MarginOf {
  const key = matchKey(left, right);
  return (l, r) => (matchKey(l, r) === key ? margin : view.margin(l, r));
}

/** How many points lie between a margin and the other side of the win margin. */
function pointsBetween(margin: number, { winMargin, prompts }: RoundRecord): number {
  const distance = (winMargin - margin) * prompts;
  return distance > 0 ? Math.ceil(distance - 1e-9) : Math.floor(-distance + 1e-9) + 1;
}

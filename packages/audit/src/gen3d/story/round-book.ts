import { type CommitId, LEADER, type Side, sameValue, shortName } from '@tiltyard/schema';
import type { EarlierVerdict, RoundVerdict } from '../../interfaces.js';
import type { CommitView } from '../../replay/commit-view.js';
import type { ReplayedTree } from '../../replay/tree.js';
import { tellsRound } from '../legacy/era-order.js';
import { areDuelsOver, followChain, hasChain } from '../round/chain.js';
import { recordGaps } from '../round/record-gaps.js';
import { unreadableBecause } from '../round/round-view.js';
import { fileOf, positionIn, valueIn } from '../tree.js';
import type { RoundStory } from './round-story.js';
import { tellChain, tellStory } from './tell-story.js';

/** The most deleted rounds, and the most earlier verdicts, that are told. */
const MOST_DELETED = 1000;

/** A verdict as it was written, and the story that it followed from. */
interface Decided {
  readonly story: RoundStory | undefined;
  /** What it rests on and was not on record. */
  readonly gaps: readonly string[];
  readonly decidedIn: CommitId;
}

/** Keeps each round's story as it stood when its winner was written. What people change afterwards decides nothing. */
export class RoundBook {
  readonly #decided = new Map<number, Decided>();
  /** Rounds whose winner somebody deleted: a repository that begins anew numbers its rounds from 0 again. */
  readonly #deleted: { readonly verdict: RoundVerdict; readonly story: RoundStory | undefined }[] = [];
  readonly #earlier = new Map<number, EarlierVerdict[]>();
  #earlierCount = 0;

  take(at: CommitView): void {
    for (const { known, before, after } of at.changes) {
      const { round } = known.params;
      if (known.name !== 'winner' || round === undefined) continue;
      // Another way of writing the same is no other verdict.
      if (after !== undefined && sameValue(before?.content.value, after.content.value)) continue;
      this.#end(round, at, after === undefined ? 'deleted' : 'replaced');
      if (after === undefined) this.#decided.delete(round);
      else {
        const gaps = [...recordGaps(at.tree, round, at.dialect)];
        this.#decided.set(round, { story: tellStory(at.tree, round), gaps, decidedIn: at.commit.id });
      }
    }
  }

  /** The verdicts and stories of all rounds in their order, those still open as they stand at the end. */
  close(
    tree: ReplayedTree,
    only: ReadonlySet<number> | undefined,
  ): { readonly verdicts: readonly RoundVerdict[]; readonly byRound: ReadonlyMap<number, RoundStory> } {
    const isAskedFor = (round: number) => only?.has(round) ?? true;
    const byRound = new Map<number, RoundStory>();
    const deleted = this.#deleted.filter(({ verdict }) => isAskedFor(verdict.round));
    // Of a round that is gone, the last story is told; where its number was given again, that of the round there is.
    for (const { verdict, story } of deleted) {
      if (story !== undefined) this.#tell(byRound, verdict.round, { ...story, winner: null });
    }
    const verdicts = tree
      .rounds()
      .filter(isAskedFor)
      .map((round) => {
        const decided = this.#decided.get(round);
        const story = decided === undefined ? tellAny(tree, round) : decided.story;
        if (story !== undefined) this.#tell(byRound, round, story);
        const earlier = this.#earlier.get(round);
        return { ...verdictOf(tree, round, story, decided?.gaps), ...(earlier === undefined ? {} : { earlier }) };
      });
    const all = [...deleted.map(({ verdict }) => verdict), ...verdicts];
    return { verdicts: all.sort((a, b) => a.round - b.round), byRound };
  }

  #tell(byRound: Map<number, RoundStory>, round: number, story: RoundStory): void {
    byRound.set(round, { ...story, earlier: this.#earlier.get(round) ?? [] });
  }

  /** A winner was on record, and this commit takes it off. */
  #end(round: number, at: CommitView, how: EarlierVerdict['how']): void {
    const winner = valueIn(at.parent, 'winner', { round })?.winner_hotkey;
    const decided = this.#decided.get(round);
    if (winner === undefined || decided === undefined) return;
    const { story, gaps, decidedIn } = decided;
    const rederived = story?.rederived ?? null;
    if (this.#earlierCount < MOST_DELETED) {
      this.#earlierCount += 1;
      const verdict = { winner, rederived, decidedIn, endedIn: at.commit.id, how, by: at.author.by };
      this.#earlier.set(round, [...(this.#earlier.get(round) ?? []), verdict]);
    }
    if (how !== 'deleted' || this.#deleted.length >= MOST_DELETED) return;
    const held = story === undefined ? { agrees: false, why: UNREAD } : holdAgainst(winner, story, gaps);
    const verdict = { round, winner, rederived, ...held, deletedIn: at.commit.id };
    this.#deleted.push({ verdict, story });
  }
}

function tellAny(tree: ReplayedTree, round: number): RoundStory | undefined {
  return hasChain(tree, round) ? tellChain(tree, round) : tellStory(tree, round);
}

/** A chain of duels has no winner.json: leader.json tells who led afterwards. */
function chainVerdict(tree: ReplayedTree, { round, winner, rederived, awaits }: RoundStory): RoundVerdict {
  if (rederived === null) {
    const isOpen = winner === null && !areDuelsOver(tree, round) && followChain(tree, round)?.broken === undefined;
    const why = `${isOpen ? 'not over: ' : ''}${awaits.join(', ')}`;
    return { round, winner, rederived, agrees: isOpen, why };
  }
  const given = `a chain of duels gives ${shortName(rederived)}`;
  if (winner === null && isPassedOver(tree, round, rederived)) {
    return { round, winner, rederived, agrees: false, why: `${given}, who never led by leader.json` };
  }
  if (winner === null) return { round, winner, rederived, agrees: true, why: `${given}; leader.json does not say yet` };
  const why = rederived === winner ? '' : `leader.json has ${shortName(winner)}, and ${given}`;
  return { round, winner, rederived, agrees: rederived === winner, why };
}

/** Whether the competition went on to later rounds, and a winner is in no entry of leader.json from its round on. */
function isPassedOver(tree: ReplayedTree, round: number, winner: Side): boolean {
  const leaders = valueIn(tree, 'leader', {});
  const block = valueIn(tree, 'schedule', { round })?.latest_reveal_block;
  const isPast = (positionIn(tree)?.current_round ?? 0) > round;
  if (leaders === undefined || block === undefined || !isPast || winner === LEADER) return false;
  return !leaders.some(({ hotkey, effective_block }) => hotkey === winner && effective_block > block);
}

/** Whether a winner on record is the one that follows, from a record without gaps. */
function holdAgainst(winner: Side, story: RoundStory, gaps: readonly string[]): Pick<RoundVerdict, 'agrees' | 'why'> {
  const isSame = story.rederived === winner;
  return { agrees: isSame && gaps.length === 0, why: isSame ? gaps.join('; ') : differsBecause(winner, story) };
}

const UNREAD = 'what it follows from could not be read';

function verdictOf(
  tree: ReplayedTree,
  round: number,
  story: RoundStory | undefined,
  gaps: readonly string[] = [],
): RoundVerdict {
  const winner = valueIn(tree, 'winner', { round })?.winner_hotkey ?? null;
  if (story === undefined) return unknownVerdict(tree, round, winner);
  const unread = fileOf(tree, 'winner', { round })?.content.problem;
  if (unread !== undefined) {
    return { round, winner, rederived: story.rederived, agrees: false, why: 'winner.json cannot be read' };
  }
  const { rederived } = story;
  if (winner !== null) return { round, winner, rederived, ...holdAgainst(winner, story, gaps) };
  if (story.isChain === true) return chainVerdict(tree, story);
  if (story.challengers.length === 0) {
    return { round, winner, rederived: LEADER, agrees: true, why: 'no submissions: the leader defended' };
  }
  if (rederived === null) {
    const isOpen = !areDuelsOver(tree, round);
    return { round, winner, rederived, agrees: isOpen, why: `${isOpen ? 'not over: ' : ''}${story.awaits.join(', ')}` };
  }
  const why = `the timeline gives ${shortName(rederived)}, and no winner.json is on record`;
  return { round, winner, rederived, agrees: !areDuelsOver(tree, round), why };
}

function unknownVerdict(tree: ReplayedTree, round: number, winner: Side | null): RoundVerdict {
  const files = [...tree.ofRound(round)].flatMap((path) => tree.at(path) ?? []);
  const isBegun = files.some(
    ({ known: { name }, content }) => name === 'submissions' || content.stray || isPlayed(name),
  );
  if (!isBegun && winner === null) {
    return { round, winner, rederived: null, agrees: true, why: 'not begun: no submissions yet' };
  }
  const why = unreadableBecause(tree, round);
  return { round, winner, rederived: null, agrees: false, why };
}

/** Whether a kind of file comes about by playing a round: without submissions there is nothing to play. */
function isPlayed(name: string): boolean {
  return name === 'builds' || name === 'matchMatrix' || tellsRound(name);
}

function differsBecause(winner: Side, { rederived, awaits }: RoundStory): string {
  if (rederived === null) return `${shortName(winner)} is on record, while ${awaits.join(', ')}`;
  return `${shortName(winner)} is on record, and the timeline gives ${shortName(rederived)}`;
}

import { type CommitId, LEADER, type Side, sameValue, shortName } from '@tiltyard/schema';
import type { RoundVerdict } from '../interfaces.js';
import { areDuelsOver, followChain, hasChain } from '../replay/chain.js';
import type { CommitView } from '../replay/commit-view.js';
import { unreadableBecause } from '../replay/round-view.js';
import type { ReplayedTree } from '../replay/tree.js';
import { fileOf, straysOf, valueIn } from '../replay/tree.js';
import type { EarlierVerdict, RoundStory } from './round-story.js';
import { tellChain, tellStory } from './tell-story.js';

/** The most deleted rounds, and the most earlier verdicts, that are told. */
const MOST_DELETED = 1000;

/** A verdict as it was written, and the story that it followed from. */
interface Decided {
  readonly story: RoundStory | undefined;
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
      else this.#decided.set(round, { story: tellStory(at.tree, round), decidedIn: at.commit.id });
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
        return { ...verdictOf(tree, round, story), ...(earlier === undefined ? {} : { earlier }) };
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
    const { story, decidedIn } = decided;
    const rederived = story?.rederived ?? null;
    if (this.#earlierCount < MOST_DELETED) {
      this.#earlierCount += 1;
      const verdict = { winner, rederived, decidedIn, endedIn: at.commit.id, how, by: at.author.by };
      this.#earlier.set(round, [...(this.#earlier.get(round) ?? []), verdict]);
    }
    if (how !== 'deleted' || this.#deleted.length >= MOST_DELETED) return;
    const why = story === undefined ? UNREAD : rederived === winner ? '' : differsBecause(winner, story);
    const verdict = { round, winner, rederived, agrees: rederived === winner, why, deletedIn: at.commit.id };
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
  if (winner === null) return { round, winner, rederived, agrees: true, why: `${given}; leader.json does not say yet` };
  const why = rederived === winner ? '' : `leader.json has ${shortName(winner)}, and ${given}`;
  return { round, winner, rederived, agrees: rederived === winner, why };
}

const UNREAD = 'what it follows from could not be read';

function verdictOf(tree: ReplayedTree, round: number, story: RoundStory | undefined): RoundVerdict {
  const winner = valueIn(tree, 'winner', { round })?.winner_hotkey ?? null;
  if (story === undefined) return unknownVerdict(tree, round, winner);
  const unread = fileOf(tree, 'winner', { round })?.content.problem;
  if (unread !== undefined) {
    return { round, winner, rederived: story.rederived, agrees: false, why: 'winner.json cannot be read' };
  }
  const { rederived } = story;
  if (winner !== null) {
    const why = rederived === winner ? '' : differsBecause(winner, story);
    return { round, winner, rederived, agrees: rederived === winner, why };
  }
  if (story.isChain === true) return chainVerdict(tree, story);
  if (story.challengers.length === 0) {
    return { round, winner, rederived: LEADER, agrees: true, why: 'no submissions: the leader defended' };
  }
  if (rederived === null)
    return { round, winner, rederived, agrees: true, why: `not over: ${story.awaits.join(', ')}` };
  const why = `the timeline gives ${shortName(rederived)}, and no winner.json is on record`;
  return { round, winner, rederived, agrees: !isOver(tree, round), why };
}

function unknownVerdict(tree: ReplayedTree, round: number, winner: Side | null): RoundVerdict {
  const isBegun = fileOf(tree, 'submissions', { round }) !== undefined || straysOf(tree, round).length > 0;
  if (!isBegun && winner === null) {
    return { round, winner, rederived: null, agrees: true, why: 'not begun: no submissions yet' };
  }
  const why = unreadableBecause(tree, round);
  return { round, winner, rederived: null, agrees: false, why };
}

function differsBecause(winner: Side, { rederived, awaits }: RoundStory): string {
  if (rederived === null) return `${shortName(winner)} is on record, while ${awaits.join(', ')}`;
  return `${shortName(winner)} is on record, and the timeline gives ${shortName(rederived)}`;
}

function isOver(tree: ReplayedTree, round: number): boolean {
  const state = valueIn(tree, 'state', {});
  if (state === undefined) return false;
  return (
    state.current_round > round || (state.current_round === round && ['finalizing', 'finished'].includes(state.stage))
  );
}

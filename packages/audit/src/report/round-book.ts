import { LEADER, type Side, shortName } from '@tiltyard/schema';
import type { RoundVerdict } from '../interfaces.js';
import { hasChain } from '../replay/chain.js';
import type { CommitView } from '../replay/commit-view.js';
import { unreadableBecause } from '../replay/round-view.js';
import type { ReplayedTree } from '../replay/tree.js';
import { fileOf, valueIn } from '../replay/tree.js';
import type { RoundStory } from './round-story.js';
import { tellChain, tellStory } from './tell-story.js';

/** The most deleted rounds that are told. */
const MOST_DELETED = 1000;

/** Keeps each round's story as it stood when its winner was written. What people change afterwards decides nothing. */
export class RoundBook {
  readonly #decided = new Map<number, RoundStory | undefined>();
  /** Rounds whose winner somebody deleted: a repository that begins anew numbers its rounds from 0 again. */
  readonly #deleted: RoundVerdict[] = [];

  take(at: CommitView): void {
    for (const { known, after } of at.changes) {
      const { round } = known.params;
      if (known.name !== 'winner' || round === undefined) continue;
      if (after === undefined) this.#delete(round, at);
      else this.#decided.set(round, tellStory(at.tree, round));
    }
  }

  /** The verdicts and stories of all rounds, those still open as they stand at the end. */
  close(
    tree: ReplayedTree,
    only: ReadonlySet<number> | undefined,
  ): { readonly verdicts: readonly RoundVerdict[]; readonly byRound: ReadonlyMap<number, RoundStory> } {
    const rounds = tree.rounds().filter((round) => only?.has(round) ?? true);
    const byRound = new Map<number, RoundStory>();
    const verdicts = rounds.map((round) => {
      const story = this.#decided.has(round) ? this.#decided.get(round) : tellAny(tree, round);
      if (story !== undefined) byRound.set(round, story);
      return verdictOf(tree, round, story);
    });
    const deleted = this.#deleted.filter(({ round }) => only?.has(round) ?? true);
    return { verdicts: [...deleted, ...verdicts], byRound };
  }

  #delete(round: number, at: CommitView): void {
    const winner = valueIn(at.parent, 'winner', { round })?.winner_hotkey ?? null;
    const story = this.#decided.get(round);
    this.#decided.delete(round);
    if (winner === null || this.#deleted.length >= MOST_DELETED) return;
    const rederived = story?.rederived ?? null;
    const why = story === undefined ? UNREAD : rederived === winner ? '' : differsBecause(winner, story);
    this.#deleted.push({ round, winner, rederived, agrees: rederived === winner, why, deletedIn: at.commit.id });
  }
}

function tellAny(tree: ReplayedTree, round: number): RoundStory | undefined {
  return hasChain(tree, round) ? tellChain(tree, round) : tellStory(tree, round);
}

/** A chain of duels has no winner.json: leader.json tells who led afterwards. */
function chainVerdict({ round, winner, rederived, awaits }: RoundStory): RoundVerdict {
  if (rederived === null) return { round, winner, rederived, agrees: false, why: awaits.join(', ') };
  const given = `a chain of duels gives ${shortName(rederived)}`;
  if (winner === null) return { round, winner, rederived, agrees: true, why: `${given}; leader.json does not say yet` };
  const why = rederived === winner ? '' : `leader.json has ${shortName(winner)}, and ${given}`;
  return { round, winner, rederived, agrees: rederived === winner, why };
}

const UNREAD = 'what it follows from could not be read';

function verdictOf(tree: ReplayedTree, round: number, story: RoundStory | undefined): RoundVerdict {
  const winner = valueIn(tree, 'winner', { round })?.winner_hotkey ?? null;
  if (story === undefined) return unknownVerdict(tree, round, winner);
  const { rederived } = story;
  if (winner !== null) {
    const why = rederived === winner ? '' : differsBecause(winner, story);
    return { round, winner, rederived, agrees: rederived === winner, why };
  }
  if (story.isChain === true) return chainVerdict(story);
  if (story.challengers.length === 0) {
    return { round, winner, rederived: LEADER, agrees: true, why: 'no submissions: the leader defended' };
  }
  if (rederived === null)
    return { round, winner, rederived, agrees: true, why: `not over: ${story.awaits.join(', ')}` };
  const why = `the timeline gives ${shortName(rederived)}, and no winner.json is on record`;
  return { round, winner, rederived, agrees: !isOver(tree, round), why };
}

function unknownVerdict(tree: ReplayedTree, round: number, winner: Side | null): RoundVerdict {
  if (fileOf(tree, 'submissions', { round }) === undefined && winner === null) {
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

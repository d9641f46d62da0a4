import type { CommitId } from '@tiltyard/schema';
import type { CommitView } from '../replay/commit-view.js';
import type { Tree } from '../replay/tree.js';
import { valueIn } from './tree.js';

/** What the commits before one say of time: the dates that their makers gave them. */
export interface CommitTimes {
  /** When the round that stands at the parent was opened. */
  readonly openedAtMs: number | undefined;
  /** The last change of the prompt pool since, before its reveals were found to be over. */
  readonly poolChange: { readonly commit: CommitId; readonly atMs: number } | undefined;
  /** When its reveals were found to be over. */
  readonly closedAtMs: number | undefined;
  /** When its reveals were to end by the chain's time, as its opening said. */
  readonly startsAtMs: number | undefined;
}

const NO_TIMES: CommitTimes = {
  openedAtMs: undefined,
  poolChange: undefined,
  closedAtMs: undefined,
  startsAtMs: undefined,
};

/** By the tree that a commit stands upon. */
const TIMES = new WeakMap<Tree, CommitTimes>();

/** What the commits before one say of time. */
export function timesAt({ parent }: Pick<CommitView, 'parent'>): CommitTimes {
  return TIMES.get(parent) ?? NO_TIMES;
}

/** Follows what commits say of time. */
export class CommitClock {
  #times = NO_TIMES;

  /** Takes the next commit in. */
  take(at: CommitView): void {
    TIMES.set(at.parent, this.#times);
    this.#times = timesAfter(at, this.#times);
  }
}

/** A round is opened by the commit that raises the current round. */
function timesAfter({ commit, changes, parent, tree }: CommitView, before: CommitTimes): CommitTimes {
  const atMs = commit.committedAtMs;
  const isPool = changes.some(({ known }) => known.name === 'promptPool');
  const times = isPool ? { ...before, poolChange: { commit: commit.id, atMs } } : before;
  const [was, after] = [valueIn(parent, 'state', {}), valueIn(tree, 'state', {})];
  if (after === undefined || after.current_round === was?.current_round) {
    const isClosed = was?.stage === 'open' && after?.stage !== 'open' && after?.stage !== 'paused';
    return isClosed ? { ...times, closedAtMs: atMs } : times;
  }
  const startsAtMs = after.next_stage_eta === null ? undefined : Date.parse(after.next_stage_eta);
  return { openedAtMs: atMs, poolChange: undefined, closedAtMs: undefined, startsAtMs };
}

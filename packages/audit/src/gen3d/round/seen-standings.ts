import { deriveTimeline, marginsOf, type Timeline } from '@tiltyard/rules/gen3d';
import type { Hotkey, Side } from '@tiltyard/schema';
import { writersOf } from '../../replay/authorship.js';
import type { CommitView } from '../../replay/commit-view.js';
import { stateBefore } from '../commit-view.js';
import { fileOf, reportOf } from '../tree.js';
import { type RoundRecord, roundRecord } from './round-view.js';

/** What others write and the judge decides by. */
const DECIDING: readonly string[] = ['generationAudits', 'sourceAudits', 'amendments'];
/** More of them than any judge missed. */
const MOST_KEPT = 50;

/**
 * What the judge may have decided a commit from. It reads a state of the repository and publishes a little later, upon
 * whatever came meanwhile: so it knew, at the least, the round as it stood at its own last commit.
 */
export class SeenStandings {
  #round: number | undefined;
  #views: readonly RoundRecord[] = [];
  #isJudges = false;
  /** Whether all that the judge may have seen is here: an audit may begin in mid-round. */
  #isWhole = false;

  /** Takes the next commit in. */
  take(at: CommitView): void {
    const round = stateBefore(at)?.current_round;
    if (round !== this.#round) {
      this.#isWhole = this.#round !== undefined || at.commit.parents.length === 0;
      this.#round = round;
      this.#views = [];
    } else if (this.#isJudges) {
      this.#isWhole = true;
      this.#views = this.#views.slice(-1);
    }
    this.#isJudges = writersOf(at.author).includes('judge-service');
    if (round === undefined) return;
    const decides = at.changes.some(({ known }) => DECIDING.includes(known.name) && known.params.round === round);
    if (!decides && this.#views.length > 0) return;
    const view = roundRecord(at.tree, round);
    if (view !== undefined) this.#views = [...this.#views, view].slice(-MOST_KEPT);
    else if (fileOf(at.tree, 'submissions', { round }) !== undefined) this.#isWhole = false;
  }

  /**
   * The timelines that the judge may have derived when it wrote a commit, the one taken last. Its own files are as they are
   * there: only the judge writes them.
   *
   * @returns undefined where that is not known.
   */
  timelines({ tree }: CommitView, round: number): readonly Timeline[] | undefined {
    const now = roundRecord(tree, round);
    if (!this.#isWhole || round !== this.#round || now === undefined) return undefined;
    const reportAmendment = (left: Side, right: Hotkey) => reportOf(tree, round, left, right)?.amendment;
    return [...this.#views, now].map(({ amended, standing }) =>
      deriveTimeline({ ...now, margin: marginsOf(now.matrix, { amended, reportAmendment }), standing }),
    );
  }
}

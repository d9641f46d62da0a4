import type { Stage, StateFileName } from '@tiltyard/schema/gen3d';
import type { CommitView } from '../../replay/commit-view.js';
import { stateBefore } from '../commit-view.js';
import type { Rule, Tell } from '../rule.js';
import { fileOf, valueIn } from '../tree.js';

/** What a stage leaves behind. Ours writes it in the commit that moves on, or does not move on. */
export const STAGE_END_RULES: readonly Rule[] = [
  {
    id: 'R12',
    severity: 'error',
    only: 'ours',
    check(at, tell) {
      const before = stateBefore(at);
      const after = valueIn(at.tree, 'state', {});
      if (before === undefined || after === undefined || before.stage === after.stage) return;
      const edge = `${before.stage} → ${after.stage}` as const;
      const round = before.current_round;
      switch (edge) {
        case 'open → miner_generation':
          return wholeWindow(at, round, edge, tell);
        case 'open → finalizing':
          return emptyWindow(at, round, tell);
        case 'finalizing → open':
          return missing(at, round + 1, ['schedule', 'rules'], edge, tell);
      }
    },
  },
];

type OfRound = Extract<StateFileName, 'schedule' | 'rules' | 'seed' | 'prompts' | 'submissions'>;

function wholeWindow(at: CommitView, round: number, edge: `${Stage} → ${Stage}`, tell: Tell): void {
  missing(at, round, ['seed', 'prompts', 'submissions'], edge, tell);
  const submissions = valueIn(at.tree, 'submissions', { round });
  if (submissions !== undefined && Object.keys(submissions).length === 0) {
    tell.fault({ path: 'state.json', detail: `${edge}, and nobody submitted` });
  }
}

/** Only a round that nobody takes part in goes by its duels, and its empty submissions.json says so. */
function emptyWindow(at: CommitView, round: number, tell: Tell): void {
  tell.looked();
  const file = fileOf(at.tree, 'submissions', { round });
  const submissions = valueIn(at.tree, 'submissions', { round });
  const isEmpty = submissions !== undefined && Object.keys(submissions).length === 0;
  // One that cannot be read, or is not here, is F1's, F2's or H3's.
  if (isEmpty || file?.content.problem !== undefined) return;
  const there = file === undefined ? 'no submissions.json' : 'submissions';
  tell.fault({ path: 'state.json', detail: `open → finalizing with ${there}: the round's duels are left out` });
}

function missing(
  at: CommitView,
  round: number,
  names: readonly OfRound[],
  edge: `${Stage} → ${Stage}`,
  tell: Tell,
): void {
  tell.looked(names.length);
  const absent = names.filter(
    (name) => !at.changes.some(({ known, after }) => known.name === name && known.params.round === round && after),
  );
  if (absent.length === 0) return;
  const which = `${absent.join(' and ')} of round ${round}`;
  tell.fault({ path: 'state.json', detail: `${edge} without ${which} in the same commit` });
}

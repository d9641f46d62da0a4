import { deriveTimeline, type Timeline, winnerOf } from '@tiltyard/rules/gen3d';
import { counted, type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';
import type { Winner } from '@tiltyard/schema/gen3d';
import type { Tree } from '../../replay/tree.js';
import { stateBefore } from '../commit-view.js';
import { followChain, hasChain } from '../round/chain.js';
import { recordGaps } from '../round/record-gaps.js';
import { hasMissing, isOfOtherFormat, type RoundRecord, roundRecord, unreadableBecause } from '../round/round-view.js';
import { contentRule, type Rule } from '../rule.js';
import { fileOf, valueIn } from '../tree.js';

/** Who could win a round, who won it, and whether it was over. */
export const OUTCOME_RULES: readonly Rule[] = [
  contentRule(
    {
      id: 'R10',
      severity: 'error',
    },
    'winner',
    (winner, file) => {
      const view = roundRecord(file.tree, file.params.round);
      if (view === undefined) {
        // A blob that is not here is H3's, and from formats of other eras nothing may follow: the verdict says so.
        if (!hasMissing(file.tree, file.params.round) && !isOfOtherFormat(file.tree, file.params.round))
          file.fault(`cannot be derived: ${unreadableBecause(file.tree, file.params.round)}`);
        return;
      }
      file.looked();
      for (const detail of recordGaps(file.tree, file.params.round, file.at.dialect)) file.fault(detail);
      const detail = winnerFault(winner, view, file.tree);
      if (detail === undefined) return;
      if (view.isByLaterRule) file.fault(`${detail}, by the last rule that its verdicts are known to follow`, 'warn');
      else file.fault(detail);
    },
  ),
  {
    id: 'R11',
    severity: 'error',
    check(at, tell) {
      const before = stateBefore(at);
      const after = valueIn(at.tree, 'state', {});
      if (before?.stage !== 'duels' || after?.stage !== 'finalizing') return;
      tell.looked();
      const round = before.current_round;
      // The first competition kept no winner and no matrix.
      if (hasChain(at.tree, round)) {
        const unmet = followChain(at.tree, round)?.unmet ?? [];
        if (unmet.length === 0) return;
        tell.fault({ path: 'state.json', round, detail: `${unmet.length} met nobody on record: ${namesOf(unmet)}` });
        return;
      }
      if (valueIn(at.tree, 'winner', { round }) === undefined) {
        tell.fault({ path: 'state.json', round, detail: 'the duels end without a winner.json' });
      }
      const view = roundRecord(at.tree, round);
      const unheard = (view?.hotkeys ?? []).filter(
        (hotkey) => view?.margin(LEADER, hotkey) === undefined && view?.standing(hotkey).status !== 'rejected',
      );
      if (unheard.length > 0) {
        const detail = `never matched with the leader: ${counted(unheard.length, 'challenger')} (${namesOf(unheard)})`;
        tell.fault({ path: 'state.json', round, detail });
      }
    },
  },
];

function namesOf(hotkeys: readonly Hotkey[]): string {
  return hotkeys.slice(0, 5).map(shortName).join(', ');
}

/** Why a timeline gives no winner, in words; undefined when it gives one. */
export function undecidedBecause({ next }: Timeline): string | undefined {
  switch (next.kind) {
    case 'decided':
      return undefined;
    case 'match':
      return `${shortName(next.match.left)} vs ${shortName(next.match.right)} has not been played`;
    case 'await':
      return next.events
        .map((event) =>
          event.kind === 'leader_baseline'
            ? "the leader's files are not complete"
            : `${shortName(event.hotkey)} awaits its ${event.kind.replace('_', ' ')}`,
        )
        .join(', ');
  }
}

/** Who won by the timeline, or null while that is open. */
export function timelineWinner({ next }: Timeline): Side | null {
  return next.kind === 'decided' ? next.winner : null;
}

function winnerFault(winner: Winner, view: RoundRecord, tree: Tree): string | undefined {
  const timeline = deriveTimeline(view);
  const derived = timelineWinner(timeline);
  const written = shortName(winner.winner_hotkey);
  if (derived === null) return `${written} won, while ${undecidedBecause(timeline)}`;
  if (derived !== winner.winner_hotkey) return `${written} won, where the timeline gives ${shortName(derived)}`;
  const leaders = valueIn(tree, 'leader', {});
  if (leaders === undefined || (derived === LEADER && leaders.length === 0)) return undefined;
  const build = derived === LEADER ? undefined : view.builds[derived as Hotkey];
  if (derived !== LEADER && (build === undefined || build.docker_image === null)) {
    return `${written} won, and its build is ${build?.status ?? 'unknown'}`;
  }
  if (fileOf(tree, 'winner', { round: view.round })?.content.format !== undefined) return undefined;
  const due = winnerOf(derived, { leaders, builds: view.builds });
  const wrong = (['repo', 'commit', 'docker_image'] as const).filter((field) => winner[field] !== due[field]);
  if (wrong.length === 0) return undefined;
  return wrong.map((field) => `${field} is ${winner[field]}, not ${due[field]}`).join('; ');
}

import { projectAmendments, type StageHold } from '@tiltyard/rules/gen3d';
import { type CompetitionState, heldStageFaults, stageFaults, stageHeld, stateOwners } from '@tiltyard/schema/gen3d';
import { writersOf } from '../../replay/authorship.js';
import type { CommitView } from '../../replay/commit-view.js';
import { amendmentsBefore, stateBefore } from '../commit-view.js';
import type { Rule, Tell } from '../rule.js';
import { positionIn, type StagePositionOnRecord, valueIn } from '../tree.js';

/** How the competition moves from stage to stage. */
export const STAGE_MOVE_RULES: readonly Rule[] = [
  transitionRule('T1', (move, tell) => {
    const edge = `${move.before.stage} → ${move.after.stage}`;
    if (move.faults.some((fault) => fault.code === 'illegal_edge')) {
      tell.fault({ path: 'state.json', detail: `${edge} is no legal edge` });
    } else if (ignoresHold(move)) {
      tell.fault({ path: 'state.json', detail: `${edge}, though the operator holds ${move.before.stage}` });
    }
  }),
  transitionRule('T2', ({ before, after, faults }, tell) => {
    if (!faults.some((fault) => fault.code === 'round_falls')) return;
    tell.fault({ path: 'state.json', detail: `round ${before.current_round} → ${after.current_round}` });
  }),
  transitionRule('T3', (move, tell) => {
    const { at, before, after } = move;
    if (!move.faults.some((fault) => fault.code === 'round_jumps') || isHeldAtOpening(at, before, after)) return;
    const detail = `round ${before.current_round} → ${after.current_round} with ${before.stage} → ${after.stage}`;
    tell.fault({ path: 'state.json', detail });
  }),
  otherMachineRule('T2', (from, to) =>
    to.current_round < from.current_round ? `round ${from.current_round} → ${to.current_round}` : undefined,
  ),
  otherMachineRule('T3', (from, to, at) => {
    const rise = to.current_round - from.current_round;
    if (rise <= 0 || (rise === 1 && BEGINS.has(to.stage)) || isHeldAtOpening(at, from, to)) return undefined;
    return `round ${from.current_round} → ${to.current_round} with ${from.stage} → ${to.stage}`;
  }),
  transitionRule('T4', (move, tell) => {
    const { before, after, at } = move;
    if (before.stage === after.stage || move.faults.length > 0) return;
    const edge = `${before.stage} → ${after.stage}`;
    if (at.author.by === 'person') {
      tell.fault({ path: 'state.json', severity: 'warn', detail: `a person moved ${edge}` });
      return;
    }
    const owners: readonly string[] = stateOwners(before.stage, move.heldStage);
    const writers = writersOf(at.author);
    if (writers.some((writer) => owners.includes(writer))) return;
    const who = writers.join(' or ') || 'nobody whose lines these are';
    tell.fault({ path: 'state.json', detail: `${edge} is for ${owners.join(', ') || 'nobody'}, not for ${who}` });
  }),
];

/** The reference's round manager may hold a competition with the next round on record, in the commit that would open it. */
function isHeldAtOpening(at: CommitView, from: StagePositionOnRecord, to: StagePositionOnRecord): boolean {
  const isNext = from.stage === 'finalizing' && to.stage === 'paused' && to.current_round === from.current_round + 1;
  const isScheduled = at.changes.some(
    ({ known, after }) => known.name === 'schedule' && known.params.round === to.current_round && after !== undefined,
  );
  return at.dialect === 'reference' && isNext && isScheduled;
}

/** The stages that a round begins with, in the first competition's stage machine too. */
const BEGINS: ReadonlySet<string> = new Set(['open', 'collecting']);

/**
 * What holds of rounds in the first competition's stage machine too, whose edges are not known. Its first rounds began
 * before there were services, so that it is looked at from the first state.json on.
 */
function otherMachineRule(
  id: 'T2' | 'T3',
  check: (from: StagePositionOnRecord, to: StagePositionOnRecord, at: CommitView) => string | undefined,
): Rule {
  return {
    id,
    severity: 'error',
    only: 'reference',
    check(at, tell) {
      if (!at.changes.some(({ known }) => known.name === 'state')) return;
      const [from, to] = [positionIn(at.parent), positionIn(at.tree)];
      const isOther = stateBefore(at) === undefined || valueIn(at.tree, 'state', {}) === undefined;
      if (from === undefined || to === undefined || !(isOther || !at.isRunning)) return;
      tell.looked();
      const detail = check(from, to, at);
      if (detail !== undefined) tell.fault({ path: 'state.json', detail });
    },
  };
}

interface Move {
  readonly at: CommitView;
  readonly before: CompetitionState;
  readonly after: CompetitionState;
  readonly heldStage: ReturnType<typeof stageHeld>;
  /** The operator's last word at the parent. */
  readonly hold: StageHold;
  readonly faults: ReturnType<typeof stageFaults>;
}

/**
 * While the operator holds a stage, the competition goes from there to `paused` and nowhere else. A change of state is
 * published on the amendments that it was decided on only, so that no service of ours can have missed the order.
 */
function ignoresHold({ before, after, hold }: Move): boolean {
  const isHeld = hold.kind === 'held' && hold.stage === before.stage;
  return isHeld && after.stage !== before.stage && after.stage !== 'paused';
}

/** A rule about changes of state.json once the competition runs. */
function transitionRule(id: 'T1' | 'T2' | 'T3' | 'T4', check: (move: Move, tell: Tell) => void): Rule {
  return {
    id,
    severity: 'error',
    check(at, tell) {
      const before = stateBefore(at);
      const after = valueIn(at.tree, 'state', {});
      const isWritten = at.changes.some((change) => change.known.name === 'state');
      if (!at.isRunning || !isWritten || before === undefined || after === undefined) return;
      tell.looked();
      const amendments = amendmentsBefore(at, before.current_round);
      // The reference's operators had no amendments to order a pause by.
      const faults = at.dialect === 'ours' ? heldStageFaults(before, after, amendments) : stageFaults(before, after);
      const { hold } = projectAmendments(amendments);
      check({ at, before, after, heldStage: stageHeld(amendments), hold, faults }, tell);
    },
  };
}

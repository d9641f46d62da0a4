import type { Amendments } from './files/amendments.js';
import { type Stage, type StageFault, type StagePosition, stageFaults } from './stage-machine.js';

/** The stage that the round's latest `pause` names, undefined when there was none. A later `resume` names it again. */
export function stageHeld(amendments: Amendments): Stage | undefined {
  return amendments.findLast((amendment) => amendment.action === 'pause')?.stage;
}

/**
 * Checks a change of state.json as {@link stageFaults} does, and that its pauses are the operator's: a competition is held
 * when the round's last word on it is a `pause` that names its stage, and goes on when that is a `resume`. For
 * repositories whose operators use amendments; elsewhere a pause has no trace but the stage itself.
 *
 * @param amendments - Those of the current round, at the parent commit.
 */
export function heldStageFaults(
  before: StagePosition,
  after: StagePosition,
  amendments: Amendments,
): readonly StageFault[] {
  const faults = stageFaults(before, after, stageHeld(amendments));
  const [from, to] = [before.stage, after.stage];
  if (from === to || faults.some((fault) => fault.code === 'illegal_edge')) return faults;
  const word = amendments.findLast(({ action }) => action === 'pause' || action === 'resume')?.action;
  const isOrdered = (to !== 'paused' || word === 'pause') && (from !== 'paused' || word === 'resume');
  return isOrdered ? faults : [{ code: 'illegal_edge', from, to }, ...faults];
}

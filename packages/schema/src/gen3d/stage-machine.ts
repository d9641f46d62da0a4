import type { ServiceName } from './names.js';

/** The stages of a round, in order, and the two that stand outside it. */
export const STAGES = ['open', 'miner_generation', 'downloading', 'duels', 'finalizing', 'finished', 'paused'] as const;
export type Stage = (typeof STAGES)[number];

/** Who moves the competition out of a stage. `finished` has no owner; a paused competition belongs to the one it waits for. */
export const STAGE_OWNER: Readonly<Record<Stage, ServiceName | null>> = {
  open: 'submission-collector',
  miner_generation: 'submission-collector',
  downloading: 'submission-collector',
  duels: 'judge-service',
  finalizing: 'round-manager',
  finished: null,
  paused: null,
};

/** The stage owners, each once. */
export const STAGE_OWNERS: readonly ServiceName[] = ['submission-collector', 'judge-service', 'round-manager'];

/** Edges of the stage machine, `paused` aside: it may be entered from any stage and left to where it was entered from. */
export const STAGE_EDGES: Readonly<Record<Stage, readonly Stage[]>> = {
  open: ['miner_generation', 'finalizing'],
  miner_generation: ['downloading'],
  downloading: ['duels'],
  duels: ['finalizing'],
  finalizing: ['open', 'finished'],
  finished: [],
  paused: [],
};

/**
 * Who may write state.json: the owner of the current stage, in a pause the owner of the stage held.
 *
 * @param held - The stage that a paused competition is held in, when known; else any owner of a stage may be it.
 */
export function stateOwners(stage: Stage, held?: Stage): readonly ServiceName[] {
  if (stage === 'paused' && held === undefined) return STAGE_OWNERS;
  const owner = STAGE_OWNER[stage === 'paused' && held !== undefined ? held : stage];
  return owner === null ? [] : [owner];
}

/** What the stage machine looks at in state.json. */
export interface StagePosition {
  readonly current_round: number;
  readonly stage: Stage;
}

/** Why a change of state.json is illegal. */
export type StageFault =
  | { readonly code: 'illegal_edge'; readonly from: Stage; readonly to: Stage }
  | { readonly code: 'round_falls'; readonly from: number; readonly to: number }
  | { readonly code: 'round_jumps'; readonly from: number; readonly to: number; readonly edge: string };

/**
 * Checks a change of state.json against the stage machine.
 *
 * @param heldStage - The stage that the latest pause names, when known: the competition is only held in that one, and
 *   only goes on there. (A pause that is over must not serve for another one: that would be a way from stage to stage.)
 * @returns every fault, none for a legal change. A change that moves neither stage nor round is legal.
 * @see docs/rules.md#stages
 */
export function stageFaults(before: StagePosition, after: StagePosition, heldStage?: Stage): readonly StageFault[] {
  const faults: StageFault[] = [];
  const from = before.stage;
  const to = after.stage;
  if (from !== to && !isEdge(from, to, heldStage)) faults.push({ code: 'illegal_edge', from, to });

  const rise = after.current_round - before.current_round;
  const opens = from === 'finalizing' && to === 'open';
  if (rise < 0) faults.push({ code: 'round_falls', from: before.current_round, to: after.current_round });
  else if (rise !== (opens ? 1 : 0)) {
    const edge = `${from}→${to}`;
    faults.push({ code: 'round_jumps', from: before.current_round, to: after.current_round, edge });
  }
  return faults;
}

function isEdge(from: Stage, to: Stage, heldStage: Stage | undefined): boolean {
  if (to === 'paused') return from !== 'finished' && (heldStage === undefined || from === heldStage);
  if (from === 'paused') return heldStage === undefined || to === heldStage;
  return STAGE_EDGES[from].includes(to);
}

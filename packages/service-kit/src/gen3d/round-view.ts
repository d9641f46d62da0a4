import type { Ledger, Snapshot } from '@tiltyard/ledger';
import {
  type ChoosingPart,
  projectAmendments,
  type RoundTerms,
  thresholdsOf,
  unsupportedChoices,
} from '@tiltyard/rules/gen3d';
import { type CompetitionState, type Schedule, STAGE_OWNER, type Stage, stateFiles } from '@tiltyard/schema/gen3d';
import { lookAgainIn, lookAgainLater, lookAgainNow, lookAgainSoon, type NextLook } from '../loop.js';
import { StateError } from '../state-error.js';

/** What every service looks at first: where the competition stands at one commit, and by which rules. */
export interface RoundView extends RoundTerms {
  readonly snapshot: Snapshot;
  readonly state: CompetitionState;
  readonly stage: Stage;
  readonly schedule: Schedule;
}

/**
 * Reads a round at a snapshot: the current one, or an earlier one by its number.
 *
 * @throws StateError `missing` when a file is not there that every competition has
 * @throws LedgerError when a file cannot be read
 */
export async function readRound(snapshot: Snapshot, number?: number): Promise<RoundView> {
  const config = await snapshot.read(stateFiles.config, {});
  if (config === undefined) throw new StateError({ code: 'missing', path: 'config.json' });
  const state = await snapshot.read(stateFiles.state, {});
  if (state === undefined) throw new StateError({ code: 'missing', path: 'state.json' });
  const round = number ?? state.current_round;
  const schedule = await snapshot.read(stateFiles.schedule, { round });
  if (schedule === undefined)
    throw new StateError({ code: 'missing', path: stateFiles.schedule.path.format({ round }) });
  const rules = thresholdsOf(config, await snapshot.read(stateFiles.rules, { round }));
  const amended = projectAmendments((await snapshot.read(stateFiles.amendments, { round })) ?? []);
  return { snapshot, config, state, round, stage: state.stage, schedule, rules, amended };
}

/**
 * Refuses a round whose rules choose what this version cannot carry out, before anything of it is begun.
 *
 * @param parts - What the caller has to carry out.
 * @throws StateError `unsupported`
 */
export function requireSupported({ rules, round }: Pick<RoundView, 'rules' | 'round'>, ...parts: ChoosingPart[]): void {
  const [first] = unsupportedChoices(rules, parts);
  if (first === undefined) return;
  const path = stateFiles.rules.path.format({ round });
  throw new StateError({ code: 'unsupported', path, detail: `${first.field}: ${first.problem}` });
}

/**
 * The change of state.json by which the owner of a stage obeys a pause or resume amendment, or undefined when there is
 * nothing to obey. While a competition is to be held, its owner does nothing else.
 *
 * @see docs/rules.md#amendments
 */
export function holdChange({ state, amended }: RoundView, service: string): CompetitionState | undefined {
  const { hold } = amended;
  if (hold.kind === 'none' || STAGE_OWNER[hold.stage] !== service) return undefined;
  if (hold.kind === 'held' && state.stage === hold.stage) return { ...state, stage: 'paused', next_stage_eta: null };
  if (hold.kind === 'released' && state.stage === 'paused')
    return { ...state, stage: hold.stage, next_stage_eta: null };
  return undefined;
}

/**
 * Obeys a pause or resume amendment where the stage belongs to this service: publishes the change of state, alone.
 *
 * @returns when to look again, which then is the tick's end: it does nothing else; undefined when there was nothing to obey.
 * @throws LedgerError
 */
export async function obeyHold(
  view: RoundView,
  ledger: Pick<Ledger, 'publish'>,
  service: string,
): Promise<NextLook | undefined> {
  const change = holdChange(view, service);
  if (change === undefined) return undefined;
  await ledger.publish(view.snapshot.draft().write(stateFiles.state, {}, change));
  return lookAgainNow(`the operator's amendment: ${change.stage}`);
}

/** When to look again while an operator holds the competition. */
export function whilePaused(round: number): NextLook {
  const reason = `round ${round} is paused`;
  return { ...lookAgainSoon(reason), stuck: [{ kind: 'paused', reason }] };
}

/**
 * When a service should look again at a stage that is not its own: when the next stage is announced for, at the
 * shortest pause where nothing is announced, never soon once the competition is over.
 *
 * @param chainTimeMs - The finalized head's time.
 */
export function untilNextStage({ state, round, stage }: RoundView, chainTimeMs: number): NextLook {
  const reason = `round ${round} is in ${stage}`;
  if (stage === 'finished') return lookAgainLater(reason);
  if (stage === 'paused') return whilePaused(round);
  if (state.next_stage_eta === null) return lookAgainSoon(reason);
  return lookAgainIn((Date.parse(state.next_stage_eta) - chainTimeMs) / 1000, reason);
}

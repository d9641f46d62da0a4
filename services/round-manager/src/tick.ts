import type { Chain } from '@tiltyard/chain';
import type { Draft, Ledger, Snapshot } from '@tiltyard/ledger';
import { type Rules, stateFiles } from '@tiltyard/schema/gen3d';
import { type Logger, lookAgainNow, lookAgainSoon, type NextLook, type Notices } from '@tiltyard/service-kit';
import { checkChain, obeyHold, readRound, untilNextStage } from '@tiltyard/service-kit/gen3d';
import { planRoundEnd, type RoundEnd, type RoundEndPlan } from './plan.js';

/** What a tick works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly chain: Pick<Chain, 'finalizedHead' | 'genesisHash'>;
  readonly software: Rules['software'];
  readonly log: Logger;
  readonly notices: Notices;
}

/**
 * One step of the finalizing stage: the leader, the next schedule and its rules in one commit. Returns when to look again.
 *
 * @throws LedgerError, ChainError, StateError; nothing was published then.
 */
export async function tick({ ledger, chain, software, log, notices }: Ports): Promise<NextLook> {
  const snapshot = await ledger.snapshot();
  await snapshot.requireVouched();
  const view = await readRound(snapshot);
  const held = await obeyHold(view, ledger, 'round-manager');
  if (held !== undefined) return held;
  // The next schedule follows from the chain's blocks and time: another chain's would be nonsense for good.
  checkChain(view, chain);
  const head = await chain.finalizedHead();
  if (view.stage !== 'finalizing') return untilNextStage(view, head.timestampMs);

  const { config, round, schedule, rules } = view;
  const end: RoundEnd = {
    ...{ config, round, schedule, rules, software },
    leaders: (await snapshot.read(stateFiles.leader)) ?? [],
    submissions: await snapshot.read(stateFiles.submissions, { round }),
    winner: await snapshot.read(stateFiles.winner, { round }),
    now: { block: head.number, time: new Date(head.timestampMs) },
  };
  const plan = planRoundEnd(end);
  if (plan.kind === 'wait') {
    const { reason, because } = plan;
    const title = `Round ${round} cannot be closed`;
    notices.send({
      key: `${because}-${round}`,
      severity: 'alarm',
      title,
      detail: `${reason}. It is looked at again at the next tick.`,
    });
    return { ...lookAgainSoon(reason), stuck: [{ kind: because, reason }] };
  }
  await ledger.publish(draftOf(snapshot, plan, end));
  log.info({ round, next: plan.state }, `round ${round} is closed`);
  return lookAgainNow();
}

/** The plan as one commit: the leader, the schedule, the rules and the state change together or not at all. */
function draftOf(snapshot: Snapshot, plan: Exclude<RoundEndPlan, { kind: 'wait' }>, end: RoundEnd): Draft {
  const { round, leaders } = end;
  const draft = snapshot.draft().write(stateFiles.state, {}, plan.state);
  // The plan was derived from this; had it changed meanwhile, it would have to be made again.
  draft.requires(stateFiles.winner, { round });
  if (plan.kind === 'finish') return draft;
  draft.write(stateFiles.schedule, { round: round + 1 }, plan.schedule);
  draft.write(stateFiles.rules, { round: round + 1 }, plan.rules);
  if (plan.leader !== undefined) draft.write(stateFiles.leader, {}, [...leaders, plan.leader]);
  return draft;
}

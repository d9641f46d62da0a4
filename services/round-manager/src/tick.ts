import type { Chain } from '@tiltyard/chain';
import type { Draft, Ledger, Snapshot } from '@tiltyard/ledger';
import { type Rules, stateFiles } from '@tiltyard/schema';
import {
  holdChange,
  type Logger,
  lookAgainIn,
  lookAgainLater,
  lookAgainNow,
  type NextLook,
  type Notices,
  readRound,
  secondsUntilNextStage,
} from '@tiltyard/service-kit';
import { planRoundEnd, type RoundEnd, type RoundEndPlan } from './plan.js';

/** What a tick works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly chain: Chain;
  readonly software: Rules['software'];
  readonly log: Logger;
  readonly notices: Notices;
}

/** One step of the finalizing stage: the leader, the next schedule and its rules in one commit. Returns when to look again. */
export async function tick({ ledger, chain, software, log, notices }: Ports): Promise<NextLook> {
  const snapshot = await ledger.snapshot();
  const view = await readRound(snapshot);
  const held = holdChange(view, 'round-manager');
  if (held !== undefined) {
    await ledger.publish(snapshot.draft().transition(held));
    return lookAgainNow(`the operator's amendment: ${held.stage}`);
  }
  if (view.stage === 'finished') return lookAgainLater('the competition is over');
  const head = await chain.finalizedHead();
  if (view.stage !== 'finalizing') {
    const seconds = secondsUntilNextStage(view, head.timestampMs);
    return seconds === undefined
      ? lookAgainLater(`round ${view.round} is in ${view.stage}`)
      : lookAgainIn(seconds, `round ${view.round} is in ${view.stage}`);
  }

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
    notices.send({
      key: 'no-winner',
      severity: 'alarm',
      title: `Round ${round} cannot be closed`,
      detail: plan.reason,
    });
    return lookAgainLater(plan.reason);
  }
  await ledger.publish(draftOf(snapshot, plan, end));
  log.info({ round, next: plan.state }, `round ${round} is closed`);
  return lookAgainNow();
}

/** The plan as one commit: the leader, the schedule, the rules and the state change together or not at all. */
function draftOf(snapshot: Snapshot, plan: Exclude<RoundEndPlan, { kind: 'wait' }>, end: RoundEnd): Draft {
  const { round, leaders } = end;
  const draft = snapshot.draft().transition(plan.state);
  // The plan was derived from these; had one of them changed meanwhile, it would have to be made again.
  draft.requires(stateFiles.winner, { round }).requires(stateFiles.amendments, { round });
  if (plan.kind === 'finish') return draft;
  draft.write(stateFiles.schedule, { round: round + 1 }, plan.schedule);
  draft.write(stateFiles.rules, { round: round + 1 }, plan.rules);
  if (plan.leader !== undefined) draft.write(stateFiles.leader, {}, [...leaders, plan.leader]);
  return draft;
}

import type { Chain } from '@tiltyard/chain';
import type { Draft, Ledger } from '@tiltyard/ledger';
import { matchKey, type Timeline } from '@tiltyard/rules';
import { type MatchReport, stateFiles } from '@tiltyard/schema';
import {
  type DuelsState,
  decidedWinner,
  dueRequests,
  holdChange,
  type JobQueue,
  type Logger,
  lookAgainIn,
  lookAgainLater,
  lookAgainNow,
  lookAgainSoon,
  type NextLook,
  type Notices,
  type RoundView,
  readDuels,
  readRound,
  secondsUntilNextStage,
  timelineOf,
  withReports,
} from '@tiltyard/service-kit';
import type { MatchJob, MatchOutcome } from './match.js';
import type { RetryLater } from './retry-later.js';

/** What a tick works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly chain: Chain;
  readonly matches: JobQueue<MatchJob, MatchOutcome>;
  /** Matches that the judge left unresolved, until they may be tried again. */
  readonly retries: RetryLater;
  readonly log: Logger;
  readonly notices: Notices;
}

/** One step of the duels stage. Returns when to look again. */
export async function tick(ports: Ports): Promise<NextLook> {
  const { ledger, matches } = ports;
  const snapshot = await ledger.snapshot();
  const view = await readRound(snapshot);
  const held = holdChange(view, 'judge-service');
  if (held !== undefined) {
    await ledger.publish(snapshot.draft().transition(held));
    return lookAgainNow(`the operator's amendment: ${held.stage}`);
  }
  if (view.stage !== 'duels') {
    cancelAll(matches);
    return await untilDuels(ports, view);
  }

  const published = await readDuels(view);
  const reports = finished(ports, published);
  const state = withReports(published, reports);
  const timeline = timelineOf(state);
  const draft = draftOf(published, state, reports, timeline);
  if (!draft.empty) {
    await ledger.publish(draft);
    ports.log.info({ round: view.round, matches: reports.length, next: timeline.next }, 'published');
  }
  if (timeline.next.kind === 'decided') {
    cancelAll(matches);
    return lookAgainNow(`round ${view.round} is won by ${timeline.next.winner}`);
  }
  startMatches(ports, state, timeline);
  if (!draft.empty) return lookAgainNow();
  if (timeline.next.kind === 'await') return lookAgainSoon(`waiting for ${timeline.next.events[0].kind}`);
  return lookAgainSoon(`${matches.pending().size} matches are being judged`);
}

/**
 * The reports of matches that ended since the last tick and are still wanted. A match that the judge left unresolved is
 * put off; one that failed on our side too.
 */
function finished({ matches, retries, log, notices }: Ports, state: DuelsState): readonly MatchReport[] {
  const playable = new Set(timelineOf(state).playable.map(({ left, right }) => matchKey(left, right)));
  return matches.take().flatMap((settled) => {
    if (settled.ok && settled.result.resolved) {
      // Rejected, excluded or played meanwhile: the report is not needed any more.
      return playable.has(settled.key) ? [settled.result.report] : [];
    }
    const reason = settled.ok ? (settled.result as { reason: string }).reason : String(settled.error);
    retries.putOff(settled.key);
    log.warn(
      { match: settled.key, ...(settled.ok ? { reason } : { error: settled.error }) },
      'the match is unresolved',
    );
    notices.send({
      key: 'judge',
      severity: 'warning',
      title: 'A match is unresolved',
      detail: `${settled.key}: ${reason}`,
    });
    return [];
  });
}

/** Everything that this tick publishes, as one commit: reports, rows, audit requests, and at the end winner and state. */
function draftOf({ view }: DuelsState, state: DuelsState, reports: readonly MatchReport[], timeline: Timeline): Draft {
  const { round, snapshot } = view;
  const draft = snapshot.draft();
  for (const report of reports) {
    const left = report.left.slice(0, 10);
    draft.write(stateFiles.matchReport, { round, side: report.right, left }, report);
  }
  if (reports.length > 0) draft.write(stateFiles.matchMatrix, { round }, state.matrix);
  const requests = dueRequests(state, timeline);
  if (requests.length > 0) draft.write(stateFiles.auditRequests, { round }, [...state.requests, ...requests]);
  if (timeline.next.kind === 'decided') {
    draft.write(stateFiles.winner, { round }, decidedWinner(state, timeline.next.winner));
    draft.transition({ ...view.state, stage: 'finalizing', next_stage_eta: null });
    // The decision hangs on these: should one change meanwhile, it has to be made again.
    for (const file of [stateFiles.generationAudits, stateFiles.sourceAudits, stateFiles.amendments] as const) {
      draft.requires(file, { round });
    }
  }
  return draft;
}

/** Starts what is playable, most useful first, and gives up what is not wanted any more. */
function startMatches({ matches, retries }: Ports, state: DuelsState, timeline: Timeline): void {
  const wanted = new Map(timeline.playable.map((match) => [matchKey(match.left, match.right), match]));
  for (const key of matches.pending().keys()) if (!wanted.has(key)) matches.cancel(key);
  for (const [key, match] of wanted) if (!retries.isPutOff(key)) matches.enqueue(key, { match, state });
}

function cancelAll(matches: JobQueue<MatchJob, MatchOutcome>): void {
  for (const key of matches.pending().keys()) matches.cancel(key);
  matches.take();
}

async function untilDuels({ chain }: Ports, view: RoundView): Promise<NextLook> {
  const reason = `round ${view.round} is in ${view.stage}`;
  const head = await chain.finalizedHead();
  const seconds = secondsUntilNextStage(view, head.timestampMs);
  return seconds === undefined ? lookAgainLater(reason) : lookAgainIn(seconds, reason);
}

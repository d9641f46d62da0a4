import type { Chain } from '@tiltyard/chain';
import type { Draft, Ledger } from '@tiltyard/ledger';
import { type MatchToPlay, matchKey, type OutsideEvent, type Timeline } from '@tiltyard/rules/gen3d';
import { shortName } from '@tiltyard/schema';
import { type MatchReport, stateFiles } from '@tiltyard/schema/gen3d';
import {
  type JobQueue,
  type Logger,
  lookAgainNow,
  lookAgainSoon,
  type NextLook,
  type Notices,
  type RetryLater,
  retryText,
  type Stuck,
} from '@tiltyard/service-kit';
import {
  type DuelsState,
  decidedWinner,
  dueRequests,
  obeyHold,
  readDuels,
  readRound,
  requireSupported,
  timelineOf,
  untilNextStage,
  whilePaused,
  withReports,
} from '@tiltyard/service-kit/gen3d';
import { type MatchJob, type MatchOutcome, rejudgeOf, type Unresolved } from './match.js';

/** What a tick works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly chain: Pick<Chain, 'finalizedHead'>;
  readonly matches: JobQueue<MatchJob, MatchOutcome>;
  /** Matches that the judge left unresolved, until they may be tried again. */
  readonly retries: RetryLater;
  readonly log: Logger;
  readonly notices: Notices;
}

/**
 * One step of the duels stage. Returns when to look again.
 *
 * @throws LedgerError, ChainError, StateError, RulesError; nothing was published then, and what was judged is kept.
 */
export async function tick(ports: Ports): Promise<NextLook> {
  const { ledger, chain, matches, log } = ports;
  const snapshot = await ledger.snapshot();
  await snapshot.requireVouched();
  const view = await readRound(snapshot);
  const held = await obeyHold(view, ledger, 'judge-service');
  if (held !== undefined) return held;
  if (view.stage !== 'duels') {
    if (view.stage === 'paused') {
      // What had been judged before the pause counts after it.
      for (const key of matches.pending().keys()) matches.cancel(key);
      return whilePaused(view.round);
    }
    matches.cancelAll();
    return untilNextStage(view, (await chain.finalizedHead()).timestampMs);
  }

  requireSupported(view, 'judging');
  const published = await readDuels(view);
  const ended = takeEnded(ports, published);
  const state = withReports(published, ended.reports);
  const timeline = timelineOf(state);
  const draft = draftOf(published, state, ended.reports, timeline);
  if (!draft.empty) {
    await ledger.publish(draft);
    log.info({ round: view.round, matches: ended.reports.length, next: timeline.next }, 'published');
  }
  // Only what is published is let go: a report whose publish failed is found again by the next tick.
  matches.acknowledge(ended.keys);
  if (timeline.next.kind === 'decided') {
    matches.cancelAll();
    return lookAgainNow(`round ${view.round} is won by ${timeline.next.winner}`);
  }
  startMatches(ports, state, timeline);
  if (!draft.empty) return { ...lookAgainNow(), stuck: ports.retries.stuck() };
  const events = timeline.next.kind === 'await' ? timeline.next.events : [];
  const stuck = [...ports.retries.stuck(), ...askForAudits(ports, state, events)];
  const reason =
    events.length > 0
      ? `waiting for ${events.map(({ kind }) => kind).join(', ')}`
      : `${matches.pending().size} matches are being judged`;
  return { ...lookAgainSoon(reason), stuck };
}

interface Ended {
  readonly reports: readonly MatchReport[];
  /** Settled jobs that are done with once the reports are published. */
  readonly keys: readonly string[];
}

/**
 * The reports of matches that ended and are still wanted. A match that the judge left unresolved, or that failed on our
 * side, is delayed.
 */
function takeEnded(ports: Ports, state: DuelsState): Ended {
  const { matches } = ports;
  const playable = new Set(timelineOf(state).playable.map((match) => jobKey(state, match)));
  const reports: MatchReport[] = [];
  const keys: string[] = [];
  for (const settled of matches.settled()) {
    keys.push(settled.key);
    if (settled.ok && settled.result.resolved) {
      // Meanwhile rejected, excluded or ordered again: the report is no longer wanted.
      ports.retries.forget(settled.key);
      if (playable.has(settled.key)) reports.push(settled.result.report);
    } else if (!ports.retries.isPutOff(settled.key)) {
      const outcome = settled.ok
        ? (settled.result as Unresolved)
        : { reason: settled.error, refused: [], nonsense: [] };
      putOff(ports, settled.key, outcome);
    }
  }
  return { reports, keys };
}

function putOff({ retries, log, notices }: Ports, match: string, { reason, refused, nonsense }: PutOff): void {
  const kind = refused.length > 0 ? 'judge_refusal' : 'judge';
  const { pauseMs } = retries.putOff(match, { kind, reason: `${match}: ${String(reason)}` });
  log.warn(reason instanceof Error ? { match, error: reason } : { match, reason, refused }, 'the match is unresolved');
  const detail = `${match}: ${String(reason)}. It is tried again ${retryText(pauseMs)}, and counts for no one until it is resolved.`;
  if (refused.length === 0) {
    const hint = nonsense.length === 0 ? '' : ` Every duel of the match is answered except ${listed(nonsense)}.`;
    notices.send({ key: 'judge', severity: 'warning', title: 'A match is unresolved', detail: detail + hint });
    return;
  }
  const prompts = listed(refused);
  notices.send({
    key: `refused-${match}`,
    severity: 'alarm',
    title: 'The judge refuses a picture',
    detail:
      `${detail} Every duel of the match is answered except ${prompts}: waiting does not help. Give the ` +
      'service another endpoint of the same model (JUDGE_FALLBACK_BASE_URL), which is asked where the first does not answer. ' +
      'If the picture is a challenger’s, amend exclude_hotkey to go on without it.',
  });
}

/** The first of some prompts. */
function listed(stems: readonly string[]): string {
  return stems.slice(0, 5).join(', ') + (stems.length > 5 ? ', …' : '');
}

interface PutOff {
  readonly reason: unknown;
  readonly refused: readonly string[];
  readonly nonsense: readonly string[];
}

/** Everything that this tick publishes, as one commit: reports, rows, audit requests, and at the end winner and state. */
function draftOf({ view }: DuelsState, state: DuelsState, reports: readonly MatchReport[], timeline: Timeline): Draft {
  const { round, snapshot } = view;
  const draft = snapshot.draft();
  for (const report of reports) {
    draft.write(stateFiles.matchReport, { round, side: report.right, left: shortName(report.left) }, report);
  }
  if (reports.length > 0) draft.write(stateFiles.matchMatrix, { round }, state.matrix);
  const requests = dueRequests(state, timeline);
  if (requests.length > 0) draft.write(stateFiles.auditRequests, { round }, [...state.requests, ...requests]);
  if (timeline.next.kind === 'decided') {
    draft.write(stateFiles.winner, { round }, decidedWinner(state, timeline.next.winner));
    draft.write(stateFiles.state, {}, { ...view.state, stage: 'finalizing', next_stage_eta: null });
    // The decision depends on these: if one changes meanwhile, it has to be made again.
    for (const file of [stateFiles.generationAudits, stateFiles.sourceAudits, stateFiles.builds] as const) {
      draft.requires(file, { round });
    }
  }
  return draft;
}

/** Starts what is playable, most useful first, and gives up what is not wanted any more. */
function startMatches({ matches, retries }: Ports, state: DuelsState, timeline: Timeline): void {
  const wanted = new Map(timeline.playable.map((match) => [jobKey(state, match), match]));
  for (const key of matches.pending().keys()) if (!wanted.has(key)) matches.cancel(key);
  retries.retain(new Set(wanted.keys()));
  for (const [key, match] of wanted) if (!retries.isPutOff(key)) matches.enqueue(key, { match, state });
}

/** A match's name in the queue. A match that is to be judged again, or that another round plays, is another job. */
function jobKey(state: DuelsState, match: MatchToPlay): string {
  const amendment = rejudgeOf(state, match);
  const key = `${state.view.round}: ${matchKey(match.left, match.right)}`;
  return amendment === undefined ? key : `${key}#${amendment}`;
}

/** Asks for the verdicts of people that the round waits for. */
function askForAudits({ notices }: Ports, { view }: DuelsState, events: readonly OutsideEvent[]): readonly Stuck[] {
  return events.flatMap((event) => {
    if (event.kind !== 'source_audit') return [];
    const reason = `Round ${view.round} waits for a verdict on the source of ${event.hotkey} in source_audit.json.`;
    notices.send({
      key: `source-audit-${view.round}-${event.hotkey}`,
      severity: 'warning',
      title: 'A source audit is needed',
      detail: reason,
    });
    return [{ kind: 'source_audit', reason }];
  });
}

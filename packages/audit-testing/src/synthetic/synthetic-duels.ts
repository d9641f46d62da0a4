import {
  type Amended,
  auditRequestsDue,
  auditVerdict,
  deriveTimeline,
  matchKey,
  projectAmendments,
  standingAudits,
  standingBuilds,
  type Timeline,
  timelineInput,
  winnerOf,
} from '@tiltyard/rules/gen3d';
import { type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';
import type { MatchReport, Stem } from '@tiltyard/schema/gen3d';
import { inBatches, minersOf, needed, promptsOf, rulesOf, type SyntheticRound, stateOf } from './round-context.js';
import type { SyntheticCommit } from './synthetic-commit.js';
import { syntheticMatch, syntheticRerun } from './synthetic-content.js';
import { correct, ordersOf } from './synthetic-orders.js';

/** One miner in so many cannot make again what it submitted. */
const DISHONEST_EVERY = 5;

/** Plays a round's matches and audits until one has won, with the corrections that were ordered. */
export function* duel(context: SyntheticRound): Generator<SyntheticCommit> {
  const { ledger, round, config } = context;
  const orders = ordersOf(context).filter((action) => action !== 'extend_deadline');
  for (;;) {
    const timeline = timelineOf(context);
    const { next } = timeline;
    if (next.kind === 'match') {
      play(context, next.match.left, next.match.right);
      const requested = requestAudits(context);
      yield ledger.commit('judge-service');
      for (const hotkey of requested) yield* audit(context, hotkey);
    } else if (next.kind === 'await') {
      const hotkeys = next.events.flatMap((event) => (event.kind === 'generation_audit' ? [event.hotkey] : []));
      if (hotkeys.length < next.events.length) {
        throw new Error(`round ${round} of ${config.name} waits for ${JSON.stringify(next.events)}`);
      }
      for (const hotkey of hotkeys) yield* audit(context, hotkey);
    } else if (orders.length > 0) {
      yield* correct(context, needed(orders.shift()), timeline);
      if (requestAudits(context).length > 0) yield ledger.commit('judge-service');
    } else {
      const leaders = needed(ledger.read('leader', {}));
      const builds = standingBuilds(needed(ledger.read('builds', { round })), amendedIn(context));
      ledger.write('winner', { round }, winnerOf(next.winner, { leaders, builds }));
      yield ledger.write('state', {}, stateOf(context, 'finalizing')).commit('judge-service');
      return;
    }
  }
}

function amendedIn({ ledger, round }: SyntheticRound): Amended {
  return projectAmendments(ledger.read('amendments', { round }) ?? []);
}

function reportOf({ ledger, round }: SyntheticRound, left: Side, right: Hotkey): MatchReport | undefined {
  return ledger.read('matchReport', { round, side: right, left: shortName(left) });
}

/** Plays a match; where it was ordered to be judged again, under that order. */
function play(context: SyntheticRound, left: Side, right: Hotkey): void {
  const { ledger, round, options } = context;
  const miners = new Map(minersOf(context).map((miner) => [miner.hotkey as Side, miner.skill]));
  const report = syntheticMatch({
    left,
    right,
    round,
    prompts: promptsOf(context),
    leftFiles: ledger.read(left === LEADER ? 'generated' : 'submitted', { round, side: left }) ?? {},
    rightFiles: ledger.read('submitted', { round, side: right }) ?? {},
    edge: (miners.get(right) ?? 0.5) - (miners.get(left) ?? 0.5),
    amendment: amendedIn(context).rejudgedMatches.get(matchKey(left, right)),
    options,
  });
  ledger.write('matchReport', { round, side: right, left: shortName(left) }, report);
  const rows = ledger.read('matchMatrix', { round }) ?? [];
  ledger.write('matchMatrix', { round }, [...rows, { left, right, margin: report.margin }]);
}

/** Writes the audit requests that the timeline now calls for. @returns the hotkeys. */
function requestAudits(context: SyntheticRound): readonly Hotkey[] {
  const { ledger, round } = context;
  const { win_margin: winMargin, max_mismatched_margin: maxMismatchedMargin } = rulesOf(context).tournament;
  const requested = ledger.read('auditRequests', { round }) ?? [];
  const due = auditRequestsDue({
    timeline: timelineOf(context),
    requested,
    report: (left, right) => reportOf(context, left, right),
    seed: needed(ledger.read('seed', { round })).seed,
    winMargin,
    maxMismatchedMargin,
  });
  if (due.length > 0) ledger.write('auditRequests', { round }, [...requested, ...due]);
  return due.map(({ hotkey }) => hotkey);
}

/** Runs a local leader's container again and gives the verdict. */
function* audit(context: SyntheticRound, hotkey: Hotkey): Generator<SyntheticCommit> {
  const { ledger, round } = context;
  const miner = minersOf(context).find((one) => one.hotkey === hotkey);
  const submitted = ledger.read('submitted', { round, side: hotkey }) ?? {};
  const amended = amendedIn(context);
  const build = standingBuilds(needed(ledger.read('builds', { round })), amended)[hotkey];
  const before = ledger.read('generated', { round, side: hotkey }) ?? {};
  if (build?.status === 'success') {
    for (const part of inBatches(syntheticRerun(submitted, (miner?.index ?? 0) % DISHONEST_EVERY !== 3), context)) {
      yield ledger
        .write('generated', { round, side: hotkey }, { ...before, ...part })
        .commit('generation-orchestrator');
    }
  }
  const requests = ledger.read('auditRequests', { round }) ?? [];
  const verdict = auditVerdict({
    hotkey,
    criticalPrompts: requests.find((request) => request.hotkey === hotkey)?.critical_prompts ?? ([] as Stem[]),
    submitted,
    generated: ledger.read('generated', { round, side: hotkey }) ?? {},
    build,
    runComplete: true,
    rules: rulesOf(context),
    amendment: amended.voidedAudits.get(hotkey),
  });
  const audits = ledger.read('generationAudits', { round }) ?? {};
  yield ledger.write('generationAudits', { round }, { ...audits, [hotkey]: verdict }).commit('generation-orchestrator');
}

function timelineOf(context: SyntheticRound): Timeline {
  const { ledger, round } = context;
  const amended = amendedIn(context);
  return deriveTimeline(
    timelineInput(
      { rules: rulesOf(context), amended },
      {
        submissions: needed(ledger.read('submissions', { round })),
        matrix: ledger.read('matchMatrix', { round }) ?? [],
        reportAmendment: (left, right) => reportOf(context, left, right)?.amendment,
        audits: standingAudits(ledger.read('generationAudits', { round }) ?? {}, amended),
        sourceAudits: [],
        leaderBaselineComplete: true,
      },
    ),
  );
}

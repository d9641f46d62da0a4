import type { Ledger } from '@tiltyard/ledger';
import { LEADER, type Side } from '@tiltyard/schema';
import { stateFiles } from '@tiltyard/schema/gen3d';
import {
  type JobQueue,
  type Logger,
  lookAgainNow,
  lookAgainSoon,
  type NextLook,
  type Notices,
  retryText,
  type Stuck,
} from '@tiltyard/service-kit';
import { type RoundView, readRound, requireSupported, whilePaused } from '@tiltyard/service-kit/gen3d';
import type { BuildTracker } from './build-tracker.js';
import type { RunEnd, RunJob } from './generation-run.js';
import type { PodSweep } from './pod-sweep.js';
import { HEALTHY_AFTER_BREAK, type RoundMemory } from './round-memory.js';
import {
  auditsToReopen,
  hasLeaderDefaulted,
  isBaselineDone,
  promptsToRun,
  type RoundWork,
  readWork,
  sortAudits,
} from './round-work.js';
import { tellMissingBuilds, tellUnfinished } from './tell-operator.js';
import { type RunEnded, writeRuns } from './write-runs.js';

/** What a tick works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly builds: BuildTracker;
  readonly runs: JobQueue<RunJob, RunEnd>;
  readonly memory: RoundMemory;
  readonly sweep: PodSweep;
  readonly log: Logger;
  readonly notices: Notices;
}

const GENERATING = ['miner_generation', 'downloading', 'duels'];

/**
 * One step: builds, the leader's baseline and audits, side by side. Returns when to look again.
 *
 * @throws LedgerError, StateError, RulesError; nothing was published then, and what runs brought is kept.
 */
export async function tick(ports: Ports, signal?: AbortSignal): Promise<NextLook> {
  const { ledger, memory, sweep } = ports;
  const snapshot = await ledger.snapshot();
  await snapshot.requireVouched();
  const view = await readRound(snapshot);
  await sweep.sweepIfDue(view.round);
  // Jobs are known by their side alone: one of an earlier round, left over while the repository was out of reach, must
  // not pass for one of this round.
  if (memory.enterRound(view.round)) ports.runs.cancelAll();
  if (!GENERATING.includes(view.stage)) return stopRuns(ports, view);

  requireSupported(view, 'verification', 'rendering');
  const draft = snapshot.draft();
  const builds = await ports.builds.track(view, signal);
  if (builds !== undefined) draft.write(stateFiles.builds, { round: view.round }, builds);
  const work = await readWork(view);
  if (work === undefined) {
    if (!draft.empty) await ledger.publish(draft);
    return { ...lookAgainSoon('seed and prompts are not public yet'), stuck: ports.builds.stuck() };
  }
  // A run from before an audit was voided holds results that do not count any more, and would not make them again.
  for (const hotkey of auditsToReopen(work)) {
    ports.runs.cancel(hotkey);
    memory.forget(hotkey);
  }
  const ended = takeEnded(ports, work);
  writeRuns(draft, work, ended, memory);
  if (!draft.empty) {
    await ledger.publish(draft);
    for (const side of memory.sides()) {
      const file = await draft.read(stateFiles.generated, { round: view.round, side });
      if (file !== undefined) memory.published(side, file);
    }
  }
  // Only what is published is let go: a run whose publish failed is found again by the next tick.
  ports.runs.acknowledge(ended.map(({ side }) => side));
  const missing = tellMissingBuilds(ports.notices, work);
  const wanted = wantedRuns(ports, work);
  memory.retries.retain(new Set(wanted.keys()));
  const stuck = [...memory.retries.stuck(), ...hinderedRuns(ports), ...ports.builds.stuck(), ...missing];
  if (!draft.empty) return { ...lookAgainNow(), stuck };
  startRuns(ports, work, wanted);
  const under = [...ports.runs.pending()].map(([side, note]) => `${side}: ${note}`).join(', ');
  return { ...lookAgainSoon(under || 'nothing to run'), stuck };
}

/**
 * Runs that ended. One that was stranded or failed on our side gives no verdict, and a leader whose container does not
 * finish has not defaulted: the run is delayed, the operator gets a notice, and it is started again.
 */
function takeEnded({ runs, memory, log, notices }: Ports, work: RoundWork): readonly RunEnded[] {
  const { retries } = memory;
  return runs.settled().map((settled): RunEnded => {
    const side = settled.key as Side;
    const end = settled.ok ? settled.result : undefined;
    if (end?.state.kind === 'done' && (side !== LEADER || end.state.because === 'all_settled')) {
      retries.forget(side);
      return { side, end };
    }
    if (!retries.isPutOff(side)) {
      const why = settled.ok ? describeState(settled.result) : String(settled.error);
      const kind = side === LEADER ? 'baseline' : 'audit_run';
      const { pauseMs } = retries.putOff(side, { kind, reason: `${side}: ${why}` });
      log.error({ side, ...(settled.ok ? settled.result.state : { error: settled.error }) }, 'a run was not finished');
      tellUnfinished(notices, work, side, `${why}. It is started again ${retryText(pauseMs)}`);
    }
    return { side, end };
  });
}

function describeState({ state, pods }: RunEnd): string {
  if (state.kind === 'stranded') {
    const broke = pods.filter(({ reason }) => reason?.includes(HEALTHY_AFTER_BREAK)).length;
    const hint = broke === 0 ? '' : ` (${broke} of ${pods.length} broke a connection and were healthy right after)`;
    return `its pods were lost${hint}, and no more may be started; ${state.open.length} prompts are open`;
  }
  return `its container did not finish (${state.because}); ${state.open.length} prompts are open`;
}

/** Runs that are under way and do not go on: they try again by themselves, and no one's time runs. */
function hinderedRuns({ runs }: Ports): readonly Stuck[] {
  return [...runs.hindered()].map(([side, reason]) => ({
    kind: side === LEADER ? 'baseline' : 'audit_run',
    reason: `${side}: ${reason}`,
  }));
}

/** The runs that the round wants: the leader first, since every challenger waits for its files. */
function wantedRuns({ memory }: Ports, work: RoundWork): ReadonlyMap<Side, RunJob> {
  const { view, seed, promptImages, generated, builds, leader } = work;
  const common = { round: view.round, rules: view.rules, seed, promptImages };
  const wanted = new Map<Side, RunJob>();
  if (leader !== undefined && !isBaselineDone(work) && !hasLeaderDefaulted(work)) {
    const known = memory.merged(LEADER, generated.get(LEADER) ?? {});
    wanted.set(LEADER, {
      ...common,
      ...{ side: LEADER, purpose: 'baseline', image: leader.docker, prompts: work.prompts },
      ...{ generated: known, submitted: {} },
    });
  }
  const reopening = new Set(auditsToReopen(work));
  for (const { hotkey } of sortAudits(work).runnable) {
    const image = builds[hotkey]?.docker_image;
    if (!image || reopening.has(hotkey)) continue;
    wanted.set(hotkey, {
      ...common,
      ...{ side: hotkey, purpose: 'audit', image, prompts: promptsToRun(work, hotkey) },
      generated: memory.merged(hotkey, generated.get(hotkey) ?? {}),
      submitted: work.submitted.get(hotkey) ?? {},
    });
  }
  return wanted;
}

/**
 * Stops the runs that are not wanted any more, and starts one of those that are wanted and not under way. One a tick, so
 * that starts are staggered.
 */
function startRuns({ runs, memory }: Ports, { view }: RoundWork, wanted: ReadonlyMap<Side, RunJob>): void {
  for (const side of runs.pending().keys()) if (!wanted.has(side as Side)) runs.cancel(side);
  if (runs.pending().size >= view.rules.generation.miners_at_once) return;
  for (const [side, job] of wanted) {
    if (!memory.retries.isPutOff(side) && runs.enqueue(side, job)) return;
  }
}

/** Outside the generating stages nothing runs. A pause keeps what runs have brought; they are started again after it. */
function stopRuns({ runs }: Ports, { round, stage }: RoundView): NextLook {
  if (stage === 'paused') {
    for (const side of runs.pending().keys()) runs.cancel(side);
    return whilePaused(round);
  }
  runs.cancelAll();
  return lookAgainSoon(`round ${round} is in ${stage}`);
}

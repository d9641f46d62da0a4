import type { Draft, Ledger } from '@tiltyard/ledger';
import { type PodProvider, roundPrefix } from '@tiltyard/pods';
import { auditVerdict } from '@tiltyard/rules';
import {
  type AuditRequest,
  type GenerationAudit,
  type Generations,
  type Hotkey,
  LEADER,
  type Side,
  stateFiles,
} from '@tiltyard/schema';
import {
  type JobQueue,
  type Logger,
  lookAgainNow,
  lookAgainSoon,
  type NextLook,
  type Notices,
  readRound,
} from '@tiltyard/service-kit';
import type { BuildTracker } from './build-tracker.js';
import type { RunEnd, RunJob } from './generation-run.js';
import { measureRulesOf } from './measure-rules.js';
import { podStatsOf } from './pod-stats.js';
import type { Results } from './results.js';
import { auditsToReopen, isBaselineDone, promptsToRun, type RoundWork, readWork, sortAudits } from './round-work.js';

/** What a tick works with. */
export interface Ports {
  readonly ledger: Ledger;
  readonly builds: BuildTracker;
  readonly runs: JobQueue<RunJob, RunEnd>;
  readonly results: Results;
  readonly providers: readonly PodProvider[];
  readonly log: Logger;
  readonly notices: Notices;
}

const GENERATING = ['miner_generation', 'downloading', 'duels'];

/** One step: builds, the leader's baseline and audits, side by side. Returns when to look again. */
export async function tick(ports: Ports): Promise<NextLook> {
  const { ledger, runs, results } = ports;
  const snapshot = await ledger.snapshot();
  const view = await readRound(snapshot);
  if (!GENERATING.includes(view.stage)) {
    await stopAll(ports, view.round);
    return lookAgainSoon(`round ${view.round} is in ${view.stage}`);
  }
  const draft = snapshot.draft();
  const builds = await ports.builds.track(view);
  if (builds !== undefined) draft.write(stateFiles.builds, { round: view.round }, builds);

  const work = await readWork(view);
  let ended: readonly RunEnded[] = [];
  if (work !== undefined) {
    ended = takeEnded(ports);
    if (ended.length > 0 || results.shouldPublish || work.openAudits.length > 0) {
      writeResults(draft, work, ended, results);
      writeVerdicts(draft, work, ended, results);
    }
  }
  if (!draft.empty) {
    await ledger.publish(draft);
    for (const side of results.sides()) {
      const file = await draft.read(stateFiles.generated, { round: view.round, side });
      if (file !== undefined) results.published(side, file);
    }
    return lookAgainNow();
  }
  if (work !== undefined) startRuns(ports, work);
  return lookAgainSoon([...runs.pending()].map(([side, note]) => `${side}: ${note}`).join(', ') || 'nothing to run');
}

interface RunEnded {
  readonly side: Side;
  readonly end: RunEnd;
}

/** Runs that ended. One that was stranded or failed on our side is nobody's verdict: it is started again. */
function takeEnded({ runs, log, notices }: Ports): readonly RunEnded[] {
  return runs.take().flatMap((settled) => {
    const side = settled.key as Side;
    if (settled.ok && settled.result.state.kind === 'done') return [{ side, end: settled.result }];
    const detail = settled.ok ? 'its pods were lost and no more may be started' : String(settled.error);
    log.error({ side, ...(settled.ok ? {} : { error: settled.error }) }, `a run did not end: ${detail}`);
    notices.send({ key: `run-${side}`, severity: 'alarm', title: 'A run did not end', detail: `${side}: ${detail}` });
    return [];
  });
}

/** generated.json of every side with news; pod_stats.json of every side whose run ended. */
function writeResults(draft: Draft, work: RoundWork, ended: readonly RunEnded[], results: Results): void {
  const { round, rules } = work.view;
  for (const hotkey of auditsToReopen(work))
    draft.write(stateFiles.generated, { round, side: hotkey }, reopened(work, hotkey));
  const withNews = results.shouldPublish ? results.sides() : ended.map(({ side }) => side);
  for (const side of withNews) {
    const known = work.generated.get(side);
    if (known === undefined || !results.sides().includes(side)) continue;
    draft.write(stateFiles.generated, { round, side }, results.merged(side, known));
  }
  for (const { side, end } of ended)
    draft.write(stateFiles.podStats, { round, side }, podStatsOf(end.pods, rules.generation));
}

/** A voided audit's results, back at the start, so that its prompts get all their attempts again. */
function reopened({ generated }: RoundWork, hotkey: Hotkey): Generations {
  const blank = { glb: null, png: null, generation_time: 0, size: 0, attempts: 0, distance: 0 };
  return Object.fromEntries(Object.keys(generated.get(hotkey) ?? {}).map((stem) => [stem, blank])) as Generations;
}

/** Verdicts of audits whose run ended or that have no container, and voided audits put back to pending. */
function writeVerdicts(draft: Draft, work: RoundWork, ended: readonly RunEnded[], results: Results): void {
  const { round, amended } = work.view;
  const verdicts: Record<Hotkey, GenerationAudit> = {};
  const voided = new Set(auditsToReopen(work));
  const verdictOn = ({ hotkey, critical_prompts }: AuditRequest, runComplete: boolean) => {
    verdicts[hotkey] = auditVerdict({
      hotkey,
      criticalPrompts: critical_prompts,
      submitted: work.submitted.get(hotkey) ?? {},
      generated: results.merged(hotkey, work.generated.get(hotkey) ?? {}),
      build: work.builds[hotkey],
      runComplete,
      rules: work.view.rules,
      amendment: amended.voidedAudits.get(hotkey),
    });
  };
  for (const request of work.openAudits.filter(({ hotkey }) => voided.has(hotkey))) verdictOn(request, false);
  for (const request of sortAudits(work).unbuilt) verdictOn(request, true);
  for (const { side } of ended) {
    const request = work.openAudits.find(({ hotkey }) => hotkey === side);
    if (request !== undefined && !voided.has(request.hotkey)) verdictOn(request, true);
  }
  if (Object.keys(verdicts).length > 0) {
    draft.write(stateFiles.generationAudits, { round }, { ...work.audits, ...verdicts });
  }
}

/** Starts the runs that are wanted and not under way, and stops those that are not wanted any more. */
function startRuns({ runs, results }: Ports, work: RoundWork): void {
  const { view, seed, prompts, leader, generated, submitted, builds } = work;
  const { round, rules } = view;
  const wanted = new Map<Side, RunJob>();
  const common = { round, seed, rules, measureRules: measureRulesOf(rules) };
  if (leader !== undefined && !isBaselineDone(work)) {
    const files = { generated: results.merged(LEADER, generated.get(LEADER) ?? {}), submitted: {} };
    wanted.set(LEADER, { ...common, ...files, side: LEADER, purpose: 'baseline', image: leader.docker, prompts });
  }
  const reopening = new Set(auditsToReopen(work));
  for (const { hotkey } of sortAudits(work).runnable) {
    const image = builds[hotkey]?.docker_image;
    if (!image || reopening.has(hotkey)) continue;
    const known = results.merged(hotkey, generated.get(hotkey) ?? {});
    const files = { generated: known, submitted: submitted.get(hotkey) ?? {} };
    wanted.set(hotkey, {
      ...common,
      ...files,
      side: hotkey,
      purpose: 'audit',
      image,
      prompts: promptsToRun(work, hotkey),
    });
  }
  for (const side of runs.pending().keys()) if (!wanted.has(side as Side)) runs.cancel(side);
  for (const [side, job] of wanted) runs.enqueue(side, job);
}

/** Outside the generating stages nothing runs, and no pod of the round is left. */
async function stopAll({ runs, results, providers, log }: Ports, round: number): Promise<void> {
  for (const side of runs.pending().keys()) runs.cancel(side);
  runs.take();
  results.forget();
  await cleanUpPods(providers, round, log);
}

/** Deletes every pod of a round. Called when nobody owns one: at the start of the process, and outside the stages. */
export async function cleanUpPods(providers: readonly PodProvider[], round: number, log: Logger): Promise<void> {
  for (const provider of providers) {
    try {
      const names = await provider.deleteByPrefix(roundPrefix(round));
      if (names.length > 0) log.warn({ provider: provider.kind, names }, 'pods that nobody owned were deleted');
    } catch (error) {
      log.error({ provider: provider.kind, error }, 'pods could not be cleaned up; trying again at the next look');
    }
  }
}

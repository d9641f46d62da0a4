import type { Draft } from '@tiltyard/ledger';
import { auditVerdict } from '@tiltyard/rules/gen3d';
import { type Hotkey, LEADER, type Side } from '@tiltyard/schema';
import {
  type AuditRequest,
  type GenerationAudit,
  type GenerationResult,
  type Generations,
  isUsable,
  type Stem,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import type { RunEnd } from './generation-run.js';
import { podStatsOf } from './pod-stats.js';
import type { RoundMemory } from './round-memory.js';
import { auditsToReopen, hasLeaderDefaulted, isBaselineDone, type RoundWork, sortAudits } from './round-work.js';

/** A run that ended: with what it came to, or without, when our side failed. */
export interface RunEnded {
  readonly side: Side;
  readonly end: RunEnd | undefined;
}

/**
 * Writes what runs brought into a draft: results of every side with news, pods of every run that ended, verdicts of
 * audits that ended or have no container, where the others stand, and voided audits put back to the start.
 */
export function writeRuns(draft: Draft, work: RoundWork, ended: readonly RunEnded[], memory: RoundMemory): void {
  const { round, rules } = work.view;
  for (const side of memory.sides()) if (!work.generated.has(side)) memory.drop(side);
  // Matches may have been played against a complete baseline: what still comes must not change it.
  if (isBaselineDone(work)) memory.drop(LEADER);
  for (const hotkey of auditsToReopen(work)) {
    draft.write(stateFiles.generated, { round, side: hotkey }, reopened(work, hotkey));
  }
  const withNews = memory.shouldPublish ? memory.sides() : ended.map(({ side }) => side);
  const moved = new Set<Side>();
  for (const side of withNews) {
    if (!memory.sides().includes(side)) continue;
    draft.write(stateFiles.generated, { round, side }, memory.merged(side, work.generated.get(side) ?? {}));
    moved.add(side);
  }
  if (hasLeaderDefaulted(work)) {
    draft.write(stateFiles.generated, { round, side: LEADER }, defaulted(work, memory));
  }
  for (const { side, end } of ended) {
    if (end !== undefined) draft.write(stateFiles.podStats, { round, side }, podStatsOf(end.pods, rules.generation));
  }
  writeVerdicts(draft, work, { ended, moved }, memory);
}

interface RunNews {
  readonly ended: readonly RunEnded[];
  /** Sides whose results this commit publishes. */
  readonly moved: ReadonlySet<Side>;
}

/**
 * Verdicts of audits whose run ended or that have no container, and voided audits put back to pending. An audit that goes on
 * is pending from its first commit on; its counts follow with its results, so that they make no commits of their own.
 */
function writeVerdicts(draft: Draft, work: RoundWork, { ended, moved }: RunNews, memory: RoundMemory): void {
  const { round, rules, amended } = work.view;
  const verdicts: Record<Hotkey, GenerationAudit> = {};
  const voided = new Set(auditsToReopen(work));
  const verdictOn = ({ hotkey, critical_prompts }: AuditRequest, runComplete: boolean) => {
    verdicts[hotkey] = auditVerdict({
      hotkey,
      criticalPrompts: critical_prompts,
      submitted: work.submitted.get(hotkey) ?? {},
      generated: memory.merged(hotkey, work.generated.get(hotkey) ?? {}),
      build: work.builds[hotkey],
      runComplete,
      rules,
      amendment: amended.voidedAudits.get(hotkey),
    });
  };
  for (const request of work.openAudits.filter(({ hotkey }) => voided.has(hotkey))) verdictOn(request, false);
  for (const request of work.openAudits) {
    const { hotkey } = request;
    if (!voided.has(hotkey) && (work.audits[hotkey] === undefined || moved.has(hotkey))) verdictOn(request, false);
  }
  for (const request of sortAudits(work).unbuilt) verdictOn(request, true);
  for (const { side, end } of ended) {
    const request = work.openAudits.find(({ hotkey }) => hotkey === side);
    if (request !== undefined && end?.state.kind === 'done' && !voided.has(request.hotkey)) verdictOn(request, true);
  }
  if (Object.keys(verdicts).length > 0) {
    draft.write(stateFiles.generationAudits, { round }, { ...work.audits, ...verdicts });
  }
}

const NOTHING: GenerationResult = { glb: null, png: null, generation_time: 0, size: 0, attempts: 0, distance: 0 };

/** A voided audit's results, back at the start, so that its prompts get all their attempts again. */
function reopened({ generated }: RoundWork, hotkey: Hotkey): Generations {
  const stems = Object.keys(generated.get(hotkey) ?? {});
  return Object.fromEntries(stems.map((stem) => [stem, NOTHING])) as Generations;
}

/** The leader's files once an operator excluded it: what its container has not made by then it will not make. */
function defaulted({ prompts, generated, view }: RoundWork, memory: RoundMemory): Generations {
  const known = memory.merged(LEADER, generated.get(LEADER) ?? {});
  const error = { code: 'excluded', message: 'the operator excluded the leader while this prompt was open' };
  const attempts = view.rules.generation.max_attempts;
  const open = prompts.filter(({ stem }) => !isUsable(known[stem] ?? NOTHING)).map(({ stem }) => stem);
  const entries = open.map((stem): [Stem, GenerationResult] => [stem, { ...NOTHING, attempts, error }]);
  return { ...known, ...(Object.fromEntries(entries) as Generations) };
}

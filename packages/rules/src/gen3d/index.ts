/** One commitment text as a submission: its fields, or why it is none. */

/** Audit requests that a timeline calls for. */
export { type AuditRequestFacts, auditRequestsDue } from './audit/audit-requests.js';
/** Who is approved, rejected or neither. */
export { type AuditFacts, type AuditKind, type Standing, type StandingOf, standings } from './audit/audit-standing.js';
/** The verdict on a re-run. */
export {
  type AuditVerdictInput,
  auditVerdict,
  BUILD_FAILED_REASON,
  checkedPrompts,
  isMismatch,
} from './audit/audit-verdict.js';
/** Builds: tags, image names, and statuses from what the workflow shows. */
export {
  areBuildsSettled,
  BUILD_TRACKING_DEFAULTS,
  type BuildJob,
  type BuildLook,
  type BuildOutcome,
  type BuildRetry,
  type BuildTrackingInput,
  type BuildTrackingOptions,
  buildOutcome,
  buildTag,
  imageFormatOf,
  imageName,
  jobBuildStatus,
  trackBuilds,
} from './audit/builds.js';
/** A miner's run: which prompt a pod gets next, the best result, and when it is over. */
export {
  betterResult,
  effectiveSeconds,
  handOut,
  holdPrompt,
  isHopeless,
  isSettledMismatch,
  nextPrompt,
  PROMPT_LOCK_MS,
  type PromptWork,
  type Run,
  type RunPods,
  type RunPurpose,
  type RunRules,
  type RunState,
  recordResult,
  releasePod,
  runState,
  settledMismatches,
  startRun,
  type WorkingPod,
} from './audit/coordinator.js';
/** The prompts that a win depended on. */
export { type CriticalPromptRules, criticalPrompts } from './audit/critical-prompts.js';
/** Numbers with two decimals, as in the reasons of audits. */
export { fixed2 } from './audit/fixed2.js';
/** Whether a pod is any good. */
export {
  acceptsRetries,
  POD_HEALTH_DEFAULTS,
  type PodHealth,
  type PodHealthOptions,
  type PodOutcome,
  podHealth,
  retryBalance,
} from './audit/pod-health.js';
/** How many pods a miner's run gets. */
export { type PodPlan, type PodStage, podsToStart } from './audit/pod-plan.js';
/** Whether challengers can play the leader. */
export { isBaselineComplete } from './duel/baseline.js';
/** Duels that are settled without a judge. */
export {
  type ForcedOutcome,
  type ForcedOutcomesInput,
  forcedOutcomes,
  isForcedText,
  type SideFiles,
} from './duel/forced-outcomes.js';
/** Margins out of the matrix. */
export { type MarginOf, type MatrixContext, marginsOf } from './duel/matrix.js';
/** The multi-stage judge: what each stage decides, which comes next, and the outcome of all. */
export {
  FRONT_VIEW_DEFAULTS,
  type FrontView,
  type FrontViewOptions,
  type FrontViewVerdict,
  frontViewVerdict,
} from './duel/multi-stage/front-views.js';
export {
  type JudgingStage,
  type MultiStageVerdict,
  multiStageVerdict,
  nextStage,
  type StageFindings,
} from './duel/multi-stage/multi-stage-verdict.js';
export {
  type ForegroundStats,
  foregroundStats,
  greyVerdict,
  isPaleForeground,
  PALE_FOREGROUND_DEFAULTS,
  type PaleForegroundOptions,
  type Pixels,
} from './duel/multi-stage/pale-foreground.js';
export {
  GARBAGE_VIEWS,
  type SideGuardVerdict,
  type SideView,
  sideGuardVerdict,
} from './duel/multi-stage/side-guard.js';
export {
  bestViewOf,
  checklistScore,
  type FeatureMatch,
  SPECIALIST_DEFAULTS,
  type SpecialistFindings,
  type SpecialistOptions,
  type SpecialistVerdict,
  specialistVerdict,
} from './duel/multi-stage/specialists.js';
export {
  type CallPenalties,
  isContradictory,
  meanPenalties,
  type TwoOrders,
} from './duel/multi-stage/two-orders.js';
/** The pairwise judge's decision. */
export { type DuelOutcome, lowerPenaltyWins, type PairwiseVerdict, pairwiseVerdict } from './duel/pairwise.js';
/** Who may enter the timeline. */
export { type Qualification, type QualificationFacts, qualificationOf } from './duel/qualification.js';
/** A match's score and margin. */
export { type MarginRange, marginRange, type Score, scoreOf } from './duel/score.js';
/** The round so far, and what the judge does next. */
export {
  deriveTimeline,
  localLeaders,
  type MatchToPlay,
  type NextUnit,
  type OutsideEvent,
  type Timeline,
  type TimelineEntry,
  type TimelineInput,
} from './duel/timeline.js';
/** What a timeline follows from, put together from a round's files. */
export { type DuelsRecord, type RoundTerms, timelineInput } from './duel/timeline-input.js';
/** winner.json. */
export { type WinnerFacts, winnerOf } from './duel/winner.js';
/** Who leads, and with what weight. */
export { activeLeaderAt, decayed, isSameWeight, type LeaderWeights, leaderTransition } from './payout/leader.js';
/** What a validator sets on chain. */
export { type WeightFacts, type WeightPlan, type WeightReason, type WeightShare, weightsAt } from './payout/weights.js';
/** What operators' amendments change in what is derived, and which settled facts still stand. */
export {
  type Amended,
  generationDeadline,
  matchKey,
  projectAmendments,
  type StageHold,
  standingAudits,
  standingBuilds,
  stillStands,
} from './round/amendments.js';
/** What a competition starts with. */
export { type CompetitionStart, type FirstRound, startCompetition } from './round/competition-start.js';
/** Files that several miners submitted, and whose they are. */
export {
  type CommittedManifest,
  type Duplicate,
  duplicateErrorCode,
  findDuplicates,
} from './round/duplicates.js';
/** The rules that are frozen with the next round's schedule. */
export { nextRules } from './round/next-rules.js';
/** What a rejection depends on that its miner could still have made good. */
export { openPromptsOf } from './round/open-prompts.js';
/** A round's prompts. */
export { type DrawnPrompts, drawCarryover, drawPrompts, type PromptDraw } from './round/prompts.js';
/** A round's name in submissions and tags. */
export { roundName } from './round/round-name.js';
/** When rounds start and end. */
export {
  type CalendarConfig,
  type ChainMoment,
  expectedBlockAt,
  expectedTimeOf,
  type FullSchedule,
  type NextRound,
  nextRoundStart,
  scheduleAt,
  scheduleNextRound,
} from './round/schedule.js';
/** A round's seed. */
export { seedOf } from './round/seed.js';
export {
  parseSubmissionText,
  type SubmissionFields,
  type SubmissionText,
  type SubmissionTextFault,
} from './round/submission-text.js';
/** A round's submissions, from what was revealed. */
export {
  compareReveals,
  type Refusal,
  type RevealedFields,
  revealOrder,
  type SelectedSubmissions,
  type SubmissionFacts,
  selectSubmissions,
  sharedShortNames,
} from './round/submissions.js';
/** A round's thresholds. */
export { thresholdsOf } from './round/thresholds.js';
/** Choices of a round's rules that this version cannot carry out. */
export { type ChoosingPart, type UnsupportedChoice, unsupportedChoices } from './round/unsupported-choices.js';

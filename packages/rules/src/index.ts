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
} from './amendments.js';
/** Audit requests that a timeline calls for. */
export { type AuditRequestFacts, auditRequestsDue } from './audit-requests.js';
/** Who is approved, rejected or neither. */
export { type AuditFacts, type AuditKind, type Standing, type StandingOf, standings } from './audit-standing.js';
/** The verdict on a re-run. */
export {
  type AuditVerdictInput,
  auditVerdict,
  BUILD_FAILED_REASON,
  checkedPrompts,
  isMismatch,
} from './audit-verdict.js';
/** Whether challengers can play the leader. */
export { isBaselineComplete } from './baseline.js';
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
} from './builds.js';
/** What a competition starts with. */
export { type CompetitionStart, type FirstRound, startCompetition } from './competition-start.js';
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
} from './coordinator.js';
/** The prompts that a win hung on. */
export { type CriticalPromptRules, criticalPrompts } from './critical-prompts.js';
/** Files that several miners submitted, and whose they are. */
export {
  type CommittedManifest,
  type Duplicate,
  duplicateErrorCode,
  findDuplicates,
} from './duplicates.js';
/** Numbers with two decimals, as in the reasons of audits. */
export { fixed2 } from './fixed2.js';
/** Duels that are settled without a judge. */
export {
  type ForcedOutcome,
  type ForcedOutcomesInput,
  forcedOutcomes,
  isForcedText,
  type SideFiles,
} from './forced-outcomes.js';
/** Who leads, and with what weight. */
export { activeLeaderAt, decayed, isSameWeight, type LeaderWeights, leaderTransition } from './leader.js';
/** Margins out of the matrix. */
export { type MarginOf, type MatrixContext, marginsOf } from './matrix.js';
/** The multi-stage judge: what each stage decides, which comes next, and the outcome of all. */
export {
  FRONT_VIEW_DEFAULTS,
  type FrontView,
  type FrontViewOptions,
  type FrontViewVerdict,
  frontViewVerdict,
} from './multi-stage/front-views.js';
export {
  type JudgingStage,
  type MultiStageVerdict,
  multiStageVerdict,
  nextStage,
  type StageFindings,
} from './multi-stage/multi-stage-verdict.js';
export {
  type ForegroundStats,
  foregroundStats,
  greyVerdict,
  isPaleForeground,
  PALE_FOREGROUND_DEFAULTS,
  type PaleForegroundOptions,
  type Pixels,
} from './multi-stage/pale-foreground.js';
export {
  GARBAGE_VIEWS,
  type SideGuardVerdict,
  type SideView,
  sideGuardVerdict,
} from './multi-stage/side-guard.js';
export {
  bestViewOf,
  checklistScore,
  type FeatureMatch,
  SPECIALIST_DEFAULTS,
  type SpecialistFindings,
  type SpecialistOptions,
  type SpecialistVerdict,
  specialistVerdict,
} from './multi-stage/specialists.js';
export {
  type CallPenalties,
  isContradictory,
  meanPenalties,
  type TwoOrders,
} from './multi-stage/two-orders.js';
/** The rules that are frozen with the next round's schedule. */
export { nextRules } from './next-rules.js';
/** What a rejection hangs on that its miner could still have made good. */
export { openPromptsOf } from './open-prompts.js';
/** The pairwise judge's decision. */
export { type DuelOutcome, lowerPenaltyWins, type PairwiseVerdict, pairwiseVerdict } from './pairwise.js';
/** Whether a pod is any good. */
export {
  acceptsRetries,
  POD_HEALTH_DEFAULTS,
  type PodHealth,
  type PodHealthOptions,
  type PodOutcome,
  podHealth,
  retryBalance,
} from './pod-health.js';
/** How many pods a miner's run gets. */
export { type PodPlan, type PodStage, podsToStart } from './pod-plan.js';
/** A round's prompts. */
export { type DrawnPrompts, drawCarryover, drawPrompts, type PromptDraw } from './prompts.js';
/** Who may enter the timeline. */
export { firstQualified, type Qualification, type QualificationFacts, qualificationOf } from './qualification.js';
/** A round's name in submissions and tags. */
export { roundName } from './round-name.js';
/** Why a decision could not be made. */
export { RulesError, type RulesFault } from './rules-error.js';
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
} from './schedule.js';
/** A match's score and margin. */
export { type MarginRange, marginRange, type Score, scoreOf } from './score.js';
/** A round's seed. */
export { seedOf } from './seed.js';
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
} from './submissions.js';
/** A round's thresholds. */
export { thresholdsOf } from './thresholds.js';
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
} from './timeline.js';
/** Medians that a few outliers do not move. */
export { median, trimmedMedian } from './trimmed-median.js';
/** CPython's random numbers. */
export { Twister } from './twister.js';
/** Choices of a round's rules that this version cannot carry out. */
export { type ChoosingPart, type UnsupportedChoice, unsupportedChoices } from './unsupported-choices.js';
/** What a validator sets on chain. */
export { type WeightFacts, type WeightPlan, type WeightReason, type WeightShare, weightsAt } from './weights.js';
/** winner.json. */
export { type WinnerFacts, winnerOf } from './winner.js';

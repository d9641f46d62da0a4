import type { Snapshot, UnvouchedFile } from '@tiltyard/ledger';
import { activeLeaderAt, generationDeadline, revealOrder, standingAudits, standingBuilds } from '@tiltyard/rules/gen3d';
import { type Hotkey, type NetworkFacts, networkFacts, type Side } from '@tiltyard/schema';
import {
  type Amendment,
  type Builds,
  type GenerationAudits,
  type Generations,
  isUsable,
  type LeaderEntry,
  type LeaderHistory,
  type Schedule,
  type SourceAudits,
  type Stage,
  type Submissions,
  stateFiles,
  type Winner,
} from '@tiltyard/schema/gen3d';
import { type RoundView, readDuels, readRound, timelineOf } from '@tiltyard/service-kit/gen3d';

/** Stands for an entry without a file and without an error code. */
export const NO_REASON = 'no_reason_given';

/** How far a side's files are. */
export interface FileCounts {
  readonly prompts: number;
  readonly usable: number;
  /** Entries without a usable file, by their error's code. */
  readonly failed: Readonly<Record<string, number>>;
}

/** One challenger at a glance. */
export interface ChallengerStatus {
  readonly hotkey: Hotkey;
  readonly revealedAtBlock: number;
  readonly build: string | null;
  readonly submitted: FileCounts | null;
  /** Its place in the timeline; null before the duels. */
  readonly timeline: {
    readonly status: string;
    readonly qualification: string;
    readonly defender: Side | null;
    readonly margin: number | null;
    readonly againstLeader: number | null;
  } | null;
  readonly generationAudit: { readonly outcome: string; readonly reason: string; readonly checked: number } | null;
  readonly sourceAudit: string | null;
}

/** Where a competition stands, for programs; the command's text is made from it alone. */
export interface StatusFacts {
  readonly name: string;
  /** Of config.json. */
  readonly network: NetworkFacts;
  readonly commit: string;
  readonly committedAt: string;
  readonly round: number;
  /** `over` for a round that the competition has left behind. */
  readonly stage: Stage | 'over';
  readonly nextStageEta: string | null;
  readonly schedule: Schedule;
  /** The block that ends the stage, where a block does. */
  readonly stageEndsAtBlock: number | null;
  readonly winMargin: number;
  readonly prompts: number;
  readonly baseline: FileCounts | null;
  readonly challengers: readonly ChallengerStatus[];
  /** What the judge does or waits for; null outside of the duels. */
  readonly next: string | null;
  readonly winner: Winner | null;
  /** Whom the round's challengers meet, or met. */
  readonly leader: LeaderEntry | null;
  readonly amendments: readonly Amendment[];
  /** Files that were changed without a key for them: until they are put back, no service goes on. */
  readonly unvouched: readonly Pick<UnvouchedFile, 'path' | 'commit' | 'problem' | 'change'>[];
}

/**
 * Reads everything that a status says about the current round, or about an earlier one.
 *
 * @throws StateError `missing` for a round that was never scheduled; LedgerError.
 */
export async function readStatus(snapshot: Snapshot, number?: number): Promise<StatusFacts> {
  const view = await readRound(snapshot, number);
  const { round, config, state, schedule, rules } = view;
  const stage = round < state.current_round ? 'over' : state.stage;
  const at = { round };
  const prompts = (await snapshot.read(stateFiles.prompts, at)) ?? [];
  const submissions = (await snapshot.read(stateFiles.submissions, at)) ?? ({} as Submissions);
  const baseline = await snapshot.read(stateFiles.generated, { round, side: 'leader' });
  const { timeline, next } = await readTimeline(view, stage, prompts.length, submissions);
  const audits = standingAudits(
    (await snapshot.read(stateFiles.generationAudits, at)) ?? ({} as GenerationAudits),
    view.amended,
  );
  const sourceAudits = (await snapshot.read(stateFiles.sourceAudits, at)) ?? [];
  const builds = standingBuilds((await snapshot.read(stateFiles.builds, at)) ?? ({} as Builds), view.amended);
  const challengers = await Promise.all(
    revealOrder(submissions).map(async (hotkey): Promise<ChallengerStatus> => {
      const submitted = await snapshot.read(stateFiles.submitted, { round, side: hotkey });
      return {
        hotkey,
        revealedAtBlock: submissions[hotkey]?.revealed_at_block ?? 0,
        build: builds[hotkey]?.status ?? null,
        submitted: submitted === undefined ? null : countFiles(submitted, prompts.length),
        timeline: timeline?.get(hotkey) ?? null,
        generationAudit: auditOf(audits, hotkey),
        sourceAudit: lastVerdict(sourceAudits, hotkey),
      };
    }),
  );
  return {
    name: config.name,
    network: networkFacts(config),
    commit: snapshot.commit,
    committedAt: snapshot.committedAt.toISOString(),
    round,
    stage,
    nextStageEta: stage === 'over' ? null : state.next_stage_eta,
    schedule,
    stageEndsAtBlock: stageEnd(stage, view) ?? null,
    winMargin: rules.tournament.win_margin,
    prompts: prompts.length,
    baseline: baseline === undefined ? null : countFiles(baseline, prompts.length),
    challengers,
    next,
    winner: (await snapshot.read(stateFiles.winner, at)) ?? null,
    leader: leaderOf(view, stage, (await snapshot.read(stateFiles.leader)) ?? []),
    amendments: (await snapshot.read(stateFiles.amendments, at)) ?? [],
    unvouched: await unvouchedFiles(snapshot),
  };
}

/** The leader of a round: the last entry of leader.json, of a round that is over the one that was in effect then. */
function leaderOf({ schedule }: RoundView, stage: StatusFacts['stage'], leaders: LeaderHistory): LeaderEntry | null {
  const found = stage === 'over' ? activeLeaderAt(leaders, schedule.latest_reveal_block) : leaders.at(-1);
  return found ?? null;
}

/** For so many files at most, the status says what changed in them. */
const MAX_CHANGES_TOLD = 5;

async function unvouchedFiles(snapshot: Snapshot): Promise<StatusFacts['unvouched']> {
  const { unvouched } = await snapshot.trust();
  const told = await Promise.all(unvouched.slice(0, MAX_CHANGES_TOLD).map((mark) => snapshot.withChange(mark)));
  return [...told, ...unvouched.slice(MAX_CHANGES_TOLD)].map(({ goodTree: _, ...facts }) => facts);
}

type TimelineFacts = ReadonlyMap<Hotkey, NonNullable<ChallengerStatus['timeline']>>;

/** The timeline, as the judge derives it. Before the duels there is none. */
async function readTimeline(
  view: RoundView,
  stage: StatusFacts['stage'],
  prompts: number,
  submissions: Submissions,
): Promise<{ readonly timeline: TimelineFacts | undefined; readonly next: string | null }> {
  const nothing = { timeline: undefined, next: null };
  const before: readonly StatusFacts['stage'][] = ['open', 'miner_generation', 'downloading'];
  if (prompts === 0 || Object.keys(submissions).length === 0 || before.includes(stage)) return nothing;
  const duels = await readDuels(view);
  const { entries, next } = timelineOf(duels);
  const timeline = new Map(
    entries.map((entry) => [
      entry.hotkey,
      {
        status: entry.status,
        qualification: entry.qualification,
        defender: entry.defender ?? null,
        margin: entry.margin ?? null,
        againstLeader:
          duels.matrix.findLast((row) => row.left === 'leader' && row.right === entry.hotkey)?.margin ?? null,
      },
    ]),
  );
  return { timeline, next: tellNext(next) };
}

function tellNext(next: ReturnType<typeof timelineOf>['next']): string {
  switch (next.kind) {
    case 'decided':
      return `decided: ${next.winner} wins`;
    case 'match':
      return `${next.match.purpose} match: ${next.match.left} against ${next.match.right}`;
    case 'await':
      return `waiting for ${next.events
        .map((event) =>
          event.kind === 'leader_baseline'
            ? "the leader's own files"
            : `the ${event.kind.replace('_', ' ')} of ${event.hotkey}`,
        )
        .join(', ')}`;
  }
}

/** The block at which a stage ends by the schedule and the amendments. */
function stageEnd(stage: StatusFacts['stage'], { schedule, amended }: RoundView): number | undefined {
  if (stage === 'open') return schedule.latest_reveal_block;
  return stage === 'miner_generation' ? generationDeadline(schedule, amended) : undefined;
}

function countFiles(files: Generations, prompts: number): FileCounts {
  const failed: Record<string, number> = {};
  let usable = 0;
  for (const result of Object.values(files)) {
    if (isUsable(result)) usable += 1;
    else {
      const code = result.error?.code.split(':')[0] ?? NO_REASON;
      failed[code] = (failed[code] ?? 0) + 1;
    }
  }
  return { prompts, usable, failed };
}

function auditOf(audits: GenerationAudits, hotkey: Hotkey): ChallengerStatus['generationAudit'] {
  const audit = audits[hotkey];
  return audit === undefined ? null : { outcome: audit.outcome, reason: audit.reason, checked: audit.checked_prompts };
}

function lastVerdict(audits: SourceAudits, hotkey: Hotkey): string | null {
  return audits.findLast((audit) => audit.hotkey === hotkey)?.verdict ?? null;
}

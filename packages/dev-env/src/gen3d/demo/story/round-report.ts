import { marginsOf, revealOrder, standingAudits } from '@tiltyard/rules/gen3d';
import { type Hotkey, LEADER, type Side } from '@tiltyard/schema';
import {
  type GenerationAudit,
  type GenerationResult,
  type Generations,
  isUsable,
  type MatchReport,
  type Stem,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import { type DuelsState, type RoundView, readDuels, timelineOf } from '@tiltyard/service-kit/gen3d';
import type { NameBook } from './name-book.js';

/** A challenger's place in a round's timeline. */
export interface TimelineRow {
  readonly hotkey: Hotkey;
  readonly name: string;
  /** Whom it met; of a rejected one, whom it met before it was rejected. `leader` is the side that defended the round. */
  readonly defender: string | null;
  readonly margin: number | null;
  /** The margin in its qualification match. */
  readonly againstLeader: number | null;
  readonly status: 'pending' | 'won' | 'lost' | 'rejected';
  /** Whether it held the lead for a while: if so, it is audited. */
  readonly hasLed: boolean;
}

/** The verdict on a re-run, with the distances that it rests on. */
export interface AuditRow {
  readonly hotkey: Hotkey;
  readonly name: string;
  readonly outcome: GenerationAudit['outcome'];
  /** As published; empty for an audit that was passed. */
  readonly reason: string;
  /** Trimmed median of the re-run in seconds. */
  readonly generationTime: number | null;
  /** Prompt → distance between the submission and what the container made. */
  readonly distances: Readonly<Record<string, number>>;
}

/** A file that cannot be judged, and why, as the miner can read it in public. */
export interface FailedFile {
  readonly stem: Stem;
  readonly code: string;
  readonly message: string;
}

/** What a miner delivered. */
export interface Delivery {
  readonly hotkey: Hotkey;
  readonly name: string;
  readonly files: number;
  readonly usable: number;
  readonly failed: readonly FailedFile[];
  /** Who else submitted the same bytes, and for how many prompts. */
  readonly sameAs: Readonly<Record<string, number>>;
}

/** A round as it ended, told from public files alone, with names for hotkeys. */
export interface RoundReport {
  readonly round: number;
  readonly prompts: readonly Stem[];
  readonly winMargin: number;
  /** The distance that an audit accepts. */
  readonly acceptableDistance: number;
  /** The generation time that an audit accepts, trimmed median in seconds. */
  readonly medianLimitSeconds: number;
  /** Everyone who submitted, in order of reveal. */
  readonly submissions: readonly string[];
  /** Who beat the leader by the margin, those included who were rejected later. */
  readonly qualified: readonly string[];
  readonly timeline: readonly TimelineRow[];
  readonly audits: readonly AuditRow[];
  readonly deliveries: readonly Delivery[];
  readonly matches: readonly MatchReport[];
  /** Who leads after the round; null while it is not decided. */
  readonly winner: string | null;
  /** Whether that is who led before. */
  readonly isDefended: boolean;
  /** Who defended the round as `leader`. */
  readonly leader: string;
}

/**
 * Tells a round from a snapshot in which it is over, or as far as it has come.
 *
 * @throws StateError, LedgerError when the repository cannot be read
 */
export async function reportRound(view: RoundView, names: NameBook): Promise<RoundReport> {
  const state = await readDuels(view);
  const { round, snapshot, rules } = view;
  const hotkeys = revealOrder(state.submissions);
  const margin = marginsOf(state.matrix);
  const files = async (file: typeof stateFiles.submitted | typeof stateFiles.generated, side: Side) =>
    (await snapshot.read(file, { round, side })) ?? {};
  const submitted = new Map<Hotkey, Generations>();
  const generated = new Map<Hotkey, Generations>();
  for (const hotkey of hotkeys) {
    submitted.set(hotkey, await files(stateFiles.submitted, hotkey));
    generated.set(hotkey, await files(stateFiles.generated, hotkey));
  }
  const winMargin = rules.tournament.win_margin;
  const winner = await snapshot.read(stateFiles.winner, { round });
  const leader = names.nameOf(leaderOfRound(state) ?? LEADER);
  return {
    round,
    prompts: state.prompts.map((prompt) => prompt.stem),
    winMargin,
    acceptableDistance: rules.verification.acceptable_distance,
    medianLimitSeconds: rules.generation.median_limit_seconds,
    submissions: hotkeys.map(names.nameOf),
    qualified: hotkeys.filter((hotkey) => (margin(LEADER, hotkey) ?? -1) >= winMargin).map(names.nameOf),
    timeline: timelineRows(state, names),
    audits: auditRows(state, generated, names),
    deliveries: hotkeys.map((hotkey) => deliveryOf(hotkey, submitted.get(hotkey) ?? {}, names)),
    matches: [...state.reports.values()],
    winner: winner === undefined ? null : winner.winner_hotkey === LEADER ? leader : names.nameOf(winner.winner_hotkey),
    isDefended:
      winner?.winner_hotkey === LEADER || (winner !== undefined && names.nameOf(winner.winner_hotkey) === leader),
    leader,
  };
}

/** Who defended the round: the last entry that was there before the round's own end appended one. */
function leaderOfRound({ leaders, view }: DuelsState): Hotkey | undefined {
  return leaders.findLast((entry) => entry.effective_block <= view.schedule.latest_reveal_block)?.hotkey;
}

function timelineRows(state: DuelsState, names: NameBook): readonly TimelineRow[] {
  const audited = new Set(state.requests.map((request) => request.hotkey));
  const margin = marginsOf(state.matrix);
  return timelineOf(state).entries.map((entry) => {
    // Of a rejected one the timeline says no more: it is passed over. What it did before shows without its verdict.
    const { defender, margin: met } = entry.status === 'rejected' ? beforeVerdict(state, entry.hotkey) : entry;
    return {
      hotkey: entry.hotkey,
      name: names.nameOf(entry.hotkey),
      defender: defender === undefined ? null : names.nameOf(defender),
      margin: met ?? null,
      againstLeader: margin(LEADER, entry.hotkey) ?? null,
      status: entry.status,
      hasLed: audited.has(entry.hotkey),
    };
  });
}

function beforeVerdict(state: DuelsState, hotkey: Hotkey) {
  const generationAudits = Object.fromEntries(
    Object.entries(state.generationAudits).filter(([audited]) => audited !== hotkey),
  ) as DuelsState['generationAudits'];
  const entry = timelineOf({ ...state, generationAudits }).entries.find((candidate) => candidate.hotkey === hotkey);
  return { defender: entry?.defender, margin: entry?.margin };
}

function auditRows(
  { requests, generationAudits, view }: DuelsState,
  generated: ReadonlyMap<Hotkey, Generations>,
  names: NameBook,
): readonly AuditRow[] {
  const verdicts = standingAudits(generationAudits, view.amended);
  return requests.map(({ hotkey }) => {
    const verdict = verdicts[hotkey];
    return {
      hotkey,
      name: names.nameOf(hotkey),
      outcome: verdict?.outcome ?? 'pending',
      reason: verdict?.reason ?? '',
      generationTime: verdict?.generation_time ?? null,
      distances: Object.fromEntries(
        entriesOf(generated.get(hotkey) ?? {}).flatMap(([stem, result]) =>
          isUsable(result) ? [[stem, result.distance]] : [],
        ),
      ),
    };
  });
}

function deliveryOf(hotkey: Hotkey, files: Generations, names: NameBook): Delivery {
  const entries = entriesOf(files);
  const sameAs: Record<string, number> = {};
  for (const other of entries.flatMap(([, file]) => file.duplicates ?? [])) {
    const name = names.inText(other);
    sameAs[name] = (sameAs[name] ?? 0) + 1;
  }
  return {
    hotkey,
    name: names.nameOf(hotkey),
    files: entries.length,
    usable: entries.filter(([, file]) => isUsable(file)).length,
    failed: entries
      .flatMap(([stem, { error }]) => (error === undefined ? [] : [{ stem, ...pick(error) }]))
      .toSorted((a, b) => (a.stem < b.stem ? -1 : 1)),
    sameAs,
  };
}

function pick({ code, message }: NonNullable<GenerationResult['error']>) {
  return { code, message };
}

function entriesOf(files: Generations): readonly (readonly [Stem, GenerationResult])[] {
  return Object.entries(files) as [Stem, GenerationResult][];
}

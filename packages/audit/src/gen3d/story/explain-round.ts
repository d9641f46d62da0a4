import { fixed2 } from '@tiltyard/rules/gen3d';
import { counted, LEADER, type Side, shortName } from '@tiltyard/schema';
import { AuditError } from '../../audit-error.js';
import type { AuditReport } from '../../interfaces.js';
import { commitLines, MOST_OF_RULE } from '../../report/finding-lines.js';
import { type Paint, painter } from '../../report/paint.js';
import { REPORT_TEXT_DEFAULTS, type ReportTextOptions } from '../../report/report-text.js';
import { RULES } from '../rule-names.js';
import type { ChallengerStory, RoundStory } from './round-story.js';

/** How many of the things that would have changed the outcome are told. */
const TURNS_TOLD = 10;
/** How many of those whose builds failed are named. */
const NAMES_TOLD = 20;

/**
 * A round's story for people: earlier verdicts that were taken back, the leader and the builds, who qualified, the timeline
 * with its margins, the audits, what would have changed the outcome, and the round's own errors and warnings.
 *
 * @throws AuditError `nothing` when the audit saw no such round, or one that it could not read.
 * @see docs/auditing.md#auditing
 */
export function explainRound(report: AuditReport<RoundStory>, round: number, options: ReportTextOptions = {}): string {
  const story = report.stories.get(round);
  if (story === undefined) {
    const why = report.rounds.find((verdict) => verdict.round === round)?.why;
    const detail =
      why === undefined ? `round ${round} is not in this history` : `round ${round} cannot be explained: ${why}`;
    throw new AuditError({ code: 'nothing', detail });
  }
  const paint = painter(options.colours ?? REPORT_TEXT_DEFAULTS.colours);
  const parts = [
    earlierVerdicts(story, paint),
    opening(story),
    builds(story, paint),
    qualification(story, paint),
    timeline(story, paint),
    audits(story, paint),
    turns(story, paint),
    faults(report, round, paint),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A round that was decided twice: nothing else matters as much. */
function earlierVerdicts({ round, winner, earlier }: RoundStory, paint: Paint): readonly string[] {
  if (earlier.length === 0) return [];
  const times = earlier.length + (winner === null ? 0 : 1);
  const opens =
    times === 1
      ? `Round ${round} was decided, and its verdict was taken back.`
      : `Round ${round} was decided ${times} times.`;
  const lines = earlier.map(({ winner: was, decidedIn, endedIn, how, by }) => {
    const whose = by === 'person' ? 'a person' : 'a service';
    return `  ${who(was)} won in commit ${decidedIn.slice(0, 12)}; ${whose} ${how} that verdict in ${endedIn.slice(0, 12)}`;
  });
  const stands =
    winner === null
      ? 'No verdict stands now. The last one follows.'
      : `The verdict that stands now: ${who(winner)} won.`;
  return [paint('red', opens), ...lines, `  ${stands}`];
}

function opening({ round, winner, rederived, winMargin, prompts, awaits, challengers, defender, isChain }: RoundStory) {
  const least = Math.ceil(winMargin * prompts - 1e-9);
  const margin = `To win a match, a challenger must win ${least} more of the ${counted(prompts, 'duel')} than it loses (${percent(winMargin)}).`;
  const lines = [`Round ${round}: ${counted(challengers.length, 'challenger')}. ${margin}`];
  if (defender === null) lines.push('There was no leader to defend.');
  else {
    const { hotkey, weight, effective_block: block, docker } = defender;
    lines.push(
      `The leader was ${shortName(hotkey)}, with weight ${weight} from block ${block}: ${code(defender)}, image ${docker}.`,
    );
  }
  if (rederived !== null) lines.push(`By the record, ${who(rederived)} won.${winningBuild(rederived, challengers)}`);
  for (const why of awaits) lines.push(`It is not decided: ${why}.`);
  const record = isChain === true ? 'leader.json' : 'winner.json';
  if (winner !== null && winner !== rederived) lines.push(`${record} names ${who(winner)}, which does not follow.`);
  return lines;
}

function winningBuild(winner: Side, challengers: readonly ChallengerStory[]): string {
  const build = challengers.find(({ entry }) => entry.hotkey === winner)?.build;
  if (build === undefined) return '';
  return ` Its build: ${code(build)}, image ${build.docker_image ?? `none (${build.status})`}.`;
}

function code({ repo, commit }: { readonly repo: string; readonly commit: string }): string {
  return `${repo} @ ${commit.slice(0, 12)}`;
}

/** How many builds came to what, and whose did not succeed. */
function builds({ challengers }: RoundStory, paint: Paint): readonly string[] {
  const built = challengers.filter(({ build }) => build !== undefined);
  if (built.length === 0) return [];
  const byStatus = new Map<string, string[]>();
  for (const { entry, build } of built) {
    const status = build?.status ?? '';
    byStatus.set(status, [...(byStatus.get(status) ?? []), shortName(entry.hotkey)]);
  }
  const lines = [...byStatus].map(([status, names]) => {
    const whose = status === 'success' ? '' : `: ${names.slice(0, NAMES_TOLD).join(', ')}`;
    const more = status !== 'success' && names.length > NAMES_TOLD ? ` and ${names.length - NAMES_TOLD} more` : '';
    return `  ${names.length} ${status}${whose}${more}`;
  });
  return [paint('bold', 'Builds'), ...lines];
}

function qualification(story: RoundStory, paint: Paint): readonly string[] {
  const { challengers, isChain } = story;
  if (challengers.length === 0 || isChain === true) return [];
  const told = challengers.map((challenger) => {
    const { entry, againstLeader, rejectedBy } = challenger;
    const met = againstLeader === undefined ? 'not played' : meeting(story, LEADER, entry.hotkey, againstLeader);
    const outcome = rejectedBy === undefined ? entry.qualification : `rejected: ${rejectedBy}`;
    return [shortName(entry.hotkey), met, outcome] as const;
  });
  const width = Math.max(...told.map(([, met]) => met.length));
  return [
    paint('bold', 'Against the leader, in order of reveal'),
    ...told.map(([name, met, outcome]) => `  ${name}  ${met.padEnd(width)}  ${outcome}`),
  ];
}

function timeline(story: RoundStory, paint: Paint): readonly string[] {
  const { challengers } = story;
  const met = challengers.filter(({ entry }) => entry.qualification === 'qualified' || entry.status === 'rejected');
  if (met.length === 0) return [paint('bold', 'Timeline'), '  Nobody qualified: the leader defended.'];
  const lines = met.map(({ entry: { hotkey, status, defender, margin }, rejectedBy }) => {
    const name = shortName(hotkey);
    if (status === 'rejected') return `  ${name} is passed over: ${rejectedBy}`;
    const against = defender === undefined ? 'whoever leads by then' : who(defender);
    if (status === 'pending') return `  ${name} is still to meet ${against}`;
    const ending = status === 'won' ? 'and takes the lead' : 'and does not take the lead';
    const result =
      defender === undefined || margin === undefined ? 'not played' : meeting(story, defender, hotkey, margin);
    return `  ${name} meets ${against}: ${result}, ${ending}`;
  });
  return [paint('bold', 'Timeline'), ...lines];
}

function audits({ challengers }: RoundStory, paint: Paint): readonly string[] {
  const lines = challengers.flatMap((challenger) => auditLines(challenger));
  return lines.length === 0 ? [] : [paint('bold', 'Audits'), ...lines];
}

function auditLines({ entry, audit, sourceAudit }: ChallengerStory): readonly string[] {
  const name = shortName(entry.hotkey);
  const lines: string[] = [];
  if (audit !== undefined) {
    const time = audit.generation_time === null ? '' : `, trimmed median ${fixed2(audit.generation_time)} s`;
    const { checked_prompts: checked, failed_prompts: failed, failed_critical: critical } = audit;
    const ones = `${counted(failed, 'mismatch', 'mismatches')}, ${critical} critical`;
    const counts = `${ones}, in ${counted(checked, 'prompt')}${time}`;
    // The later competition judges re-runs and counts no mismatches.
    const isCounted = checked > 0 || audit.generation_time !== null;
    lines.push(`  ${name} made its files again: ${audit.outcome}${isCounted ? ` (${counts})` : ''}`);
    if (audit.reason !== '') lines.push(`    ${audit.reason}`);
  }
  if (sourceAudit !== undefined) lines.push(`  ${name}'s source code was read: ${sourceAudit}`);
  return lines;
}

function turns({ turns: all, rederived, challengers, isChain }: RoundStory, paint: Paint): readonly string[] {
  if (rederived === null || challengers.length === 0 || isChain === true) return [];
  const lines = all.slice(0, TURNS_TOLD).map(({ what, winner }) => {
    const then = winner === undefined ? 'matches that were never played would decide' : `${who(winner)} would have won`;
    return `  ${what}: ${then}`;
  });
  const left = all.length - lines.length;
  const more = left > 0 ? [`  … and ${left} more that lie further away`] : [];
  const title = paint('bold', 'What would have changed the outcome, the nearest first');
  return [title, ...(lines.length > 0 ? lines : ['  No single match or audit.']), ...more];
}

function who(side: string): string {
  return side === LEADER ? 'the leader' : shortName(side as Side);
}

/** A challenger's margin in points, and whose missing files stand behind it: without any, every duel is lost unplayed. */
function meeting(
  { challengers, leaderHasFiles, prompts }: RoundStory,
  left: Side,
  right: Side,
  margin: number,
): string {
  const hasFiles = (side: Side) =>
    side === LEADER ? leaderHasFiles : challengers.find(({ entry }) => entry.hotkey === side)?.hasFiles;
  const [isLeftEmpty, isRightEmpty] = [hasFiles(left) === false, hasFiles(right) === false];
  const points = score(margin, prompts);
  // A side of which no files are on record, and that lost nothing by it, had files elsewhere.
  if (isLeftEmpty && isRightEmpty && margin === 0) return `${points}: neither has a usable file`;
  if (isLeftEmpty && margin > 0) return `${points}: ${who(left)} has no usable file`;
  return isRightEmpty && margin < 0 ? `${points}: no usable file` : points;
}

/** What a whole audit found in the round, notes aside. */
function faults({ findings }: AuditReport, round: number, paint: Paint): readonly string[] {
  const own = findings.filter((finding) => finding.round === round);
  const grave = own.filter(({ severity }) => severity !== 'info');
  const sum = (severity: 'error' | 'warn') => own.filter((finding) => finding.severity === severity).length;
  const title = `Found in this round: ${counted(sum('error'), 'error')}, ${counted(sum('warn'), 'warning')}`;
  return [paint('bold', title), ...commitLines(grave, { rules: RULES, paint, most: MOST_OF_RULE })];
}

function score(margin: number, prompts: number): string {
  const ahead = Math.round(margin * prompts);
  return `${ahead > 0 ? '+' : ''}${counted(ahead, 'point')} (${percent(margin)})`;
}

function percent(share: number): string {
  return `${fixed2(share * 100)}%`;
}

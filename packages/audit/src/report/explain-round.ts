import { fixed2 } from '@tiltyard/rules';
import { type Side, shortName } from '@tiltyard/schema';
import { AuditError } from '../audit-error.js';
import type { AuditReport } from '../interfaces.js';
import { type Paint, painter } from './paint.js';
import { REPORT_TEXT_DEFAULTS, type ReportTextOptions } from './report-text.js';
import type { ChallengerStory, RoundStory } from './round-story.js';

/** How many of the things that would have changed the outcome are told. */
const TURNS_TOLD = 10;

/**
 * A round's story for people: who qualified, the timeline with its margins, the audits, and what would have changed the
 * outcome.
 *
 * @throws AuditError `nothing` when the audit saw no such round, or one that it could not read.
 * @see audit.md, output
 */
export function explainRound(report: AuditReport, round: number, options: ReportTextOptions = {}): string {
  const story = report.stories.get(round);
  if (story === undefined) {
    const why = report.rounds.find((verdict) => verdict.round === round)?.why;
    const detail =
      why === undefined ? `round ${round} is not in this history` : `round ${round} cannot be explained: ${why}`;
    throw new AuditError({ code: 'nothing', detail });
  }
  const paint = painter(options.colours ?? REPORT_TEXT_DEFAULTS.colours);
  const parts = [
    opening(story),
    qualification(story, paint),
    timeline(story, paint),
    audits(story, paint),
    turns(story, paint),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function opening({
  round,
  winner,
  rederived,
  winMargin,
  prompts,
  awaits,
  challengers,
  isChain,
}: RoundStory): readonly string[] {
  const least = Math.ceil(winMargin * prompts - 1e-9);
  const margin = `To win a match, a challenger must win ${least} more of the ${prompts} duels than it loses (${percent(winMargin)}).`;
  const lines = [`Round ${round}: ${challengers.length} challengers. ${margin}`];
  if (rederived !== null) lines.push(`By the record, ${who(rederived)} won.`);
  for (const why of awaits) lines.push(`It is not decided: ${why}.`);
  const record = isChain === true ? 'leader.json' : 'winner.json';
  if (winner !== null && winner !== rederived) lines.push(`${record} names ${who(winner)}, which does not follow.`);
  return lines;
}

function qualification({ challengers, prompts, isChain }: RoundStory, paint: Paint): readonly string[] {
  if (challengers.length === 0 || isChain === true) return [];
  const told = challengers.map((challenger) => {
    const { entry, againstLeader, rejectedBy } = challenger;
    const met = againstLeader === undefined ? 'not played' : score(againstLeader, prompts);
    const outcome = rejectedBy === undefined ? entry.qualification : `rejected: ${rejectedBy}`;
    return `  ${shortName(entry.hotkey)}  ${met.padEnd(24)}  ${outcome}`;
  });
  return [paint('bold', 'Against the leader, in order of reveal'), ...told];
}

function timeline({ challengers, prompts }: RoundStory, paint: Paint): readonly string[] {
  const met = challengers.filter(({ entry }) => entry.qualification === 'qualified' || entry.status === 'rejected');
  if (met.length === 0) return [paint('bold', 'Timeline'), '  Nobody qualified: the leader defended.'];
  const lines = met.map(({ entry: { hotkey, status, defender, margin }, rejectedBy }) => {
    const name = shortName(hotkey);
    if (status === 'rejected') return `  ${name} is passed over: ${rejectedBy}`;
    const against = defender === undefined ? 'whoever leads by then' : who(defender);
    if (status === 'pending') return `  ${name} is still to meet ${against}`;
    const ending = status === 'won' ? 'and takes the lead' : 'and does not take the lead';
    return `  ${name} meets ${against}: ${score(margin ?? 0, prompts)}, ${ending}`;
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
    const counts = `${failed} mismatches and ${critical} critical ones in ${checked} prompts${time}`;
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
  const more = left > 0 ? [`  … and ${left} that lie further away`] : [];
  const title = paint('bold', 'What would have changed the outcome, the nearest first');
  return [title, ...(lines.length > 0 ? lines : ['  No single match or audit.']), ...more];
}

function who(side: Side): string {
  return side === 'leader' ? 'the leader' : shortName(side);
}

function score(margin: number, prompts: number): string {
  const ahead = Math.round(margin * prompts);
  return `${ahead > 0 ? '+' : ''}${ahead} ${Math.abs(ahead) === 1 ? 'point' : 'points'} (${percent(margin)})`;
}

function percent(share: number): string {
  return `${fixed2(share * 100)}%`;
}

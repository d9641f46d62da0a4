import { counted, networkText, type Severity, shortName } from '@tiltyard/schema';
import type { AuditedCompetition } from '../audited-competition.js';
import type { AuditReport, RoundVerdict, RuleTally } from '../interfaces.js';
import { type RuleNames, ruleTitle } from '../rules/rule-names.js';
import { findingLines, MOST_OF_RULE } from './finding-lines.js';
import { type Paint, painter } from './paint.js';

/** How a report is put into words. */
export interface ReportTextOptions {
  /** Whether to paint for a terminal. */
  readonly colours?: boolean;
  /** Whether to end with a table of the rules: what each looked at, and what it found. */
  readonly rules?: boolean;
}

export const REPORT_TEXT_DEFAULTS: Required<ReportTextOptions> = { colours: false, rules: false };

/**
 * A report for people: the result in a sentence and a verdict for each round, then the findings by round and commit.
 *
 * @see docs/auditing.md#auditing
 */
export function reportText(
  competition: AuditedCompetition,
  report: AuditReport,
  options: ReportTextOptions = {},
): string {
  const { ruleNames } = competition;
  const { colours, rules } = { ...REPORT_TEXT_DEFAULTS, ...options };
  const paint = painter(colours);
  // Who asks for one rule gets all of it.
  const most = report.asked.rules?.length === 1 ? Number.POSITIVE_INFINITY : MOST_OF_RULE;
  const parts = [
    [resultLine(report, ruleNames, paint), ...roundLines(report.rounds, paint)],
    readLines(competition, report),
    findingLines(report.findings, { rules: ruleNames, paint, most }),
    rules ? ruleLines(report, ruleNames, paint) : [],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** `No errors, 2 warnings and 1 note in 3 rounds (1490 commits).` */
function resultLine(report: AuditReport, ruleNames: RuleNames, paint: Paint): string {
  const { findings, ok, rounds, rules } = report;
  const sum = (severity: Severity) => Object.values(rules).reduce((total, tally) => total + tally[severity], 0);
  const [errors, warnings, notes] = [sum('error'), sum('warn'), sum('info')];
  const others = [
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
    ...(notes === 0 ? [] : [counted(notes, 'note')]),
  ];
  const verdict = paint(ok ? 'green' : 'red', errors === 0 ? 'No errors' : counted(errors, 'error'));
  const kept = errors + warnings + notes > findings.length ? ` The first ${findings.length} are listed.` : '';
  // Errors say it all; without any, a winner that does not follow is what there is to tell.
  const wrong = ok || errors > 0 ? [] : rounds.filter(({ agrees }) => !agrees).map(({ round }) => round);
  const unproved = wrong.length === 0 ? '' : ` But ${roundsNamed(wrong)} did not come to what follows from the record.`;
  return `${listed([verdict, ...others])} in ${extent(report, ruleNames)}.${kept}${unproved}`;
}

/** What was looked at: all rounds and commits, or those that were asked for. */
function extent({ asked, commits, commitsAskedFor, rounds }: AuditReport, ruleNames: RuleNames): string {
  const { since } = asked;
  const range = since && `the ${counted(commitsAskedFor, 'commit')} after ${since.slice(0, 12)}`;
  const which =
    asked.rounds === undefined
      ? (range ?? `${counted(rounds.length, 'round')} (${counted(commits, 'commit')})`)
      : `${roundsNamed(asked.rounds)}${range === undefined ? '' : `, ${range}`}`;
  if (asked.rules === undefined) return which;
  const titles = asked.rules.map((id) => ruleTitle(ruleNames, id));
  return `${which} (only ${titles.length === 1 ? 'rule' : 'rules'} ${listed(titles)})`;
}

function roundsNamed(rounds: readonly number[]): string {
  return `${rounds.length === 1 ? 'round' : 'rounds'} ${listed(rounds.map(String))}`;
}

/** `a, b and c`. */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function readLines({ ruleNames, readAs }: AuditedCompetition, report: AuditReport): readonly string[] {
  const { network, rules, tip } = report;
  const { dialect, warnings } = readAs(report);
  const idle = Object.entries(rules).flatMap(([id, tally]) =>
    hasLookedAtNothing(tally) ? [ruleTitle(ruleNames, id)] : [],
  );
  return [
    `network: ${networkText(network)}`,
    `tip: ${tip} (give it as --known-tip next time)`,
    `read ${dialect}`,
    ...warnings,
    ...(idle.length === 0 ? [] : [`nothing to look at for: ${idle.join(', ')}`]),
  ];
}

/** A rule that looked at nothing has vouched for nothing. */
function hasLookedAtNothing({ checked, error, warn, info }: RuleTally): boolean {
  return checked + error + warn + info === 0;
}

function roundLines(rounds: readonly RoundVerdict[], paint: Paint): readonly string[] {
  return rounds.map(({ round, winner, rederived, agrees, why, deletedIn, earlier = [] }) => {
    if (agrees && winner === null && rederived === null)
      return `Round ${round}: ${why === '' ? 'won by nobody yet' : why}`;
    if (winner === null && rederived === null) return `Round ${round}: ${paint('red', 'cannot be derived')}: ${why}`;
    const name = (side: string | null) => (side === null ? 'nobody yet' : shortName(side as never));
    const verdict = agrees ? paint('green', 'agrees') : paint('red', 'DOES NOT AGREE');
    const times = earlier.length + (winner === null ? 0 : 1);
    const decidedAgain = times > 1 ? ` (decided ${times} times: see --explain ${round})` : '';
    const which = deletedIn === undefined ? `Round ${round}` : `Round ${round}, deleted in ${deletedIn.slice(0, 12)}`;
    return `${which}: won by ${name(winner)}; re-derived ${name(rederived)}; ${verdict}${why === '' ? '' : `: ${why}`}${decidedAgain}`;
  });
}

function ruleLines({ rules }: AuditReport, ruleNames: RuleNames, paint: Paint): readonly string[] {
  const titles = Object.entries(rules).map(([id, tally]) => ({ id, tally, title: ruleTitle(ruleNames, id) }));
  const width = Math.max(...titles.map(({ title }) => title.length));
  return [
    paint('bold', `${'Rule'.padEnd(width)}  checked  error  warn  info`),
    ...titles.map(({ id, tally, title }) => ruleLine(title.padEnd(width), tally, ruleNames[id]?.says ?? '', paint)),
  ];
}

function ruleLine(title: string, tally: RuleTally, says: string, paint: Paint): string {
  const { checked, error, warn, info } = tally;
  const cell = (count: number, width: number, style: 'red' | 'yellow' | 'cyan') => {
    const text = (count === 0 ? '·' : String(count)).padStart(width);
    return count === 0 ? text : paint(style, text);
  };
  const counts = `${cell(error, 7, 'red')}${cell(warn, 6, 'yellow')}${cell(info, 6, 'cyan')}`;
  const line = `${title}${String(checked).padStart(9)}${counts}  ${says}`;
  return hasLookedAtNothing(tally) ? paint('dim', line) : line;
}

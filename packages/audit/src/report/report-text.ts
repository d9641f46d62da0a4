import { shortName } from '@tiltyard/schema';
import type { AuditReport, Dialect, Finding, RoundVerdict, RuleTally } from '../interfaces.js';
import { ALL_RULES } from '../rules/all-rules.js';
import { RULE_IDS } from '../rules/rule-ids.js';
import { type Paint, painter, SEVERITY_STYLE } from './paint.js';

/** How a report is put into words. */
export interface ReportTextOptions {
  /** Whether to paint for a terminal. */
  readonly colours?: boolean;
  /** Whether only some rules, rounds or commits were asked for: then the verdict is of those alone. */
  readonly isNarrowed?: boolean;
}

export const REPORT_TEXT_DEFAULTS: Required<ReportTextOptions> = { colours: false, isNarrowed: false };

/**
 * A report for people: one line a rule, the findings by round and commit, and a verdict for each round.
 *
 * @see audit.md, output
 */
export function reportText(report: AuditReport, options: ReportTextOptions = {}): string {
  const { colours, isNarrowed } = { ...REPORT_TEXT_DEFAULTS, ...options };
  const paint = painter(colours);
  const what = isNarrowed ? 'What was asked for' : 'The trail';
  const parts = [ruleLines(report, paint), findingLines(report, paint), roundLines(report.rounds, paint)];
  return `${[...parts.filter((part) => part.length > 0).map((lines) => lines.join('\n')), lastLine(report, what, paint)].join('\n\n')}\n`;
}

function ruleLines({ rules }: AuditReport, paint: Paint): readonly string[] {
  const says = new Map(ALL_RULES.map((rule) => [rule.id, rule.says]));
  return [
    paint('bold', 'Rule   checked  error  warn  info'),
    ...RULE_IDS.flatMap((id) => {
      const tally = rules[id];
      return tally === undefined ? [] : [ruleLine(id, tally, says.get(id) ?? '', paint)];
    }),
  ];
}

function ruleLine(id: string, { checked, error, warn, info }: RuleTally, says: string, paint: Paint): string {
  const cell = (count: number, width: number, style: 'red' | 'yellow' | 'cyan') => {
    const text = (count === 0 ? '·' : String(count)).padStart(width);
    return count === 0 ? text : paint(style, text);
  };
  const counts = `${cell(error, 7, 'red')}${cell(warn, 6, 'yellow')}${cell(info, 6, 'cyan')}`;
  const line = `${id.padEnd(5)}${String(checked).padStart(9)}${counts}  ${says}`;
  return checked === 0 && error + warn + info === 0 ? paint('dim', line) : line;
}

/** How many findings of one rule are told in one round: a messy history has thousands of one kind. */
const MOST_OF_RULE = 25;

function findingLines({ findings, rules }: AuditReport, paint: Paint): readonly string[] {
  // Who asks for one rule gets all of it.
  const most = Object.keys(rules).length === 1 ? Number.POSITIVE_INFINITY : MOST_OF_RULE;
  const lines: string[] = [];
  for (const [round, ofRound] of grouped(findings, ({ round: number }) => number)) {
    if (lines.length > 0) lines.push('');
    lines.push(paint('bold', round === null ? 'Outside any round' : `Round ${round}`));
    const { told, left } = folded(ofRound, most);
    for (const [commit, ofCommit] of grouped(told, (finding) => finding.commit)) {
      lines.push(`  ${paint('underline', commit.slice(0, 12))}`);
      for (const { severity, rule, path, detail } of ofCommit) {
        const mark = paint(SEVERITY_STYLE[severity], `${severity.padEnd(5)} ${rule.padEnd(4)}`);
        lines.push(`    ${mark} ${path === null ? '' : `${shortPath(path)}: `}${detail}`);
      }
    }
    for (const [rule, count] of left) lines.push(`  … and ${count} more of ${rule}, which --rule ${rule} tells`);
  }
  return lines;
}

/** The first findings of each rule and severity, and how many of each rule are left. */
function folded(
  findings: readonly Finding[],
  most: number,
): { readonly told: readonly Finding[]; readonly left: ReadonlyMap<string, number> } {
  const counts = new Map<string, number>();
  const left = new Map<string, number>();
  const told = findings.filter(({ rule, severity }) => {
    const key = `${rule} ${severity}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count > most) left.set(rule, (left.get(rule) ?? 0) + 1);
    return count <= most;
  });
  return { told, left };
}

function roundLines(rounds: readonly RoundVerdict[], paint: Paint): readonly string[] {
  return rounds.map(({ round, winner, rederived, agrees, why, deletedIn }) => {
    if (agrees && winner === null && rederived === null)
      return `Round ${round}: ${why === '' ? 'won by nobody yet' : why}`;
    if (winner === null && rederived === null) return `Round ${round}: ${paint('red', 'cannot be derived')}: ${why}`;
    const name = (side: string | null) => (side === null ? 'nobody yet' : shortName(side as never));
    const verdict = agrees ? paint('green', 'agrees') : paint('red', 'DOES NOT AGREE');
    const which = deletedIn === undefined ? `Round ${round}` : `Round ${round}, deleted in ${deletedIn.slice(0, 12)}`;
    return `${which}: won by ${name(winner)}; re-derived ${name(rederived)}; ${verdict}${why === '' ? '' : `: ${why}`}`;
  });
}

/** What a reader should know of how a repository was read: whoever makes one look like the other's is held to less. */
const AS_READ: Readonly<Record<Dialect, string>> = {
  ours: 'of ours: thresholds from rules.json, seeds from block hashes, trailers, signatures, amendments',
  reference: 'of the reference implementation: seeds, thresholds, owners and signatures are not held against anything',
};

function seedsAre(dialect: Dialect, isHeldAgainstChain: boolean): string {
  if (dialect === 'reference' || isHeldAgainstChain) return '';
  return ' Seeds were NOT held against the chain: their block hashes are those that the repository names (--chain asks).';
}

function lastLine(
  { commits, dialect, findings, isHeldAgainstChain, ok, rules, tip }: AuditReport,
  what: string,
  paint: Paint,
): string {
  const sum = (severity: 'error' | 'warn' | 'info') =>
    Object.values(rules).reduce((total, tally) => total + tally[severity], 0);
  const counts = [counted(sum('error'), 'error'), counted(sum('warn'), 'warning'), counted(sum('info'), 'note')].join(
    ', ',
  );
  const verdict = ok ? paint('green', `${what} is whole`) : paint('red', `${what} is broken`);
  const kept = sum('error') + sum('warn') + sum('info') > findings.length ? `, ${findings.length} of them told,` : '';
  const read = `Read as a repository ${AS_READ[dialect]}.${seedsAre(dialect, isHeldAgainstChain)}`;
  return `${read}\n${verdict}: ${counts}${kept} in ${counted(commits, 'commit')} up to ${tip.slice(0, 12)}.`;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** A hotkey in a path is told by its first ten characters. */
function shortPath(path: string): string {
  return path.replace(/\/([1-9A-HJ-NP-Za-km-z]{10})[1-9A-HJ-NP-Za-km-z]{36,38}\//, '/$1…/');
}

function grouped<Key, Value>(
  values: readonly Value[],
  keyOf: (value: Value) => Key,
): ReadonlyMap<Key, readonly Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

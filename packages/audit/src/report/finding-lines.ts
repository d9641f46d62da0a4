import type { Finding } from '../interfaces.js';
import { type RuleNames, ruleTitle } from '../rules/rule-names.js';
import { type Paint, SEVERITY_STYLE } from './paint.js';

/** How many findings of one rule are told in one round: a messy history has thousands of one kind. */
export const MOST_OF_RULE = 25;

/** Findings for people, by round and commit: what is outside any round first, then round by round. */
export function findingLines(
  findings: readonly Finding[],
  style: { readonly rules: RuleNames; readonly paint: Paint; readonly most: number },
): readonly string[] {
  const { paint } = style;
  const byRound = grouped(findings, ({ round }) => round);
  const rounds = [...byRound.keys()].sort((a, b) => (a ?? -1) - (b ?? -1));
  return rounds.flatMap((round, at) => [
    ...(at === 0 ? [] : ['']),
    paint('bold', round === null ? 'Outside any round' : `Round ${round}`),
    ...commitLines(byRound.get(round) ?? [], style),
  ]);
}

/** Findings of one round, commit by commit in the order of the history. */
export function commitLines(
  findings: readonly Finding[],
  { rules, paint, most }: { readonly rules: RuleNames; readonly paint: Paint; readonly most: number },
): readonly string[] {
  const { told, left } = folded(findings, most);
  const width = Math.max(...told.map(({ rule }) => ruleTitle(rules, rule).length));
  const lines = [...grouped(told, ({ commit }) => commit)].flatMap(([commit, ofCommit]) => [
    `  ${paint('underline', commit.slice(0, 12))}`,
    ...ofCommit.map(({ severity, rule, path, detail }) => {
      const mark = paint(SEVERITY_STYLE[severity], `${severity.padEnd(5)} ${ruleTitle(rules, rule).padEnd(width)}`);
      return `    ${mark} ${path === null ? '' : `${shortPath(path)}: `}${detail}`;
    }),
  ]);
  const more = [...left].map(
    ([rule, count]) => `  … and ${count} more of ${ruleTitle(rules, rule)} (--rule ${rule} lists all)`,
  );
  return [...lines, ...more];
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

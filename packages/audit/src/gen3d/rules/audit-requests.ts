import { auditRequestsDue, criticalPrompts, type Timeline } from '@tiltyard/rules/gen3d';
import { type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';
import type { AuditRequest, Duel, Rules } from '@tiltyard/schema/gen3d';
import type { Tree } from '../../replay/tree.js';
import { isOwnWork, stateBefore } from '../commit-view.js';
import { duelsOf, type ReportDigest } from '../round/report-digest.js';
import { rulesAt } from '../round/round-view.js';
import { SeenStandings } from '../round/seen-standings.js';
import { contentRule, type Rule } from '../rule.js';
import { reportOf, valueIn } from '../tree.js';
import { isLater } from './audits.js';

/** What the judge could know at each commit of a replay; kept as long as the replay is. */
const SEEN = new WeakMap<Tree, SeenStandings>();

/** Who is audited, and on what. */
export const AUDIT_REQUEST_RULES: readonly Rule[] = [
  {
    id: 'R3',
    severity: 'error',
    only: 'ours',
    check(at) {
      const seen = SEEN.get(at.tree) ?? new SeenStandings();
      SEEN.set(at.tree, seen);
      seen.take(at);
    },
  },
  contentRule({ id: 'R3', severity: 'error' }, 'auditRequests', (requests, file) => {
    const { round } = file.params;
    const rules = rulesAt(file.tree, round);
    const seed = valueIn(file.tree, 'seed', { round })?.seed;
    if (rules === undefined || seed === undefined) return;
    const before = file.before ?? [];
    const isOwn = isOwnWork(file.at, round) && stateBefore(file.at)?.current_round === round;
    const timelines = isOwn ? SEEN.get(file.tree)?.timelines(file.at, round) : undefined;
    for (const request of requests.slice(before.length)) {
      file.looked();
      const detail = isLater(file.change)
        ? renewedFault(request, winsOf(file.tree, round, request.hotkey, rules.tournament.win_margin))
        : requestFault(request, { tree: file.tree, round, rules, seed, before, timelines });
      if (detail !== undefined) file.fault(detail);
    }
  }),
];

interface RequestFacts {
  readonly tree: Tree;
  readonly round: number;
  readonly rules: Rules;
  readonly seed: number;
  readonly before: readonly AuditRequest[];
  /** Those that the judge may have derived it from; undefined where that is not known. */
  readonly timelines: readonly Timeline[] | undefined;
}

function requestFault(request: AuditRequest, facts: RequestFacts): string | undefined {
  const { tree, round, rules, seed, before, timelines } = facts;
  const name = shortName(request.hotkey);
  const { win_margin: winMargin, max_mismatched_margin: maxMismatchedMargin } = rules.tournament;
  const ruled = { seed, winMargin, maxMismatchedMargin };
  const isDue = ({ critical_prompts }: AuditRequest) =>
    critical_prompts.join('\n') === request.critical_prompts.join('\n');
  const wins = winsOf(tree, round, request.hotkey, winMargin);
  if (wins.length === 0) return `${name} is to be audited without a match that it won by the margin`;
  if (timelines === undefined) {
    const due = wins.map((win) => [...criticalPrompts(matchOf(win), ruled)]);
    if (due.some((critical_prompts) => isDue({ ...request, critical_prompts }))) return undefined;
    const defenders = wins.map((win) => shortName(win.left)).join(', ');
    return `the critical prompts of ${name} are those of no match that it won (${defenders})`;
  }
  const report = (left: Side, right: Hotkey) => {
    const digest = reportOf(tree, round, left, right);
    return digest === undefined ? undefined : matchOf(digest);
  };
  const due = timelines
    .flatMap((timeline) => auditRequestsDue({ timeline, requested: before, report, ...ruled }))
    .filter(({ hotkey }) => hotkey === request.hotkey);
  if (due.some(isDue)) return undefined;
  if (due.length === 0) return `${name} is to be audited, and did not take the lead`;
  const led = timelines.flatMap(({ entries }) => entries.filter(({ hotkey }) => hotkey === request.hotkey));
  const defenders = [...new Set(led.flatMap(({ defender }) => defender ?? []))].map(shortName).join(' or ');
  return `the critical prompts of ${name} are not those of its match with ${defenders}, which made it lead`;
}

/** The readable reports of the matches that a hotkey won as the challenger. */
function winsOf(tree: Tree, round: number, right: Hotkey, winMargin: number): readonly ReportDigest[] {
  const lefts: readonly Side[] = [LEADER, ...(Object.keys(valueIn(tree, 'submissions', { round }) ?? {}) as Hotkey[])];
  return lefts.flatMap((left) => reportOf(tree, round, left, right) ?? []).filter(({ margin }) => margin >= winMargin);
}

/** A report as the rules of critical prompts look at it: of its duels a digest keeps what they need. */
function matchOf(digest: ReportDigest): { readonly margin: number; readonly duels: Duel[] } {
  return { margin: digest.margin, duels: duelsOf(digest) as Duel[] };
}

/** What is wrong with a request of the later competition: it names a defender, or in its first rounds nobody. */
function renewedFault(request: AuditRequest, wins: readonly ReportDigest[]): string | undefined {
  const defender: unknown = Reflect.get(request, 'latest_defender');
  if (wins.some(({ left }) => defender === undefined || left === defender)) return undefined;
  const against = typeof defender === 'string' ? ` against ${shortName(defender as Side)}` : '';
  return `${shortName(request.hotkey)} is to be audited without a match${against} that it won by the margin`;
}

import { auditVerdict, criticalPrompts, projectAmendments, standingBuilds } from '@tiltyard/rules';
import {
  type AuditRequest,
  type GenerationAudit,
  type Hotkey,
  LEADER,
  type Rules,
  type Side,
  sameValue,
  shortName,
} from '@tiltyard/schema';
import type { FileChange } from '../replay/commit-view.js';
import { laterFactsOf, laterVerdict } from '../replay/later-audits.js';
import { duelsOf, type ReportDigest } from '../replay/report-digest.js';
import { rulesAt } from '../replay/round-view.js';
import { fileOf, reportOf, type Tree, valueIn } from '../replay/tree.js';
import { contentRule, type Rule } from './rule.js';

/** Who is audited, on what, and with what verdict. */
export const AUDIT_RULES: readonly Rule[] = [
  contentRule(
    { id: 'R3', severity: 'error', says: 'An audit is requested for a win, with the prompts that the win hung on.' },
    'auditRequests',
    (requests, file) => {
      const { round } = file.params;
      const rules = rulesAt(file.tree, round);
      const seed = valueIn(file.tree, 'seed', { round })?.seed;
      if (rules === undefined || seed === undefined) return;
      const { win_margin: winMargin, max_mismatched_margin: maxMismatchedMargin } = rules.tournament;
      for (const request of requests.slice(file.before?.length ?? 0)) {
        const { hotkey, critical_prompts } = request;
        file.looked();
        const wins = reportsOf(file.tree, round, hotkey).filter(({ margin }) => margin >= winMargin);
        const detail = isLater(file.change) ? renewedFault(request, wins) : undefined;
        if (detail !== undefined) file.fault(detail);
        if (isLater(file.change)) continue;
        const due = wins.map((report) =>
          criticalPrompts(
            { margin: report.margin, duels: duelsOf(report) as never },
            { seed, winMargin, maxMismatchedMargin },
          ),
        );
        if (due.some((prompts) => prompts.join('\n') === critical_prompts.join('\n'))) continue;
        file.fault(
          wins.length === 0
            ? `${shortName(hotkey)} is to be audited without a match that it won by the margin`
            : `the critical prompts of ${shortName(hotkey)} are those of no match that it won (${wins.map((win) => shortName(win.left)).join(', ')})`,
        );
      }
    },
  ),
  contentRule(
    { id: 'R4', severity: 'error', says: "An audit's verdict was asked for, and follows from the files." },
    'generationAudits',
    (audits, file) => {
      const { round } = file.params;
      const rules = rulesAt(file.tree, round);
      if (rules === undefined) return;
      const undeployed: string[] = [];
      for (const [hotkey, audit] of Object.entries(audits) as [Hotkey, GenerationAudit][]) {
        if (audit.outcome === 'pending' || sameValue(file.before?.[hotkey], audit)) continue;
        file.looked();
        if (file.at.dialect === 'reference' && isUndeployed(audit)) {
          undeployed.push(shortName(hotkey));
          continue;
        }
        const { win_margin: winMargin } = rules.tournament;
        const detail = isLater(file.change)
          ? laterFault(file.tree, round, hotkey, audit, winMargin)
          : verdictFault(file.tree, round, hotkey, audit, rules);
        if (detail !== undefined) file.fault(`${shortName(hotkey)}: ${detail}`);
      }
      if (undeployed.length === 0) return;
      const names = `${undeployed.slice(0, 5).join(', ')}${undeployed.length > 5 ? ` and ${undeployed.length - 5} more` : ''}`;
      file.fault(`${names} rejected because no pod could be started: nothing on record shows it`, 'warn');
    },
  ),
];

/** The reference rejects a miner when it could not start a pod for it: whose fault that was, no file tells. */
function isUndeployed({ outcome, reason, checked_prompts }: GenerationAudit): boolean {
  return outcome === 'rejected' && checked_prompts === 0 && reason === 'Failed to deploy a docker image';
}

/** Whether a file is the later competition's, which verifies by judging re-runs. */
function isLater({ after }: FileChange): boolean {
  return after?.content.format?.era === 'scripts';
}

/** What is wrong with a request of the later competition: it names a defender, or in its first rounds nobody. */
function renewedFault(request: AuditRequest, wins: readonly ReportDigest[]): string | undefined {
  const defender: unknown = Reflect.get(request, 'latest_defender');
  if (wins.some(({ left }) => defender === undefined || left === defender)) return undefined;
  const against = typeof defender === 'string' ? ` against ${shortName(defender as Side)}` : '';
  return `${shortName(request.hotkey)} is to be audited without a match${against} that it won by the margin`;
}

/** What is wrong with a verdict of the later competition. Its reason is its judge's words for the same facts. */
function laterFault(
  tree: Tree,
  round: number,
  hotkey: Hotkey,
  audit: GenerationAudit,
  winMargin: number,
): string | undefined {
  const facts = laterFactsOf(tree, round, winMargin);
  if (facts === undefined) return `${audit.outcome}, and there is nothing on record that it follows from`;
  const due = laterVerdict(hotkey, facts);
  if (due.outcome === audit.outcome) return undefined;
  return `${audit.outcome}, where the re-runs and their margins make it ${due.outcome}${due.reason === '' ? '' : ` (${due.reason})`}`;
}

/** The readable reports of the matches in which a hotkey challenged. */
function reportsOf(tree: Tree, round: number, right: Hotkey): readonly ReportDigest[] {
  const lefts: readonly Side[] = [LEADER, ...(Object.keys(valueIn(tree, 'submissions', { round }) ?? {}) as Hotkey[])];
  return lefts.flatMap((left) => reportOf(tree, round, left, right) ?? []);
}

function verdictFault(
  tree: Tree,
  round: number,
  hotkey: Hotkey,
  audit: GenerationAudit,
  rules: Rules,
): string | undefined {
  const request = (valueIn(tree, 'auditRequests', { round }) ?? []).find((one) => one.hotkey === hotkey);
  if (request === undefined) return `${audit.outcome}, though no audit was requested`;
  const inputs = ['submitted', 'generated'] as const;
  const unreadable = inputs.some((name) => fileOf(tree, name, { round, side: hotkey })?.content.problem !== undefined);
  const builds = valueIn(tree, 'builds', { round });
  if (unreadable || builds === undefined) return undefined;
  const amended = projectAmendments(valueIn(tree, 'amendments', { round }) ?? []);
  const due = auditVerdict({
    hotkey,
    criticalPrompts: request.critical_prompts,
    submitted: valueIn(tree, 'submitted', { round, side: hotkey }) ?? {},
    generated: valueIn(tree, 'generated', { round, side: hotkey }) ?? {},
    build: standingBuilds(builds, amended)[hotkey],
    runComplete: true,
    rules,
    amendment: audit.amendment,
  });
  const fields = Object.keys(due) as (keyof GenerationAudit)[];
  const wrong = fields.filter((field) => !sameValue(due[field], audit[field]));
  if (wrong.length === 0) return undefined;
  const shown = wrong.map((field) => `${field} is ${JSON.stringify(audit[field])}, not ${JSON.stringify(due[field])}`);
  return shown.join('; ').slice(0, 800);
}

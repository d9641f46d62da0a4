import {
  type AuditVerdictInput,
  auditVerdict,
  openPromptsOf,
  projectAmendments,
  standingBuilds,
} from '@tiltyard/rules/gen3d';
import { counted, type Hotkey, sameValue, shortName } from '@tiltyard/schema';
import type { AuditRequest, Build, GenerationAudit, Rules } from '@tiltyard/schema/gen3d';
import type { Dialect } from '../../interfaces.js';
import type { FileChange } from '../../replay/file-change.js';
import type { Tree } from '../../replay/tree.js';
import { laterFactsOf, laterVerdict } from '../round/later-audits.js';
import { roundEraOf, rulesAt } from '../round/round-view.js';
import { contentRule, naming, type Rule, type WrittenFile } from '../rule.js';
import { fileOf, keptOf, valueIn } from '../tree.js';

/** With what verdict audits end. */
export const AUDIT_RULES: readonly Rule[] = [
  contentRule({ id: 'R4', severity: 'error' }, 'generationAudits', (audits, file) => {
    const { round } = file.params;
    const rules = rulesAt(file.tree, round);
    if (rules === undefined) return;
    const undeployed: string[] = [];
    for (const [hotkey, audit] of Object.entries(audits) as [Hotkey, GenerationAudit][]) {
      if (audit.outcome === 'pending' || sameValue(file.before?.[hotkey], audit)) continue;
      file.looked();
      if (file.at.dialect === 'reference' && isUndeployed(audit) && !wouldPass(file, hotkey, audit, rules)) {
        undeployed.push(shortName(hotkey));
        continue;
      }
      const { win_margin: winMargin } = rules.tournament;
      const fault = isLater(file.change)
        ? laterFault(file.tree, round, hotkey, audit, winMargin)
        : verdictFault(file, hotkey, audit, rules);
      if (fault !== undefined) file.fault(`${shortName(hotkey)}: ${fault.detail}`, fault.severity);
    }
    if (undeployed.length === 0) return;
    const names = `${undeployed.slice(0, 5).join(', ')}${undeployed.length > 5 ? ` and ${undeployed.length - 5} more` : ''}`;
    file.fault(`${names} rejected because no pod could be started: nothing on record shows it`, 'warn');
  }),
];

/** The reference rejects a miner when it could not start a pod for it: whose fault that was, no file tells. */
function isUndeployed({ outcome, reason, checked_prompts }: GenerationAudit): boolean {
  return outcome === 'rejected' && checked_prompts === 0 && reason === 'Failed to deploy a docker image';
}

/** Whether a miner would have passed by what its container made: then pods were started. */
function wouldPass(file: WrittenFile<'generationAudits'>, hotkey: Hotkey, audit: GenerationAudit, rules: Rules) {
  const { tree, change, params } = file;
  if (!isLater(change)) return auditedBy(file, hotkey, audit, rules)?.due.outcome === 'passed';
  const facts = laterFactsOf(tree, params.round, rules.tournament.win_margin);
  return facts !== undefined && laterVerdict(hotkey, facts).outcome === 'passed';
}

/** Whether a file is the later competition's, which verifies by judging re-runs. */
export function isLater({ after }: FileChange): boolean {
  return after?.content.format?.era === 'scripts' && after.content.stray === undefined;
}

/** What is wrong with a verdict of the later competition. Its reason is its judge's words for the same facts. */
function laterFault(
  tree: Tree,
  round: number,
  hotkey: Hotkey,
  audit: GenerationAudit,
  winMargin: number,
): VerdictFault | undefined {
  const facts = laterFactsOf(tree, round, winMargin);
  if (facts === undefined) return { detail: `${audit.outcome}, and there is nothing on record that it follows from` };
  const due = laterVerdict(hotkey, facts);
  if (due.outcome === audit.outcome) return undefined;
  const because = due.reason === '' ? '' : ` (${due.reason})`;
  return { detail: `${audit.outcome}, where the re-runs and their margins make it ${due.outcome}${because}` };
}

/** What is wrong with a verdict; an error where it does not say otherwise. */
interface VerdictFault {
  readonly detail: string;
  readonly severity?: 'warn';
}

function verdictFault(
  file: WrittenFile<'generationAudits'>,
  hotkey: Hotkey,
  audit: GenerationAudit,
  rules: Rules,
): VerdictFault | undefined {
  const { tree, at, params } = file;
  if (requestOf(tree, params.round, hotkey) === undefined) {
    return { detail: `${audit.outcome}, though no audit was requested` };
  }
  const audited = auditedBy(file, hotkey, audit, rules);
  if (audited === undefined) return undefined;
  const { input, due } = audited;
  const fields = Object.keys(due) as (keyof GenerationAudit)[];
  const wrong = fields.filter((field) => !sameValue(due[field], audit[field]));
  if (wrong.length === 0) return at.dialect === 'ours' ? openRejection(input, due, tree, params.round) : undefined;
  const shown = wrong.map((field) => `${field} is ${JSON.stringify(audit[field])}, not ${JSON.stringify(due[field])}`);
  return { detail: shown.join('; ').slice(0, 800) };
}

function requestOf(tree: Tree, round: number, hotkey: Hotkey): AuditRequest | undefined {
  return (valueIn(tree, 'auditRequests', { round }) ?? []).find((one) => one.hotkey === hotkey);
}

/** The verdict that follows, and what from; undefined where nobody asked for it, and where the files cannot be read. */
function auditedBy(
  { tree, at, params: { round } }: WrittenFile<'generationAudits'>,
  hotkey: Hotkey,
  audit: GenerationAudit,
  rules: Rules,
): { readonly input: AuditVerdictInput; readonly due: GenerationAudit } | undefined {
  const request = requestOf(tree, round, hotkey);
  if (request === undefined) return undefined;
  const inputs = ['submitted', 'generated'] as const;
  const unreadable = inputs.some((name) => fileOf(tree, name, { round, side: hotkey })?.content.problem !== undefined);
  const builds = valueIn(tree, 'builds', { round });
  // The first competition kept no builds. Elsewhere a verdict before there are any is one before its time.
  const isUnknown = fileOf(tree, 'builds', { round }) !== undefined || roundEraOf(tree, round) === 'splats';
  if (unreadable || (builds === undefined && isUnknown)) return undefined;
  const amended = projectAmendments(valueIn(tree, 'amendments', { round }) ?? []);
  const input: AuditVerdictInput = {
    hotkey,
    criticalPrompts: request.critical_prompts,
    submitted: valueIn(tree, 'submitted', { round, side: hotkey }) ?? {},
    generated: valueIn(tree, 'generated', { round, side: hotkey }) ?? {},
    build: buildAt(at.dialect, standingBuilds(builds ?? {}, amended)[hotkey]),
    runComplete: true,
    rules,
    amendment: audit.amendment,
  };
  return { input, due: auditVerdict(input) };
}

/** A build as a verdict goes by it. What was not found had failed, for the reference implementation. */
function buildAt(dialect: Dialect, build: Pick<Build, 'status'> | undefined): Pick<Build, 'status'> | undefined {
  return dialect === 'reference' && build?.status === 'not_found' ? { status: 'failure' } : build;
}

/**
 * A rejection that hangs on prompts with attempts left. That is legal where the pods took no more of them: of those nothing
 * else is on record than their statistics, which the run's end always brings.
 */
function openRejection(
  input: AuditVerdictInput,
  { outcome, checked_prompts }: GenerationAudit,
  tree: Tree,
  round: number,
): VerdictFault | undefined {
  if (outcome !== 'rejected' || checked_prompts === 0) return undefined;
  const open = openPromptsOf(input);
  if (open.length === 0) return undefined;
  const detail = `rejected for ${counted(open.length, 'prompt')} that had attempts left${naming(open)}`;
  const stats = fileOf(tree, 'podStats', { round, side: input.hotkey });
  if (stats === undefined || keptOf(stats.content).pods === 0) {
    return { detail: `${detail}, and no pods are on record that took no more` };
  }
  return { detail: `${detail}: that its pods took no more, pod_stats.json alone says`, severity: 'warn' };
}

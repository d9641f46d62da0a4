import { type Fields, firstEntry, isFields, mapEntries, mapList, type OtherContent } from './other-format.js';

/** State files as the later competition writes them, whose miners make three.js programs. */
export const SCRIPT_CONTENTS: readonly OtherContent[] = [
  script({
    id: 'script-files',
    files: ['submitted', 'generated'],
    what: 'submitted.json and generated.json with js files and views',
    says: 'read, js for glb and the grid of the views for png; there are no times and no distances in it',
    fits: (value) => 'js' in (firstEntry(value) ?? {}),
    read: (value) =>
      mapEntries(value, ({ js, views, size }) => ({
        glb: js,
        png: typeof views === 'string' ? `${views}/grid.png` : views,
        size,
        generation_time: 0,
        attempts: 0,
        distance: 0,
      })),
  }),
  script({
    id: 'script-report',
    files: ['matchReport'],
    what: 'match reports of js files, judged in stages',
    says:
      'read: score, margin, prompts, files and outcomes without a judge are derived again; what the stages of the judge ' +
      'came to is not',
    fits: (value) => isFields(value) && 'left_js' in (firstEntry(value.duels) ?? {}),
    read: (value) => (isFields(value) ? { ...value, duels: mapList(value.duels, duelOf) } : value),
  }),
  script({
    id: 'script-requests',
    files: ['auditRequests'],
    what: 'require_audit.json without critical prompts',
    says:
      'read: that each was won by the margin, against the defender that it names, is derived again; a request may be ' +
      'renewed when the defender changes',
    fits: (value) => {
      const first = Array.isArray(value) ? firstEntry(value) : undefined;
      return first !== undefined && 'hotkey' in first && !('critical_prompts' in first);
    },
    read: (value) => mapList(value, (request) => ({ ...request, critical_prompts: [] })),
  }),
  script({
    id: 'script-audits',
    files: ['generationAudits'],
    what: 'generation_audits.json with verdicts',
    says: 'read: verdicts are held against audit_matrix.csv and generation_reports.json in place of distances and times',
    fits: (value) => 'verdict' in (firstEntry(value) ?? {}),
    read: (value) =>
      mapEntries(value, ({ hotkey, verdict, reason }) => ({
        hotkey,
        outcome: verdict === 'failed' ? 'rejected' : verdict,
        checked_prompts: 0,
        failed_prompts: 0,
        failed_critical: 0,
        generation_time: null,
        reason,
      })),
  }),
  script({
    id: 'script-reruns',
    files: ['generationReports'],
    what: 'rounds/N/generation_reports.json',
    says: "read: how the re-runs of miners' containers went, which takes part in their audits' verdicts",
    fits: (value) => firstEntry(value) !== undefined,
    read: (value) => value,
  }),
  script({
    id: 'script-audit-matrix',
    files: ['auditMatrix'],
    what: 'rounds/N/audit_matrix.csv',
    says: "read: what judging re-runs came to, from which their audits' verdicts are derived again",
    fits: (value) => typeof value === 'string',
    read: (value) => value,
  }),
  script({
    id: 'script-audit-report',
    files: ['auditReport'],
    what: 'rounds/N/MINER/audit_DEFENDER_K.json',
    says: 'read: its margin is held against its row in audit_matrix.csv, or decides where there is none yet',
    fits: (value) => isFields(value) && Array.isArray(value.duels),
    read: (value) => value,
  }),
  script({
    id: 'script-pods',
    files: ['podStats'],
    what: 'pod_stats.json with batch times',
    says: 'nothing follows from how pods did, in any format',
    fits: (value) => 'batch_times' in (firstEntry(value) ?? {}),
  }),
];

function script(format: Omit<OtherContent, 'era' | 'isRead'>): OtherContent {
  return { ...format, era: 'scripts', isRead: format.read !== undefined };
}

/** Why a duel needed no judge, in the words of that competition. */
const REASONS: Readonly<Record<string, (name: unknown) => string>> = {
  'no previews on either side': (name) => `No previews for ${name}`,
  'no preview from left': (name) => `No preview for ${name} from left`,
  'no preview from right': (name) => `No preview for ${name} from right`,
};

function duelOf({ left_js, right_js, detail, ...duel }: Fields): Fields {
  const { reason, issues } = isFields(detail) ? detail : ({} as Fields);
  const forced = typeof reason === 'string' ? (REASONS[reason]?.(duel.name) ?? reason) : undefined;
  const told = typeof issues === 'string' ? issues.slice(0, 20_000) : '';
  return { ...duel, left_glb: left_js, right_glb: right_js, issues: forced ?? told };
}

import { type LineForm, type LineForms, lineGrammar } from '../messages/line-grammar.js';
import { LEADER, shortName } from '../names.js';
import { type TextParam, textTemplate } from '../text-template.js';
import { AMENDMENT_ACTIONS } from './files/amendments.js';
import { ROUND_PATTERN, type ServiceName } from './names.js';
import type { PathOf } from './paths.js';
import type { StateFileName } from './registry.js';
import { STAGE_OWNER, STAGES, type Stage } from './stage-machine.js';

/** A line of one of these kinds. */
type Line<Kind extends string, Facts = unknown> = Kind extends string
  ? { readonly kind: Kind } & Readonly<Facts>
  : never;

/** What one line of a commit message announces. `miner`, `left`, `right` and `winner` are short names. */
export type Announcement =
  | Line<'submissions' | 'no_submissions', { round: number }>
  | Line<'stage', { round: number; stage: Stage }>
  | Line<'submitted' | 'generated' | 'pod_stats', { round: number; miner: string }>
  | Line<'builds' | 'generation_audits' | 'matrix' | 'audit_requests' | 'source_audits', { round: number }>
  | Line<'match_report', { left: string; right: string }>
  | Line<'winner', { round: number; winner: string }>
  | Line<'state', { round: number; stage: Stage; schedule: boolean; leader: boolean }>
  | Line<'amendment', { round: number; id: number; action: string }>
  | Line<'allowed_signers' | 'prompt_pool'>
  | Line<'start', { name: string }>;

/** The stages that the collector's own line announces; every other change of state has a line `Update state (…)`. */
export const COLLECTED_STAGES: readonly Stage[] = ['downloading', 'duels', 'finalizing'];

const MINER = '[1-9A-HJ-NP-Za-km-z]{10}';
const text = <T extends string>(pattern: string): TextParam<T> => ({ pattern, read: (written) => written as T });
const number = (pattern: string): TextParam<number> => ({ pattern, read: Number });
/** A file that a line about the state announces too. Only with `open`, `finished` and `paused` there may be one. */
const also = (file: string, after = ''): TextParam<boolean> => ({
  pattern: `(?:(?<=\\((?:open|finished|paused)\\)${after}), ${file})?`,
  read: (written) => written !== '',
  write: (isThere) => (isThere ? `, ${file}` : ''),
});
const round = number(ROUND_PATTERN);
const short = text(`${MINER}|${LEADER}`);

const FORMS: LineForms<Announcement, ServiceName, StateFileName> = {
  submissions: {
    text: textTemplate('Seed, prompts and submissions for round {round}', { round }),
    owners: ['submission-collector'],
    files: ['seed', 'prompts', 'promptImages', 'submissions', 'state'],
  },
  no_submissions: {
    text: textTemplate('No submissions for round {round}', { round }),
    owners: ['submission-collector'],
    files: ['submissions', 'seed', 'prompts', 'promptImages', 'state'],
  },
  stage: {
    text: textTemplate('Round {round}: {stage}', { round, stage: text<Stage>(COLLECTED_STAGES.join('|')) }),
    owners: ['submission-collector'],
    files: ['state'],
  },
  submitted: ofMiner('submitted', 'submission-collector', 'submitted'),
  generated: ofMiner('generated', 'generation-orchestrator', 'generated'),
  pod_stats: ofMiner('pod stats', 'generation-orchestrator', 'podStats'),
  builds: ofRound('build statuses', 'generation-orchestrator', 'builds'),
  generation_audits: ofRound('generation audits', 'generation-orchestrator', 'generationAudits'),
  matrix: ofRound('matches matrix', 'judge-service', 'matchMatrix'),
  audit_requests: ofRound('audit requests', 'judge-service', 'auditRequests'),
  source_audits: ofRound('source audits', 'operator', 'sourceAudits'),
  match_report: {
    text: textTemplate('Match report: {left} vs {right}', { left: short, right: text(MINER) }),
    owners: ['judge-service'],
    files: ['matchReport'],
  },
  winner: {
    text: textTemplate('Round {round} winner: {winner}', { round, winner: short }),
    owners: ['judge-service'],
    files: ['winner'],
  },
  state: {
    text: textTemplate('Update state ({stage}){schedule}{leader} for round {round}', {
      round,
      stage: text<Stage>(STAGES.join('|')),
      schedule: also('schedule'),
      leader: also('leader', '(?:, schedule)?'),
    }),
    owners: stateLineOwners,
    files: ({ schedule, leader }) => [
      'state',
      ...(schedule ? (['schedule', 'rules'] as const) : []),
      ...(leader ? (['leader'] as const) : []),
    ],
  },
  amendment: {
    text: textTemplate('Amendment {id} for round {round}: {action}', {
      round,
      id: number('[1-9]\\d{0,8}'),
      action: text(AMENDMENT_ACTIONS.join('|')),
    }),
    owners: ['operator'],
    files: ['amendments'],
  },
  allowed_signers: {
    text: textTemplate('Update allowed signers', {}),
    owners: ['operator'],
    files: ['allowedSigners'],
  },
  prompt_pool: { text: textTemplate('Update prompt pool', {}), owners: ['operator'], files: ['promptPool'] },
  start: {
    text: textTemplate('Start competition {name}', {
      name: text('[A-Za-z0-9](?:[A-Za-z0-9_. -]{0,62}[A-Za-z0-9_.-])?'),
    }),
    owners: ['operator'],
    files: ['config', 'state', 'leader', 'promptPool', 'allowedSigners', 'schedule', 'rules'],
  },
};

/** The lines of the competition's commit messages. */
export const announcements = lineGrammar<Announcement, ServiceName, StateFileName>(FORMS);

/**
 * Whether a line announces this very file: its kind, and the round, miner or match that both name. A file in the
 * root belongs to whatever round the line names.
 */
export function isAnnouncedBy(a: Announcement, { name, params }: PathOf<StateFileName>): boolean {
  if (!announcements.files(a).includes(name)) return false;
  const miner = params.side === undefined ? undefined : shortName(params.side);
  if (a.kind === 'match_report') return a.left === params.left && a.right === miner;
  if ('round' in a && params.round !== undefined && a.round !== params.round) return false;
  return !('miner' in a) || a.miner === miner;
}

/**
 * A stage change belongs to the owner of the stage that is left; entering and leaving `paused` to the owner of the stage
 * that is held.
 */
function stateLineOwners({
  stage,
  schedule,
  leader,
}: Line<'state', { stage: Stage; schedule: boolean; leader: boolean }>): readonly ServiceName[] {
  if (schedule || leader) return ['round-manager'];
  if (stage === 'paused') return ['judge-service', 'round-manager', 'submission-collector'];
  if (stage === 'finished') return ['round-manager'];
  // Into `finalizing` from duels by the judge, from paused by the round-manager; `open` from finalizing by the latter,
  // from paused by the collector.
  if (stage === 'finalizing') return ['judge-service', 'round-manager'];
  if (stage === 'open') return ['round-manager', 'submission-collector'];
  const owner = STAGE_OWNER[stage];
  return owner === null ? [] : [owner];
}

function ofMiner(
  what: string,
  owner: ServiceName,
  file: StateFileName,
): LineForm<{ readonly round: number; readonly miner: string }, ServiceName, StateFileName> {
  const template = textTemplate(`Update ${what} for round {round}, miner {miner}`, { round, miner: short });
  return { text: template, owners: [owner], files: [file] };
}

function ofRound(
  what: string,
  owner: ServiceName,
  file: StateFileName,
): LineForm<{ readonly round: number }, ServiceName, StateFileName> {
  return { text: textTemplate(`Update ${what} for round {round}`, { round }), owners: [owner], files: [file] };
}

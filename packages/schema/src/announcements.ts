import { AMENDMENT_ACTIONS, type AmendmentAction } from './gen3d/files/amendments.js';
import type { StateFileName } from './gen3d/registry.js';
import { STAGE_OWNER, STAGES, type Stage } from './gen3d/stage-machine.js';
import { ROUND_PATTERN, type ServiceName, shortName } from './names.js';
import type { AnyPathParams } from './path-template.js';

/** What one line of a commit message announces. `miner`, `left`, `right` and `winner` are short names. */
export type Announcement =
  | { readonly kind: 'submissions' | 'no_submissions'; readonly round: number }
  | { readonly kind: 'stage'; readonly round: number; readonly stage: Stage }
  | { readonly kind: 'submitted' | 'generated' | 'pod_stats'; readonly round: number; readonly miner: string }
  | {
      readonly kind: 'builds' | 'generation_audits' | 'matrix' | 'audit_requests' | 'source_audits';
      readonly round: number;
    }
  | { readonly kind: 'match_report'; readonly left: string; readonly right: string }
  | { readonly kind: 'winner'; readonly round: number; readonly winner: string }
  | {
      readonly kind: 'state';
      readonly round: number;
      readonly stage: Stage;
      readonly schedule: boolean;
      readonly leader: boolean;
    }
  | { readonly kind: 'amendment'; readonly round: number; readonly id: number; readonly action: string }
  | { readonly kind: 'allowed_signers' | 'prompt_pool' }
  | { readonly kind: 'start'; readonly name: string };

const MINER = '[1-9A-HJ-NP-Za-km-z]{10}';
const SHORT = `(${MINER}|leader)`;
const ROUND = `(${ROUND_PATTERN})`;
const STAGE = `(${STAGES.join('|')})`;
/** The stages that the collector's own line announces; every other change of state has a line `Update state (…)`. */
export const COLLECTED_STAGES: readonly Stage[] = ['downloading', 'duels', 'finalizing'];
/** What stands before a schedule or leader in a line about the state. */
const SCHEDULED = '\\((?:open|finished|paused)\\)';

/** The grammar: a line's pattern, and what its groups mean. */
const GRAMMAR: readonly (readonly [RegExp, (groups: readonly string[]) => Announcement])[] = [
  [line(`Seed, prompts and submissions for round ${ROUND}`), ([n]) => ({ kind: 'submissions', round: Number(n) })],
  [line(`No submissions for round ${ROUND}`), ([n]) => ({ kind: 'no_submissions', round: Number(n) })],
  [
    line(`Round ${ROUND}: (${COLLECTED_STAGES.join('|')})`),
    ([n, s]) => ({ kind: 'stage', round: Number(n), stage: s as Stage }),
  ],
  [line(`Update submitted for round ${ROUND}, miner ${SHORT}`), ofMiner('submitted')],
  [line(`Update generated for round ${ROUND}, miner ${SHORT}`), ofMiner('generated')],
  [line(`Update pod stats for round ${ROUND}, miner ${SHORT}`), ofMiner('pod_stats')],
  [line(`Update build statuses for round ${ROUND}`), ([n]) => ({ kind: 'builds', round: Number(n) })],
  [line(`Update generation audits for round ${ROUND}`), ([n]) => ({ kind: 'generation_audits', round: Number(n) })],
  [line(`Update matches matrix for round ${ROUND}`), ([n]) => ({ kind: 'matrix', round: Number(n) })],
  [line(`Update audit requests for round ${ROUND}`), ([n]) => ({ kind: 'audit_requests', round: Number(n) })],
  [line(`Update source audits for round ${ROUND}`), ([n]) => ({ kind: 'source_audits', round: Number(n) })],
  [line(`Match report: ${SHORT} vs (${MINER})`), ([left = '', right = '']) => ({ kind: 'match_report', left, right })],
  [line(`Round ${ROUND} winner: ${SHORT}`), ([n, winner = '']) => ({ kind: 'winner', round: Number(n), winner })],
  [
    // Only `open`, `finished` and `paused` come with a schedule or a leader.
    line(`Update state \\(${STAGE}\\)(?:(?<=${SCHEDULED})(, schedule)?(, leader)?)? for round ${ROUND}`),
    ([stage, schedule, leader, n]) => ({
      kind: 'state',
      round: Number(n),
      stage: stage as Stage,
      schedule: schedule !== undefined,
      leader: leader !== undefined,
    }),
  ],
  [
    line(`Amendment ([1-9]\\d{0,8}) for round ${ROUND}: (${AMENDMENT_ACTIONS.join('|')})`),
    ([id, n, action = '']) => ({ kind: 'amendment', round: Number(n), id: Number(id), action }),
  ],
  [line('Update allowed signers'), () => ({ kind: 'allowed_signers' })],
  [line('Update prompt pool'), () => ({ kind: 'prompt_pool' })],
  [
    line('Start competition ([A-Za-z0-9](?:[A-Za-z0-9_. -]{0,62}[A-Za-z0-9_.-])?)'),
    ([name = '']) => ({ kind: 'start', name }),
  ],
];

/** Reads one line of a commit message; undefined when it is outside the grammar. */
export function parseAnnouncement(text: string): Announcement | undefined {
  for (const [pattern, read] of GRAMMAR) {
    const match = pattern.exec(text);
    if (match !== null) return read(match.slice(1) as readonly string[]);
  }
  return undefined;
}

/** The line that announces it. */
export function formatAnnouncement(a: Announcement): string {
  switch (a.kind) {
    case 'submissions':
      return `Seed, prompts and submissions for round ${a.round}`;
    case 'no_submissions':
      return `No submissions for round ${a.round}`;
    case 'stage':
      return `Round ${a.round}: ${a.stage}`;
    case 'submitted':
      return `Update submitted for round ${a.round}, miner ${a.miner}`;
    case 'generated':
      return `Update generated for round ${a.round}, miner ${a.miner}`;
    case 'pod_stats':
      return `Update pod stats for round ${a.round}, miner ${a.miner}`;
    case 'builds':
      return `Update build statuses for round ${a.round}`;
    case 'generation_audits':
      return `Update generation audits for round ${a.round}`;
    case 'matrix':
      return `Update matches matrix for round ${a.round}`;
    case 'audit_requests':
      return `Update audit requests for round ${a.round}`;
    case 'source_audits':
      return `Update source audits for round ${a.round}`;
    case 'match_report':
      return `Match report: ${a.left} vs ${a.right}`;
    case 'winner':
      return `Round ${a.round} winner: ${a.winner}`;
    case 'state':
      return `Update state (${a.stage})${a.schedule ? ', schedule' : ''}${a.leader ? ', leader' : ''} for round ${a.round}`;
    case 'amendment':
      return `Amendment ${a.id} for round ${a.round}: ${a.action satisfies AmendmentAction | string}`;
    case 'allowed_signers':
      return 'Update allowed signers';
    case 'prompt_pool':
      return 'Update prompt pool';
    case 'start':
      return `Start competition ${a.name}`;
  }
}

/**
 * The services whose line it is. A stage change belongs to the owner of the stage that is left; entering and leaving
 * `paused` to the owner of the stage that is held.
 */
export function announcementOwners(a: Announcement): readonly ServiceName[] {
  switch (a.kind) {
    case 'submissions':
    case 'no_submissions':
    case 'stage':
    case 'submitted':
      return ['submission-collector'];
    case 'generated':
    case 'pod_stats':
    case 'builds':
    case 'generation_audits':
      return ['generation-orchestrator'];
    case 'matrix':
    case 'audit_requests':
    case 'match_report':
    case 'winner':
      return ['judge-service'];
    case 'state':
      return stateLineOwners(a.stage, a.schedule || a.leader);
    case 'amendment':
    case 'allowed_signers':
    case 'prompt_pool':
    case 'source_audits':
    case 'start':
      return ['operator'];
  }
}

function stateLineOwners(stage: Stage, withMore: boolean): readonly ServiceName[] {
  if (withMore) return ['round-manager'];
  if (stage === 'paused') return ['judge-service', 'round-manager', 'submission-collector'];
  if (stage === 'finished') return ['round-manager'];
  // Into `finalizing` from duels by the judge, from paused by the round-manager; `open` from finalizing by the latter,
  // from paused by the collector.
  if (stage === 'finalizing') return ['judge-service', 'round-manager'];
  if (stage === 'open') return ['round-manager', 'submission-collector'];
  const owner = STAGE_OWNER[stage];
  return owner === null ? [] : [owner];
}

/** The state files that a line announces, by name in the registry. A commit's other files need lines of their own. */
export function announcedFiles(a: Announcement): readonly StateFileName[] {
  switch (a.kind) {
    case 'submissions':
      return ['seed', 'prompts', 'promptImages', 'submissions', 'state'];
    case 'no_submissions':
      return ['submissions', 'seed', 'prompts', 'promptImages', 'state'];
    case 'stage':
      return ['state'];
    case 'submitted':
      return ['submitted'];
    case 'generated':
      return ['generated'];
    case 'pod_stats':
      return ['podStats'];
    case 'builds':
      return ['builds'];
    case 'generation_audits':
      return ['generationAudits'];
    case 'matrix':
      return ['matchMatrix'];
    case 'audit_requests':
      return ['auditRequests'];
    case 'source_audits':
      return ['sourceAudits'];
    case 'match_report':
      return ['matchReport'];
    case 'winner':
      return ['winner'];
    case 'state':
      return [
        'state',
        ...(a.schedule ? (['schedule', 'rules'] as const) : []),
        ...(a.leader ? (['leader'] as const) : []),
      ];
    case 'amendment':
      return ['amendments'];
    case 'allowed_signers':
      return ['allowedSigners'];
    case 'prompt_pool':
      return ['promptPool'];
    case 'start':
      return ['config', 'state', 'leader', 'promptPool', 'allowedSigners', 'schedule', 'rules'];
  }
}

/**
 * Whether a line announces this very file: its kind, and the round, miner or match that both name. A file in the
 * root belongs to whatever round the line names.
 */
export function isAnnouncedBy(
  a: Announcement,
  { name, params }: { readonly name: StateFileName; readonly params: AnyPathParams },
): boolean {
  if (!announcedFiles(a).includes(name)) return false;
  const miner = params.side === undefined ? undefined : shortName(params.side);
  if (a.kind === 'match_report') return a.left === params.left && a.right === miner;
  if ('round' in a && params.round !== undefined && a.round !== params.round) return false;
  return !('miner' in a) || a.miner === miner;
}

function line(pattern: string): RegExp {
  // linear: words, numbers and names without blanks, with known text between
  return new RegExp(`^${pattern}$`);
}

function ofMiner(kind: 'submitted' | 'generated' | 'pod_stats'): (groups: readonly string[]) => Announcement {
  return ([n, miner = '']) => ({ kind, round: Number(n), miner });
}

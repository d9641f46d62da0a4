import type { ChangedFile } from '../competition.js';
import { shortName } from '../names.js';
import { type Announcement, announcements, COLLECTED_STAGES } from './announcements.js';
import type { Amendments } from './files/amendments.js';
import type { Config } from './files/config.js';
import type { CompetitionState } from './files/state.js';
import type { Winner } from './files/winner.js';
import type { ServiceName } from './names.js';
import type { PathOf } from './paths.js';
import type { StateFileName } from './registry.js';

/** One changed file of a commit in the making; `before` is undefined for a new file. */
export type AnnouncedFile = ChangedFile & PathOf<StateFileName>;

/**
 * The lines that announce a commit's changes, sorted; together they account for every file.
 *
 * @see competition-state/FORMAT.md#commit-messages
 */
export function announceChanges(changes: readonly AnnouncedFile[], writer: ServiceName): readonly string[] {
  const names = new Set(changes.map((change) => change.name));
  const config = changes.find((change) => change.name === 'config');
  if (config !== undefined) {
    return [announcements.format({ kind: 'start', name: (config.after as Config).name })];
  }
  const announced = changes.flatMap((change) => announce(change, names, writer));
  return [...new Set(announced.map(announcements.format))].sort();
}

function announce(
  { name, params, before, after }: AnnouncedFile,
  names: ReadonlySet<StateFileName>,
  writer: ServiceName,
): readonly Announcement[] {
  const round = params.round ?? 0;
  const miner = params.side === undefined ? '' : shortName(params.side);
  switch (name) {
    case 'state':
      return announceState(before as CompetitionState | undefined, after as CompetitionState, names, writer);
    case 'submissions':
      return [{ kind: Object.keys(after as object).length > 0 ? 'submissions' : 'no_submissions', round }];
    case 'submitted':
    case 'generated':
      return [{ kind: name, round, miner }];
    case 'podStats':
      return [{ kind: 'pod_stats', round, miner }];
    case 'builds':
      return [{ kind: 'builds', round }];
    case 'generationAudits':
      return [{ kind: 'generation_audits', round }];
    case 'sourceAudits':
      return [{ kind: 'source_audits', round }];
    case 'auditRequests':
      return [{ kind: 'audit_requests', round }];
    case 'matchMatrix':
      return [{ kind: 'matrix', round }];
    case 'matchReport':
      return [{ kind: 'match_report', left: params.left ?? '', right: miner }];
    case 'winner':
      return [{ kind: 'winner', round, winner: shortName((after as Winner).winner_hotkey) }];
    case 'amendments': {
      const known = (before as Amendments | undefined)?.length ?? 0;
      return (after as Amendments).slice(known).map(({ id, action }) => ({ kind: 'amendment', round, id, action }));
    }
    case 'allowedSigners':
      return [{ kind: 'allowed_signers' }];
    case 'promptPool':
      return [{ kind: 'prompt_pool' }];
    case 'config':
    case 'leader':
    case 'schedule':
    case 'rules':
    case 'seed':
    case 'prompts':
    case 'promptImages':
      // Announced by the line of the state change or of the submissions that they come with.
      return [];
  }
}

function announceState(
  before: CompetitionState | undefined,
  after: CompetitionState,
  names: ReadonlySet<StateFileName>,
  writer: ServiceName,
): readonly Announcement[] {
  // The submissions' line announces the change of stage too.
  if (names.has('submissions')) return [];
  const round = after.current_round;
  const moves = before?.stage !== after.stage && before?.stage !== 'paused';
  if (writer === 'submission-collector' && moves && COLLECTED_STAGES.includes(after.stage)) {
    return [{ kind: 'stage', round, stage: after.stage }];
  }
  return [{ kind: 'state', round, stage: after.stage, schedule: names.has('schedule'), leader: names.has('leader') }];
}

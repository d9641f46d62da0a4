import {
  type Announcement,
  announcementOwners,
  type ChangeFault,
  isAnnouncedBy,
  parseAnnouncement,
  type ServiceName,
} from '@tiltyard/schema';
import {
  type Amendments,
  announceChanges,
  type ChangedFile,
  type CompetitionState,
  heldStageFaults,
  stageHeld,
  stateOwners,
} from '@tiltyard/schema/gen3d';
import { illegalChange } from './illegal-change.js';
import { LedgerError } from './ledger-error.js';
import type { AnyStateFile } from './snapshot.js';

/** One file of a commit in the making, with its entry in the registry. */
export interface PlannedChange extends ChangedFile {
  readonly path: string;
  readonly file: AnyStateFile;
}

/** What a commit in the making is checked against: all of it at the commit that it will stand upon. */
export interface CheckInput {
  readonly writer: ServiceName;
  readonly state: CompetitionState;
  /** The amendments of a round. */
  readonly amendments: (round: number) => Amendments;
  readonly changes: readonly PlannedChange[];
}

/** What the checks of a legal commit found worth telling. */
export interface CheckedCommit {
  /** The lines that announce it. */
  readonly lines: readonly string[];
  readonly warnings: readonly (ChangeFault & { readonly path: string })[];
}

/**
 * Checks a commit against the registry: writer, stage, round, kind of change, announcement. The auditor checks the same
 * over the history (docs/auditing.md#the-rules: A, S, T and W).
 *
 * @throws LedgerError with the first rule that it breaks.
 */
export function checkCommit({ writer, state, amendments, changes }: CheckInput): CheckedCommit {
  const warnings: (ChangeFault & { readonly path: string })[] = [];
  const current = amendments(state.current_round);
  for (const change of changes) {
    checkOwner(change, writer, state, current);
    checkStage(change, state);
    checkRound(change, writer, state);
    const { round = state.current_round } = change.params;
    for (const fault of changeFaults(change, amendments(round))) {
      if (fault.severity === 'warn') warnings.push({ ...fault, path: change.path });
    }
  }
  return { lines: checkAnnouncement(changes, writer), warnings };
}

function checkOwner(
  { name, file, path }: PlannedChange,
  writer: ServiceName,
  state: CompetitionState,
  amendments: Amendments,
): void {
  const owners = name === 'state' ? stateOwners(state.stage, stageHeld(amendments)) : file.writers;
  if (!owners.includes(writer)) throw new LedgerError({ code: 'not_owner', path, writer, owners });
}

function checkStage({ file, path }: PlannedChange, { stage }: CompetitionState): void {
  if (file.stages === undefined || file.stages.includes(stage)) return;
  throw new LedgerError({ code: 'wrong_stage', path, stage, allowed: file.stages });
}

function checkRound({ file, path, params }: PlannedChange, writer: ServiceName, state: CompetitionState): void {
  // An operator's corrections may concern a round that is over.
  if (params.round === undefined || writer === 'operator') return;
  const expected = state.current_round + (file.round === 'next' ? 1 : 0);
  if (params.round !== expected) throw new LedgerError({ code: 'wrong_round', path, round: params.round, expected });
}

/** What the registry says of a change. @throws LedgerError when some of its faults are errors. */
function changeFaults(change: PlannedChange, amendments: Amendments): readonly ChangeFault[] {
  const { name, file, path, params, before, after } = change;
  const context = { amendments, params: { ...params } };
  if (before === undefined) return refuseErrors(path, file.change.checkNew(after, context));
  if (name === 'state') {
    return refuseErrors(path, stateFaults(before as CompetitionState, after as CompetitionState, amendments));
  }
  return refuseErrors(path, file.change.check(before, after, context));
}

/** More than the registry's own check, which does not ask who ordered a pause: here operators have amendments for that. */
function stateFaults(
  before: CompetitionState,
  after: CompetitionState,
  amendments: Amendments,
): readonly ChangeFault[] {
  const move = `${before.stage} of round ${before.current_round} → ${after.stage} of round ${after.current_round}`;
  const holds = [before.stage, after.stage].includes('paused');
  return heldStageFaults(before, after, amendments).map(({ code }) => ({
    code,
    severity: 'error',
    detail: holds && code === 'illegal_edge' ? `${move}, which the latest pause or resume does not order` : move,
  }));
}

function refuseErrors(path: string, faults: readonly ChangeFault[]): readonly ChangeFault[] {
  const illegal = illegalChange(path, faults);
  if (illegal !== undefined) throw illegal;
  return faults;
}

/** Derives the message's lines. @throws LedgerError `not_announced`, `bad_message`. */
function checkAnnouncement(changes: readonly PlannedChange[], writer: ServiceName): readonly string[] {
  const lines = announceChanges(changes, writer);
  const announcements = lines.map((line) => checkLine(line, writer));
  const silent = changes.find((change) => !announcements.some((announcement) => isAnnouncedBy(announcement, change)));
  if (silent !== undefined) throw new LedgerError({ code: 'not_announced', path: silent.path });
  return lines;
}

function checkLine(line: string, writer: ServiceName): Announcement {
  const announcement = parseAnnouncement(line);
  if (announcement === undefined) throw new LedgerError({ code: 'bad_message', line, detail: 'is not in the grammar' });
  const owners = announcementOwners(announcement);
  if (owners.includes(writer)) return announcement;
  throw new LedgerError({ code: 'bad_message', line, detail: `is a line of ${owners.join(', ')}, not of ${writer}` });
}

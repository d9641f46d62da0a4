import {
  type Amendments,
  announceChanges,
  announcedFiles,
  announcementOwners,
  type ChangedFile,
  type ChangeFault,
  type CompetitionState,
  parseAnnouncement,
  type ServiceName,
  STAGE_OWNER,
  STAGE_OWNERS,
  type Stage,
} from '@tiltyard/schema';
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
 * over the history (audit.md, rules A, S, T and W).
 *
 * @throws LedgerError with the first rule that it breaks.
 */
export function checkCommit({ writer, state, amendments, changes }: CheckInput): CheckedCommit {
  const heldStage = stageHeld(amendments(state.current_round));
  const warnings: (ChangeFault & { readonly path: string })[] = [];
  for (const change of changes) {
    checkOwner(change, writer, state, heldStage);
    checkStage(change, state);
    checkRound(change, writer, state);
    for (const fault of changeFaults(change, amendments(change.params.round ?? state.current_round), heldStage)) {
      if (fault.severity === 'warn') warnings.push({ ...fault, path: change.path });
    }
  }
  return { lines: checkAnnouncement(changes, writer), warnings };
}

/** The stage that the latest `pause` names, undefined when there was none. */
export function stageHeld(amendments: Amendments): Stage | undefined {
  return amendments.findLast((amendment) => amendment.action === 'pause')?.stage;
}

/** Who may write state.json: the owner of the stage that it stands in, in a pause the owner of the stage held. */
export function stateOwners(stage: Stage, heldStage: Stage | undefined): readonly ServiceName[] {
  if (stage === 'paused' && heldStage === undefined) return STAGE_OWNERS;
  const owner = STAGE_OWNER[stage === 'paused' && heldStage !== undefined ? heldStage : stage];
  return owner === null ? [] : [owner];
}

function checkOwner(
  { name, file, path }: PlannedChange,
  writer: ServiceName,
  state: CompetitionState,
  heldStage: Stage | undefined,
): void {
  const owners = name === 'state' ? stateOwners(state.stage, heldStage) : file.writers;
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

/** What the file's kind of change says. @throws LedgerError on the first fault that is an error. */
function changeFaults(
  { file, path, params, before, after }: PlannedChange,
  amendments: Amendments,
  heldStage: Stage | undefined,
): readonly ChangeFault[] {
  if (before === undefined) return [];
  const held = heldStage === undefined ? {} : { heldStage };
  const faults = file.change.check(before, after, { amendments, params: { ...params }, ...held });
  const errors = faults.filter((fault) => fault.severity === 'error');
  if (errors.length === 0) return faults;
  throw new LedgerError({ code: ILLEGAL[file.change.kind], path, faults: errors });
}

const ILLEGAL = {
  transition: 'illegal_transition',
  append: 'not_append',
  once: 'written_once',
  settle: 'settled',
  report: 'frozen',
  manual: 'frozen',
} as const;

/** Derives the message's lines. @throws LedgerError `not_announced`, `bad_message`. */
function checkAnnouncement(changes: readonly PlannedChange[], writer: ServiceName): readonly string[] {
  const lines = announceChanges(changes, writer);
  const announced = new Set<string>();
  for (const line of lines) {
    const announcement = parseAnnouncement(line);
    if (announcement === undefined)
      throw new LedgerError({ code: 'bad_message', line, detail: 'is not in the grammar' });
    const owners = announcementOwners(announcement);
    if (!owners.includes(writer)) {
      throw new LedgerError({
        code: 'bad_message',
        line,
        detail: `is a line of ${owners.join(', ')}, not of ${writer}`,
      });
    }
    for (const name of announcedFiles(announcement)) announced.add(name);
  }
  const silent = changes.find((change) => !announced.has(change.name));
  if (silent !== undefined) throw new LedgerError({ code: 'not_announced', path: silent.path });
  return lines;
}

import {
  type AnyStateFile,
  type ChangedFile,
  type ChangeFault,
  type Competition,
  OPERATOR,
  type Standing,
} from '@tiltyard/schema';
import { illegalChange } from './illegal-change.js';
import { LedgerError } from './ledger-error.js';

/** One file of a commit in the making, with its entry in the competition's table. */
export interface PlannedChange extends ChangedFile {
  readonly path: string;
  readonly file: AnyStateFile;
}

/** What a commit in the making is checked against. */
export interface CheckInput {
  readonly competition: Competition;
  readonly writer: string;
  /** At the commit that it will stand upon. */
  readonly standing: Standing;
  readonly changes: readonly PlannedChange[];
}

/** What the checks of a legal commit found worth telling. */
export interface CheckedCommit {
  /** The lines that announce it. */
  readonly lines: readonly string[];
  readonly warnings: readonly (ChangeFault & { readonly path: string })[];
}

/**
 * Checks a commit against the competition's table: writer, stage, round, kind of change, announcement. The auditor checks
 * the same over the history (docs/auditing.md#the-rules: A, S, T and W).
 *
 * @throws LedgerError with the first rule that it breaks.
 */
export function checkCommit({ competition, writer, standing, changes }: CheckInput): CheckedCommit {
  const warnings: (ChangeFault & { readonly path: string })[] = [];
  for (const change of changes) {
    checkOwner(change, writer, standing);
    checkStage(change, standing);
    checkRound(change, writer, standing);
    for (const fault of changeFaults(change, standing)) {
      if (fault.severity === 'warn') warnings.push({ ...fault, path: change.path });
    }
  }
  return { lines: checkAnnouncement(changes, writer, competition), warnings };
}

function checkOwner(change: PlannedChange, writer: string, standing: Standing): void {
  const owners = standing.owners(change);
  if (!owners.includes(writer)) throw new LedgerError({ code: 'not_owner', path: change.path, writer, owners });
}

function checkStage({ file, path }: PlannedChange, { stage }: Standing): void {
  if (stage === undefined || file.stages === undefined || file.stages.includes(stage)) return;
  throw new LedgerError({ code: 'wrong_stage', path, stage, allowed: file.stages });
}

function checkRound({ file, path, params: { round } }: PlannedChange, writer: string, standing: Standing): void {
  // An operator's corrections may concern a round that is over.
  if (typeof round !== 'number' || standing.round === undefined || writer === OPERATOR) return;
  const expected = standing.round + (file.round === 'next' ? 1 : 0);
  if (round !== expected) throw new LedgerError({ code: 'wrong_round', path, round, expected });
}

/** What the table says of a change. @throws LedgerError when some of its faults are errors. */
export function changeFaults(change: PlannedChange, standing: Standing): readonly ChangeFault[] {
  const { file, path, before, after } = change;
  const context = standing.context(change);
  const faults =
    before === undefined ? file.change.checkNew(after, context) : file.change.check(before, after, context);
  const illegal = illegalChange(path, faults);
  if (illegal !== undefined) throw illegal;
  return faults;
}

/** Derives the message's lines. @throws LedgerError `not_announced`, `bad_message`. */
function checkAnnouncement(
  changes: readonly PlannedChange[],
  writer: string,
  { lines: grammar }: Competition,
): readonly string[] {
  const lines = grammar.announce(changes, writer);
  const announced = lines.map((line) => {
    const read = grammar.parse(line);
    if (read === undefined) throw new LedgerError({ code: 'bad_message', line, detail: 'is not in the grammar' });
    const owners = grammar.owners(read);
    if (owners.includes(writer)) return read;
    throw new LedgerError({ code: 'bad_message', line, detail: `is a line of ${owners.join(', ')}, not of ${writer}` });
  });
  const silent = changes.find((change) => !announced.some((line) => grammar.covers(line, change)));
  if (silent !== undefined) throw new LedgerError({ code: 'not_announced', path: silent.path });
  return lines;
}

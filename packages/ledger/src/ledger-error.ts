import { GitError } from '@tiltyard/git';
import { type ChangeFault, type CommitId, FaultError } from '@tiltyard/schema';
import { REMEDIES, type RefusalReason } from './git/remote-reasons.js';

/** Why the remote could not be used. All of these pass with time or with an operator's help; none is a verdict. */
export type UnreachableKind = 'network' | 'server' | 'credentials' | 'timeout';

/** What is illegal about a file's change. */
export type IllegalChangeCode =
  | 'not_append'
  | 'out_of_order'
  | 'written_once'
  | 'settled'
  | 'illegal_transition'
  | 'frozen'
  | 'wrong_amendment'
  | 'misplaced';

/** Why the ledger refused or failed. Codes are for programs; every fact that a caller needs is a field. */
export type LedgerFault =
  // A draft that does not fit the tip. Nothing was published; the caller takes a new snapshot and derives again.
  | { readonly code: 'conflict'; readonly paths: readonly string[]; readonly tip: CommitId }
  | { readonly code: 'stale'; readonly paths: readonly string[]; readonly tip: CommitId }
  | { readonly code: 'contended'; readonly attempts: number; readonly tip: CommitId }
  // A draft that breaks the registry. Publishing it again cannot help.
  | {
      readonly code: 'not_owner';
      readonly path: string;
      readonly writer: string;
      readonly owners: readonly string[];
    }
  | { readonly code: 'wrong_stage'; readonly path: string; readonly stage: string; readonly allowed: readonly string[] }
  | { readonly code: 'wrong_round'; readonly path: string; readonly round: number; readonly expected: number }
  | { readonly code: IllegalChangeCode; readonly path: string; readonly faults: readonly ChangeFault[] }
  | { readonly code: 'not_signer'; readonly writer: string; readonly key: string }
  // The remote's content was changed without a key for it. Nothing is derived from it until it is put back.
  | {
      readonly code: 'unvouched';
      readonly paths: readonly string[];
      /** The first commit that did so. */
      readonly commit: CommitId;
      readonly detail: string;
    }
  | { readonly code: 'not_announced'; readonly path: string }
  | { readonly code: 'bad_message'; readonly line: string; readonly detail: string }
  // A file that does not hold what the registry says.
  | {
      readonly code: 'invalid';
      readonly path: string;
      readonly field: string;
      readonly detail: string;
      readonly cause: unknown;
    }
  | { readonly code: 'too_large'; readonly path: string; readonly sizeBytes: number; readonly limitBytes: number }
  | { readonly code: 'unknown_version'; readonly path: string; readonly version: unknown }
  // An object that is as it was published, but not in a form that git writes and that can be read in only one way.
  | { readonly code: 'malformed'; readonly object: string; readonly detail: string }
  // The remote.
  | {
      readonly code: 'unreachable';
      readonly remote: string;
      readonly kind: UnreachableKind;
      readonly attempts: number;
      readonly detail: string;
    }
  // The remote was reached and refuses. Trying again does not help until a person has removed the reason.
  | { readonly code: 'rejected'; readonly remote: string; readonly reason: RefusalReason; readonly detail: string }
  | { readonly code: 'no_branch'; readonly remote: string; readonly branch: string }
  | { readonly code: 'not_empty'; readonly remote: string; readonly branch: string; readonly tip: CommitId }
  // The known history is gone from the remote. Only an operator can tell why; to accept the new history, remove the
  // local clone.
  | {
      readonly code: 'rewritten';
      readonly remote: string;
      readonly known: CommitId;
      /** The remote's present tip, absent when the branch is gone. */
      readonly found?: CommitId;
      /**
       * What keeps the present tip: a ref of the clone, or, where the clone is damaged, the path of another one next to
       * it. The known tip stays in the clone's remote-tracking ref.
       */
      readonly evidence?: string;
    }
  // This machine.
  | { readonly code: 'old_git'; readonly found: string; readonly needed: string }
  | { readonly code: 'clone_busy'; readonly dir: string; readonly pid: number }
  | { readonly code: 'local_io'; readonly operation: string; readonly errno: string; readonly detail: string }
  | { readonly code: 'corrupt'; readonly object: string; readonly detail: string }
  | { readonly code: 'git'; readonly command: string; readonly exitCode: number; readonly detail: string }
  | { readonly code: 'bad_option'; readonly option: string; readonly detail: string }
  | { readonly code: 'closed' };

export type LedgerFaultCode = LedgerFault['code'];

/** Every failure of this package. */
export class LedgerError extends FaultError<LedgerFault> {
  override readonly name = 'LedgerError';

  constructor(fault: LedgerFault) {
    super(fault, describe(fault));
  }
}

const DESCRIPTIONS: { readonly [C in LedgerFaultCode]: (fault: Extract<LedgerFault, { code: C }>) => string } = {
  conflict: ({ paths, tip }) => `another writer changed ${paths.join(', ')} before ${tip}: nothing was published`,
  stale: ({ paths, tip }) => `the draft was derived from ${paths.join(', ')}, which changed before ${tip}`,
  contended: ({ attempts, tip }) => `the branch moved ${attempts} times while publishing (now ${tip})`,
  not_owner: ({ path, writer, owners }) => `${path} belongs to ${owners.join(', ')}, not to ${writer}`,
  wrong_stage: ({ path, stage, allowed }) => `${path} is not written in stage ${stage}, only in ${allowed.join(', ')}`,
  wrong_round: ({ path, round, expected }) => `${path} is of round ${round}, only round ${expected} may be written`,
  not_append: ({ path, faults }) => `${path} only grows: ${tell(faults)}`,
  out_of_order: ({ path, faults }) => `${path} is out of order: ${tell(faults)}`,
  written_once: ({ path, faults }) => `what ${path} holds is written once: ${tell(faults)}`,
  settled: ({ path, faults }) => `settled entries of ${path} never change: ${tell(faults)}`,
  illegal_transition: ({ path, faults }) => `${path} may not change like this: ${tell(faults)}`,
  frozen: ({ path, faults }) => `${path} is fixed: ${tell(faults)}`,
  wrong_amendment: ({ path, faults }) => `${path} follows another amendment than the operator's: ${tell(faults)}`,
  misplaced: ({ path, faults }) => `${path} ${tell(faults)}`,
  not_signer: ({ writer, key }) => `allowed_signers does not let ${key} sign for ${writer}`,
  unvouched: ({ detail }) => detail,
  not_announced: ({ path }) => `${path} is no state file of the registry, or no message line announces it`,
  bad_message: ({ line, detail }) => `message line ${JSON.stringify(line)}: ${detail}`,
  invalid: ({ path, field, detail }) => `${path}: ${field === '' ? '' : `${field}: `}${detail}`,
  too_large: ({ path, sizeBytes, limitBytes }) => `${path} has ${sizeBytes} bytes, at most ${limitBytes} are read`,
  unknown_version: ({ path, version }) => `${path} has the unknown format version ${JSON.stringify(version)}`,
  malformed: ({ object, detail }) => `the repository holds ${object}, which is malformed: ${detail}`,
  unreachable: ({ remote, kind, attempts, detail }) =>
    `${remote} cannot be used (${kind}, ${attempts} ${attempts === 1 ? 'try' : 'tries'}): ` +
    `${kind === 'credentials' ? credentialsAdvice(detail) : ''}${detail}`,
  rejected: ({ remote, reason, detail }) => `${remote} refuses this: ${REMEDIES[reason]}. It says: ${detail}`,
  no_branch: ({ remote, branch }) => `${remote} has no branch ${branch}; name the one that holds the state`,
  not_empty: ({ remote, branch, tip }) => `${remote} already has a branch ${branch} at ${tip}`,
  rewritten: ({ remote, known, found, evidence }) =>
    `${remote} was rewritten: ${known} is no longer part of it (now ${found ?? 'without the branch'}` +
    `${evidence === undefined ? '' : `, kept as ${evidence}`})`,
  old_git: ({ found, needed }) => `git ${needed} or newer is needed on this machine, found ${found}`,
  clone_busy: ({ dir, pid }) => `${dir} is in use by process ${pid}`,
  local_io: ({ operation, errno, detail }) => `${operation} failed on this machine (${errno}): ${detail}`,
  corrupt: ({ object, detail }) => `the local clone is damaged at ${object}: ${detail}`,
  git: ({ command, exitCode, detail }) => `git ${command} ended with ${exitCode}: ${detail}`,
  bad_option: ({ option, detail }) => `${option}: ${detail}`,
  closed: () => 'the ledger is closed',
};

function credentialsAdvice(detail: string): string {
  if (/Host key verification failed/i.test(detail)) return "the host's key is not known here: add it to known_hosts. ";
  if (/expired/i.test(detail)) return 'the token or key has expired: renew it. ';
  return 'the host does not accept this token or key: check that it is the right one, and still valid. ';
}

function tell(faults: readonly ChangeFault[]): string {
  return faults.map(({ key, detail }) => (key === undefined ? detail : `${key}: ${detail}`)).join('; ');
}

function describe(fault: LedgerFault): string {
  // The table is keyed by the fault's own code; TypeScript cannot follow that through the union.
  return (DESCRIPTIONS[fault.code] as (fault: LedgerFault) => string)(fault);
}

/** Waits for work with git, and throws what it throws as the ledger's own error of the same code. @throws LedgerError */
export async function ofLedger<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const { fault } = error;
    throw new LedgerError(fault.code === 'git' ? { ...fault, exitCode: -1 } : fault);
  }
}

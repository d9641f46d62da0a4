import type { ChangeFault } from '@tiltyard/schema';
import { type IllegalChangeCode, LedgerError } from './ledger-error.js';

/** How the ledger calls what the registry has against a change. */
const CODES: Readonly<Record<ChangeFault['code'], IllegalChangeCode>> = {
  not_append: 'not_append',
  order: 'out_of_order',
  rewritten: 'written_once',
  deleted: 'settled',
  key_lost: 'settled',
  settled_changed: 'settled',
  attempts_fell: 'settled',
  got_worse: 'settled',
  retried: 'settled',
  frozen: 'frozen',
  illegal_edge: 'illegal_transition',
  round_falls: 'illegal_transition',
  round_jumps: 'illegal_transition',
  wrong_amendment: 'wrong_amendment',
  misplaced: 'misplaced',
};

/** The error of a change with these faults, named after the first that is one; undefined when none is. */
export function illegalChange(path: string, faults: readonly ChangeFault[]): LedgerError | undefined {
  const errors = faults.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  return first === undefined ? undefined : new LedgerError({ code: CODES[first.code], path, faults: errors });
}

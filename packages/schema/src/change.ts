import type { Amendments } from './files/amendments.js';
import type { Stage } from './stage-machine.js';

/** How bad a change is: `error` breaks the trail, `warn` is legal but matters, `info` is only worth knowing. */
export type Severity = 'error' | 'warn' | 'info';

/** What is wrong with a change of a state file. `key` names the entry, where the file is a map or list. */
export interface ChangeFault {
  readonly code:
    | 'deleted'
    | 'rewritten'
    | 'not_append'
    | 'key_lost'
    | 'settled_changed'
    | 'attempts_fell'
    | 'got_worse'
    | 'retried'
    | 'frozen'
    | 'illegal_edge'
    | 'round_falls'
    | 'round_jumps'
    | 'order';
  readonly severity: Severity;
  readonly key?: string;
  readonly detail: string;
}

/** What a change check may look at beside the file itself: the parent commit's amendments of the file's round. */
export interface ChangeContext {
  readonly amendments: Amendments;
  /** The file's parameters, as strings, for checks that look for an amendment of this very file. */
  readonly params: Readonly<Record<string, string | number>>;
  /** Where a paused competition was held, when known. */
  readonly heldStage?: Stage;
}

/** A rule of how a file may change from one commit to the next. Creation is always allowed, deletion never. */
export interface Change<T> {
  readonly kind: 'transition' | 'append' | 'once' | 'settle' | 'report' | 'manual';
  /** Every fault of replacing `before` by `after`. */
  check(before: T, after: T, context: ChangeContext): readonly ChangeFault[];
}

/** Replaced along the legal edges of a machine. */
export function transition<T>(check: Change<T>['check']): Change<T> {
  return { kind: 'transition', check };
}

/** A list whose old content is a prefix of the new. `extra` checks what is appended. */
export function append<T>(
  extra: (before: readonly T[], after: readonly T[]) => readonly ChangeFault[] = () => [],
): Change<readonly T[]> {
  return {
    kind: 'append',
    check(before, after) {
      const changed = before.findIndex((entry, index) => !sameValue(entry, after[index]));
      if (changed === -1) return extra(before, after);
      const what = changed >= after.length ? 'is gone' : 'is another';
      return [{ code: 'not_append', severity: 'error', key: String(changed), detail: `entry ${changed} ${what}` }];
    },
  };
}

/** Written once. `reopened` tells whether an amendment allows this rewriting. */
export function once<T>(
  reopened: (before: T, after: T, context: ChangeContext) => boolean = () => false,
  tell: (before: T, after: T) => string = () => 'written a second time',
): Change<T> {
  return {
    kind: 'once',
    check(before, after, context) {
      if (sameValue(before, after) || reopened(before, after, context)) return [];
      return [{ code: 'rewritten', severity: 'error', detail: tell(before, after) }];
    },
  };
}

/** A map whose settled entries never change and whose keys never vanish. `revise` judges a change of an entry. */
export function settle<Entry>(
  revise: (before: Entry, after: Entry, key: string, context: ChangeContext) => readonly ChangeFault[],
): Change<Readonly<Record<string, Entry>>> {
  return {
    kind: 'settle',
    check(before, after, context) {
      const faults: ChangeFault[] = [];
      for (const [key, old] of Object.entries(before)) {
        const now = Object.hasOwn(after, key) ? after[key] : undefined;
        if (now === undefined) faults.push({ code: 'key_lost', severity: 'error', key, detail: `${key} is gone` });
        else if (!sameValue(old, now)) faults.push(...revise(old, now, key, context));
      }
      return faults;
    },
  };
}

/** Its writer replaces it; nothing decides from it. */
export function report<T>(): Change<T> {
  return { kind: 'report', check: () => [] };
}

/** Written by the operator; `frozen` files not any more once the competition has started. */
export function manual<T>({ frozen = false }: { readonly frozen?: boolean } = {}): Change<T> {
  return {
    kind: 'manual',
    check: (before, after) =>
      frozen && !sameValue(before, after)
        ? [{ code: 'frozen', severity: 'error', detail: 'changed after the start of the competition' }]
        : [],
  };
}

/** True when two parsed values hold the same, whatever the order of an object's fields. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  // 0 and -0 are one number in every format.
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keysA = Object.keys(a);
  const keysB = Object.keys(b);
  if (keysA.length !== keysB.length) return false;
  return keysA.every(
    (key) =>
      Object.hasOwn(b, key) && sameValue((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

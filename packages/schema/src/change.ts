import { describeEntryChange } from './describe-change.js';
import type { PathValues } from './path-template.js';
import { sameValue } from './same-value.js';

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
    | 'order'
    | 'wrong_amendment'
    | 'misplaced';
  readonly severity: Severity;
  readonly key?: string;
  readonly detail: string;
}

/** What a change check may look at besides the file itself. A competition's own checks may look at more of its parent commit. */
export interface ChangeContext {
  /** The parameters of the file's path. */
  readonly params: PathValues;
}

/** A rule of how a file may change from one commit to the next. Creation is always allowed, deletion never. */
export interface Change<T, Context extends ChangeContext = ChangeContext> {
  readonly kind: 'transition' | 'append' | 'once' | 'settle' | 'report' | 'manual';
  /** Every fault of replacing `before` by `after`. None when nothing changes, whatever the value. */
  check(before: T, after: T, context: Context): readonly ChangeFault[];
  /** Every fault of a file that was not there before. */
  checkNew(after: T, context: Context): readonly ChangeFault[];
}

const NO_FAULTS = (): readonly ChangeFault[] => [];

/** Replaced along the legal edges of a machine. */
export function transition<T, Context extends ChangeContext = ChangeContext>(
  check: Change<T, Context>['check'],
): Change<T, Context> {
  return { kind: 'transition', check, checkNew: NO_FAULTS };
}

/** A list whose old content is a prefix of the new. `extra` checks what is appended: all from `before.length` on. */
export function append<T, Context extends ChangeContext = ChangeContext>(
  extra: (before: readonly T[], after: readonly T[], context: Context) => readonly ChangeFault[] = NO_FAULTS,
): Change<readonly T[], Context> {
  return {
    kind: 'append',
    check(before, after, context) {
      const changed = before.findIndex((entry, index) => !sameValue(entry, after[index]));
      if (changed === -1) return extra(before, after, context);
      const detail = describeEntryChange(before, after, changed);
      return [{ code: 'not_append', severity: 'error', key: String(changed), detail }];
    },
    checkNew: (after, context) => extra([], after, context),
  };
}

/** What may differ between files that are written once. */
export interface OnceOptions<T, Context extends ChangeContext = ChangeContext> {
  /** Whether an amendment allows this rewriting. */
  readonly reopened?: (before: T, after: T, context: Context) => boolean;
  /** What a rewriting changed, in words. */
  readonly tell?: (before: T, after: T) => string;
  /** Whether two values say the same. */
  readonly same?: (before: T, after: T) => boolean;
  /** Every fault of what is written: the first time, and when it is written again under an amendment. */
  readonly admit?: (after: T, context: Context) => readonly ChangeFault[];
}

/** Written once, and again only where `reopened` says so. */
export function once<T, Context extends ChangeContext = ChangeContext>(
  options: OnceOptions<T, Context> = {},
): Change<T, Context> {
  const { reopened = () => false, tell = () => 'written a second time', same = sameValue, admit = NO_FAULTS } = options;
  return {
    kind: 'once',
    check(before, after, context) {
      if (same(before, after)) return [];
      if (reopened(before, after, context)) return admit(after, context);
      return [{ code: 'rewritten', severity: 'error', detail: tell(before, after) }];
    },
    checkNew: admit,
  };
}

/** How the entries of a map settle. */
export interface SettleOptions<Entry, Context extends ChangeContext = ChangeContext> {
  /** Every fault of changing an entry. */
  readonly revise: (before: Entry, after: Entry, key: string, context: Context) => readonly ChangeFault[];
  /** Every fault of a new entry. */
  readonly admit?: (after: Entry, key: string, context: Context) => readonly ChangeFault[];
}

/** A map whose settled entries never change and whose keys never vanish. */
export function settle<Entry, Context extends ChangeContext = ChangeContext>({
  revise,
  admit = NO_FAULTS,
}: SettleOptions<Entry, Context>): Change<Readonly<Record<string, Entry>>, Context> {
  type Entries = Readonly<Record<string, Entry>>;
  const check = (before: Entries, after: Entries, context: Context) => {
    const faults: ChangeFault[] = [];
    for (const [key, old] of Object.entries(before)) {
      const now = Object.hasOwn(after, key) ? after[key] : undefined;
      if (now === undefined) faults.push({ code: 'key_lost', severity: 'error', key, detail: `${key} is gone` });
      else if (!sameValue(old, now)) faults.push(...revise(old, now, key, context));
    }
    for (const [key, entry] of Object.entries(after)) {
      if (!Object.hasOwn(before, key)) faults.push(...admit(entry, key, context));
    }
    return faults;
  };
  return { kind: 'settle', check, checkNew: (after, context) => check({}, after, context) };
}

/** Its writer replaces it; nothing decides from it. */
export function report<T>(): Change<T> {
  return { kind: 'report', check: NO_FAULTS, checkNew: NO_FAULTS };
}

/** Written by the operator; `frozen` files not any more once the competition has started. */
export function manual<T>({ frozen = false }: { readonly frozen?: boolean } = {}): Change<T> {
  return {
    kind: 'manual',
    check: (before, after) =>
      frozen && !sameValue(before, after)
        ? [{ code: 'frozen', severity: 'error', detail: 'changed after the start of the competition' }]
        : [],
    checkNew: NO_FAULTS,
  };
}

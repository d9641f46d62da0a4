import { type AnyStateFile, counted, type ParamsOf, type Severity, type ValueOf } from '@tiltyard/schema';
import type { AuditOptions, Dialect } from '../interfaces.js';
import { type CommitView, written } from '../replay/commit-view.js';
import type { FileChange } from '../replay/file-change.js';
import type { Tree } from '../replay/tree.js';

/** What a rule says it found. What is left out is the rule's usual. */
export interface Fault {
  readonly detail: string;
  readonly severity?: Severity;
  readonly path?: string;
  readonly round?: number | null;
}

/** Where a rule says what it looked at and what it found. */
export interface Tell {
  /** Counts facts that the rule looked at. They are the commit's round's, unless said otherwise. */
  looked(facts?: number, round?: number | null): void;
  fault(fault: Fault): void;
}

/** What a rule may ask of the world outside the repository. */
export type Outside = Pick<AuditOptions, 'blockHash' | 'knownTip' | 'now' | 'signal'>;

/** A rule: looks at every commit in turn, and says what breaks it. */
export interface Rule<Id extends string = string> {
  readonly id: Id;
  /** How bad it is, where a fault does not say otherwise. */
  readonly severity: Severity;
  /** Set where it holds in one dialect only. */
  readonly only?: Dialect;
  check(at: CommitView, tell: Tell, outside: Outside): void | Promise<void>;
}

/** One state file as a commit left it. */
export interface WrittenFile<File extends AnyStateFile> {
  readonly at: CommitView;
  readonly change: FileChange;
  readonly params: ParamsOf<File>;
  /** What the file held at the parent; undefined when it is new or could not be read. */
  readonly before: ValueOf<File> | undefined;
  readonly tree: Tree;
  /** Tells of a fault in this file. */
  fault(detail: string, severity?: Severity): void;
  looked(facts?: number): void;
}

/** Says what is wrong with the content of a state file, at every commit that writes one. */
export function contentRule<File extends AnyStateFile, Id extends string>(
  facts: Pick<Rule<Id>, 'id' | 'severity' | 'only'>,
  name: string,
  check: (value: ValueOf<File>, file: WrittenFile<File>, outside: Outside) => void | Promise<void>,
): Rule<Id> {
  return {
    ...facts,
    check(at, tell, outside) {
      const waits = written(at, name).flatMap((change) => {
        if (change.after.content.format?.exempt?.includes(facts.id) === true) return [];
        const value = change.after.content.value as ValueOf<File>;
        return check(value, writtenFile<File>(at, change, tell), outside) ?? [];
      });
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
  };
}

function writtenFile<File extends AnyStateFile>(at: CommitView, change: FileChange, tell: Tell): WrittenFile<File> {
  return {
    at,
    change,
    params: change.known.params as unknown as ParamsOf<File>,
    before: change.before?.content.value as ValueOf<File> | undefined,
    tree: at.tree,
    fault: (detail, severity) =>
      tell.fault({ detail, path: change.path, ...(severity === undefined ? {} : { severity }) }),
    looked: (facts) => tell.looked(facts, change.known.params.round),
  };
}

/** Faults of one kind as one: the first, and how many others there are. @param noun - What one of them is a fault of. */
export function several(faults: readonly string[], noun: string): string {
  return `${faults[0]}${faults.length > 1 ? ` (and ${counted(faults.length - 1, `more ${noun}`)})` : ''}`;
}

/** The first of those that a sentence counts: `1 duel failed: a`, `2 duels failed, such as a`. */
export function naming(names: readonly string[]): string {
  return `${names.length === 1 ? ':' : ', such as'} ${names[0]}`;
}

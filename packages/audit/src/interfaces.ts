import type { CommitId, NetworkFacts, Severity } from '@tiltyard/schema';

/**
 * How a repository is read. `reference`: no rules.json, thresholds from config.json and the running competition's
 * constants, authors judged by the grammar of their messages. `ours`: thresholds from rules.json, seeds from block
 * hashes, signatures, trailers, amendments.
 */
export type Dialect = 'ours' | 'reference';

/** Which history is audited: a repository on this machine, or one that is cloned for the audit and then deleted. */
export type AuditSource =
  | {
      readonly dir: string /** A branch, a branch of origin, a tag or a commit, in this order; HEAD by default. */;
      readonly ref?: string;
    }
  | { readonly remote: string /** The remote's own default by default. */; readonly branch?: string };

/** What an audit looks at and what it may ask. */
export type AuditOptions = AuditSource & {
  /** Only findings of commits after this one, named by its id or the beginning of it. What was before is still replayed. */
  readonly since?: string;
  /** Only findings of these rounds, and of none in particular. */
  readonly rounds?: readonly number[];
  /** Only these rules, by id or name. */
  readonly rules?: readonly string[];
  /** `auto` (the default): `ours` when the repository holds files or trailers that only ours has. */
  readonly dialect?: Dialect | 'auto';
  /** Reads a finalized block's hash from the chain. Without it, seeds are checked against the hash on record only. */
  readonly blockHash?: (block: number) => Promise<string>;
  /** A tip that was seen before: when it is no part of the history any more, the history was rewritten. */
  readonly knownTip?: string;
  /** What the time is, for commits that are dated later; the machine's own by default. */
  readonly now?: Date;
  readonly signal?: AbortSignal | undefined;
  /** Told now and then how far the replay is. */
  readonly onProgress?: (progress: AuditProgress) => void;
};

/** How far the replay is. */
export interface AuditProgress {
  readonly commits: number;
  readonly totalCommits: number;
}

/** Something that an auditor should know, at one commit. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly commit: CommitId;
  /** The file it is about; null when it is about the commit. */
  readonly path: string | null;
  readonly round: number | null;
  /** One line for people. */
  readonly detail: string;
}

/** What a rule came to. `checked` counts the facts it looked at: a rule that looked at nothing shows. */
export interface RuleTally {
  readonly checked: number;
  readonly error: number;
  readonly warn: number;
  readonly info: number;
}

/** A verdict that was on record and does not stand any more. */
export interface EarlierVerdict {
  readonly winner: string;
  /** What followed from the record when it was written. */
  readonly rederived: string | null;
  readonly decidedIn: CommitId;
  /** The commit that took it off the record. */
  readonly endedIn: CommitId;
  readonly how: 'deleted' | 'replaced';
  /** Whose commit that is. */
  readonly by: 'person' | 'service';
}

/** What a round came to, as it stands on record and as it follows from the record. */
export interface RoundVerdict {
  readonly round: number;
  /** Of winner.json; null while there is none. */
  readonly winner: string | null;
  /** What the timeline gives; null while it is not decided. */
  readonly rederived: string | null;
  readonly agrees: boolean;
  /** Why they differ, or why the round is open; empty for a round that is over and agrees. */
  readonly why: string;
  /** Verdicts that somebody deleted or replaced before this one, oldest first. */
  readonly earlier?: readonly EarlierVerdict[];
  /** The commit that deleted its winner, where the round's number was given to another round, or taken back. */
  readonly deletedIn?: CommitId;
}

/** What an audit found. */
export interface AuditReport<Story = unknown> {
  /** True when no finding is an error and every round came to what follows from the record, as far as anything does. */
  readonly ok: boolean;
  readonly dialect: Dialect;
  /** Whether block hashes were asked of the chain. Where not, seeds follow from hashes that the repository itself names. */
  readonly isHeldAgainstChain: boolean;
  readonly tip: CommitId;
  /** Of config.json at the tip. */
  readonly network: NetworkFacts;
  /** What was asked for; nothing of it for a whole audit. */
  readonly asked: {
    readonly rounds?: readonly number[];
    readonly since?: CommitId;
    readonly rules?: readonly string[];
  };
  readonly commits: number;
  /** How many of them came after the one that was asked for: all without. */
  readonly commitsAskedFor: number;
  readonly rounds: readonly RoundVerdict[];
  /** Every rule that was asked for, in the order of the competition's table. */
  readonly rules: Readonly<Record<string, RuleTally>>;
  /** In the order of the history. */
  readonly findings: readonly Finding[];
  /** What the competition tells of its rounds. */
  readonly stories: ReadonlyMap<number, Story>;
}

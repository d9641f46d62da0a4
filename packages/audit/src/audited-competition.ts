import type { CommitId } from '@tiltyard/schema';
import type { CompetitionFacts } from './competition-facts.js';
import type { AuditReport, Dialect, RoundVerdict } from './interfaces.js';
import type { Legacy } from './legacy.js';
import type { OtherFormat } from './other-format.js';
import type { CommitView } from './replay/commit-view.js';
import type { FileContent, ReplayedTree, Tree, TreeFile } from './replay/tree.js';
import type { Rule } from './rules/rule.js';
import type { RuleNames } from './rules/rule-names.js';

/** A competition as an audit needs it: its table, its rules, and what it keeps of its files. */
export interface AuditedCompetition<Story = unknown> extends CompetitionFacts {
  /** Every rule by id, in the order in which they are told. */
  readonly ruleNames: RuleNames;
  /** What checks them. A rule that looks at two files stands here twice. */
  readonly rules: readonly Rule[];
  /** Folders that state files lie in, beside the outermost. */
  readonly folders: RegExp;
  /** Files that are let go once their round is over, and read again when somebody changes the round. */
  readonly large: ReadonlySet<string>;
  /** Files that are let go once the rules have looked at them. */
  readonly readOnce: ReadonlySet<string>;
  /** Quick looks at files: true means that the schema accepts the value as it is, false that it has to be asked. */
  readonly certainlyValid: Readonly<Record<string, ((value: unknown) => boolean) | undefined>>;
  /** Formats that came before the table; absent where there were none. */
  readonly legacy?: Legacy;
  /** Whether a tree is one that our services write, whatever its commits say of themselves. */
  bearsMarks(tree: Tree): boolean;
  /** How findings call the eras that formats come from. */
  readonly eras: Readonly<Record<string, string>>;
  /** What a file is that the table does not know; undefined for what is no data (a README, a schema). */
  otherFile(path: string): OtherFormat | undefined;
  /** What is kept of a file's text beside its value; undefined for nothing. */
  keptOfText?(name: string, text: string): FileContent['kept'];
  /** How a report says that the repository was read, a line each. */
  readAs(report: Pick<AuditReport, 'dialect' | 'isHeldAgainstChain'>): {
    readonly dialect: string;
    readonly warnings: readonly string[];
  };
  /** What one replay keeps. */
  openRecord(): CompetitionRecord<Story>;
}

/** What a replay keeps of a competition's history beside the tree. */
export interface CompetitionRecord<Story> {
  /** Takes a file in that a commit has left, whose tree is whole by then: later rules may need a digest of it. */
  digest(file: TreeFile, tree: Tree, commit: CommitId): void;
  /** A round is over: its large files are let go. */
  letGo(round: number): void;
  /** Takes a commit in before the rules look at it. */
  begin(at: CommitView): void;
  /** Takes it in after they have. */
  end(at: CommitView): void;
  /** The verdicts and stories of all rounds in their order, those still open as they stand at the end. */
  close(
    tree: ReplayedTree,
    rounds: ReadonlySet<number> | undefined,
  ): { readonly verdicts: readonly RoundVerdict[]; readonly byRound: ReadonlyMap<number, Story> };
}

/** The formats that are read in a dialect beside the table's. */
export function legacyOf({ legacy }: AuditedCompetition, dialect: Dialect): Legacy | undefined {
  return dialect === 'reference' ? legacy : undefined;
}

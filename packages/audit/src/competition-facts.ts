import type { AnyLine, Competition, Standing } from '@tiltyard/schema';
import type { HistoryCommit } from './git/history-stream.js';
import type { FileChange } from './replay/file-change.js';
import type { Tree } from './replay/tree.js';

/** Where a competition stands at a commit. */
export type StandingOnRecord = Omit<Standing, 'derivedFrom'>;

/** What rules ask of a competition. */
export interface CompetitionFacts extends Competition {
  /** The file, by name, that a history without is no competition's. Its path has no parameters. */
  readonly mainFile: string;
  /** Files, by name, that an operator's signature makes count, whoever wrote them. */
  readonly operatorSigned: readonly string[];
  /** Where it stands at a tree, as far as its files say. */
  standingIn(tree: Tree): StandingOnRecord;
  /** The state files that a line promises. Others it merely accounts for, should they be there. */
  promises(
    line: AnyLine,
    at: { readonly changes: readonly FileChange[]; readonly others: HistoryCommit['others'] },
  ): readonly string[];
}

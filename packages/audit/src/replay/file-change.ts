import type { AuditedPath } from '../git/paths.js';
import type { TreeFile } from './tree.js';

/** A state file that a commit added, changed or deleted. */
export interface FileChange {
  readonly path: string;
  readonly known: AuditedPath;
  readonly before: TreeFile | undefined;
  readonly after: TreeFile | undefined;
}

import type { PathEntry } from '@tiltyard/schema';
import type { OtherFormat } from '../other-format.js';

/** A path that is read, and what it is. */
export interface AuditedPath extends PathEntry {
  readonly params: PathEntry['params'] & { readonly round?: number };
}

/** What the paths of a repository are. */
export interface Paths {
  /** A file that is read; undefined for any other. */
  known(path: string): AuditedPath | undefined;
  /** What another file is; undefined for what is no data. */
  other(path: string): OtherFormat | undefined;
  /** Folders that state files lie in, beside the outermost. */
  readonly folders: RegExp;
}

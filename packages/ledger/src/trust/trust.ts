import type { ObjectId } from '@tiltyard/git';
import type { CommitId } from '@tiltyard/schema';

/** Stands for all files: where a commit changed more than can be looked through, or something that cannot be read. */
export const EVERYTHING = '';

/** A file whose content no allowed key vouches for. */
export interface UnvouchedFile {
  /** Its path; {@link EVERYTHING} for all of them. */
  readonly path: string;
  /** The first commit since the file was last vouched for. */
  readonly commit: CommitId;
  /** What is wrong with that commit's signature, in words. */
  readonly problem: string;
  /** The tree that holds the file as it was last vouched for. */
  readonly goodTree: ObjectId;
  /** What changed in it, in words: `entry 2 was changed (weight 0.8 → 1)`. Only where it was asked for. */
  readonly change?: string;
}

/** Whose keys count at a commit, and which files are there without one. */
export interface Trust {
  /** The lines of allowed_signers, without comments, as an operator's key last signed them. Empty: no key is asked for. */
  readonly signers: readonly string[];
  readonly unvouched: readonly UnvouchedFile[];
}

/** What is wrong, for people: the files, the commit and its signature. */
export function describeUnvouched(unvouched: readonly UnvouchedFile[]): string {
  const [first] = unvouched;
  if (first === undefined) return 'every file is vouched for';
  const { path, commit, problem, change } = first;
  const more = unvouched.length === 1 ? '' : ` (and ${unvouched.length - 1} more)`;
  const says = change === undefined ? '' : `. ${path}: ${change}`;
  const what = path === EVERYTHING ? 'the whole repository' : path;
  return `${what}${more} was changed by commit ${commit} without a key that may write it: ${problem}${says}`;
}

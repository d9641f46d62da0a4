import { FaultError } from '@tiltyard/schema';

/** Why git, or an object of a repository, could not be read or written. */
export type GitFault =
  /** An object that is missing, cannot be read, or does not have the hash that names it. */
  | { readonly code: 'corrupt'; readonly object: string; readonly detail: string }
  /** A git command that failed. */
  | { readonly code: 'git'; readonly command: string; readonly detail: string }
  /** This machine's disk refused. */
  | { readonly code: 'local_io'; readonly operation: string; readonly errno: string; readonly detail: string }
  /** This machine's git is too old, or there is none. */
  | { readonly code: 'old_git'; readonly found: string; readonly needed: string }
  /** The reader was closed. */
  | { readonly code: 'closed' };

const DESCRIPTIONS: { readonly [C in GitFault['code']]: (fault: Extract<GitFault, { code: C }>) => string } = {
  corrupt: ({ object, detail }) => `object ${object} is damaged: ${detail}`,
  git: ({ command, detail }) => `git ${command} failed: ${detail}`,
  local_io: ({ operation, errno, detail }) => `${operation} failed on this machine (${errno}): ${detail}`,
  old_git: ({ found, needed }) => `git ${needed} or newer is needed on this machine, found ${found}`,
  closed: () => 'the reader of objects is closed',
};

/** A failed file operation. */
export function localIoFault(operation: string, error: unknown): Extract<GitFault, { readonly code: 'local_io' }> {
  const errno = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
  return { code: 'local_io', operation, errno, detail: String(error) };
}

/** A failure of git or of a repository. */
export class GitError extends FaultError<GitFault> {
  override readonly name = 'GitError';
  constructor(fault: GitFault) {
    // The table is keyed by the fault's own code; TypeScript cannot follow that through the union.
    super(fault, (DESCRIPTIONS[fault.code] as (fault: GitFault) => string)(fault));
  }
}

import { type CommitContent, formatCommit, type Identity, type ObjectId } from '@tiltyard/git';
import { CommitId, formatCommitMessage } from '@tiltyard/schema';
import type { ObjectDatabase } from './git/object-database.js';
import type { CommitSigner } from './signing.js';

/** Who publishes. */
export interface Publisher {
  readonly service: string;
  readonly identity: Identity;
  /** The software's version, for the trailer. */
  readonly version: string;
  readonly signer?: CommitSigner | undefined;
}

/** What a commit is made of. */
export interface CommitParts {
  readonly tree: ObjectId;
  /** The commit to stand upon; undefined for a repository's first. */
  readonly parent?: { readonly id: CommitId; readonly committedAt: Date };
  readonly lines: readonly string[];
  readonly now: Date;
}

/** The name that a service's commits carry where no other is configured. */
export function defaultIdentity(service: string): Identity {
  return { name: service, email: `${service}@tiltyard.invalid` };
}

/** Writes a commit object, signed when the publisher has a key. @throws LedgerError `local_io`, `bad_option`. */
export async function composeCommit(
  objects: ObjectDatabase,
  publisher: Publisher,
  { tree, parent, lines, now }: CommitParts,
  signal?: AbortSignal,
): Promise<CommitId> {
  const { service, identity, version, signer } = publisher;
  const content: CommitContent = {
    tree,
    parents: parent === undefined ? [] : [parent.id],
    author: identity,
    // Dates never fall along the history, even where this machine's clock does.
    at: parent !== undefined && parent.committedAt > now ? parent.committedAt : now,
    message: formatCommitMessage(lines, { service, version }),
  };
  const signature = await signer?.sign(formatCommit(content), signal);
  return CommitId.parse(await objects.write('commit', formatCommit(content, signature)));
}

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { detailOf, GitCommandError, gitEnvironment } from '@tiltyard/git';
import { CommitId, isFault } from '@tiltyard/schema';
import { LedgerError } from '../ledger-error.js';
import type { LedgerLog } from '../ledger-log.js';
import { waitMs } from '../pause.js';
import { openExisting, rawTip, removeCutTransfers, removeLeftovers, replaceClone, timestamp } from './clone-folder.js';
import { failureKind } from './failure-kind.js';
import { ObjectDatabase } from './object-database.js';
import { claimClone } from './owner-lock.js';
import {
  asLedgerError,
  FETCH,
  isAncestor,
  type RemoteAccess,
  remoteTip,
  runRemoteGit,
  trackingRef,
} from './remote-access.js';
import { removeStaleLocks } from './stale-locks.js';

export interface CloneOptions extends RemoteAccess {
  readonly dir: string;
  readonly log: LedgerLog;
}

/** What a push came to, when it did not fail. */
export type PushOutcome = { readonly kind: 'pushed' } | { readonly kind: 'moved'; readonly detail: string };

const LOCK_TRIES = 4;
const FETCH_TRIES = 3;
/** Where tips of rewritten histories are kept, and how many: a remote that goes on rewriting does not fill the disk. */
const EVIDENCE = 'refs/tiltyard/evidence';
const KEPT_EVIDENCE = 10;
/** Loose objects beyond which git's own housekeeping would start. */
const LOOSE_OBJECTS_LIMIT = 6700;

/**
 * A bare clone of one branch that this process alone uses.
 *
 * It holds nothing that the remote does not: the remote-tracking ref is the last tip that was seen, and only ever
 * fast-forwards. What breaks is moved aside and cloned again.
 */
export class Clone implements AsyncDisposable {
  #objects: ObjectDatabase;
  #known: CommitId;

  private constructor(
    readonly options: CloneOptions,
    readonly release: () => Promise<void>,
    known: CommitId,
  ) {
    this.#known = known;
    this.#objects = new ObjectDatabase(options.dir, gitEnvironment(options.ambient));
  }

  /**
   * Claims and opens the clone in `dir`, making or replacing it where it is missing or unusable.
   *
   * @throws LedgerError `clone_busy`, `unreachable`, `no_branch`, `local_io`, `bad_option` (a clone of another remote).
   */
  static async open(options: CloneOptions, signal?: AbortSignal): Promise<Clone> {
    const release = await claimClone(options.dir);
    try {
      await removeLeftovers(options.dir);
      const known = await openExisting(options, signal);
      if (known !== undefined) return new Clone(options, release, known);
      await replaceClone(options, await rawTip(options), signal);
      const fresh = await openExisting(options, signal);
      if (fresh === undefined) throw new LedgerError({ code: 'corrupt', object: options.dir, detail: 'a fresh clone' });
      return new Clone(options, release, fresh);
    } catch (error) {
      await release();
      throw error;
    }
  }

  /** The last tip of the branch that was seen. */
  get known(): CommitId {
    return this.#known;
  }

  get objects(): ObjectDatabase {
    return this.#objects;
  }

  /** Asks the remote for its tip: one round trip, nothing is transferred. Undefined when the branch is gone. */
  async remoteTip(signal?: AbortSignal): Promise<CommitId | undefined> {
    return remoteTip(this.options, this.options.dir, signal);
  }

  /**
   * Brings the clone to the remote's tip.
   *
   * @throws LedgerError `rewritten` when the known tip is no longer part of the branch's line of first parents: the new
   *   tip is kept under `refs/tiltyard/evidence/`, the old one stays in the tracking ref. `malformed`, likewise, when a new
   *   commit is past what is read of one.
   */
  async fetch(signal?: AbortSignal): Promise<CommitId> {
    const { branch } = this.options;
    for (let tries = 1; ; tries += 1) {
      try {
        // Without a plus: git itself refuses a tip that does not descend from the known one.
        await this.#run([...FETCH, 'origin', `refs/heads/${branch}:${trackingRef(branch)}`], signal);
        break;
      } catch (error) {
        await removeCutTransfers(this.options.dir);
        if (!(error instanceof GitCommandError)) throw error;
        const kind = failureKind(error);
        if (kind === 'no_branch') throw this.#rewritten(undefined, undefined);
        if (kind !== 'moved' || tries >= FETCH_TRIES) throw asLedgerError(error, this.options);
        await this.#refuseRewritten(signal);
      }
    }
    const tip = await this.#objects.resolve(trackingRef(branch));
    if (tip === undefined)
      throw new LedgerError({ code: 'corrupt', object: trackingRef(branch), detail: 'is missing' });
    const found = CommitId.parse(tip);
    await this.#follow(found, signal);
    this.#known = found;
    return found;
  }

  /**
   * Reads the commits from a tip that git has taken down to the known one, along first parents. Git takes it for a
   * fast-forward by any of them, and a commit of any size or make for one. What must not be followed is set back.
   *
   * @throws LedgerError `rewritten`, `malformed`, `corrupt`.
   */
  async #follow(tip: CommitId, signal?: AbortSignal): Promise<void> {
    let at: string | undefined = tip;
    try {
      while (at !== undefined && at !== this.#known) {
        signal?.throwIfAborted();
        [at] = (await this.#objects.commit(at)).parents;
      }
    } catch (error) {
      if (isFault(error, LedgerError, 'malformed')) await this.#setBack(tip, signal);
      throw error;
    }
    if (at === undefined) throw this.#rewritten(tip, await this.#setBack(tip, signal));
  }

  /**
   * Pushes a commit if the branch still stands at `expected`. The lease makes it an exact compare-and-swap: it also
   * refuses a branch that was set back to an ancestor, which a plain push would silently undo. Nothing is ever forced,
   * because the commit is a child of what the lease demands.
   *
   * @throws LedgerError `unreachable` when the answer is unknown or lost; `rejected`, `local_io`, `corrupt`.
   */
  async push(commit: CommitId, expected: CommitId, signal?: AbortSignal): Promise<PushOutcome> {
    const { branch } = this.options;
    const ref = `refs/heads/${branch}`;
    const lease = `--force-with-lease=${ref}:${expected}`;
    try {
      await this.#run(['push', '--porcelain', '--no-verify', lease, 'origin', `${commit}:${ref}`], signal);
      this.#known = commit;
      return { kind: 'pushed' };
    } catch (error) {
      if (!(error instanceof GitCommandError)) throw error;
      if (failureKind(error) !== 'moved') throw asLedgerError(error, this.options);
      const detail = detailOf(error);
      if (/\.lock': File exists/.test(detail)) await this.#unlockRemote();
      return { kind: 'moved', detail };
    }
  }

  /**
   * Takes over a lock that a killed push left in a remote on this machine's own disk, where no server would ever do it.
   * Every push is bounded in time, so a lock that is older than that has no owner.
   */
  async #unlockRemote(): Promise<void> {
    const { remote, timeoutMs, log } = this.options;
    if (remote.protocol !== 'file') return;
    const dir = remote.url.startsWith('file://') ? fileURLToPath(remote.url) : remote.url;
    const removed = await removeStaleLocks(dir, new Date(Date.now() - timeoutMs));
    if (removed.length > 0) log.warn({ dir, removed }, 'removed lock files that a killed push left in the remote');
  }

  /** Runs a git command in the clone. @throws LedgerError for what it failed of. */
  async git(args: readonly string[], signal?: AbortSignal): Promise<string> {
    try {
      return await this.#run(args, signal);
    } catch (error) {
      throw error instanceof GitCommandError ? asLedgerError(error, this.options) : error;
    }
  }

  /** Runs a git command. A lock in its way is removed when it is stale. @throws GitCommandError. */
  async #run(args: readonly string[], signal?: AbortSignal): Promise<string> {
    const { dir, log } = this.options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await runRemoteGit(this.options, dir, args, signal);
      } catch (error) {
        if (!(error instanceof GitCommandError) || failureKind(error) !== 'locked' || tries >= LOCK_TRIES) throw error;
        // No other command of ours is running: what we ended may still be about to go, hence the seconds.
        const removed = await removeStaleLocks(dir, new Date(Date.now() - (tries === 1 ? 5000 : 1000)));
        log.warn({ dir, removed }, 'a lock file was in the way');
        await waitMs(500, signal);
      }
    }
  }

  /**
   * Moves a damaged clone aside and clones again. The new clone is ready before the old one moves, so that a remote
   * that cannot be reached leaves things as they are.
   *
   * @param reason - What shows the damage. Where it is only git's word and `git fsck` finds nothing, the clone stays: a
   *   transfer that was spoiled on its way reads like damage and leaves none.
   * @throws LedgerError `unreachable`, `rewritten` when the known tip is not part of the remote, `local_io`.
   */
  async rebuild(reason: LedgerError, signal?: AbortSignal): Promise<void> {
    const { dir, log } = this.options;
    const check = await this.#check(signal);
    if (check === undefined && reason.fault.code === 'corrupt' && reason.fault.object.startsWith('git ')) {
      log.warn({ dir, reason: reason.message }, 'a transfer was spoiled on its way');
      return;
    }
    log.error({ dir, reason: reason.message, fsck: check }, 'the local clone is damaged: it is cloned again');
    const quarantine = await replaceClone(this.options, this.#known, signal);
    const damaged = this.#objects;
    this.#objects = new ObjectDatabase(dir, gitEnvironment(this.options.ambient));
    await damaged[Symbol.asyncDispose]();
    const tip = await this.#objects.resolve(trackingRef(this.options.branch));
    if (tip !== undefined) this.#known = CommitId.parse(tip);
    log.warn({ dir, quarantine }, 'the local clone was rebuilt from the remote');
  }

  /** What `git fsck` complains about; undefined when it finds the clone sound. */
  async #check(signal?: AbortSignal): Promise<string | undefined> {
    try {
      await this.#run(['fsck', '--no-dangling', '--no-progress'], signal);
      return undefined;
    } catch (error) {
      if (error instanceof GitCommandError) return detailOf(error);
      throw error;
    }
  }

  /** Packs what a long run leaves behind as single files. Cheap when there is little. */
  async tidy(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { dir, log } = this.options;
    // Objects spread evenly over 256 folders; one of them tells how many there are, as `git gc --auto` does it.
    const some = await readdir(path.join(dir, 'objects', '17')).catch(() => []);
    if (some.length * 256 < LOOSE_OBJECTS_LIMIT) return;
    log.info({ dir }, 'packing the local clone');
    await this.git(['gc', '--quiet'], signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#objects[Symbol.asyncDispose]();
    await this.release();
  }

  /** Keeps a tip that does not descend from the known one, and says so. Returns when it does after all. */
  async #refuseRewritten(signal?: AbortSignal): Promise<void> {
    const { branch } = this.options;
    const found = await this.remoteTip(signal);
    if (found === undefined) throw this.#rewritten(undefined, undefined);
    const kept = await this.#keptEvidence(found, signal);
    if (kept !== undefined) throw this.#rewritten(found, kept);
    const evidence = await this.#newEvidence(found, signal);
    await this.git([...FETCH, 'origin', `+refs/heads/${branch}:${evidence}`], signal);
    const grew = await isAncestor(this.options, this.options.dir, this.#known, found, signal);
    if (!grew) throw this.#rewritten(found, evidence);
    await this.git(['update-ref', '-d', evidence], signal);
  }

  /** Keeps a tip that git has taken as evidence, and sets the tracking ref back. Returns the ref that keeps it. */
  async #setBack(found: CommitId, signal?: AbortSignal): Promise<string> {
    const kept = await this.#keptEvidence(found, signal);
    const evidence = kept ?? (await this.#newEvidence(found, signal));
    if (kept === undefined) await this.git(['update-ref', evidence, found], signal);
    await this.git(['update-ref', trackingRef(this.options.branch), this.#known, found], signal);
    return evidence;
  }

  /** The ref that keeps a tip as evidence; undefined when none does yet. */
  async #keptEvidence(tip: CommitId, signal?: AbortSignal): Promise<string | undefined> {
    return (await this.#evidence(signal)).find(({ commit }) => commit === tip)?.ref;
  }

  /** A new ref for a tip. Where there are many, the last one goes: how it began is worth most. */
  async #newEvidence(tip: CommitId, signal?: AbortSignal): Promise<string> {
    const surplus = (await this.#evidence(signal)).slice(KEPT_EVIDENCE - 1);
    for (const { ref } of surplus) await this.git(['update-ref', '-d', ref], signal);
    return `${EVIDENCE}/${timestamp()}-${tip.slice(0, 10)}`;
  }

  /** Every tip that is kept as evidence, oldest first. */
  async #evidence(signal?: AbortSignal): Promise<readonly { readonly commit: string; readonly ref: string }[]> {
    const list = ['for-each-ref', '--sort=refname', '--format=%(objectname) %(refname)', EVIDENCE];
    const lines = (await this.git(list, signal)).split('\n').filter((line) => line !== '');
    return lines.map((line) => ({ commit: line.slice(0, line.indexOf(' ')), ref: line.slice(line.indexOf(' ') + 1) }));
  }

  #rewritten(found: CommitId | undefined, evidence: string | undefined): LedgerError {
    return new LedgerError({
      code: 'rewritten',
      remote: this.options.remote.url,
      known: this.#known,
      ...(found === undefined ? {} : { found }),
      ...(evidence === undefined ? {} : { evidence }),
    });
  }
}

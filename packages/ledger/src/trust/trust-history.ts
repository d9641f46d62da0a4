import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommitId, type Competition } from '@tiltyard/schema';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { ObjectDatabase } from '../git/object-database.js';
import { type SignedPaths, signedPaths } from './signed-paths.js';
import { firstTrust, nextTrust, type TrustState, type TrustStep } from './trust-state.js';

/** Runs a read of the clone's objects. */
export type RunRead = <T>(read: (objects: ObjectDatabase) => Promise<T>) => Promise<T>;

/** Kept for commits that may be asked for again. */
const KEPT_STATES = 1_000;
/** How far a walk goes before what it found is saved. */
const SAVE_EVERY = 256;
const FILE = 'tiltyard-trust.json';
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const ObjectName = z.string().regex(/^[0-9a-f]{40}$/);
const Saved = z.object({
  version: z.literal(1),
  commit: CommitId,
  tree: ObjectName,
  signers: z.array(z.string()),
  unvouched: z.array(z.object({ path: z.string(), commit: CommitId, problem: z.string(), goodTree: ObjectName })),
});

/**
 * Follows the keys and what they vouch for along a clone's first parents, from the first commit on.
 *
 * Everything follows from the history. It reads commits and the trees that changed, and of files only allowed_signers.
 * States are remembered by commit, and one is saved next to the clone now and then, so that a restart does not walk the
 * whole way: without that file, or with one of another history, it just walks.
 */
export class TrustHistory {
  readonly #states = new LRUCache<CommitId, TrustState>({ max: KEPT_STATES });
  readonly #file: string;
  readonly #paths: SignedPaths;
  #loading: Promise<void> | undefined;
  #sinceSaved = 0;

  /** @param dir - The clone. */
  constructor(dir: string, competition: Competition) {
    this.#file = path.join(dir, FILE);
    this.#paths = signedPaths(competition);
  }

  /** What is known at a commit. @throws LedgerError `corrupt`, `malformed`. */
  async at(commit: CommitId, run: RunRead): Promise<TrustState> {
    this.#loading ??= this.#load();
    await this.#loading;
    const ahead: CommitId[] = [];
    let at: CommitId | undefined = commit;
    let state: TrustState | undefined;
    while (at !== undefined) {
      state = this.#states.get(at);
      if (state !== undefined) break;
      const id: CommitId = at;
      ahead.push(id);
      const [parent] = (await run((objects) => objects.commit(id))).parents;
      at = parent === undefined ? undefined : CommitId.parse(parent);
    }
    for (const id of ahead.reverse()) state = await this.#advance(state, id, run);
    // The loop above ends at a state that is known, or has put this commit ahead.
    return state as TrustState;
  }

  async #advance(before: TrustState | undefined, id: CommitId, run: RunRead): Promise<TrustState> {
    const state = await run(async (objects) => {
      const step: TrustStep = { id, commit: await objects.commit(id) };
      const source = { objects, paths: this.#paths };
      return before === undefined ? await firstTrust(source, step) : await nextTrust(source, before, step);
    });
    this.#states.set(id, state);
    this.#sinceSaved += 1;
    if (this.#sinceSaved >= SAVE_EVERY) await this.#save(id, state);
    return state;
  }

  async #load(): Promise<void> {
    try {
      const text = await readFile(this.#file, 'utf8');
      if (text.length > MAX_FILE_BYTES) return;
      const { commit, tree, signers, unvouched } = Saved.parse(JSON.parse(text));
      this.#states.set(commit, { tree, signers, unvouched });
    } catch {
      // Missing, cut short or of another version: the walk is only longer.
    }
  }

  async #save(commit: CommitId, { tree, signers, unvouched }: TrustState): Promise<void> {
    this.#sinceSaved = 0;
    const saved: z.input<typeof Saved> = { version: 1, commit, tree, signers: [...signers], unvouched: [...unvouched] };
    try {
      await writeFile(`${this.#file}.new`, JSON.stringify(saved));
      await rename(`${this.#file}.new`, this.#file);
    } catch {
      // As above: it is only a shortcut.
    }
  }
}

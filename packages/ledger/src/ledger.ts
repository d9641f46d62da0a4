import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { gitEnvironment, type Identity, requireGit } from '@tiltyard/git';
import { type Backoff, backoffMs, type CommitId, type Competition, isFault } from '@tiltyard/schema';
import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { type CompetitionChoice, chosenCompetition } from './chosen-competition.js';
import { defaultIdentity, type Publisher } from './compose-commit.js';
import type { Draft } from './draft.js';
import { fileChange } from './file-change.js';
import { Clone } from './git/clone.js';
import { gitTokenFrom } from './git/git-token.js';
import type { ObjectDatabase } from './git/object-database.js';
import { parseRemoteAddress } from './git/remote-address.js';
import { LedgerError, type LedgerFault, ofLedger } from './ledger-error.js';
import { type LedgerLog, SILENT_LOG } from './ledger-log.js';
import { JITTER, waitMs } from './pause.js';
import { type Published, publishDraft } from './publish.js';
import { openSigner } from './signing.js';
import { checkFormat, Snapshot, type SnapshotSource } from './snapshot.js';
import { TrustHistory } from './trust/trust-history.js';

export interface LedgerOptions<Writer extends string = string> {
  readonly competition: CompetitionChoice<Writer>;
  /** The state repository: an absolute path, a URL (file, git, http, https, ssh) or `user@host:path`. */
  readonly remote: string;
  readonly branch?: string;
  /** Where the private bare clone lies, or is made. One process at a time. */
  readonly dir: string;
  /** In whose name this process publishes. Absent: it only reads. */
  readonly service?: NoInfer<Writer>;
  /** The software's version, for the commits' trailer. */
  readonly version: string;
  readonly identity?: Identity;
  /** An SSH private key without passphrase to sign commits with. */
  readonly signing?: { readonly keyFile: string };
  /** Where addresses and credentials come from: `TILTYARD_GIT_TOKEN` or `…_FILE`, `GIT_SSH_COMMAND`, proxies. */
  readonly env?: NodeJS.ProcessEnv;
  readonly log?: LedgerLog;
  readonly signal?: AbortSignal;
  /** The longest that one git command may take. */
  readonly gitTimeoutMs?: number;
  /** How long a snapshot or a publish is tried before it is given back as `unreachable` or `contended`. */
  readonly patienceMs?: number;
  readonly contention?: Backoff;
  readonly outage?: Backoff;
  readonly now?: () => Date;
  readonly random?: () => number;
}

/** The usual values of {@link LedgerOptions}. */
export const LEDGER_DEFAULTS = {
  branch: 'main',
  gitTimeoutMs: 120_000,
  patienceMs: 60_000,
  contention: { firstDelayMs: 20, maxDelayMs: 2_000 },
  outage: { firstDelayMs: 500, maxDelayMs: 15_000 },
} as const satisfies Partial<LedgerOptions>;

const PARSED_CACHE_BYTES = 256 * 1024 * 1024;
const TIDY_EVERY = 200;
/** Faults that are about the remote or this machine, not about what was to be published. */
const TROUBLES: ReadonlySet<LedgerFault['code']> = new Set([
  'unreachable',
  'rewritten',
  'rejected',
  'no_branch',
  'local_io',
  'corrupt',
  'malformed',
  'unvouched',
  'git',
]);

/** The public state repository, as one service sees it. */
export interface Ledger extends AsyncDisposable {
  /** In whose name it publishes; undefined for a reader. */
  readonly service: string | undefined;
  /**
   * The remote's present state. One cheap round trip when nothing has changed.
   *
   * @throws LedgerError `unreachable` once patience ends, `rewritten` while the remote does not descend from the known
   *   tip, `malformed` while its history holds a commit that is not as git writes it or past what is read of one,
   *   `unknown_version` for a repository that is newer than this software.
   */
  snapshot(signal?: AbortSignal): Promise<Snapshot>;
  /** The last state that was seen, without asking the remote. */
  latest(): Promise<Snapshot>;
  /**
   * Publishes a draft as one commit, or nothing.
   *
   * When the remote cannot be reached the draft is not kept: after `unreachable` the caller takes a new snapshot when
   * that works again and derives again, so that what is published late is still right.
   *
   * @throws LedgerError: see {@link LedgerFault}; `bad_option` for a ledger that only reads.
   */
  publish(draft: Draft, signal?: AbortSignal): Promise<Published>;
  /** What the last contact with the remote failed of; undefined while all is well. For readiness probes. */
  trouble(): LedgerFault | undefined;
}

/**
 * Opens a competition's state repository.
 *
 * @throws LedgerError `bad_option`, `old_git`, `clone_busy`, `unreachable`, `no_branch`, `rewritten`, `local_io`; `invalid`
 *   when config.json names a competition that is not known.
 */
export async function openLedger<Writer extends string>(options: LedgerOptions<Writer>): Promise<Ledger> {
  const { branch, gitTimeoutMs } = { ...LEDGER_DEFAULTS, ...options };
  const ambient = options.env ?? process.env;
  const log = options.log ?? SILENT_LOG;
  const publisher = await publisherOf(options);
  const remote = parseRemoteAddress(options.remote);
  const token = gitTokenFrom(ambient);
  const dir = path.resolve(options.dir);
  await ofLedger(requireGit(gitEnvironment(ambient), gitTimeoutMs, options.signal));
  const clone = await Clone.open({ dir, remote, branch, token, ambient, timeoutMs: gitTimeoutMs, log }, options.signal);
  try {
    return new GitLedger(clone, await chosenCompetition(clone, options), publisher, options);
  } catch (error) {
    await clone[Symbol.asyncDispose]();
    throw error;
  }
}

async function publisherOf({ service, identity, version, signing }: LedgerOptions): Promise<Publisher | undefined> {
  if (service === undefined) return undefined;
  const signer = signing === undefined ? undefined : await openSigner(signing.keyFile);
  return { service, identity: identity ?? defaultIdentity(service), version, signer };
}

class GitLedger implements Ledger {
  readonly #clone: Clone;
  readonly #publisher: Publisher | undefined;
  readonly #options: LedgerOptions & typeof LEDGER_DEFAULTS;
  readonly #log: LedgerLog;
  // One at a time: git commands in one clone would only wait for each other's locks.
  readonly #turn = new PQueue({ concurrency: 1 });
  readonly #parsed = new LRUCache<string, object | string>({ maxSize: PARSED_CACHE_BYTES });
  readonly #closing = new AbortController();
  readonly #source: SnapshotSource;
  /** For what runs in a turn already, and would wait for itself if it had to take one to rebuild the clone. */
  readonly #sourceInTurn: SnapshotSource;
  #trouble: LedgerFault | undefined;
  #untidy = 0;

  constructor(clone: Clone, competition: Competition, publisher: Publisher | undefined, options: LedgerOptions) {
    this.#clone = clone;
    this.#publisher = publisher;
    this.#options = { ...LEDGER_DEFAULTS, ...options } as LedgerOptions & typeof LEDGER_DEFAULTS;
    this.#log = options.log ?? SILENT_LOG;
    const shared = {
      competition,
      parsed: this.#parsed,
      fileChange: (...args: Parameters<SnapshotSource['fileChange']>) => fileChange(clone, ...args),
    };
    const history = new TrustHistory(clone.options.dir, competition);
    const runInTurn: SnapshotSource['run'] = (read) => read(clone.objects);
    const run: SnapshotSource['run'] = (read) => this.#readHealing(read);
    this.#sourceInTurn = { ...shared, run: runInTurn, trust: (commit) => history.at(commit, runInTurn) };
    this.#source = {
      competition,
      parsed: this.#parsed,
      run,
      trust: (commit) => history.at(commit, run),
      fileChange: (...args) => this.#readHealing(() => shared.fileChange(...args)),
    };
  }

  get service(): string | undefined {
    return this.#publisher?.service;
  }

  async snapshot(signal?: AbortSignal): Promise<Snapshot> {
    await this.#inTurn(signal, (joint) => this.#catchUp(joint));
    const snapshot = await this.latest();
    // Its history is one that can be read, to the first commit: a new clone is no way around what an old one refuses.
    await snapshot.trust();
    await checkFormat(snapshot);
    return snapshot;
  }

  async latest(): Promise<Snapshot> {
    const tip = this.#clone.known;
    return new Snapshot(tip, await this.#source.run((objects) => objects.commit(tip)), this.#source);
  }

  async publish(draft: Draft, signal?: AbortSignal): Promise<Published> {
    const { contention, outage, patienceMs, now, random } = this.#options;
    const publisher = this.#publisher;
    if (publisher === undefined) {
      throw new LedgerError({ code: 'bad_option', option: 'service', detail: 'a ledger without a service only reads' });
    }
    const ports = {
      clone: this.#clone,
      publisher,
      log: this.#log,
      at: async (commit: CommitId) =>
        new Snapshot(commit, await this.#clone.objects.commit(commit), this.#sourceInTurn),
      // One date for all tries, so that a commit that is pushed again on the same tip is the same commit.
      now: now?.() ?? new Date(),
      failed: (fault: LedgerFault) => {
        this.#trouble = fault;
      },
      random: random ?? Math.random,
      contention,
      outage,
      patienceMs,
    };
    return this.#inTurn(signal, (joint) => publishDraft(ports, draft, joint));
  }

  trouble(): LedgerFault | undefined {
    return this.#trouble;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new LedgerError({ code: 'closed' }));
    await this.#turn.onIdle();
    await this.#clone[Symbol.asyncDispose]();
  }

  /** Brings the clone to the remote's tip, through outages shorter than our patience. */
  async #catchUp(signal: AbortSignal): Promise<void> {
    const { patienceMs, outage, random } = this.#options;
    const deadline = performance.now() + patienceMs;
    for (let failures = 1; ; failures += 1) {
      try {
        if ((await this.#clone.remoteTip(signal)) !== this.#clone.known) await this.#clone.fetch(signal);
        return;
      } catch (error) {
        if (!isFault(error, LedgerError, 'unreachable')) throw error;
        this.#trouble = error.fault;
        const delayMs = backoffMs(failures, { ...outage, jitter: JITTER }, (random ?? Math.random)());
        this.#log.warn({ attempt: failures, reason: error.message }, 'the remote cannot be read');
        if (performance.now() + delayMs > deadline) throw new LedgerError({ ...error.fault, attempts: failures });
        await waitMs(delayMs, signal);
      }
    }
  }

  /** Runs a task when it is its turn; once more after a rebuild when it finds the clone damaged. */
  async #inTurn<T>(signal: AbortSignal | undefined, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal: open } = this.#options;
    const joint = AbortSignal.any([this.#closing.signal, ...[signal, open].filter((one) => one !== undefined)]);
    return this.#turn.add(async () => {
      joint.throwIfAborted();
      try {
        const result = await this.#healing(task, joint);
        this.#trouble = undefined;
        this.#tidySometimes();
        return result;
      } catch (error) {
        // A refused draft says nothing against the remote: it was reached.
        if (error instanceof LedgerError) this.#trouble = TROUBLES.has(error.code) ? error.fault : undefined;
        throw error;
      }
    });
  }

  async #healing<T>(task: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await task(signal);
    } catch (error) {
      if (!isFault(error, LedgerError, 'corrupt')) throw error;
      await this.#clone.rebuild(error, signal);
      return task(signal);
    }
  }

  /** A read outside of any turn: when the clone is damaged, a turn is taken to rebuild it. */
  async #readHealing<T>(read: (objects: ObjectDatabase) => Promise<T>): Promise<T> {
    const objects = this.#clone.objects;
    try {
      return await read(objects);
    } catch (error) {
      const replaced = this.#clone.objects !== objects;
      if (!isFault(error, LedgerError, 'corrupt') && !(replaced && isFault(error, LedgerError, 'closed'))) throw error;
      return this.#inTurn(undefined, async (signal) => {
        // Another read may have had it rebuilt while this one waited.
        if (this.#clone.objects === objects && error instanceof LedgerError) await this.#clone.rebuild(error, signal);
        return read(this.#clone.objects);
      });
    }
  }

  /** Takes a turn to pack the clone, when nothing else waits for one. */
  #tidySometimes(): void {
    this.#untidy += 1;
    if (this.#untidy % TIDY_EVERY !== 1) return;
    const { signal } = this.#closing;
    this.#turn
      .add(() => this.#clone.tidy(signal), { priority: -1 })
      .catch((error: unknown) => {
        if (!signal.aborted) this.#log.warn({ reason: String(error) }, 'the local clone could not be packed');
      });
  }
}

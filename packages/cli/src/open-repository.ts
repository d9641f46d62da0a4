import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { type Ledger, LedgerError, type LedgerOptions, openLedger } from '@tiltyard/ledger';
import { isFault } from '@tiltyard/schema';
import { competitionOf } from '@tiltyard/schema/competitions';
import { SOFTWARE_VERSION } from '@tiltyard/service-kit';
import { type RepositoryOptions, remoteOf } from './options/repository-options.js';
import type { Terminal } from './terminal/terminal.js';

/**
 * Opens a state repository for one command. Its clone is kept in the user's cache, so that the next command fetches only
 * what is new; when another command uses that clone at the moment, or `--fresh` is given, a temporary one is made.
 *
 * @throws LedgerError as `openLedger`; CliError `usage`.
 */
export async function openRepository(
  options: RepositoryOptions,
  terminal: Terminal,
  more: Partial<LedgerOptions> = {},
): Promise<Ledger> {
  const remote = remoteOf(options, terminal);
  const { environment, signal } = terminal;
  const shared = {
    competition: competitionOf,
    remote,
    branch: options.branch,
    version: SOFTWARE_VERSION,
    env: environment,
    signal,
    ...more,
  };
  if (options.fresh === undefined) {
    const key = createHash('sha256').update(`${remote}\n${options.branch}`).digest('hex').slice(0, 24);
    const dir = path.join(cacheFolder(environment), 'repositories', `${key}.git`);
    await mkdir(path.dirname(dir), { recursive: true });
    try {
      return await openLedger({ ...shared, dir });
    } catch (error) {
      if (!isFault(error, LedgerError, 'clone_busy')) throw error;
    }
  }
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-'));
  const forget = () => rm(dir, { recursive: true, force: true });
  try {
    return new TemporaryLedger(await openLedger({ ...shared, dir: path.join(dir, 'state.git') }), forget);
  } catch (error) {
    await forget();
    throw error;
  }
}

/** This user's cache folder. */
function cacheFolder(environment: Terminal['environment']): string {
  const given = environment.XDG_CACHE_HOME;
  // The XDG specification: a relative path is to be ignored.
  const root = given !== undefined && path.isAbsolute(given) ? given : path.join(homedir(), '.cache');
  return path.join(root, 'tiltyard');
}

/** A ledger whose clone goes when it is closed. */
class TemporaryLedger implements Ledger {
  readonly #ledger: Ledger;
  readonly #forget: () => Promise<void>;

  constructor(ledger: Ledger, forget: () => Promise<void>) {
    this.#ledger = ledger;
    this.#forget = forget;
  }

  get service(): Ledger['service'] {
    return this.#ledger.service;
  }

  readonly snapshot: Ledger['snapshot'] = (signal) => this.#ledger.snapshot(signal);
  readonly latest: Ledger['latest'] = () => this.#ledger.latest();
  readonly publish: Ledger['publish'] = (draft, signal) => this.#ledger.publish(draft, signal);
  readonly trouble: Ledger['trouble'] = () => this.#ledger.trouble();

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ledger[Symbol.asyncDispose]();
    await this.#forget();
  }
}

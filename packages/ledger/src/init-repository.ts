import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GitCommandError, gitEnvironment, type Identity, requireGit, runGit } from '@tiltyard/git';
import { CONFIG_PATH, type CommitId, type Competition, knownPathIn, OPERATOR } from '@tiltyard/schema';
import { checkNamed } from './chosen-competition.js';
import { composeCommit, defaultIdentity, type Publisher } from './compose-commit.js';
import { fileValue } from './file-text.js';
import { failureKind } from './git/failure-kind.js';
import { gitTokenFrom } from './git/git-token.js';
import { ObjectDatabase } from './git/object-database.js';
import { asLedgerError, type RemoteAccess, remoteTip, runRemoteGit } from './git/remote-access.js';
import { parseRemoteAddress } from './git/remote-address.js';
import { LEDGER_DEFAULTS } from './ledger.js';
import { LedgerError, ofLedger } from './ledger-error.js';
import { changeFaults, type PlannedChange } from './registry-checks.js';
import { openSigner } from './signing.js';

export interface InitOptions {
  readonly competition: Competition;
  /** An empty repository: an absolute path or a URL. */
  readonly remote: string;
  readonly branch?: string;
  /** Every file of the first commit by path: state files, checked against the registry, and anything else. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** The software's version, for the commit's trailer. */
  readonly version: string;
  readonly identity?: Identity;
  readonly signing?: { readonly keyFile: string };
  readonly env?: NodeJS.ProcessEnv;
  readonly gitTimeoutMs?: number;
  readonly now?: () => Date;
  readonly signal?: AbortSignal;
}

/**
 * Starts a competition: publishes the first commit to a repository without that branch.
 *
 * @returns the commit.
 * @throws LedgerError `invalid` for a state file that does not fit its schema, or when one that the competition needs is
 *   missing; what the registry has against a new file (`out_of_order`, `wrong_amendment`, `misplaced`); `not_empty` when
 *   the branch exists; `unreachable`, `rejected`, `bad_option`, `old_git`, `local_io`.
 */
export async function initRepository(options: InitOptions): Promise<CommitId> {
  const { branch, gitTimeoutMs } = { ...LEDGER_DEFAULTS, ...options };
  const ambient = options.env ?? process.env;
  const remote = parseRemoteAddress(options.remote);
  const access: RemoteAccess = { remote, branch, token: gitTokenFrom(ambient), ambient, timeoutMs: gitTimeoutMs };
  const lines = checkFiles(options.files, options.competition);
  const publisher: Publisher = {
    service: OPERATOR,
    identity: options.identity ?? defaultIdentity(OPERATOR),
    version: options.version,
    signer: options.signing === undefined ? undefined : await openSigner(options.signing.keyFile),
  };
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-init-'));
  try {
    const env = gitEnvironment(ambient);
    await ofLedger(requireGit(env, gitTimeoutMs, options.signal));
    await runGit(['init', '--bare', dir], { dir, env, timeoutMs: gitTimeoutMs, signal: options.signal });
    await using objects = new ObjectDatabase(dir, env);
    const files = new Map([...options.files].map(([file, content]) => [file, Buffer.from(content)]));
    const tree = await objects.writeTree(undefined, files);
    const now = options.now?.() ?? new Date();
    const commit = await composeCommit(objects, publisher, { tree, lines, now }, options.signal);
    await pushFirst(access, dir, commit, options.signal);
    return commit;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Checks the state files among the first commit's files. @returns the lines that announce them. */
function checkFiles(files: InitOptions['files'], competition: Competition): readonly string[] {
  const changes: PlannedChange[] = [];
  for (const [path, content] of files) {
    const known = knownPathIn(competition.files, path);
    if (known === undefined) continue;
    const after: unknown = fileValue(known.file, Buffer.from(content).toString('utf8'), path);
    const change = { ...known, path, before: undefined, after };
    changeFaults(change, competition.beginning);
    changes.push(change);
  }
  for (const file of competition.required) {
    const needed = file.path.format({});
    if (files.has(needed)) continue;
    throw new LedgerError({ code: 'invalid', path: needed, field: '', detail: 'is missing', cause: undefined });
  }
  checkNamed(competition, Buffer.from(files.get(CONFIG_PATH) ?? '').toString('utf8'));
  return competition.lines.announce(changes, OPERATOR);
}

async function pushFirst(access: RemoteAccess, dir: string, commit: CommitId, signal?: AbortSignal): Promise<void> {
  const { remote, branch } = access;
  const tip = await remoteTip(access, dir, signal);
  if (tip !== undefined) throw new LedgerError({ code: 'not_empty', remote: remote.url, branch, tip });
  const ref = `refs/heads/${branch}`;
  try {
    // An empty lease demands that the branch does not exist.
    const lease = `--force-with-lease=${ref}:`;
    await runRemoteGit(
      access,
      dir,
      ['push', '--porcelain', '--no-verify', lease, remote.url, `${commit}:${ref}`],
      signal,
    );
  } catch (error) {
    if (!(error instanceof GitCommandError)) throw error;
    const now = await remoteTip(access, dir, signal);
    if (now === commit) return; // The answer was lost, not the push.
    if (now !== undefined && failureKind(error) === 'moved') {
      throw new LedgerError({ code: 'not_empty', remote: remote.url, branch, tip: now });
    }
    throw asLedgerError(error, access);
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { detailOf, GitCommandError, gitEnvironment, runGit } from '@tiltyard/git';
import type { Terminal } from '../../terminal/terminal.js';

/** A repository and a commit as a miner submits them. */
export interface Source {
  readonly repo: string;
  readonly commit: string;
}

/** The result of a check: it holds, it does not, or it could not be made. */
export type Check =
  | { readonly kind: 'ok' }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** Where `owner/name` lies; TILTYARD_SOURCES_URL names another place. */
const SOURCES_URL = 'https://github.com';
const DOCKERFILE = 'docker/Dockerfile';
const TIMEOUT_MS = 60_000;

/** How git hosts say that there is no such public repository; GitHub asks for a password instead. */
const NO_REPOSITORY = [
  'repository not found',
  'could not read username',
  'does not appear to be a git repository',
  'authentication failed',
  'returned error: 404',
];
/** How they say that it has no such commit. */
const NO_COMMIT = ['not our ref', "couldn't find remote ref", 'no such remote ref', 'bad object'];

/**
 * Whether everyone can read a commit of a repository, and it has what an image is built from. Fetches that commit alone,
 * without its files, in bounded time and without a password. A host that does not answer refuses nothing.
 */
export async function checkSource({ repo, commit }: Source, terminal: Terminal): Promise<Check> {
  const base = terminal.environment.TILTYARD_SOURCES_URL || SOURCES_URL;
  const url = `${base}/${repo}.git`;
  const dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-source-'));
  const git = gitIn(dir, terminal);
  try {
    await git('init', '--quiet', '--bare');
    await git('remote', 'add', 'origin', url);
    const fetched = await git('fetch', '--quiet', '--depth=1', '--no-tags', '--filter=blob:none', 'origin', commit);
    if (!fetched.ok) return failedFetch(fetched, { repo, commit, url });
    // The tree alone is asked: whether it is there, not what is in it.
    const listed = await git('ls-tree', commit, DOCKERFILE);
    if (!listed.ok) return { kind: 'unknown', detail: `${url} could not be read: ${lastLine(listed.said)}` };
    if (/^\d{6} blob /.test(listed.out)) return { kind: 'ok' };
    return {
      kind: 'refused',
      detail: `--commit ${commit} of ${repo} has no ${DOCKERFILE}, from which its image is built`,
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface GitAnswer {
  readonly ok: boolean;
  readonly out: string;
  /** What it said where it failed; when it took too long, that. */
  readonly said: string;
}

function failedFetch({ said }: GitAnswer, { repo, commit, url }: Source & { readonly url: string }): Check {
  const text = said.toLowerCase();
  if (NO_REPOSITORY.some((words) => text.includes(words))) {
    return { kind: 'refused', detail: `--repo ${repo}: there is no public repository at ${url}` };
  }
  if (NO_COMMIT.some((words) => text.includes(words))) {
    return { kind: 'refused', detail: `--commit ${commit} is not in ${repo}: push it first` };
  }
  return { kind: 'unknown', detail: `${url} could not be read: ${lastLine(said)}` };
}

/** Git without the user's configuration, keys and passwords: the builder has none of them. */
function gitIn(dir: string, { environment, signal }: Terminal) {
  const env = gitEnvironment({ ...environment, HOME: dir, SSH_AUTH_SOCK: undefined, GIT_SSH_COMMAND: undefined });
  return async (...args: readonly string[]): Promise<GitAnswer> => {
    try {
      return { ok: true, out: await runGit(args, { dir, env, timeoutMs: TIMEOUT_MS, signal }), said: '' };
    } catch (error) {
      if (!(error instanceof GitCommandError)) throw error;
      return { ok: false, out: '', said: detailOf(error) };
    }
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

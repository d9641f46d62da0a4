import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
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
const MAX_OUTPUT_CHARS = 100_000;

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
  /** What it said on standard error; when it took too long, that. */
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

/** Git without the user's configuration and passwords: the builder has neither. */
function gitIn(dir: string, { environment, signal }: Terminal) {
  const kept = [
    'PATH',
    'http_proxy',
    'https_proxy',
    'HTTPS_PROXY',
    'no_proxy',
    'NO_PROXY',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
  ];
  const env = {
    ...Object.fromEntries(kept.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]]))),
    ...{ HOME: dir, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  };
  return async (...args: readonly string[]): Promise<GitAnswer> => {
    signal.throwIfAborted();
    const ended = await execa('git', ['-C', dir, ...args], {
      ...{ env, extendEnv: false, reject: false, stdin: 'ignore', cancelSignal: signal },
      ...{ timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_CHARS },
    });
    signal.throwIfAborted();
    const said = ended.timedOut ? `it took more than ${TIMEOUT_MS / 1000} s` : ended.stderr || ended.shortMessage || '';
    return { ok: ended.exitCode === 0, out: ended.stdout, said };
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

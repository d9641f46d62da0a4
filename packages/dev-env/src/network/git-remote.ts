import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ManagedProcess, startProcess } from './managed-process.js';

const run = promisify(execFile);

/** A git remote over git://, served by git's own daemon. Services know its URL and nothing of its folder. */
export interface GitRemote {
  readonly url: string;
  /** The bare repository's folder, for whoever inspects it when all is over. */
  readonly folder: string;
  readonly process: ManagedProcess;
}

/** Makes an empty bare repository that refuses rewriting, and serves it on loopback. */
export async function startGitRemote(
  folder: string,
  logFile: string,
  onSpawned: (process: ManagedProcess) => void = () => {},
  signal?: AbortSignal,
): Promise<GitRemote> {
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  for (const [key, value] of [
    ['receive.denyNonFastForwards', 'true'],
    ['receive.denyDeletes', 'true'],
    ['receive.fsckObjects', 'true'],
    ['gc.auto', '0'],
  ] as const) {
    await run('git', ['-C', folder, 'config', key, value]);
  }
  const port = await freePort();
  const base = path.dirname(folder);
  const daemon = await startProcess({
    name: 'git-remote',
    command: 'git',
    args: [
      ...['daemon', '--verbose', '--reuseaddr', '--export-all', '--enable=receive-pack', `--base-path=${base}`],
      ...['--listen=127.0.0.1', `--port=${port}`, '--init-timeout=10', '--timeout=60', base],
    ],
    env: {},
    cwd: base,
    logFile,
    onSpawned,
    signal,
    ready: (line) => (line.includes('Ready to rumble') ? 'ready' : undefined),
  });
  return { url: `git://127.0.0.1:${port}/${path.basename(folder)}`, folder, process: daemon };
}

/** A port of loopback that is free now. git's daemon cannot be asked for one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('loopback gave no port');
  return address.port;
}

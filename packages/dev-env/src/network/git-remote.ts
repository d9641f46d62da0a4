import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort, type ManagedProcess } from '@tiltyard/processes';
import type { NetworkLayout } from './layout.js';
import { startNetworkProcess } from './network-process.js';

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
  layout: NetworkLayout,
  onSpawned: (process: ManagedProcess) => void,
  signal?: AbortSignal,
): Promise<GitRemote> {
  const folder = layout.repository;
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', folder]);
  for (const [key, value] of [
    ['receive.denyNonFastForwards', 'true'],
    ['receive.denyDeletes', 'true'],
    ['receive.fsckObjects', 'true'],
    ['gc.auto', '0'],
  ] as const) {
    await run('git', ['-C', folder, 'config', key, value]);
  }
  // git's daemon cannot be asked for any free port.
  const port = await freePort();
  const base = path.dirname(folder);
  const daemon = await startNetworkProcess(layout, {
    name: 'git-remote',
    command: 'git',
    args: [
      ...['daemon', '--verbose', '--reuseaddr', '--export-all', '--enable=receive-pack', `--base-path=${base}`],
      ...['--listen=127.0.0.1', `--port=${port}`, '--init-timeout=10', '--timeout=60', base],
    ],
    onSpawned,
    signal,
    ready: (line) => (line.includes('Ready to rumble') ? 'ready' : undefined),
  });
  return { url: `git://127.0.0.1:${port}/${path.basename(folder)}`, folder, process: daemon };
}

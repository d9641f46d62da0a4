import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A demo's own folder: what stays when it is over. */
export interface DemoFolder {
  readonly root: string;
  /** The state repository as a plain clone. */
  readonly repository: string;
  /** Where the page begins. */
  readonly page: string;
  readonly logs: string;
}

/** Makes a demo's folder, named after the time. */
export async function makeDemoFolder(directory: string, now: Date): Promise<DemoFolder> {
  await mkdir(directory, { recursive: true });
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const root = await mkdtemp(path.join(directory, `demo-${stamp}-`));
  const at = (...names: string[]) => path.join(root, ...names);
  return { root, repository: at('state'), page: at('page'), logs: at('logs') };
}

/** Clones the state repository next to the logs, cut loose from a remote that will not be there any more. */
export async function keepRepository(remote: string, repository: string): Promise<void> {
  // By path, so that it also works for a repository that its server is gone of.
  await run('git', ['clone', '--quiet', '--branch', 'main', remote, repository]);
  await run('git', ['-C', repository, 'remote', 'remove', 'origin']);
  // So that `git log --show-signature` knows whose keys these are.
  await run('git', [
    '-C',
    repository,
    'config',
    'gpg.ssh.allowedSignersFile',
    path.join(repository, 'allowed_signers'),
  ]);
}

/** Keeps the pods' logs with the others and removes everything that only a running network needs. */
export async function removeHeavyParts(folder: DemoFolder, pods: string): Promise<void> {
  await cp(path.join(pods, 'logs'), path.join(folder.logs, 'pods'), { recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // no pod was ever started
    },
  );
  const staying = [folder.repository, folder.page, folder.logs].map((place) => path.basename(place));
  for (const name of await readdir(folder.root)) {
    if (!staying.includes(name)) await rm(path.join(folder.root, name), { recursive: true, force: true });
  }
}

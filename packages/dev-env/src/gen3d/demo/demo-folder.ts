import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DevEnvError } from '../../network/dev-env-error.js';

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

/** Makes a demo's folder, named after the time. @throws DevEnvError `unusable` */
export async function makeDemoFolder(directory: string, now: Date): Promise<DemoFolder> {
  const stamp = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const root = await mkdir(directory, { recursive: true })
    .then(() => mkdtemp(path.join(directory, `demo-${stamp}-`)))
    .catch((cause: Error) => {
      throw new DevEnvError({ code: 'unusable', what: directory, detail: cause.message }, { cause });
    });
  return folderAt(root);
}

/** A demo's folder at a place of its own. */
export function folderAt(root: string): DemoFolder {
  const at = (...names: string[]) => path.join(root, ...names);
  return { root, repository: at('state'), page: at('page'), logs: at('logs') };
}

/**
 * Clones the state repository next to the logs, cut loose from a remote that will not be there any more.
 *
 * @throws DevEnvError `unusable` that says where the repository stays
 */
export async function keepRepository(remote: string, repository: string): Promise<void> {
  await cloneLoose(remote, repository).catch((cause: Error) => {
    const detail = `no clone could be made; the repository is ${remote}: ${cause.message}`;
    throw new DevEnvError({ code: 'unusable', what: repository, detail }, { cause });
  });
}

async function cloneLoose(remote: string, repository: string): Promise<void> {
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

/**
 * Keeps the pods' logs with the others and removes everything that only a running network needs.
 *
 * @param sparing - What is not to be removed yet.
 */
export async function removeHeavyParts(folder: DemoFolder, pods: string, sparing: readonly string[]): Promise<void> {
  await cp(path.join(pods, 'logs'), path.join(folder.logs, 'pods'), { recursive: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // no pod was ever started
    },
  );
  const staying = [folder.repository, folder.page, folder.logs, ...sparing].map((place) => path.basename(place));
  for (const name of await readdir(folder.root)) {
    if (!staying.includes(name)) await rm(path.join(folder.root, name), { recursive: true, force: true });
  }
}

import { access, rm } from 'node:fs/promises';
import path from 'node:path';
import { endProcesses } from '@tiltyard/processes';
import { makeLayout } from '../../network/layout.js';
import type { Network } from '../network/network.js';
import type { TellDemo } from './demo-event.js';
import { type DemoFolder, keepRepository, removeHeavyParts } from './demo-folder.js';

/**
 * Takes a network down, however far it came: ends every process, keeps the repository as far as it got, and removes what
 * nobody needs any more.
 */
export async function takeDown(
  network: Network | undefined,
  folder: DemoFolder,
  keep: boolean,
  tell: TellDemo,
): Promise<void> {
  try {
    await network?.[Symbol.asyncDispose]();
  } finally {
    const { ended } = await endProcesses(folder.root, { graceMs: 0 });
    for (const { pid, command } of ended) {
      tell({ kind: 'phase', text: `ended a process that was left: ${pid} ${command}` });
    }
    const layout = network?.layout ?? (await makeLayout(folder.root));
    const remote = path.dirname(layout.repository);
    // First of all: it may be a full disk that ended the network.
    if (!keep) await removeHeavyParts(folder, layout.pods, [remote]);
    if (await hasHistory(layout.repository)) await keepRepository(layout.repository, folder.repository);
    if (!keep) await rm(remote, { recursive: true, force: true });
  }
}

async function hasHistory(repository: string): Promise<boolean> {
  return await access(`${repository}/refs/heads/main`).then(
    () => true,
    () => false,
  );
}

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { processFamily } from '@tiltyard/processes';
import { DevEnvError } from '../../network/dev-env-error.js';
import { driveRounds } from '../network/driver.js';
import type { NetworkService } from '../network/service-names.js';
import { accompanied, untilFailed } from './accompanied.js';
import type { TellDemo } from './demo-event.js';
import { folderAt } from './demo-folder.js';
import type { DemoOptions } from './demo-options.js';
import { inNetwork } from './in-network.js';
import { entrantsOf } from './story/field.js';

/** Where a network that is kept up lies: one at a time under a directory. */
export function upRoot(directory: string): string {
  return path.join(directory, 'up');
}

/**
 * Keeps a network running, round after round, until the signal: for a developer, who may start the service that is left
 * out by `runServiceAlone`, and may stop it at a breakpoint for as long as it takes.
 *
 * The repository and the logs stay until the next time.
 *
 * @throws DevEnvError `unusable` when one is up already; whatever broke the network; the signal's reason
 */
export async function keepUp(
  options: DemoOptions,
  without: NetworkService | undefined,
  tell: TellDemo,
  signal: AbortSignal,
): Promise<void> {
  const folder = folderAt(upRoot(options.directory));
  const [running] = await processFamily(folder.root);
  if (running !== undefined) {
    const detail = `a network is up here already: process ${running.pid}, ${running.command}`;
    throw new DevEnvError({ code: 'unusable', what: folder.root, detail });
  }
  await rm(folder.root, { recursive: true, force: true });
  tell({ kind: 'folder', folder });
  // Without a story of its own, it needs nobody who comes to beat the leader in the third round.
  const plan = { ...options, isOwnChoice: false };
  await inNetwork(folder, { ...plan, without }, tell, signal, (network) =>
    accompanied(
      (joint) =>
        driveRounds(network, {
          rounds: Number.POSITIVE_INFINITY,
          entrants: (round) => entrantsOf(round, plan),
          signal: joint,
          onProgress: (progress) => tell({ kind: 'progress', ...progress }),
          stallMs: Number.POSITIVE_INFINITY,
        }),
      [(joint) => untilFailed(network.fallen, joint)],
      signal,
    ),
  );
}

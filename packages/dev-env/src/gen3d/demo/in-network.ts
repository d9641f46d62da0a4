import { guardProcesses } from '@tiltyard/processes';
import { type Network, startNetwork } from '../network/network.js';
import type { NetworkService } from '../network/service-names.js';
import { CHAOS_DEFAULTS } from './chaos.js';
import type { TellDemo } from './demo-event.js';
import type { DemoFolder } from './demo-folder.js';
import type { DemoOptions } from './demo-options.js';
import { takeDown } from './take-down.js';

/** What a network is brought up with. */
export interface NetworkPlan extends Pick<DemoOptions, 'prompts' | 'miners' | 'models' | 'keep' | 'chaos'> {
  /** A service that is not started. */
  readonly without?: NetworkService | undefined;
}

/**
 * Brings a network up, does work in it, and takes it down in any case. However this process ends, nothing of the network
 * outlives it.
 */
export async function inNetwork<T>(
  folder: DemoFolder,
  plan: NetworkPlan,
  tell: TellDemo,
  signal: AbortSignal,
  work: (network: Network) => Promise<T>,
): Promise<T> {
  const dismissGuard = guardProcesses(folder.root);
  let network: Network | undefined;
  const end = async () => {
    tell({ kind: 'phase', text: 'taking everything down' });
    await takeDown(network, folder, plan.keep, tell);
  };
  try {
    let result: T;
    try {
      network = await bringUp(folder, plan, tell, signal);
      result = await work(network);
    } catch (error) {
      // What went wrong first is what is to be told at the end.
      await end().catch((later: Error) => tell({ kind: 'phase', text: later.message }));
      throw error;
    }
    await end();
    return result;
  } finally {
    await dismissGuard();
  }
}

async function bringUp(
  folder: DemoFolder,
  { prompts, miners, models, chaos, without }: NetworkPlan,
  tell: TellDemo,
  signal: AbortSignal,
): Promise<Network> {
  const network = await startNetwork({
    ...{ root: folder.root, prompts, miners, models, without, signal },
    judgeFaultEvery: chaos === undefined ? 0 : CHAOS_DEFAULTS.judgeFaultEvery,
    onProgress(text) {
      // The caller takes down what has been started by now.
      signal.throwIfAborted();
      tell({ kind: 'phase', text });
    },
  });
  tell({ kind: 'up', logs: folder.logs, processes: network.processes.map((process) => process.name) });
  return network;
}

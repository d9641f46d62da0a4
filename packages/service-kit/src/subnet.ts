import type { Chain } from '@tiltyard/chain';
import type { RoundView } from './round-view.js';
import { StateError } from './state-error.js';

/**
 * The subnet that a competition runs in, by its config.json, after checking that the chain is the one it names.
 *
 * @param fallback - The netuid for repositories whose config.json has none, such as the reference's.
 * @throws StateError `missing` without a netuid, `inconsistent` on another chain
 */
export function subnetOf(
  { config }: Pick<RoundView, 'config'>,
  chain: Pick<Chain, 'genesisHash'>,
  fallback?: number,
): number {
  if (config.genesis_hash !== undefined && config.genesis_hash !== chain.genesisHash) {
    const detail = `genesis_hash is ${config.genesis_hash}, the chain's is ${chain.genesisHash}`;
    throw new StateError({ code: 'inconsistent', path: 'config.json', detail });
  }
  const netuid = config.netuid ?? fallback;
  if (netuid === undefined) {
    throw new StateError({
      code: 'inconsistent',
      path: 'config.json',
      detail: 'it has no netuid, and NETUID is not set',
    });
  }
  return netuid;
}

import type { Chain } from '@tiltyard/chain';
import { StateError } from '../state-error.js';
import type { RoundView } from './round-view.js';

/**
 * Refuses a chain that is not the one that config.json names: its blocks and times would mean something else. Nothing is
 * checked for repositories that name none, such as the reference's.
 *
 * @throws StateError `inconsistent`
 */
export function checkChain({ config }: Pick<RoundView, 'config'>, chain: Pick<Chain, 'genesisHash'>): void {
  if (config.genesis_hash === undefined || config.genesis_hash === chain.genesisHash) return;
  const detail = `genesis_hash is ${config.genesis_hash}, the chain's is ${chain.genesisHash}`;
  throw new StateError({ code: 'inconsistent', path: 'config.json', detail });
}

/**
 * The subnet that a competition runs in, by its config.json, after checking that the chain is the one it names.
 *
 * @param fallback - The netuid for repositories whose config.json has none, such as the reference's.
 * @throws StateError `inconsistent` without a netuid, and on another chain
 */
export function subnetOf(
  view: Pick<RoundView, 'config'>,
  chain: Pick<Chain, 'genesisHash'>,
  fallback?: number,
): number {
  checkChain(view, chain);
  const netuid = view.config.netuid ?? fallback;
  if (netuid !== undefined) return netuid;
  const detail = 'it has no netuid, and NETUID is not set';
  throw new StateError({ code: 'inconsistent', path: 'config.json', detail });
}

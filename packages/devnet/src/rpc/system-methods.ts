import { z } from 'zod';
import type { DevChain } from '../node/dev-chain.js';
import { resolveAccount } from '../options.js';
import { type Methods, method } from './method.js';

/** What the chain says of itself. */
const CHAIN_NAME = 'Tiltyard devnet';
export const NODE_NAME = 'Tiltyard devnet: a stand-in for local work, not the subtensor runtime';
const NODE_VERSION = '0.1.0';

/** `system_*`: who answers, and how it is. */
export function systemMethods(chain: DevChain): Methods {
  const nextIndex = method([z.string().max(100)], (address) => chain.nextNonce(resolveAccount(address, 'account')));
  return {
    system_chain: method([], () => CHAIN_NAME),
    system_name: method([], () => NODE_NAME),
    system_version: method([], () => NODE_VERSION),
    system_chainType: method([], () => 'Development'),
    system_properties: method([], () => ({ ss58Format: 42, tokenDecimals: 9, tokenSymbol: 'TAO' })),
    system_health: method([], () => ({ peers: 0, isSyncing: false, shouldHavePeers: false })),
    system_syncState: method([], () => ({
      startingBlock: chain.clock.startBlock,
      currentBlock: chain.head,
      highestBlock: chain.head,
    })),
    system_accountNextIndex: nextIndex,
    account_nextIndex: nextIndex,
  };
}

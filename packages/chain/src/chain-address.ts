import { Secret } from '@tiltyard/schema';
import type { BlockHash } from './block.js';
import { ChainError } from './chain-error.js';
import { isNetworkName, NETWORKS } from './network.js';

export { ChainError };

/** Where a chain is reached, and which one it must be where its name says so. */
export interface ChainAddress {
  /** URLs, which often carry access keys. */
  readonly endpoints: readonly Secret[];
  readonly genesisHash: BlockHash | undefined;
}

/**
 * Reads an address of a chain as people write it: a name, a ws:// or wss:// URL, or several of them with commas between,
 * such as `finney,wss://my-node:9944`. A name among them says which chain all of them must serve.
 *
 * Throws `bad_endpoint` for the first that is none of these, and for names of different chains.
 */
export function chainAddress(text: string): ChainAddress {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) throw new ChainError({ code: 'bad_endpoint', endpoint: '(none given)' });
  const names = entries.filter(isNetworkName);
  const [genesisHash, ...others] = new Set(names.map((name) => NETWORKS[name].genesisHash));
  if (others.length > 0) throw new ChainError({ code: 'bad_endpoint', endpoint: `"${names.join(',')}" (two chains)` });
  return { endpoints: entries.map((entry, index) => new Secret(endpointOf(entry, index))), genesisHash };
}

/** The URL that an entry stands for. What is no URL may be a key: only a plain word is repeated in the error. */
function endpointOf(entry: string, index: number): string {
  if (isNetworkName(entry)) return NETWORKS[entry].endpoint;
  if (/^wss?:\/\/\S+$/i.test(entry) && URL.canParse(entry)) return entry;
  const shown = /^[a-z]{1,20}$/i.test(entry) ? `"${entry}"` : `entry ${index + 1}`;
  throw new ChainError({ code: 'bad_endpoint', endpoint: shown });
}

import { type ChainAddress, chainAddress } from '@tiltyard/chain/address';
import { InvalidArgumentError, Option } from 'commander';

/** The option that says where the chain is; {@link ChainOption} is what it gives. */
export function chainOption(says = 'where the chain is read'): Option {
  const forms = 'finney, test, local, a ws:// or wss:// URL, or several of these with commas between';
  return new Option('--chain, --network <name|url>', `${says}: ${forms}`).argParser(parseNetwork);
}

/** What {@link chainOption} gives. */
export interface ChainOption {
  readonly network?: ChainAddress;
}

function parseNetwork(text: string): ChainAddress {
  try {
    return chainAddress(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

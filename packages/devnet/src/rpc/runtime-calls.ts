import { DevnetError } from '../errors.js';
import { METADATA_VERSION } from '../metadata/runtime-metadata.js';
import type { DevChain } from '../node/dev-chain.js';
import { nextEpochBlock } from '../pallets/epochs.js';
import { networksAdded } from '../pallets/subtensor-storage.js';
import { account } from '../pallets/system.js';
import {
  accountId,
  bytes,
  decode,
  encode,
  fromHex,
  type Hex,
  option,
  toHex,
  u16,
  u32,
  u64,
  vec,
} from '../scale/codec.js';

type RuntimeCall = (data: Uint8Array, block: number) => Uint8Array;

/** The functions of the runtime that `state_call` offers; RUNTIME_APIS describes those that clients find by metadata. */
export function runtimeCalls(chain: DevChain, metadata: Uint8Array): (name: string, data: Hex, block: number) => Hex {
  const calls: Readonly<Record<string, RuntimeCall>> = {
    Metadata_metadata: () => encode(bytes, metadata),
    Metadata_metadata_versions: () => encode(vec(u32), [METADATA_VERSION]),
    Metadata_metadata_at_version: (data) =>
      encode(option(bytes), decode(u32, data) === METADATA_VERSION ? metadata : undefined),
    AccountNonceApi_account_nonce: (data, block) =>
      encode(u32, chain.readerAt(block).get(account, decode(accountId, data)).nonce),
    SubnetInfoRuntimeApi_get_next_epoch_start_block: (data, block) => {
      const netuid = decode(u16, data);
      const state = chain.readerAt(block);
      const next = state.get(networksAdded, netuid) ? BigInt(nextEpochBlock(state, netuid)) : undefined;
      return encode(option(u64), next);
    },
  };
  return (name, data, block) => {
    const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
    if (call === undefined) {
      throw new DevnetError({ code: 'bad_option', option: 'state_call', detail: `the dev chain has no ${name}` });
    }
    return toHex(call(fromHex(data), block));
  };
}

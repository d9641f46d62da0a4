import { blake2AsU8a } from '@polkadot/util-crypto';
import { z } from 'zod';
import { DevnetError } from '../errors.js';
import { API_VERSIONS } from '../metadata/runtime-apis.js';
import { runtimeMetadata } from '../metadata/runtime-metadata.js';
import type { DevChain } from '../node/dev-chain.js';
import { IMPL_NAME, SPEC_NAME, SPEC_VERSION, TRANSACTION_VERSION } from '../runtime/runtime-version.js';
import { fromHex, type Hex, toHex } from '../scale/codec.js';
import { BlockHashParam, HexParam, heightOf, type Methods, method } from './method.js';
import { runtimeCalls } from './runtime-calls.js';
import type { Session } from './session.js';

const MAX_KEYS = 1000;
const Keys = z.array(HexParam).max(20_000);

/** `state_*`: storage at any block, metadata, the runtime's functions. */
export function stateMethods(chain: DevChain): Methods {
  const metadata = runtimeMetadata();
  const call = runtimeCalls(chain, metadata);
  const at = (hash: Hex | undefined): number => {
    const height = heightOf(chain, hash);
    if (height === undefined) throw new DevnetError({ code: 'unknown_block', block: hash ?? '' });
    return height;
  };
  const storage = method([HexParam, BlockHashParam], (key, hash) => chain.storage(key, at(hash)) ?? null);
  const keysPaged = method(
    [HexParam.optional(), z.int().min(1).max(MAX_KEYS), HexParam.optional(), BlockHashParam],
    (prefix, count, after, hash) => chain.keys(prefix ?? '0x', at(hash), count, after),
  );
  // One version for all blocks, also for those of which only the hash is known.
  const version = method([BlockHashParam], () => RUNTIME_VERSION);
  const unsubscribe = method([z.string().max(100)], (id, session) => session.unsubscribe(id));
  const subscribeVersion = method([], (session) =>
    session.subscribe((id) => {
      session.notify('state_runtimeVersion', id, RUNTIME_VERSION);
      return () => {};
    }),
  );
  return {
    state_getMetadata: method([BlockHashParam], () => toHex(metadata)),
    state_getRuntimeVersion: version,
    chain_getRuntimeVersion: version,
    state_subscribeRuntimeVersion: subscribeVersion,
    state_unsubscribeRuntimeVersion: unsubscribe,
    state_getStorage: storage,
    state_getStorageAt: storage,
    state_getStorageSize: method([HexParam, BlockHashParam], (key, hash) => {
      const value = chain.storage(key, at(hash));
      return value === undefined ? null : fromHex(value).length;
    }),
    state_getStorageHash: method([HexParam, BlockHashParam], (key, hash) => {
      const value = chain.storage(key, at(hash));
      return value === undefined ? null : toHex(blake2AsU8a(fromHex(value), 256));
    }),
    state_queryStorageAt: method([Keys, BlockHashParam], (keys, hash) => {
      const height = at(hash);
      return [
        changeSet(
          chain,
          height,
          keys.map((key) => [key, chain.storage(key, height) ?? null] as const),
        ),
      ];
    }),
    state_getKeysPaged: keysPaged,
    state_getKeysPagedAt: keysPaged,
    state_subscribeStorage: method([Keys], (keys, session) => subscribeStorage(chain, keys, session)),
    state_unsubscribeStorage: unsubscribe,
    state_call: method([z.string().max(200), HexParam, BlockHashParam], (name, data, hash) =>
      call(name, data, at(hash)),
    ),
  };
}

const RUNTIME_VERSION = {
  specName: SPEC_NAME,
  implName: IMPL_NAME,
  authoringVersion: 1,
  specVersion: SPEC_VERSION,
  implVersion: 1,
  apis: API_VERSIONS.map(({ name, version }) => [toHex(blake2AsU8a(name, 64)), version] as const),
  transactionVersion: TRANSACTION_VERSION,
  stateVersion: 1,
};

type Values = readonly (readonly [key: Hex, value: Hex | null])[];

function changeSet(chain: DevChain, height: number, changes: Values) {
  return { block: chain.headers.hashOf(height), changes };
}

/** All values at once, then what differs from the last notification: after a jump, everything that happened in it. */
function subscribeStorage(chain: DevChain, keys: readonly Hex[], session: Session): string {
  return session.subscribe((id) => {
    const last = new Map<Hex, Hex | null>();
    const push = (isFirst: boolean) => {
      const values = keys.map((key) => [key, chain.storage(key, chain.head) ?? null] as const);
      const changed = isFirst ? values : values.filter(([key, value]) => last.get(key) !== value);
      for (const [key, value] of changed) last.set(key, value);
      if (isFirst || changed.length > 0) session.notify('state_storage', id, changeSet(chain, chain.head, changed));
    };
    push(true);
    return chain.onHead(() => push(false));
  });
}

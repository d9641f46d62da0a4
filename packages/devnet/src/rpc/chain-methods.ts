import { z } from 'zod';
import type { DevChain } from '../node/dev-chain.js';
import { fromHex, type Hex } from '../scale/codec.js';
import { BlockHashParam, HexParam, heightOf, type Methods, method } from './method.js';
import type { Session } from './session.js';

/** A height as a number or as hex. */
const Height = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^0x[0-9a-f]{1,12}$/i)
    .transform(Number),
]);
const Heights = z.union([Height, z.array(Height).max(4096)]).optional();
const SubscriptionId = z.string().max(100);

/** `chain_*` and `author_*`: blocks, heads, transactions. */
export function chainMethods(chain: DevChain): Methods {
  const hashAt = (height: number): Hex | null => (height <= chain.head ? chain.headers.hashOf(height) : null);
  const header = (hash: Hex | undefined) => {
    const height = heightOf(chain, hash);
    return height === undefined ? null : chain.headers.header(height);
  };
  const blockHash = method([Heights], (heights) => {
    if (heights === undefined) return hashAt(chain.head);
    return Array.isArray(heights) ? heights.map(hashAt) : hashAt(heights);
  });
  const finalizedHead = method([], () => chain.headers.hashOf(chain.finalized));
  const unsubscribe = method([SubscriptionId], (id, session) => session.unsubscribe(id));
  const newHeads = (notification: string) => subscribeHeads(chain, notification, () => chain.head);
  const finalizedHeads = subscribeHeads(chain, 'chain_finalizedHead', () => chain.finalized);
  return {
    chain_getBlockHash: blockHash,
    chain_getHead: blockHash,
    chain_getFinalizedHead: finalizedHead,
    chain_getFinalisedHead: finalizedHead,
    chain_getHeader: method([BlockHashParam], header),
    chain_getBlock: method([BlockHashParam], (hash) => {
      const height = heightOf(chain, hash);
      if (height === undefined) return null;
      return {
        block: { header: chain.headers.header(height), extrinsics: chain.extrinsics(height) },
        justifications: null,
      };
    }),
    chain_subscribeNewHeads: newHeads('chain_newHead'),
    chain_unsubscribeNewHeads: unsubscribe,
    chain_subscribeNewHead: newHeads('chain_newHead'),
    chain_unsubscribeNewHead: unsubscribe,
    chain_subscribeAllHeads: newHeads('chain_allHead'),
    chain_unsubscribeAllHeads: unsubscribe,
    chain_subscribeFinalizedHeads: finalizedHeads,
    chain_unsubscribeFinalizedHeads: unsubscribe,
    chain_subscribeFinalisedHeads: finalizedHeads,
    chain_unsubscribeFinalisedHeads: unsubscribe,
    author_submitExtrinsic: method([HexParam], (bytes) => chain.submit(fromHex(bytes))),
    author_submitAndWatchExtrinsic: method([HexParam], (bytes, session) => submitAndWatch(chain, bytes, session)),
    author_unwatchExtrinsic: unsubscribe,
    author_pendingExtrinsics: method([], () => chain.pool.pending),
  };
}

function subscribeHeads(chain: DevChain, notification: string, newest: () => number) {
  return method([], (session) =>
    session.subscribe((id) => {
      let last = newest();
      session.notify(notification, id, chain.headers.header(last));
      return chain.onHead(() => {
        if (newest() === last) return;
        last = newest();
        session.notify(notification, id, chain.headers.header(last));
      });
    }),
  );
}

function submitAndWatch(chain: DevChain, bytes: Hex, session: Session): string {
  return session.subscribe((id) => {
    let isWatched = true;
    chain.submit(fromHex(bytes), (status) => {
      if (isWatched) session.notify('author_extrinsicUpdate', id, status);
    });
    return () => {
      isWatched = false;
    };
  });
}

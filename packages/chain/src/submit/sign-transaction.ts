import type { ApiPromise } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import { stringCamelCase } from '@polkadot/util';
import { BlockNumber, type Hotkey } from '@tiltyard/schema';
import { z } from 'zod';
import { ChainError } from '../chain-error.js';
import { finalizedBlock } from '../connection/block-rpc.js';
import type { Connection } from '../connection/connection.js';
import { pairOf, type Wallet } from '../wallet/wallet.js';
import { assertSignable } from './signed-extensions.js';

export type Call = SubmittableExtrinsic<'promise'>;

/** A signed transaction, ready to be offered any number of times: the chain takes it at most once. */
export interface SignedTransaction {
  readonly hex: string;
  /** The transaction's hash. */
  readonly hash: string;
  readonly signer: Hotkey;
  readonly nonce: number;
  /** The block that its era starts at: it can only be in later ones. */
  readonly birth: BlockNumber;
  /** The last block that can hold it. */
  readonly death: BlockNumber;
}

/**
 * Builds a call by the names in the metadata. Throws `runtime_lacks`.
 * @param name - Pallet and call, as in `Commitments`, `set_commitment`.
 */
export function callByName(
  api: Pick<ApiPromise, 'tx'>,
  [pallet, call]: readonly [string, string],
  args: readonly unknown[],
): Call {
  const build = api.tx[stringCamelCase(pallet)]?.[stringCamelCase(call)];
  if (build === undefined) throw new ChainError({ code: 'runtime_lacks', kind: 'call', name: `${pallet}.${call}` });
  return build(...args);
}

/** Signs a call with the wallet's next nonce and an era that starts at the finalized head. Throws `unsigned_extension`. */
export async function signTransaction(
  connection: Connection,
  call: Call,
  { wallet, eraBlocks }: { readonly wallet: Wallet; readonly eraBlocks: number },
): Promise<SignedTransaction> {
  const { api } = connection;
  assertSignable(api);
  const [head, nonce] = await Promise.all([
    finalizedBlock(connection),
    connection.rpc('system_accountNextIndex', [wallet.hotkey], z.int().nonnegative()),
  ]);
  const era = api.registry.createType('ExtrinsicEra', { current: head.number, period: eraBlocks });
  // The hash of the era's block is the endpoint's: the library would compute it from the header.
  const signed = await call.signAsync(pairOf(wallet), { era, blockHash: head.hash, nonce });
  const death = BlockNumber.parse(era.asMortalEra.death(head.number));
  return { hex: signed.toHex(), hash: signed.hash.toHex(), signer: wallet.hotkey, nonce, birth: head.number, death };
}

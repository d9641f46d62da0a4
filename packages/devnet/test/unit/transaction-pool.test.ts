import { describe, expect, it } from 'vitest';
import { TransactionPool } from '../../src/node/transaction-pool.js';
import type { SignedTransaction } from '../../src/runtime/signed-transaction.js';
import type { Hex } from '../../src/scale/codec.js';

const entry = (signer: Hex, nonce: number, since = 0) => ({
  since,
  watcher: undefined,
  transaction: transactionOf(signer, nonce),
});

/** As far as the pool looks at it. */
function transactionOf(signer: Hex, nonce: number): SignedTransaction {
  const hash: Hex = `0x${signer.slice(2)}${nonce}`;
  const call = { name: 'System.remark', paysFee: true, dispatch: () => {} };
  const none = new Uint8Array();
  const isMetadataHashChecked = false;
  return {
    bytes: hash,
    hash,
    signer,
    nonce,
    era: undefined,
    call,
    signature: none,
    signedPart: none,
    isMetadataHashChecked,
  };
}

describe('the pool', () => {
  it('gives transactions out in order of arrival, but never before those of the account that come first', () => {
    const pool = new TransactionPool();
    for (const [signer, nonce] of [
      ['0xa', 6],
      ['0xb', 0],
      ['0xa', 5],
      ['0xa', 8],
    ] as const) {
      pool.add(entry(signer, nonce));
    }
    expect(pool.nextNonce('0xa', 5)).toBe(7);
    const ready = pool.takeReady((signer) => (signer === '0xa' ? 5 : 0));
    expect(ready.map(({ transaction }) => transaction.hash)).toEqual(['0xb0', '0xa5', '0xa6']);
    expect(pool.pending).toEqual(['0xa8']);
  });

  it('refuses a transaction twice, and a second one of a nonce', () => {
    const pool = new TransactionPool();
    const first = entry('0xa', 0);
    pool.add(first);
    expect(() => pool.add(first)).toThrow(
      expect.objectContaining({ fault: expect.objectContaining({ rpcCode: 1013 }) }),
    );
    const other = { ...first, transaction: { ...first.transaction, hash: '0xff' as const } };
    expect(() => pool.add(other)).toThrow(
      expect.objectContaining({ fault: expect.objectContaining({ rpcCode: 1014 }) }),
    );
  });

  it('gives up on a transaction that waits too long for those before it', () => {
    const pool = new TransactionPool();
    pool.add(entry('0xa', 3, 100));
    expect(pool.takeExpired(164)).toEqual([]);
    expect(pool.takeExpired(165).length).toBe(1);
    expect(pool.size).toBe(0);
  });
});

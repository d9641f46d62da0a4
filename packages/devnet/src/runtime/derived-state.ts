import { lastStoredRound } from '../pallets/drand.js';
import { BLOCK_HASH_COUNT, blockHash, number, parentHash } from '../pallets/system.js';
import { now } from '../pallets/timestamp.js';
import { encode, fromHex, type Hex, h256, toHex, u32, u64 } from '../scale/codec.js';
import { newestRound } from './beacon.js';
import { type ChainClock, timestampMs } from './chain-clock.js';

/** State that follows from the height alone. It is never stored, so that a jump over a day writes nothing for it. */
export interface DerivedState {
  /** The value at a block; undefined where the key is not one of these, or has no value there. */
  read(key: Hex, block: number): Hex | undefined;
  /** Keys of plain items among these, for clients that list a pallet's state. */
  readonly plainKeys: readonly Hex[];
}

export function derivedState(clock: ChainClock, hashOf: (block: number) => Hex): DerivedState {
  const plain = new Map<Hex, (block: number) => Uint8Array>([
    [number.key(), (block) => encode(u32, block)],
    [parentHash.key(), (block) => encode(h256, hashOf(Math.max(0, block - 1)))],
    [now.key(), (block) => encode(u64, BigInt(timestampMs(clock, block)))],
    [lastStoredRound.key(), (block) => encode(u64, BigInt(newestRound(timestampMs(clock, block))))],
  ]);
  return {
    plainKeys: [...plain.keys()],
    read(key, block) {
      const value = plain.get(key);
      if (value !== undefined) return toHex(value(block));
      if (!key.startsWith(blockHash.prefix) || key.length !== blockHash.key(0).length) return undefined;
      // Twox64Concat leaves the key itself, a little-endian u32, at the end.
      const asked = Number(Buffer.from(fromHex(key).slice(-4)).readUInt32LE());
      const isKept = asked < block && asked >= block - BLOCK_HASH_COUNT && key === blockHash.key(asked);
      return isKept ? toHex(encode(h256, hashOf(asked))) : undefined;
    },
  };
}

import { z } from 'zod';
import type { Hex } from './scale/codec.js';

const HexText = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]*$/.test(value), 'is not hex');
const Height = z.int().min(0);
const AccountText = z.string().min(3).max(200);

/** Where to jump: to a height, or so many blocks ahead. */
export const JumpRequest = z.union([z.strictObject({ toBlock: Height }), z.strictObject({ blocks: z.int().min(1) })]);
export type JumpRequest = z.infer<typeof JumpRequest>;

/** Blocks to make now, one by one. */
export const ProduceRequest = z.strictObject({ blocks: z.int().min(1).max(1000).default(1) });
export type ProduceRequest = z.input<typeof ProduceRequest>;

/** A hotkey to register without a price, in a block of its own. Accounts as in DevnetOptions. */
export const RegisterRequest = z.strictObject({
  netuid: z.int().min(0).max(65_535),
  hotkey: AccountText,
  /** Default: the hotkey itself. */
  coldkey: AccountText.optional(),
  /** Whether it may set weights. */
  permit: z.boolean().default(false),
  /** Stake on the subnet. */
  stakeRao: Height.default(0),
  /** Takes this hotkey's uid and ends its registration. Default: the next free uid, in a full subnet a pruned one. */
  replacing: AccountText.optional(),
});
export type RegisterRequest = z.input<typeof RegisterRequest>;

/** Rao to give to an account out of nothing. */
export const FundRequest = z.strictObject({ account: AccountText, rao: z.int().min(1) });
export type FundRequest = z.infer<typeof FundRequest>;

/** A block as control answers name it. */
export const ControlBlock = z.object({ number: Height, hash: HexText, timestampMs: z.int() });
export type ControlBlock = z.infer<typeof ControlBlock>;

export const RegisterAnswer = z.object({ uid: Height, block: ControlBlock });
export type RegisterAnswer = z.infer<typeof RegisterAnswer>;

/** How the chain stands. */
export const DevnetStatus = z.object({
  /** Says that this is a stand-in. */
  implementation: z.string(),
  genesisHash: HexText,
  startBlock: Height,
  head: ControlBlock,
  finalized: ControlBlock,
  /** Wall milliseconds between two blocks; null: on request only. */
  blockTimeMs: z.int().nullable(),
  pendingTransactions: Height,
  /** The beacon: its key is 96 bytes, its schedule quicknet's. */
  beacon: z.object({ publicKey: HexText, genesisSeconds: z.int(), periodSeconds: z.int(), newestRound: Height }),
  /** What is still locked, soonest first; `opensAtBlock` is the block that opens it (for weights: at the earliest). */
  waiting: z.array(
    z.object({
      kind: z.enum(['commitment', 'weights']),
      netuid: z.int(),
      hotkey: z.string(),
      round: Height,
      opensAtBlock: Height,
    }),
  ),
});
export type DevnetStatus = z.infer<typeof DevnetStatus>;

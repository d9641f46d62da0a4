import type { BlockNumber, Hotkey } from '@tiltyard/schema';
import type { BlockHash, BlockRef, FinalizedHead } from './block.js';
import type { Wallet } from './wallet/wallet.js';

/**
 * A client of a Bittensor chain: finalized state, timelocked submissions, weights.
 *
 * Reads decide from finalized state only, wait at most `callTimeoutMs` per attempt, and move on to the next endpoint when one
 * fails or falls silent. Every method throws {@link ChainError}; an aborted wait throws the signal's reason.
 *
 * `at` is the hash of a finalized block, from {@link finalizedHead} or {@link blockHash}; without it the newest
 * finalized block is read, and the result says which that was.
 */
export interface Chain extends AsyncDisposable {
  /** The hash of block 0: which chain this is. Every endpoint is held to it. */
  readonly genesisHash: BlockHash;

  /** The hosts of the configured endpoints: whose word it may be. All names of this machine are one. */
  readonly hosts: readonly string[];

  /** The newest finalized block, and the chain's clock there. */
  finalizedHead(): Promise<FinalizedHead>;

  /** The hash of a finalized block. Throws `not_finalized` above the finalized head, `unknown_block` if it is missing. */
  blockHash(number: BlockNumber): Promise<BlockHash>;

  /**
   * The same hash, asked of every configured endpoint: a draw must depend on it (a lying endpoint cannot choose it).
   *
   * A host is one witness, however many endpoints it has. Endpoints that do not answer in time, or serve another chain, are
   * none. Throws `endpoints_disagree`, and `too_few_witnesses` below `minWitnesses` (default: 2 where two hosts are
   * configured, else 1).
   */
  witnessedBlockHash(number: BlockNumber, minWitnesses?: number): Promise<WitnessedHash>;

  /**
   * Asks each of {@link hosts} separately, over its own connections: for answers that must not depend on one endpoint. A
   * host's failure, such as serving another chain, is its answer.
   */
  askHosts<T>(read: (chain: Chain) => Promise<T>): Promise<ReadonlyMap<string, PromiseSettledResult<T>>>;

  /** Calls the listener for every new finalized head it hears of (heads may be skipped). Returns the unsubscribe function. */
  onFinalizedHead(listener: (head: FinalizedHead) => void): () => void;

  /** Resolves with the first finalized head at or above `number`. Throws `timed_out`, or the signal's reason. */
  waitForBlock(number: BlockNumber, options: WaitOptions): Promise<FinalizedHead>;

  /** Who is registered in a subnet. Throws `no_such_subnet`. */
  metagraph(netuid: number, at?: BlockHash): Promise<Metagraph>;

  /** What a subnet demands of weights and how its epochs run. Throws `no_such_subnet`. */
  hyperparameters(netuid: number, at?: BlockHash): Promise<Hyperparameters>;

  /** Every opened timelocked commitment that the chain still keeps (the last 10 per hotkey), registered or not. */
  revealedCommitments(netuid: number, at?: BlockHash): Promise<RevealedCommitments>;

  /** The commitment that a hotkey has on chain now: still locked, or in clear. Null when it has none (or all opened). */
  commitmentOf(netuid: number, hotkey: Hotkey, at?: BlockHash): Promise<Commitment | null>;

  /** The same for all hotkeys of a subnet that have one. */
  commitments(netuid: number, at?: BlockHash): Promise<ReadonlyMap<Hotkey, Commitment>>;

  /** The weights that a validator's uid has set (uid → 0…65535, the largest is 65535). Empty when it never did. */
  weightsOf(netuid: number, uid: number, at?: BlockHash): Promise<ReadonlyMap<number, number>>;

  /** The randomness beacon that opens timelocks on this chain. */
  beacon(at?: BlockHash): Promise<Beacon>;

  /**
   * Commits a text that opens by itself at a block, replacing an unopened one.
   *
   * The beacon round is the one current at that block's expected time; the chain opens the text one to three blocks
   * after it, so aim a few blocks before a window's end.
   * Throws `reveal_in_past`, `commitment_too_long`, `not_registered` and the submit faults.
   */
  submitTimelocked(submission: TimelockedSubmission): Promise<TimelockedReceipt>;

  /** Commits bytes in clear, replacing any unopened commitment (the chain keeps one per hotkey). At most 512 bytes. */
  setCommitment(commitment: PlainCommitment): Promise<Receipt>;

  /**
   * Sets a validator's weights, in clear or as a timelocked commit, as the subnet demands.
   *
   * What would be refused is refused here first: `not_registered`, `no_permit`, `too_soon`, `wrong_version_key`,
   * `too_few_weights`, `unknown_uid`, `bad_weights`. The rest comes back as `dispatch_failed` with a reason, such as
   * `not_enough_stake` or `too_many_commits`, or as one of the submit faults.
   */
  setWeights(request: WeightsRequest): Promise<WeightsReceipt>;

  /** The endpoint in use, for health pages; null while none is. */
  endpoint(): string | null;

  /** Closes the connection and fails what still waits with `closed`. Idempotent. */
  close(): Promise<void>;
}

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** How long to wait in all. */
  readonly timeoutMs: number;
}

/** All by host: paths and queries of endpoints often carry access keys. */
export interface WitnessedHash extends BlockRef {
  /** Who gave this hash. */
  readonly witnesses: readonly string[];
  /** Who was asked and gave no answer, or does not have the block finalized yet. */
  readonly silent: readonly string[];
  /** Who serves a chain of another genesis. */
  readonly otherChain: readonly string[];
}

export interface Neuron {
  readonly uid: number;
  readonly hotkey: Hotkey;
  readonly registeredAtBlock: BlockNumber;
  readonly validatorPermit: boolean;
  readonly active: boolean;
  /** The block at which it last set (or committed) weights; its registration block if it never did. */
  readonly lastUpdate: BlockNumber;
}

export interface Metagraph {
  readonly netuid: number;
  readonly block: BlockRef;
  /** In order of uid. */
  readonly neurons: readonly Neuron[];
  readonly byHotkey: ReadonlyMap<Hotkey, Neuron>;
  readonly ownerHotkey: Hotkey | null;
  /** The uid of the subnet owner's hotkey: weight given to it is burnt. Null when it is not registered. */
  readonly burnUid: number | null;
}

export interface Hyperparameters {
  readonly netuid: number;
  readonly block: BlockRef;
  /** Blocks between two epochs. */
  readonly tempo: number;
  /** Blocks that must pass between two settings of weights. */
  readonly weightsSetRateLimit: number;
  readonly weightsVersionKey: bigint;
  readonly minAllowedWeights: number;
  readonly commitRevealEnabled: boolean;
  readonly commitRevealVersion: number;
  /** Epochs from a weight commit to its reveal. */
  readonly revealPeriodEpochs: number;
  /** Blocks for which a new registration cannot be pruned. */
  readonly immunityPeriod: number;
}

export interface RevealedText {
  readonly text: string;
  /** The block of the REVEAL, not of the commit. */
  readonly block: BlockNumber;
}

export interface RevealedCommitments {
  readonly netuid: number;
  readonly block: BlockRef;
  /** Per hotkey, in the chain's order (oldest first). */
  readonly texts: ReadonlyMap<Hotkey, readonly RevealedText[]>;
}

export type CommitmentField =
  | { readonly kind: 'timelocked'; readonly revealRound: number; readonly encrypted: Uint8Array }
  | { readonly kind: 'raw'; readonly bytes: Uint8Array; readonly text: string }
  | { readonly kind: 'other'; readonly name: string };

export interface Commitment {
  /** The block at which it was committed. */
  readonly block: BlockNumber;
  readonly fields: readonly CommitmentField[];
}

export interface Beacon {
  /** 96 bytes, compressed G2. */
  readonly publicKey: Uint8Array;
  readonly genesisSeconds: number;
  readonly periodSeconds: number;
  /** The newest round whose signature the chain holds. */
  readonly lastStoredRound: number;
}

export interface SubmitOptions {
  readonly wallet: Wallet;
  readonly signal?: AbortSignal;
}

export interface TimelockedSubmission extends SubmitOptions {
  readonly netuid: number;
  readonly text: string;
  readonly revealAtBlock: BlockNumber;
}

export interface PlainCommitment extends SubmitOptions {
  readonly netuid: number;
  readonly bytes: Uint8Array;
}

export interface WeightsRequest extends SubmitOptions {
  readonly netuid: number;
  /** uid → share; any non-negative finite numbers, only their ratios count. Shares that round to 0 are left out. */
  readonly weights: ReadonlyMap<number, number>;
  /** Default: the one that the subnet requires. */
  readonly versionKey?: bigint;
}

/** A transaction that took effect, in a finalized block. */
export interface Receipt {
  readonly extrinsic: string;
  readonly block: BlockRef;
  /** How often it was signed: more than 1 after outdated ones. */
  readonly attempts: number;
}

export interface TimelockedReceipt extends Receipt {
  readonly revealRound: number;
}

export type WeightsReceipt =
  | (Receipt & { readonly mode: 'set'; readonly values: ReadonlyMap<number, number> })
  | (Receipt & {
      readonly mode: 'committed';
      readonly values: ReadonlyMap<number, number>;
      readonly revealRound: number;
      /** The block around which the chain opens the commit. */
      readonly expectedRevealBlock: BlockNumber;
    });

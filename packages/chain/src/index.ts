/** Opens a chain client on one or more endpoints. */
export { openChain } from './open-chain.js';
/** What opening takes. */

/** A block's hash and place. */
export { BlockHash, type BlockRef, type FinalizedHead } from './block.js';
/** The client's methods, and everything they take and return. */
export type * from './chain.js';
/** Addresses of a chain, as people write them. */
export { type ChainAddress, chainAddress } from './chain-address.js';
/** Its faults, by what went wrong. */
export type {
  ChainFault,
  ConnectionFault,
  DispatchReason,
  PreconditionFault,
  ReadFault,
  SubmitFault,
  TimelockFault,
  WalletFault,
} from './chain-error.js';
/** The package's error, and a guard that narrows its fault. */
export { ChainError, isChainFault } from './chain-error.js';
/** The text of a commitment: SCALE string or raw bytes, read leniently. */
export { decodeCommitmentText, encodeCommitmentText } from './commitment-text.js';
/** The minimal logger that the client writes to. */
export { type ChainLogger, SILENT_LOGGER } from './logger.js';
/** Chains by name. */
export { isNetworkName, NETWORKS, type NetworkName } from './network.js';
/** Shares as the chain's 16-bit weights. */
export { MAX_WEIGHT, normalizeWeights } from './normalize-weights.js';
export { OPEN_CHAIN_DEFAULTS, type OpenChainOptions } from './open-chain-options.js';
/** Every name that the client looks up in the metadata: what a chain must serve. */
export { CALLS, RUNTIME_FUNCTIONS, STORAGE, type StorageItem } from './runtime-names.js';
/** One commitment text as a submission: its fields, or why it is none. */
export {
  parseSubmissionText,
  type SubmissionFields,
  type SubmissionText,
  type SubmissionTextFault,
} from './submission-text.js';
/** Whether a text fits into a timelocked commitment. */
export { assertTextFits } from './submit-commitment.js';
/** The timelock cipher and its beacon rounds. */
export {
  type BeaconSchedule,
  decryptTimelock,
  encryptTimelock,
  roundAt,
  roundPoint,
  TIMELOCK_OVERHEAD_BYTES,
  type TimelockEntropy,
  verifyRound,
} from './timelock.js';
/** A hotkey that can sign. */
export { Wallet, walletFromUri } from './wallet.js';
/** Bittensor wallet files: where they are, and how to load one. */
export { loadWallet, type WalletLocation, type WalletPassword, walletPath } from './wallet-file.js';
/** Where a wallet's password may come from. */
export { passwordFromEnvironment, passwordFromFile, passwordVariable } from './wallet-password.js';

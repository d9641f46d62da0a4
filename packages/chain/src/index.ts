/** Opens a chain client on one or more endpoints. */
export { openChain } from './open-chain.js';
/** What opening takes. */

/** A block's hash and place. */
export { BlockHash, type BlockRef, type FinalizedHead } from './block.js';
/** The client's methods, and everything they take and return. */
export type * from './chain.js';
/** Addresses of a chain, as people write them. */
export { type ChainAddress, chainAddress } from './chain-address.js';
/** The package's error. */
export { ChainError } from './chain-error.js';
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
} from './chain-fault.js';
/** The minimal logger that the client writes to. */
export { type ChainLogger, SILENT_LOGGER } from './logger.js';
/** Chains by name. */
export { isNetworkName, NETWORKS, type NetworkName } from './network.js';
export { OPEN_CHAIN_DEFAULTS, type OpenChainOptions } from './open-chain-options.js';
/** The text of a commitment: SCALE string or raw bytes, read leniently. */
export { decodeCommitmentText, encodeCommitmentText } from './read/commitment-text.js';
/** Every name that the client looks up in the metadata: what a chain must serve. */
export { CALLS, RUNTIME_FUNCTIONS, STORAGE, type StorageItem } from './runtime-names.js';
/** Shares as the chain's 16-bit weights. */
export { MAX_WEIGHT, normalizeWeights } from './submit/normalize-weights.js';
/** Whether a text fits into a timelocked commitment. */
export { assertTextFits } from './submit/submit-commitment.js';
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
} from './timelock/timelock.js';
/** A hotkey that can sign. */
export { Wallet, walletFromUri } from './wallet/wallet.js';
/** Bittensor wallet files: where they are, and how to load one. */
export { loadWallet, type WalletLocation, type WalletPassword, walletPath } from './wallet/wallet-file.js';
/** Where a wallet's password may come from. */
export { passwordFromEnvironment, passwordFromFile, passwordVariable } from './wallet/wallet-password.js';

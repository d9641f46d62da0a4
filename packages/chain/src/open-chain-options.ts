import type { Secret } from '@tiltyard/schema';
import type { BlockHash } from './block.js';
import type { ChainLogger } from './logger.js';
import { SILENT_LOGGER } from './logger.js';

export interface OpenChainOptions {
  /** ws:// or wss:// URLs, in order of preference; the client moves on when one fails or falls silent. */
  readonly endpoints: readonly Secret[];
  /** A subnet that must exist, so that a wrong number fails at the start. */
  readonly netuid?: number;
  /** The chain that must be served. Default: whatever the first endpoint to answer serves. */
  readonly genesisHash?: BlockHash;
  readonly log?: ChainLogger;
  /** How long one attempt of a read may take, and how long connecting to one endpoint may take. */
  readonly callTimeoutMs?: number;
  /** Attempts of a read before it fails, each on a working connection. */
  readonly readAttempts?: number;
  /** Without a new finalized head for so long, the connection counts as dead and the next endpoint is tried. */
  readonly staleHeadMs?: number;
  /** How long {@link openChain} looks for an endpoint before it throws `unreachable`. */
  readonly openTimeoutMs?: number;
  /** The longest pause between two attempts to connect; the first is a fifth of a second, and it doubles. */
  readonly maxReconnectDelayMs?: number;
  /** How long a transaction is offered and waited for, per signature; after so long none is signed again. */
  readonly finalizationTimeoutMs?: number;
  /** Blocks for which a signature is valid; a power of two. */
  readonly eraBlocks?: number;
}

export const OPEN_CHAIN_DEFAULTS: Required<Omit<OpenChainOptions, 'endpoints' | 'netuid' | 'genesisHash'>> = {
  log: SILENT_LOGGER,
  callTimeoutMs: 30_000,
  readAttempts: 3,
  staleHeadMs: 60_000,
  openTimeoutMs: 60_000,
  maxReconnectDelayMs: 15_000,
  finalizationTimeoutMs: 180_000,
  eraBlocks: 64,
};

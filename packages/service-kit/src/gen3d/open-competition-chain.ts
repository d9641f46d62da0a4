import { BlockHash, type Chain, ChainError, openChain } from '@tiltyard/chain';
import { type Ledger, LedgerError } from '@tiltyard/ledger';
import { ConfigError, isFault, networkOf } from '@tiltyard/schema';
import { stateFiles } from '@tiltyard/schema/gen3d';
import type { ChainConfig } from '../config/kit-config.js';
import type { Logger } from '../logger.js';

export interface CompetitionChainPorts {
  readonly ledger: Pick<Ledger, 'latest'>;
  readonly log: Logger;
  /** A subnet that must exist. */
  readonly netuid?: number;
}

/**
 * Opens a client of the chain that a competition's config.json names; endpoints of any other are not used. A repository
 * from before genesis hashes were written is served by whatever chain answers, after a warning.
 *
 * @throws ConfigError when CHAIN_ENDPOINTS leads to another chain; ChainError as `openChain`
 */
export async function openCompetitionChain(
  { endpoints, genesisHash, staleHeadMs }: ChainConfig,
  { ledger, log, netuid }: CompetitionChainPorts,
): Promise<Chain> {
  const named = await genesisIn(ledger, log);
  if (named !== undefined && genesisHash !== undefined && named !== genesisHash) {
    throw otherChain(`names ${networkOf(genesisHash)}`, named);
  }
  const expected = named ?? genesisHash;
  try {
    return await openChain({
      ...{ endpoints, staleHeadMs, log },
      ...(netuid === undefined ? {} : { netuid }),
      ...(expected === undefined ? {} : { genesisHash: expected }),
    });
  } catch (error) {
    if (isFault(error, ChainError, 'wrong_genesis')) throw otherChain(`is of genesis ${error.fault.actual}`, expected);
    throw error;
  }
}

/** What config.json names. A repository that cannot be read is the ticks' business: they hold the chain to it as well. */
async function genesisIn(ledger: CompetitionChainPorts['ledger'], log: Logger): Promise<ChainConfig['genesisHash']> {
  try {
    const snapshot = await ledger.latest();
    const { value: config } = await snapshot.readVouched(stateFiles.config);
    if (config?.genesis_hash !== undefined) return BlockHash.parse(config.genesis_hash);
    log.warn("config.json names no genesis hash: whatever chain answers is taken for the competition's own");
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    log.warn({ error }, 'config.json cannot be read now: the chain is checked against it as soon as it can be');
  }
  return undefined;
}

function otherChain(is: string, expected: string | undefined): ConfigError {
  const name = networkOf(expected ?? '') ?? 'the chain';
  const detail = `${is}; the competition's config.json names ${name} of genesis ${expected}`;
  return new ConfigError([{ variable: 'CHAIN_ENDPOINTS', detail }]);
}

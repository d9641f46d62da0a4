import type { BlockHash } from '@tiltyard/chain';
import { Secret } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { openCompetitionChain } from '../../src/gen3d/open-competition-chain.js';
import { NETUID, startChain } from '../support/chain.js';
import { startCompetition } from '../support/competition.js';
import { listeningLog } from '../support/listening-log.js';

const at = (...urls: string[]) => ({
  endpoints: urls.map((url) => new Secret(url)),
  genesisHash: undefined,
  staleHeadMs: 60_000,
});
const FINNEY = '0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03' as BlockHash;

describe("a competition's chain", () => {
  it('is the one that config.json names, whatever stands first in CHAIN_ENDPOINTS', async () => {
    await using ours = await startChain([]);
    await using other = await startChain([], { seed: 'another chain' });
    const config = { genesis_hash: ours.chain.genesisHash };
    await using competition = await startCompetition({ stage: 'open', config });
    const { log, lines } = listeningLog();
    const ledger = await competition.ledger('reader');
    const address = at(other.devnet.url, ours.devnet.url);
    await using chain = await openCompetitionChain(address, { ledger, log, netuid: NETUID });
    expect(chain.endpoint()).toBe(ours.devnet.url);
    expect(lines.filter(({ msg }) => String(msg).includes('genesis'))).toEqual([]);
  });

  it('is no other one: the variable is named as for any wrong configuration', async () => {
    await using other = await startChain([]);
    await using competition = await startCompetition({ stage: 'open', config: { genesis_hash: FINNEY } });
    const { log } = listeningLog();
    const ledger = await competition.ledger('reader');
    await expect(openCompetitionChain(at(other.devnet.url), { ledger, log })).rejects.toMatchObject({
      fault: {
        variables: [{ variable: 'CHAIN_ENDPOINTS', detail: expect.stringContaining(`finney of genesis ${FINNEY}`) }],
      },
    });
    const test = { ...at(other.devnet.url), genesisHash: other.chain.genesisHash };
    await expect(openCompetitionChain(test, { ledger, log })).rejects.toMatchObject({ code: 'bad_config' });
  });

  it('is any one for a repository that names none, which the log warns of once', async () => {
    await using ours = await startChain([]);
    await using competition = await startCompetition({ stage: 'open' });
    const { log, lines } = listeningLog();
    const ledger = await competition.ledger('reader');
    await using chain = await openCompetitionChain(at(ours.devnet.url), { ledger, log });
    expect(chain.genesisHash).toBe(ours.chain.genesisHash);
    expect(lines.filter(({ msg }) => String(msg).includes('no genesis hash'))).toHaveLength(1);
  });
});

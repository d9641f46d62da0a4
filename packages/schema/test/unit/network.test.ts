import { describe, expect, it } from 'vitest';
import { GENESIS_HASHES, networkFacts, networkOf, networkText } from '../../src/index.js';

const OTHER = `0x${'ab'.repeat(32)}`;
const { finney, test } = GENESIS_HASHES;

describe('the name of a chain', () => {
  it('follows from its genesis alone', () => {
    expect([finney, test, OTHER].map(networkOf)).toEqual(['finney', 'test', undefined]);
  });

  it.each([
    [{ network: 'finney', genesis_hash: finney, netuid: 17 }, /^finney \(subnet 17, genesis 0x2f05\w+\)$/],
    [{ network: 'local', genesis_hash: OTHER }, /^local \(genesis 0xabab\w+\)$/],
    [{ network: 'wss://node.example', genesis_hash: finney }, /^finney \(genesis 0x2f05\w+\)$/],
    [{ genesis_hash: test }, /^test \(genesis/],
    [{ network: 'finney', genesis_hash: OTHER }, /^not named .*though config.json calls it finney$/],
    [{ network: 'finney', genesis_hash: test }, /^test .*though config.json calls it finney$/],
    [{ network: 'local', genesis_hash: finney }, /^finney .*though config.json calls it local$/],
    [{ network: 'finney' }, /^finney \(no genesis hash\)$/],
    [{}, /^not named \(no genesis hash\)$/],
  ])('is told of %j as what it is', (config, says) => {
    expect(networkText(networkFacts(config))).toMatch(says);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DevChain } from '../../src/node/dev-chain.js';
import { resolveAccount } from '../../src/options.js';
import { revealedCommitments } from '../../src/pallets/commitments.js';
import { pulses } from '../../src/pallets/drand.js';
import { chainOf, committing, NETUID } from '../support/chain-of.js';

const MINER = resolveAccount('//Miner', 'miner');
const OWNER = resolveAccount('//Owner', 'owner');

function fullState(chain: DevChain, block: number) {
  return chain.keys('0x', block, 10_000).map((key) => [key, chain.storage(key, block)]);
}

describe('a jump', () => {
  it('leaves the same state, at its end and at every block on the way, as blocks made one by one', () => {
    const plan = fc.record({
      minerIn: fc.integer({ min: 0, max: 400 }),
      ownerIn: fc.integer({ min: 0, max: 400 }),
      jumps: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(plan, ({ minerIn, ownerIn, jumps }) => {
        const jumping = chainOf();
        const stepping = chainOf();
        const actions = [committing(jumping, MINER, 'a', minerIn), committing(jumping, OWNER, 'b', ownerIn)];
        for (const chain of [jumping, stepping]) for (const action of actions) chain.produce(action);
        for (const blocks of jumps) {
          jumping.jump(jumping.head + blocks);
          for (let i = 0; i < blocks; i++) stepping.produce();
        }
        expect(jumping.head).toBe(stepping.head);
        for (let block = 0; block <= stepping.head; block++) {
          expect(fullState(jumping, block)).toEqual(fullState(stepping, block));
          expect(jumping.headers.hashOf(block)).toBe(stepping.headers.hashOf(block));
        }
      }),
      { numRuns: 5 },
    );
  });

  it('opens each text one block after its round is published, and keeps the last ten', () => {
    const chain = chainOf();
    const blocks: number[] = [];
    for (let i = 0; i < 12; i++) {
      chain.produce(committing(chain, MINER, `text ${i}`, 600));
      blocks.push(chain.head - 1 + 50 + 1);
      chain.jump(chain.head + 100);
    }
    const revealed = chain.reader().get(revealedCommitments, NETUID, MINER) ?? [];
    expect(revealed.map(([text]) => new TextDecoder().decode(text))).toEqual(
      Array.from({ length: 10 }, (_, i) => `text ${i + 2}`),
    );
    expect(revealed.map(([, block]) => Number(block))).toEqual(blocks.slice(2));
  });

  it('forgets a text that a newer one replaced before it opened', () => {
    const chain = chainOf();
    chain.produce(committing(chain, MINER, 'first', 600));
    chain.produce(committing(chain, MINER, 'second', 1200));
    chain.jump(chain.head + 500);
    const revealed = chain.reader().get(revealedCommitments, NETUID, MINER) ?? [];
    expect(revealed.map(([text]) => new TextDecoder().decode(text))).toEqual(['second']);
  });

  it('opens a text whose round is past already in the block after the commitment', () => {
    const chain = chainOf();
    chain.produce(committing(chain, MINER, 'late', -60));
    const committed = chain.head;
    chain.jump(committed + 5);
    expect(
      chain
        .reader()
        .get(revealedCommitments, NETUID, MINER)
        ?.map(([, block]) => Number(block)),
    ).toEqual([committed + 1]);
  });

  it('signs no round that nothing waits for', () => {
    const chain = chainOf();
    chain.produce(committing(chain, MINER, 'one', 600));
    chain.jump(chain.head + 7200 * 3);
    // Three days have 86 400 rounds.
    expect(chain.keys(pulses.prefix, chain.head, 1000).length).toBe(1);
    expect(chain.waiting()).toEqual([]);
  });

  it('announces one head', () => {
    const chain = chainOf();
    let heads = 0;
    chain.onHead(() => heads++);
    chain.produce(committing(chain, MINER, 'one', 600));
    chain.jump(chain.head + 1000);
    expect(heads).toBe(2);
  });
});

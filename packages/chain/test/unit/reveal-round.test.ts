import { BlockNumber } from '@tiltyard/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockHash } from '../../src/block.js';
import { revealBlock } from '../../src/submit/set-weights.js';
import { revealRoundFor } from '../../src/submit/submit-commitment.js';

const beacon = { publicKey: new Uint8Array(96), genesisSeconds: 1_692_803_367, periodSeconds: 3, lastStoredRound: 1 };
const hash = BlockHash.parse(`0x${'00'.repeat(32)}`);
const at = (number: number, timestampMs: number) => ({ number: BlockNumber.parse(number), hash, timestampMs });

describe('the beacon round of a reveal', () => {
  it('is the one that is current when the block is due, 12 seconds a block from the finalized head', () => {
    const head = at(100, (beacon.genesisSeconds + 3000) * 1000);
    expect(revealRoundFor(BlockNumber.parse(101), head, beacon)).toBe(1001 + 4);
    expect(revealRoundFor(BlockNumber.parse(7300), head, beacon)).toBe(1001 + 4 * 7200);
  });

  it('is published before that block and less than a period earlier', () => {
    const times = fc.integer({ min: beacon.genesisSeconds * 1000, max: 4e12 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 100_000 }), (timestampMs, blocks) => {
        const head = at(500, timestampMs);
        const round = revealRoundFor(BlockNumber.parse(500 + blocks), head, beacon);
        const publishedMs = (beacon.genesisSeconds + (round - 1) * beacon.periodSeconds) * 1000;
        const dueMs = timestampMs + blocks * 12_000;
        expect(publishedMs).toBeLessThanOrEqual(dueMs);
        expect(dueMs - publishedMs).toBeLessThan(beacon.periodSeconds * 1000);
      }),
    );
  });

  it('does not exist for a block that has passed', () => {
    for (const number of [99, 100]) {
      const round = () => revealRoundFor(BlockNumber.parse(number), at(100, 2e12), beacon);
      expect(round).toThrowError(expect.objectContaining({ code: 'reveal_in_past' }));
    }
  });
});

describe('the reveal of a weight commit', () => {
  it('comes a reveal period after the epoch of the commit, and three blocks into it', () => {
    expect(revealBlock(BlockNumber.parse(1000), { tempo: 360, revealPeriodEpochs: 1 })).toBe(1003);
    expect(revealBlock(BlockNumber.parse(1000), { tempo: 360, revealPeriodEpochs: 3 })).toBe(1723);
  });
});

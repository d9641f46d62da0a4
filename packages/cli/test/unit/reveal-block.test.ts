import { BlockNumber } from '@tiltyard/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPENING_BLOCKS, type RevealFacts, revealBlock } from '../../src/actions/submit/reveal-block.js';
import { CliError } from '../../src/cli-error.js';

function facts(head: number, latest: number, wanted?: number, earliest = 0): RevealFacts {
  const schedule = {
    earliest_reveal_block: BlockNumber.parse(earliest),
    latest_reveal_block: BlockNumber.parse(latest),
  };
  return { round: 4, stage: 'open', schedule, head, wanted };
}

describe('the block that a submission is encrypted to', () => {
  it('is ten blocks before the end of the window', () => {
    expect(revealBlock(facts(1000, 8200))).toBe(8190);
  });

  it('always opens within the window and after the transaction, or is refused', () => {
    const block = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(block, block, block, fc.option(block, { nil: undefined }), (head, earliest, length, wanted) => {
        const latest = earliest + length;
        try {
          const at = revealBlock(facts(head, latest, wanted, earliest));
          expect(at).toBeGreaterThan(head);
          expect(at).toBeGreaterThanOrEqual(earliest);
          expect(at + OPENING_BLOCKS).toBeLessThanOrEqual(latest);
          if (wanted !== undefined) expect(at).toBe(wanted);
        } catch (error) {
          if (!(error instanceof CliError)) throw error;
          expect(error.fault.code).toBe('refused');
        }
      }),
    );
  });

  it('is refused once the window is closed, with the reason', () => {
    expect(() => revealBlock({ ...facts(10, 500), stage: 'finished' })).toThrow(
      /no submissions any more \(stage finished/,
    );
    expect(revealBlock({ ...facts(10, 500), stage: 'paused' })).toBe(490);
    expect(() => revealBlock(facts(500, 500))).toThrow(/its window ended with block 500/);
    expect(() => revealBlock(facts(496, 500))).toThrow(/4 blocks from now: too late/);
    expect(() => revealBlock(facts(100, 500, 499))).toThrow(/choose one from 104 to 497/);
  });
});

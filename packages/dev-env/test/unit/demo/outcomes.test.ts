import type { Stem } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import {
  distanceRange,
  distanceText,
  outcomesOf,
  signed,
  standingWord,
} from '../../../src/gen3d/demo/story/outcomes.js';
import { rowOf, sampleRound } from '../../support/sample-round.js';

describe('a standing in a word', () => {
  it('does not call a leader that met its own files a loser', () => {
    const row = rowOf('faithful', { margin: 0, againstLeader: 0 });
    const defended = sampleRound({ leader: 'faithful', winner: 'faithful', isDefended: true, timeline: [row] });
    expect(standingWord(defended, row)).toBe('leads already');
    expect(standingWord(defended, rowOf('rough'))).toBe('lost');
  });

  it('tells who led and was caught from who was caught without, and the last leader from those before', () => {
    const round = sampleRound();
    expect(round.timeline.map((row) => standingWord(round, row))).toEqual([
      'lost',
      'led, then rejected',
      'won the round',
    ]);
    expect(standingWord(round, rowOf('early', { status: 'won', hasLed: true }))).toBe('led');
    expect(standingWord(round, rowOf('caught', { status: 'rejected' }))).toBe('rejected');
    expect(standingWord(round, rowOf('late', { status: 'pending' }))).toBe('open');
  });
});

describe('what became of everyone', () => {
  it('has a text for every miner and for who led at the start', () => {
    expect(Object.keys(outcomesOf([sampleRound()]))).toEqual(['rough', 'cheat', 'faithful', 'base']);
  });

  it('tells why a leader was rejected, with the distances that prove it', () => {
    expect(outcomesOf([sampleRound()]).cheat).toBe(
      'Round 0: led, +1 against base, until its audit rejected it: Non-critical mismatches (2) exceed tolerance (1) (distances 0.1500 to 0.2000, accepted 0.03).',
    );
  });

  it('tells how many files were refused and why, and whose files are the same', () => {
    const deliveries = sampleRound().deliveries.map((delivery) =>
      delivery.name === 'rough'
        ? {
            ...delivery,
            failed: [{ stem: 'mug' as Stem, code: 'http_404', message: 'not there' }],
            sameAs: { faithful: 1 },
          }
        : delivery,
    );
    expect(outcomesOf([sampleRound({ deliveries })]).rough).toBe(
      "Round 0: did not beat the leader, -0.5 against base; 1 of 2 files were refused (http_404); flagged for files identical to faithful's (1).",
    );
  });

  it('has one sentence for each round', () => {
    const defended = sampleRound({
      round: 1,
      leader: 'faithful',
      winner: 'faithful',
      isDefended: true,
      timeline: [rowOf('faithful', { margin: 0, againstLeader: 0 }), rowOf('rough')],
    });
    const outcomes = outcomesOf([sampleRound(), defended]);
    expect(outcomes.faithful).toMatch(/^Round 0: won the round.*\. Round 1: defended the lead; as a challenger.*\.$/);
    expect(outcomes.base).toBe('Round 0: lost the lead to faithful.');
    const lost = { ...defended, winner: 'champion', isDefended: false };
    expect(outcomesOf([lost]).faithful).toMatch(/^Round 1: lost the lead to champion; as a challenger/);
  });
});

describe('numbers for people', () => {
  it('are margins with a sign and distances that never look like nothing when they are something', () => {
    expect([0.375, -1, 0].map(signed)).toEqual(['+0.375', '-1', '0']);
    expect([0, 0.000001, 0.2250236].map(distanceText)).toEqual(['0.0000', '<0.0001', '0.2250']);
    expect(distanceRange([0.3, 0.2, 0.25])).toBe('0.2000 to 0.3000');
    expect(distanceRange([0.000001, 0.000002])).toBe('<0.0001');
  });
});

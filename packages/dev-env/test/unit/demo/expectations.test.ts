import { describe, expect, it } from 'vitest';
import { deviationsOf } from '../../../src/gen3d/demo/story/expectations.js';
import type { AuditRow, RoundReport } from '../../../src/gen3d/demo/story/round-report.js';
import { rowOf, sampleRound } from '../../support/sample-round.js';

function withAudit(name: string, outcome: AuditRow['outcome']): Partial<RoundReport> {
  return { audits: sampleRound().audits.map((audit) => (audit.name === name ? { ...audit, outcome } : audit)) };
}

describe('how a competition differs from what it should be', () => {
  it('is not at all when the cheat was caught and the best honest one won', () => {
    expect(deviationsOf([sampleRound()])).toEqual([]);
  });

  it('is reported when another miner won, or none', () => {
    expect(deviationsOf([sampleRound({ winner: 'rough' })])).toEqual(['round 0: rough won, not faithful']);
    expect(deviationsOf([sampleRound({ winner: null })])).toEqual(['round 0: nobody won, not faithful']);
  });

  it('is reported when a cheat led and got away with it', () => {
    expect(deviationsOf([sampleRound(withAudit('cheat', 'passed'))])).toEqual([
      'round 0: cheat led and was not rejected',
    ]);
  });

  it('is reported when honest work was rejected', () => {
    expect(deviationsOf([sampleRound(withAudit('faithful', 'rejected'))])).toContain(
      'round 0: faithful is honest, but was rejected',
    );
  });

  it('is reported when a place in the timeline or a file is missing', () => {
    const [rough, ...others] = sampleRound().deliveries;
    const deviations = deviationsOf([
      sampleRound({
        timeline: [rowOf('rough', { status: 'pending' }), ...sampleRound().timeline.slice(1)],
        deliveries: rough === undefined ? [] : [{ ...rough, files: 1 }, ...others],
      }),
    ]);
    expect(deviations).toEqual([
      'round 0: the place of rough is still open',
      'round 0: rough has 1 entries in submitted.json',
    ]);
  });

  it('is reported when a copy is not flagged on both sides', () => {
    const faithful = sampleRound().deliveries.find((delivery) => delivery.name === 'faithful');
    if (faithful === undefined) throw new Error('the sample has no faithful');
    const copycat = { ...faithful, name: 'copycat', sameAs: { faithful: 2 } };
    expect(deviationsOf([sampleRound({ deliveries: [faithful, copycat] })])).toEqual([
      'round 0: the files of faithful are not flagged as duplicates',
    ]);
  });
});

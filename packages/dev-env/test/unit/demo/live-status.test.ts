import { describe, expect, it } from 'vitest';
import type { DemoEvent } from '../../../src/gen3d/demo/demo-event.js';
import { NO_STATUS, statusAfter } from '../../../src/gen3d/demo/live-status.js';
import { sampleRound } from '../../support/sample-round.js';

const after = (...events: DemoEvent[]) => events.reduce(statusAfter, NO_STATUS);

describe('the live status', () => {
  it('tells where the competition is, what services last said and which rounds are over', () => {
    const status = after(
      { kind: 'phase', text: 'services' },
      { kind: 'progress', round: 1, stage: 'duels', note: 'match a v b' },
      { kind: 'service', news: { service: 'judge-service', says: 'started' } },
      { kind: 'service', news: { service: 'judge-service', says: 'published' } },
      { kind: 'memory', pssBytes: 5 },
      { kind: 'round', report: sampleRound() },
    );
    expect(status).toMatchObject({
      phase: 'match a v b',
      round: 1,
      stage: 'duels',
      services: { 'judge-service': 'published' },
      memoryBytes: 5,
      rounds: [{ round: 0, winner: 'faithful' }],
    });
  });

  it('remembers what happened lately, newest first, and not for ever', () => {
    const kill: DemoEvent = { kind: 'kill', service: 'judge-service', downMs: 1200 };
    const status = after(...Array.from({ length: 100 }, () => kill), { kind: 'phase', text: 'the end' });
    expect(status.lately[0]).toBe('the end');
    expect(status.lately.length).toBeLessThan(50);
  });
});

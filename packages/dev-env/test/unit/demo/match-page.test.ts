import { LEADER } from '@tiltyard/schema';
import type { MatchReport, Stem } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { matchPage } from '../../../src/gen3d/demo/page/match-page.js';
import { hotkeyOf, sampleRound } from '../../support/sample-round.js';

describe("a match's page", () => {
  const absent = hotkeyOf('absent');
  const duel = { name: 'boat' as Stem, prompt: 'http://x/boat.png', left_glb: null, right_glb: null, right_png: null };
  const forced: MatchReport = {
    left: LEADER,
    right: absent,
    score: -1,
    margin: -1,
    judge: { models: ['a judge'], strategy: 'pairwise' },
    duels: [{ ...duel, left_png: 'http://x/grid.png', winner: 'left', issues: 'No preview for boat from right' }],
  };
  const textOf = (match: MatchReport) =>
    matchPage({
      report: sampleRound(),
      match,
      pictures: new Map(),
      nameOf: () => 'absent',
      neighbours: { previous: undefined, next: undefined },
    });

  it('claims no judge where none was asked', () => {
    expect(textOf(forced)).toContain('No judge was asked');
    expect(textOf(forced)).not.toContain('Judged by');
  });

  it('names the judge where one was asked about a single duel', () => {
    const judged = { ...duel, name: 'mug' as Stem, left_png: null, winner: 'draw', issues: '', detail: {} } as const;
    const page = textOf({ ...forced, duels: [...forced.duels, judged] });
    expect(page).toContain('Judged by <code>a judge</code>');
    expect(page).not.toContain('No judge was asked');
  });
});

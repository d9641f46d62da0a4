import { Hotkey, LEADER } from '@tiltyard/schema';
import type { MatchReport, Stem } from '@tiltyard/schema/gen3d';
import type { RoundReport, TimelineRow } from '../../src/gen3d/demo/story/round-report.js';

/** A hotkey that looks like one, told apart by its first letters. */
export function hotkeyOf(name: string): Hotkey {
  return Hotkey.parse(`5${name.replace(/[^1-9A-HJ-NP-Za-km-z]/g, '').padEnd(47, 'x')}`);
}

/** A challenger that lost to the leader, but for what is said otherwise. */
export function rowOf(name: string, more: Partial<TimelineRow> = {}): TimelineRow {
  const lost = { defender: LEADER, margin: -0.5, againstLeader: -0.5, status: 'lost', hasLed: false } as const;
  return { hotkey: hotkeyOf(name), name, ...lost, ...more };
}

/** A round that `faithful` won, after `cheat` had led and been rejected. */
export function sampleRound(more: Partial<RoundReport> = {}): RoundReport {
  const timeline = [
    rowOf('rough'),
    rowOf('cheat', { margin: 1, againstLeader: 1, status: 'rejected', hasLed: true }),
    rowOf('faithful', { margin: 0.75, againstLeader: 0.75, status: 'won', hasLed: true }),
  ];
  return {
    round: 0,
    prompts: ['boat' as Stem, 'mug' as Stem],
    winMargin: 0.05,
    acceptableDistance: 0.03,
    medianLimitSeconds: 2,
    submissions: timeline.map((row) => row.name),
    qualified: ['cheat', 'faithful'],
    timeline,
    audits: [
      {
        hotkey: hotkeyOf('cheat'),
        name: 'cheat',
        outcome: 'rejected',
        reason: 'Non-critical mismatches (2) exceed tolerance (1)',
        generationTime: 0.4,
        distances: { boat: 0.2, mug: 0.15 },
      },
      {
        hotkey: hotkeyOf('faithful'),
        name: 'faithful',
        outcome: 'passed',
        reason: '',
        generationTime: 0.5,
        distances: { boat: 0.000001, mug: 0.0001 },
      },
    ],
    deliveries: timeline.map(({ hotkey, name }) => ({ hotkey, name, files: 2, usable: 2, failed: [], sameAs: {} })),
    matches: timeline.map((row) => matchOf(row.hotkey, row.againstLeader ?? 0)),
    winner: 'faithful',
    isDefended: false,
    leader: 'base',
    ...more,
  };
}

function matchOf(right: Hotkey, margin: number): MatchReport {
  return { left: LEADER, right, score: margin * 2, margin, duels: [] };
}

import { thresholdsOf } from '@tiltyard/rules/gen3d';
import { type BlockNumber, type Hotkey, LEADER } from '@tiltyard/schema';
import type { Config, LeaderEntry, Winner } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configOf, LEADER_ENTRY, submissionOf } from '../../../../packages/service-kit/test/support/competition.js';
import { planRoundEnd, type RoundEnd } from '../../src/plan.js';

const CHALLENGER = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Hotkey;
const WON: Winner = { winner_hotkey: CHALLENGER, repo: 'new/one', commit: 'd'.repeat(40), docker_image: 'new:one' };
const { repo, commit, docker } = LEADER_ENTRY;
const DEFENDED: Winner = { winner_hotkey: LEADER, repo, commit, docker_image: docker };

/** The end of round 4, whose reveals ended at 2026-11-20 08:00 with block 1000; it is 20:00 now. */
function endOf(change: Partial<RoundEnd> = {}): RoundEnd {
  const config = change.config ?? configOf();
  return {
    config,
    round: 4,
    schedule: { earliest_reveal_block: 0, latest_reveal_block: 1000 } as RoundEnd['schedule'],
    rules: thresholdsOf(config),
    leaders: [LEADER_ENTRY],
    submissions: submissionOf(CHALLENGER, 900),
    winner: DEFENDED,
    software: { name: 'tiltyard', version: '9.9.9', commit: 'e'.repeat(40) },
    now: { block: 4600, time: new Date('2026-11-20T20:00:00Z') },
    ...change,
  };
}

function nextOf(end: RoundEnd) {
  const plan = planRoundEnd(end);
  if (plan.kind !== 'next') throw new Error(`the plan is to ${plan.kind}`);
  return plan;
}

describe('the end of a round', () => {
  it('schedules the next one a day later, right after this one’s reveals', () => {
    const { state, schedule, rules } = nextOf(endOf());
    expect(state).toEqual({ current_round: 5, stage: 'open', next_stage_eta: '2026-11-21T08:00:00.000Z' });
    // Twelve hours of 12-second blocks ahead; generation takes 120 minutes.
    expect(schedule).toEqual({
      ...{ earliest_reveal_block: 1001, latest_reveal_block: 8200, generation_deadline_block: 8800 },
    });
    expect(rules.software.version).toBe('9.9.9');
  });

  it.each([
    ['a strategy', { judging: { strategy: 'multi-stage', judges: [{ model: 'm' }] } }, 'judging.strategy'],
    ['a judge without a name', { judging: { judges: [{ model: 'your-judge-model' }] } }, 'judging.judges'],
    ['an embedder', { verification: { embedder: 'clip' } }, 'verification.embedder'],
  ] as const)('starts no round by %s that no version can carry out', (_what, fields, field) => {
    const { rules } = endOf();
    const plan = planRoundEnd(endOf({ config: configOf(structuredClone(fields) as Partial<Config>), rules }));
    expect(plan).toMatchObject({ kind: 'wait', because: 'rules', reason: expect.stringContaining(field) });
  });

  it('gives a new leader the whole weight from the next reveals on', () => {
    expect(nextOf(endOf({ winner: WON })).leader).toEqual({
      ...{ hotkey: CHALLENGER, repo: 'new/one', commit: 'd'.repeat(40), docker: 'new:one' },
      ...{ weight: 1, effective_block: 8200 },
    });
  });

  it('lets a defended leader’s weight fall to the floor and there stay', () => {
    let leaders: readonly LeaderEntry[] = [LEADER_ENTRY];
    const weights: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const { leader } = nextOf(endOf({ leaders }));
      if (leader !== undefined) leaders = [...leaders, leader];
      weights.push(leaders.at(-1)?.weight ?? Number.NaN);
    }
    expect(weights).toEqual([0.8, 0.6, 0.4, 0.2, 0.2, 0.2, 0.2]);
    expect(leaders).toHaveLength(5);
  });

  it('counts a winner with the leader’s own code as a defence', () => {
    const again: Winner = { ...DEFENDED, winner_hotkey: CHALLENGER };
    expect(nextOf(endOf({ winner: again })).leader).toMatchObject({ hotkey: LEADER_ENTRY.hotkey, weight: 0.8 });
  });

  it('needs no winner.json where no one submitted: the leader defended', () => {
    const { leader } = nextOf(endOf({ winner: undefined, submissions: {} }));
    expect(leader).toMatchObject({ hotkey: LEADER_ENTRY.hotkey, weight: 0.8 });
  });

  it('goes on without any leader where no one leads and no one submitted', () => {
    expect(nextOf(endOf({ winner: undefined, submissions: {}, leaders: [] })).leader).toBeUndefined();
  });

  it('waits for a winner where someone submitted, and where submissions are not known', () => {
    expect(planRoundEnd(endOf({ winner: undefined })).kind).toBe('wait');
    expect(planRoundEnd(endOf({ winner: undefined, submissions: undefined })).kind).toBe('wait');
  });

  it('ends the competition after its last day, without another leader', () => {
    const config = configOf({ last_competition_date: '2026-11-20' });
    expect(planRoundEnd(endOf({ config, winner: WON }))).toEqual({
      kind: 'finish',
      state: { current_round: 4, stage: 'finished', next_stage_eta: null },
    });
  });

  it('always plans a window that begins after the last one and a leader that leads from its end', () => {
    const times = fc.record({
      block: fc.integer({ min: 1000, max: 100_000 }),
      hours: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(times, ({ block, hours }) => {
        const time = new Date(Date.parse('2026-11-20T08:00:00Z') + hours * 3_600_000);
        const { schedule, leader } = nextOf(endOf({ winner: WON, now: { block: block as BlockNumber, time } }));
        expect(schedule.earliest_reveal_block).toBe(1001);
        expect(schedule.latest_reveal_block).toBeGreaterThan(block);
        expect(leader?.effective_block).toBe(schedule.latest_reveal_block);
      }),
    );
  });
});

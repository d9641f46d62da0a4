import type { Snapshot } from '@tiltyard/ledger';
import { projectAmendments, thresholdsOf } from '@tiltyard/rules/gen3d';
import { type Amendment, STAGE_OWNER, STAGE_OWNERS, STAGES, type Stage, stageFaults } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdChange, type RoundView, untilNextStage } from '../../src/gen3d/round-view.js';
import { configOf } from '../support/competition.js';

function viewOf(stage: Stage, amendments: readonly Amendment[], eta: string | null = null): RoundView {
  const config = configOf();
  return {
    snapshot: undefined as unknown as Snapshot, // nothing here reads files
    config,
    state: { current_round: 3, stage, next_stage_eta: eta },
    round: 3,
    stage,
    schedule: { earliest_reveal_block: 0, latest_reveal_block: 10 } as RoundView['schedule'],
    rules: thresholdsOf(config),
    amended: projectAmendments(amendments),
  };
}

const order = (action: 'pause' | 'resume', stage: Stage, id = 1): Amendment => ({
  ...{ id, at: '2026-11-20T08:00:00Z', reason: 'a test', action, stage },
});

describe('holding a competition', () => {
  it('is up to the owner of the stage, and always a legal change', () => {
    const stages = fc.constantFrom(...STAGES);
    const orders = fc.array(fc.tuple(fc.constantFrom('pause' as const, 'resume' as const), stages), { maxLength: 4 });
    fc.assert(
      fc.property(stages, orders, (stage, given) => {
        const amendments = given.map(([action, named], index) => order(action, named, index + 1));
        const view = viewOf(stage, amendments);
        const changes = STAGE_OWNERS.flatMap((service) => holdChange(view, service) ?? []);
        expect(changes.length).toBeLessThanOrEqual(1);
        const [change] = changes;
        if (change === undefined) return;
        expect(change.current_round).toBe(3);
        expect(stageFaults(view.state, change)).toEqual([]);
        const last = given.at(-1);
        expect(change.stage).toBe(last?.[0] === 'pause' ? 'paused' : last?.[1]);
      }),
    );
  });

  it.each(STAGES.filter((stage) => STAGE_OWNER[stage] !== null))('pauses %s and resumes it where it was', (stage) => {
    const owner = STAGE_OWNERS.find((service) => service === STAGE_OWNER[stage]) ?? 'operator';
    const paused = holdChange(viewOf(stage, [order('pause', stage)], '2026-12-01T00:00:00Z'), owner);
    expect(paused).toEqual({ current_round: 3, stage: 'paused', next_stage_eta: null });
    expect(holdChange(viewOf('paused', [order('pause', stage)]), owner)).toBeUndefined();
    const resumed = holdChange(viewOf('paused', [order('pause', stage), order('resume', stage, 2)]), owner);
    expect(resumed?.stage).toBe(stage);
    expect(holdChange(viewOf(stage, [order('pause', stage), order('resume', stage, 2)]), owner)).toBeUndefined();
  });

  it('waits for the stage that it names', () => {
    expect(holdChange(viewOf('open', [order('pause', 'duels')]), 'judge-service')).toBeUndefined();
    expect(holdChange(viewOf('open', [order('pause', 'duels')]), 'submission-collector')).toBeUndefined();
  });
});

describe('the next look at another one’s stage', () => {
  it('is when the next stage is announced for, by the chain’s time', () => {
    const view = viewOf('open', [], '2026-11-20T08:00:00Z');
    expect(untilNextStage(view, Date.parse('2026-11-20T07:00:00Z')).inMs).toBe(3_600_000);
    expect(untilNextStage(view, Date.parse('2026-11-20T09:00:00Z')).inMs).toBe(1);
  });

  it('is soon where nothing is announced, and late once all is over', () => {
    expect(untilNextStage(viewOf('downloading', []), 0).inMs).toBe(1);
    expect(untilNextStage(viewOf('finished', []), 0).inMs).toBe(Number.POSITIVE_INFINITY);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Amendments,
  heldStageFaults,
  STAGE_EDGES,
  STAGE_OWNER,
  STAGE_OWNERS,
  STAGES,
  type Stage,
  type StagePosition,
  stageFaults,
  stageHeld,
  stateOwners,
} from '../../src/gen3d/index.js';

const AT = '2026-02-05T08:00:00Z';
const order = (action: 'pause' | 'resume', stage: Stage) => ({ action, stage });
const inOrder = (orders: readonly ReturnType<typeof order>[]): Amendments =>
  orders.map((entry, index) => ({ id: index + 1, at: AT, reason: 'why', ...entry }));
const at = (current_round: number, stage: Stage): StagePosition => ({ current_round, stage });
const stage = fc.constantFrom(...STAGES);
const position = fc.record({ current_round: fc.integer({ min: 0, max: 3 }), stage });

describe('the stage machine', () => {
  it.each([
    ['finalizing', 'open', 1],
    ['finalizing', 'finished', 0],
    ['open', 'miner_generation', 0],
    ['open', 'finalizing', 0],
    ['miner_generation', 'downloading', 0],
    ['downloading', 'duels', 0],
    ['duels', 'finalizing', 0],
  ] as const)('has the edge %s → %s, with the round rising by %i', (from, to, rise) => {
    expect(stageFaults(at(1, from), at(1 + rise, to))).toEqual([]);
    expect(stageFaults(at(1, from), at(2 - rise, to))).toMatchObject([{ code: 'round_jumps' }]);
    expect(stageFaults(at(1, from), at(0, to)).map(({ code }) => code)).toContain('round_falls');
  });

  it('has no other edge, pauses aside', () => {
    const edges = STAGES.flatMap((from) =>
      STAGES.filter((to) => from !== to && from !== 'paused' && to !== 'paused')
        .filter((to) => stageFaults(at(1, from), at(from === 'finalizing' && to === 'open' ? 2 : 1, to)).length === 0)
        .map((to) => `${from} ${to}`),
    );
    expect(edges).toEqual(STAGES.flatMap((from) => STAGE_EDGES[from].map((to) => `${from} ${to}`)));
    expect(edges).toHaveLength(7);
  });

  it('lets every stage be reached from the first, and the end from every stage', () => {
    const reached = (from: Stage, seen = new Set<Stage>([from])): Set<Stage> => {
      for (const to of STAGE_EDGES[from]) if (!seen.has(to)) reached(to, seen.add(to));
      return seen;
    };
    expect([...reached('open')].sort()).toEqual(STAGES.filter((name) => name !== 'paused').toSorted());
    for (const from of STAGES.filter((name) => name !== 'paused')) expect(reached(from)).toContain('finished');
  });

  it('takes a change that moves nothing, wherever it stands', () => {
    fc.assert(
      fc.property(position, fc.option(stage, { nil: undefined }), (where, held) => {
        expect(stageFaults(where, { ...where }, held)).toEqual([]);
      }),
    );
  });

  it('lets the round rise only with finalizing → open, pauses included', () => {
    fc.assert(
      fc.property(position, position, fc.option(stage, { nil: undefined }), (before, after, held) => {
        if (stageFaults(before, after, held).length > 0 || before.current_round === after.current_round) return;
        expect([before.stage, after.stage]).toEqual(['finalizing', 'open']);
        expect(after.current_round).toBe(before.current_round + 1);
      }),
      { numRuns: 2000 },
    );
  });

  it('comes by no way of pauses to another stage than by its own edges', () => {
    const orders = fc.array(
      fc.tuple(fc.constantFrom('pause', 'resume'), stage).map(([action, of]) => order(action, of)),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(stage, orders), { maxLength: 8 }), (tries) => {
        let now = at(0, 'open');
        let lastActive: Stage = 'open';
        for (const [to, amended] of tries) {
          const next = at(now.current_round + (now.stage === 'finalizing' && to === 'open' ? 1 : 0), to);
          if (heldStageFaults(now, next, inOrder(amended)).length > 0 || next.stage === now.stage) continue;
          // The stage held is in the amendments, which are only appended: the last pause stays while it lasts.
          if (now.stage === 'paused' && stageHeld(inOrder(amended)) !== lastActive) continue;
          if (to !== 'paused') {
            const isEdge = to === lastActive || STAGE_EDGES[lastActive].includes(to);
            expect(isEdge, `${lastActive} → ${to}`).toBe(true);
            lastActive = to;
          }
          now = next;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a pause', () => {
  const pause = inOrder([order('pause', 'duels')]);
  const resumed = inOrder([order('pause', 'duels'), order('resume', 'duels')]);
  const again = inOrder([order('pause', 'open'), order('resume', 'open')]);

  it.each([
    ['as it was ordered', 'duels', 'paused', pause, true],
    ['without an order', 'duels', 'paused', [], false],
    ['in another stage than ordered', 'downloading', 'paused', pause, false],
    ['by an order that is over', 'duels', 'paused', resumed, false],
    ['by an order that is over, of another stage', 'duels', 'paused', again, false],
    ['to the stage that is held, as ordered', 'paused', 'duels', resumed, true],
    ['to the stage that is held, before the order', 'paused', 'duels', pause, false],
    ['to another stage', 'paused', 'finalizing', resumed, false],
    ['without any order to any stage', 'paused', 'finalizing', [], false],
    ['after the end', 'finished', 'paused', inOrder([order('pause', 'finalizing')]), false],
  ] as const)('%s: %s → %s', (_how, from, to, amendments, isLegal) => {
    expect(heldStageFaults(at(1, from), at(1, to), amendments).length === 0).toBe(isLegal);
  });

  it('belongs to the owner of the stage that is held', () => {
    expect(stateOwners('paused', 'duels')).toEqual(['judge-service']);
    expect(stateOwners('paused')).toEqual(STAGE_OWNERS);
    expect(stateOwners('finished')).toEqual([]);
    for (const name of STAGES.filter((other) => STAGE_OWNER[other] !== null)) {
      expect(stateOwners(name)).toEqual([STAGE_OWNER[name]]);
      expect(stateOwners(name, 'duels')).toEqual([STAGE_OWNER[name]]);
    }
  });

  it('holds the stage that its last order names', () => {
    expect(stageHeld([])).toBeUndefined();
    expect(stageHeld(resumed)).toBe('duels');
    expect(stageHeld(inOrder([order('pause', 'open'), order('resume', 'open'), order('pause', 'duels')]))).toBe(
      'duels',
    );
  });
});

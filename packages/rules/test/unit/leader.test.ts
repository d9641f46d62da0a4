import type { BlockNumber } from '@tiltyard/schema';
import type { LeaderEntry, Winner } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { winnerOf } from '../../src/gen3d/duel/winner.js';
import { activeLeaderAt, isSameWeight, leaderTransition } from '../../src/gen3d/payout/leader.js';
import { type WeightFacts, weightsAt } from '../../src/gen3d/payout/weights.js';
import { commit, faultOf, hotkey } from '../support/samples.js';

const weights = { weightDecay: 0.2, weightFloor: 0.2 };
const entry = (changes: Partial<LeaderEntry> = {}): LeaderEntry => ({
  hotkey: hotkey(1),
  repo: 'a/b',
  commit: commit('a'),
  docker: 'registry/image:a',
  weight: 1,
  effective_block: 100 as BlockNumber,
  ...changes,
});
const defended: Winner = {
  winner_hotkey: 'leader',
  repo: 'a/b',
  commit: commit('a'),
  docker_image: 'registry/image:a',
};
const challenger: Winner = { ...defended, winner_hotkey: hotkey(2), commit: commit('b'), docker_image: 'registry/b' };

describe('the leader after a round', () => {
  it('is the winner with weight 1, from the next reveal block on', () => {
    expect(leaderTransition([entry()], challenger, weights, 900)).toEqual(
      entry({ hotkey: hotkey(2), commit: commit('b'), docker: 'registry/b', effective_block: 900 as BlockNumber }),
    );
  });

  it('has defended when the winner is the same code under another hotkey', () => {
    const copy = { ...challenger, commit: commit('a') };
    expect(leaderTransition([entry()], copy, weights, 900)).toMatchObject({ hotkey: hotkey(1), weight: 0.8 });
  });

  it('has defended when the winner is the same code in other letters: platforms do not tell them apart', () => {
    const copy = { ...challenger, repo: 'A/B', commit: commit('a').toUpperCase() };
    const next = leaderTransition([entry()], copy, weights, 900);
    expect(next).toMatchObject({ hotkey: hotkey(1), repo: 'a/b', commit: commit('a'), weight: 0.8 });
    const other = { ...copy, repo: 'A/B2' };
    expect(leaderTransition([entry()], other, weights, 900)).toMatchObject({ hotkey: hotkey(2), weight: 1 });
  });

  it('loses weight round by round, without the dust of binary fractions, down to the floor and no further', () => {
    const history = [entry()];
    for (let block = 200; block < 1000; block += 100) {
      const next = leaderTransition(history, defended, weights, block);
      if (next !== undefined) history.push(next);
    }
    expect(history.map((e) => e.weight)).toEqual([1, 0.8, 0.6, 0.4, 0.2]);
  });

  it('has the weight that an unrounded entry of the reference has', () => {
    expect(isSameWeight(1 - 0.2 - 0.2, 0.6)).toBe(true);
    expect(isSameWeight(0.6, 0.61)).toBe(false);
  });

  it('is not written down when no round follows, or when no one ever led', () => {
    expect(leaderTransition([entry()], challenger, weights, undefined)).toBeUndefined();
    expect(leaderTransition([], defended, weights, 900)).toBeUndefined();
  });

  it('never has a weight below the floor, unless it began there', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fraction, fraction, fraction, (weight, weightDecay, weightFloor) => {
        const next = leaderTransition([entry({ weight })], defended, { weightDecay, weightFloor }, 900);
        if (next === undefined) expect(weight).toBeLessThanOrEqual(weightFloor);
        else {
          expect(next.weight).toBeGreaterThanOrEqual(weightFloor);
          expect(next.weight).toBeLessThanOrEqual(weight + 1e-10);
        }
      }),
    );
  });

  it('is active from its block on, and no one is before the first', () => {
    const history = [entry(), entry({ weight: 0.8, effective_block: 200 as BlockNumber })];
    expect(activeLeaderAt(history, 99)).toBeUndefined();
    expect(activeLeaderAt(history, 100)?.weight).toBe(1);
    expect(activeLeaderAt(history, 199)?.weight).toBe(1);
    expect(activeLeaderAt(history, 200)?.weight).toBe(0.8);
  });
});

describe('weights', () => {
  const facts: WeightFacts = { block: 150, leaders: [entry({ weight: 0.8 })], uidOf: () => 7, burnUid: 3 };
  const shares = (changes: Partial<WeightFacts>) => weightsAt({ ...facts, ...changes });

  it("are the leader's, and the rest is burned", () => {
    expect(shares({})).toEqual({
      kind: 'set',
      because: 'leader',
      shares: [
        { uid: 7, weight: 0.8 },
        { uid: 3, weight: 1 - 0.8 },
      ],
    });
    expect(shares({ leaders: [entry()] })).toMatchObject({ shares: [{ uid: 7, weight: 1 }] });
    expect(shares({ leaders: [entry({ weight: 0 })] })).toMatchObject({ shares: [{ uid: 3, weight: 1 }] });
  });

  it('are burned without a leader, with one that is the owner, and with one that is not registered', () => {
    const burned = [{ uid: 3, weight: 1 }];
    expect(shares({ leaders: [] })).toEqual({ kind: 'set', because: 'no_leader', shares: burned });
    expect(shares({ uidOf: () => 3 })).toEqual({ kind: 'set', because: 'leader_is_owner', shares: burned });
    expect(shares({ uidOf: () => undefined })).toEqual({
      kind: 'set',
      because: 'leader_not_registered',
      shares: burned,
    });
  });

  it('wait for a leader that takes effect within 25 minutes, and not for a later one', () => {
    const soon = (blocks: number) => [entry(), entry({ effective_block: (150 + blocks) as BlockNumber })];
    expect(shares({ leaders: soon(1) })).toEqual({ kind: 'wait', untilBlock: 151 });
    expect(shares({ leaders: soon(125) })).toEqual({ kind: 'wait', untilBlock: 275 });
    expect(shares({ leaders: soon(126) })).toMatchObject({ kind: 'set' });
  });

  it('always add up to 1, and none is negative', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(9), (weight, uid) => {
        const plan = shares({ leaders: [entry({ weight })], uidOf: () => uid });
        if (plan.kind === 'wait') throw new Error('nothing to wait for');
        expect(plan.shares.every((share) => share.weight > 0)).toBe(true);
        expect(plan.shares.reduce((sum, share) => sum + share.weight, 0)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('are refused for what is not a uid', () => {
    expect(() => shares({ burnUid: -1 })).toThrow();
    expect(() => shares({ uidOf: () => 70_000 })).toThrow();
  });
});

describe('winner.json', () => {
  const build = {
    repo: 'c/d',
    commit: commit('c'),
    revealed_at_block: 5 as BlockNumber,
    tag: 'ccccccc-x-0',
    status: 'success' as const,
    docker_image: 'registry/c',
  };

  it('names the code and image of the winner, or of the leader that defended', () => {
    const facts = { leaders: [entry({ commit: commit('e') }), entry()], builds: { [hotkey(4)]: build } };
    expect(winnerOf('leader', facts)).toEqual(defended);
    expect(winnerOf(hotkey(4), facts)).toEqual({
      winner_hotkey: hotkey(4),
      repo: 'c/d',
      commit: commit('c'),
      docker_image: 'registry/c',
    });
  });

  it('is refused without a leader to defend, and for a challenger without an image', () => {
    const thrown = (run: () => unknown) => {
      try {
        return run();
      } catch (error) {
        return faultOf(error);
      }
    };
    expect(thrown(() => winnerOf('leader', { leaders: [], builds: {} }))).toBe('no_leader');
    const failed = { ...build, status: 'failure' as const, docker_image: null };
    expect(thrown(() => winnerOf(hotkey(4), { leaders: [], builds: { [hotkey(4)]: failed } }))).toBe(
      'build_not_usable',
    );
    expect(thrown(() => winnerOf(hotkey(4), { leaders: [], builds: {} }))).toBe('build_not_usable');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FrontView, frontViewVerdict } from '../../src/gen3d/duel/multi-stage/front-views.js';
import {
  multiStageVerdict,
  nextStage,
  type StageFindings,
} from '../../src/gen3d/duel/multi-stage/multi-stage-verdict.js';
import {
  foregroundStats,
  greyVerdict,
  isPaleForeground,
  type Pixels,
} from '../../src/gen3d/duel/multi-stage/pale-foreground.js';
import { type SideView, sideGuardVerdict } from '../../src/gen3d/duel/multi-stage/side-guard.js';
import {
  bestViewOf,
  checklistScore,
  type SpecialistFindings,
  specialistVerdict,
} from '../../src/gen3d/duel/multi-stage/specialists.js';
import type { DuelOutcome } from '../../src/gen3d/duel/pairwise.js';

const both = (left: number, right: number) => ({ leftFirst: { left, right }, rightFirst: { left, right } });
const view = (left: number, right: number, weight = 1, name = 'front_left'): FrontView => ({
  view: name,
  weight,
  ...both(left, right),
});
const mirrored: Record<DuelOutcome, DuelOutcome> = { left: 'right', right: 'left', draw: 'draw' };
const penalty = fc.integer({ min: 0, max: 10 });

describe('stage 1, the front views', () => {
  it('are won by the lower mean penalty', () => {
    expect(frontViewVerdict([view(2, 5), view(3, 5), view(4, 4), view(2, 4)])).toMatchObject({
      winner: 'left',
      because: 'clear',
      leftPenalty: 2.75,
      rightPenalty: 4.5,
      agreement: 1,
    });
    expect(frontViewVerdict([view(5, 3, 1), view(0, 10, 0)]).winner).toBe('right');
  });

  it('are a draw within the threshold, of two hopeless sides, and when the views are split', () => {
    expect(frontViewVerdict([view(3, 4), view(3, 3)])).toMatchObject({ winner: 'draw', because: 'within_threshold' });
    expect(frontViewVerdict([view(8, 9)])).toMatchObject({ winner: 'draw', because: 'both_hopeless' });
    expect(frontViewVerdict([view(8, 9.5)])).toMatchObject({ winner: 'left', because: 'clear' });
    expect(frontViewVerdict([view(0, 9), view(5, 4), view(2, 4), view(4, 4)])).toMatchObject({
      winner: 'draw',
      because: 'split',
      agreement: 1 / 3,
    });
    expect(frontViewVerdict([view(0, 9), view(5, 4)])).toMatchObject({
      winner: 'left',
      because: 'clear',
      agreement: 0,
    });
  });

  it('do not count a view whose two orders name different winners', () => {
    const byPlace: FrontView = {
      view: 'x',
      weight: 9,
      leftFirst: { left: 0, right: 9 },
      rightFirst: { left: 8, right: 0 },
    };
    expect(frontViewVerdict([byPlace, view(5, 2)])).toMatchObject({ winner: 'right', contradictory: ['x'] });
    expect(frontViewVerdict([byPlace])).toMatchObject({ winner: 'draw', because: 'no_consistent_view' });
  });

  it('are the same for both sides', () => {
    const call = fc.record({ left: penalty, right: penalty });
    const swap = ({ left, right }: { left: number; right: number }) => ({ left: right, right: left });
    const views = fc.array(
      fc.record({ view: fc.constant('v'), weight: fc.constantFrom(1, 2), leftFirst: call, rightFirst: call }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(views, (list) => {
        const other = list.map((v) => ({ ...v, leftFirst: swap(v.rightFirst), rightFirst: swap(v.leftFirst) }));
        expect(frontViewVerdict(other).winner).toBe(mirrored[frontViewVerdict(list).winner]);
      }),
    );
  });
});

describe('stage 2, the specialists', () => {
  const vote = (bestView: [number, number], artifacts: [number, number], checklist: [number, number]) => {
    const side = ([left, right]: [number, number]) => ({ left, right });
    const findings: SpecialistFindings = {
      bestView: side(bestView),
      artifacts: side(artifacts),
      checklist: side(checklist),
    };
    return specialistVerdict(findings);
  };

  it('decide by two of three', () => {
    expect(vote([3, 4], [3, 4], [5, 9])).toMatchObject({ winner: 'left', because: 'majority' });
    expect(vote([3, 3.9], [3, 4], [9, 8])).toMatchObject({ winner: 'draw', because: 'no_majority' });
    expect(vote([3, 4], [4, 3], [8, 8])).toMatchObject({ winner: 'draw', because: 'no_majority' });
  });

  it('decide by one that is sure, unless two that are sure disagree', () => {
    expect(vote([3, 5], [4, 3], [8, 10])).toMatchObject({ winner: 'left', because: 'strong_vote' });
    expect(vote([3, 4], [3, 4], [2, 8])).toMatchObject({ winner: 'right', because: 'strong_vote' });
    expect(vote([3, 5], [3, 4], [2, 8])).toMatchObject({ winner: 'left', because: 'majority' });
    expect(vote([3, 5], [3, 3], [2, 8])).toMatchObject({ winner: 'draw', because: 'no_majority' });
    expect(vote([9, 3], [0, 9], [10, 10]).winner).toBe('right');
  });

  it('score features and the main object, and take the view most like the prompt', () => {
    expect(checklistScore(['yes', 'yes', 'partial', 'no'], true)).toBe(8);
    expect(checklistScore(['no', 'no'], false)).toBe(0);
    expect(
      bestViewOf(
        new Map([
          ['back', 0.2],
          ['front', 0.9],
          ['top', 0.9],
        ]),
      ),
    ).toBe('front');
    expect(bestViewOf(new Map())).toBeUndefined();
  });
});

describe('stage 3, pale foregrounds', () => {
  const picture = (...colours: readonly (readonly [number, number, number])[]): Pixels => ({
    width: colours.length,
    height: 1,
    channels: 3,
    data: Uint8Array.from(colours.flat()),
  });
  const every = { sampleStep: 1 };

  it('are found by their share of the foreground, without the grey behind it', () => {
    const stats = foregroundStats(
      [picture([128, 128, 128], [110, 146, 128], [230, 230, 225], [60, 60, 60], [255, 0, 0], [0, 0, 0])],
      every,
    );
    expect(stats).toEqual({ samples: 4, paleShare: 0.25, greyishShare: 0.75 });
    expect(isPaleForeground(stats)).toBe(true);
    expect(isPaleForeground(foregroundStats([picture([230, 230, 225], [255, 0, 0])], every))).toBe(false);
    expect(isPaleForeground(foregroundStats([picture([60, 60, 60])], every))).toBe(false);
    expect(isPaleForeground(foregroundStats([picture([128, 128, 128])], every))).toBe(false);
  });

  it('are sampled every four pixels in both directions, whatever the channels', () => {
    const data = new Uint8Array(9 * 9 * 4).fill(240);
    expect(foregroundStats([{ width: 9, height: 9, channels: 4, data }]).samples).toBe(9);
  });

  it('are decided on grey only by a gap of two on which both orders agree', () => {
    expect(greyVerdict(both(3, 5))).toBe('left');
    expect(greyVerdict(both(5, 3.5))).toBe('draw');
    expect(greyVerdict({ leftFirst: { left: 0, right: 9 }, rightFirst: { left: 5, right: 4 } })).toBe('draw');
  });
});

describe('stage 4, the side guard', () => {
  const flagged: SideView[] = ['garbage', 'ok', 'garbage', 'garbage'];
  const fine: SideView[] = ['garbage', 'ok', 'ok', 'garbage'];

  it('makes a flagged winner draw and a flagged side that drew lose', () => {
    expect(sideGuardVerdict('left', flagged, fine).winner).toBe('draw');
    expect(sideGuardVerdict('draw', flagged, fine).winner).toBe('right');
    expect(sideGuardVerdict('right', flagged, fine).winner).toBe('right');
    expect(sideGuardVerdict('right', fine, flagged).winner).toBe('draw');
    expect(sideGuardVerdict('draw', fine, flagged).winner).toBe('left');
  });

  it('changes nothing when both or neither are flagged', () => {
    for (const winner of ['left', 'right', 'draw'] as const) {
      expect(sideGuardVerdict(winner, flagged, flagged).winner).toBe(winner);
      expect(sideGuardVerdict(winner, fine, fine).winner).toBe(winner);
    }
  });
});

describe('all stages', () => {
  const none: StageFindings = { front: undefined, specialists: undefined, grey: undefined, sides: undefined };
  const sides = { left: [], right: [] };
  const front = (left: number, right: number) => frontViewVerdict([view(left, right)]);
  const specialists = (left: number, right: number) =>
    specialistVerdict({ bestView: { left, right }, artifacts: { left, right }, checklist: { left: 0, right: 0 } });

  it('are asked one after another, each only while those before it drew, and the side guard always', () => {
    expect(nextStage(none)).toBe('front');
    expect(nextStage({ ...none, front: front(1, 9) })).toBe('sides');
    const drawn = { ...none, front: front(5, 5) };
    expect(nextStage(drawn)).toBe('specialists');
    expect(nextStage({ ...drawn, specialists: specialists(1, 9) })).toBe('sides');
    expect(nextStage({ ...drawn, specialists: specialists(5, 5) })).toBe('grey');
    expect(nextStage({ ...drawn, specialists: specialists(5, 5), grey: 'gate_closed' })).toBe('sides');
    expect(nextStage({ ...none, front: front(1, 9), sides })).toBeUndefined();
  });

  it('decide together, and not before every one that is needed has answered', () => {
    const drawn = { ...none, front: front(5, 5), specialists: specialists(5, 5) };
    expect(multiStageVerdict({ ...none, front: front(1, 9) })).toBeUndefined();
    expect(multiStageVerdict({ ...drawn, sides })).toBeUndefined();
    expect(multiStageVerdict({ ...none, front: front(1, 9), sides })).toMatchObject({
      winner: 'left',
      decidedBy: 'front',
    });
    expect(multiStageVerdict({ ...drawn, grey: 'right', sides })).toMatchObject({ winner: 'right', decidedBy: 'grey' });
    const flagged: SideView[] = ['garbage', 'garbage', 'garbage', 'ok'];
    expect(multiStageVerdict({ ...drawn, grey: 'gate_closed', sides: { left: flagged, right: [] } })).toEqual({
      winner: 'right',
      leftFlagged: true,
      rightFlagged: false,
      decidedBy: 'none',
      beforeSideGuard: 'draw',
    });
  });
});

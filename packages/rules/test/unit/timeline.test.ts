import { type Hotkey, LEADER, type Side } from '@tiltyard/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditRequestsDue } from '../../src/gen3d/audit/audit-requests.js';
import { type Standing, standings } from '../../src/gen3d/audit/audit-standing.js';
import { qualificationOf } from '../../src/gen3d/duel/qualification.js';
import { deriveTimeline, localLeaders, type TimelineInput } from '../../src/gen3d/duel/timeline.js';
import { hotkey, hotkeys, stem } from '../support/samples.js';

const WIN = 0.05;
const [A, B, C] = [hotkey(0), hotkey(1), hotkey(2)];

type Rows = readonly (readonly [Side, Hotkey, number])[];
const marginIn = (rows: Rows) => (left: Side, right: Hotkey) => rows.find(([l, r]) => l === left && r === right)?.[2];
const approved: Standing = { status: 'approved' };
const rejected: Standing = { status: 'rejected', by: 'generation_audit' };
const open: Standing = { status: 'open', awaits: ['generation_audit', 'source_audit'] };

function timeline(
  rows: Rows,
  audits: readonly (readonly [Hotkey, Standing])[] = [],
  changes: Partial<TimelineInput> = {},
) {
  const standing = new Map(audits);
  return deriveTimeline({
    hotkeys: [A, B, C],
    margin: marginIn(rows),
    standing: (key) => standing.get(key) ?? open,
    winMargin: WIN,
    leaderBaselineComplete: true,
    ...changes,
  });
}
const story = (derived: ReturnType<typeof timeline>) => derived.entries.map((entry) => entry.status);

describe('the timeline', () => {
  it('is walked in order of reveal: who beats the one before holds the lead', () => {
    const derived = timeline([
      [LEADER, A, 0.06],
      [LEADER, B, 0.3],
      [LEADER, C, 0.2],
      [A, B, 0.05],
      [B, C, 0.049],
    ]);
    expect(story(derived)).toEqual(['won', 'won', 'lost']);
    expect(derived.entries.map((entry) => entry.defender)).toEqual([LEADER, A, B]);
    expect(derived.current).toBe(B);
  });

  it('asks first for the match that it cannot go on without', () => {
    expect(timeline([]).next).toEqual({ kind: 'match', match: { left: LEADER, right: A, purpose: 'qualification' } });
    const derived = timeline([
      [LEADER, A, 0.1],
      [LEADER, B, 0.1],
    ]);
    expect(derived.next).toEqual({ kind: 'match', match: { left: A, right: B, purpose: 'timeline' } });
    expect(derived.playable[1]).toEqual({ left: LEADER, right: C, purpose: 'qualification' });
    expect(story(derived)).toEqual(['won', 'pending', 'pending']);
  });

  it('fills the matrix while audits run, beginning with what a rejection would call for', () => {
    const derived = timeline([
      [LEADER, A, 0.1],
      [LEADER, B, 0.1],
      [LEADER, C, 0.1],
      [A, B, 0.1],
      [B, C, 0.1],
    ]);
    expect(derived.playable).toEqual([{ left: A, right: C, purpose: 'exploratory' }]);
  });

  it('plays what the rejection of a local leader would call for before other pairs of qualified hotkeys', () => {
    const D = hotkey(3);
    const rows: Rows = [
      [LEADER, A, 0.1],
      [LEADER, B, 0.1],
      [LEADER, C, 0.1],
      [LEADER, D, 0.1],
      [A, B, 0.1],
      [B, C, 0.1],
      [C, D, 0],
    ];
    // Without B, C would meet A; without C, D would meet B.
    expect(timeline(rows, [[A, approved]], { hotkeys: [A, B, C, D] }).playable).toEqual([
      { left: A, right: C, purpose: 'exploratory' },
      { left: B, right: D, purpose: 'exploratory' },
      { left: A, right: D, purpose: 'exploratory' },
    ]);
  });

  it('lets in whom the leader loses to by exactly the win margin', () => {
    expect(timeline([[LEADER, A, 0.05]]).entries[0]).toMatchObject({ status: 'won', qualification: 'qualified' });
    expect(timeline([[LEADER, A, 0.0499]]).entries[0]).toMatchObject({ status: 'lost', qualification: 'unqualified' });
  });

  it('waits for the audits of all local leaders when nothing is left to play', () => {
    const rows: Rows = [
      [LEADER, A, 0.1],
      [LEADER, B, 0.1],
      [LEADER, C, 0],
      [A, B, 0.1],
    ];
    expect(timeline(rows, [[A, approved]]).next).toEqual({
      kind: 'await',
      events: [
        { kind: 'generation_audit', hotkey: B },
        { kind: 'source_audit', hotkey: B },
      ],
    });
    expect(
      timeline(rows, [
        [A, approved],
        [B, approved],
      ]).next,
    ).toEqual({ kind: 'decided', winner: B });
    expect(
      timeline(rows, [
        [A, approved],
        [B, rejected],
      ]).next,
    ).toEqual({ kind: 'decided', winner: A });
  });

  it('waits for the leader to finish its own files before anyone plays it', () => {
    const waiting = timeline([], [], { leaderBaselineComplete: false });
    expect(waiting.next).toEqual({ kind: 'await', events: [{ kind: 'leader_baseline' }] });
  });

  it('is won by the leader when no one qualifies, no one reveals, or all are rejected', () => {
    const decided = { kind: 'decided', winner: LEADER };
    expect(
      timeline([
        [LEADER, A, 0.04],
        [LEADER, B, -1],
        [LEADER, C, 0.0499],
      ]).next,
    ).toEqual(decided);
    expect(timeline([], [], { hotkeys: [] }).next).toEqual(decided);
    expect(
      timeline(
        [],
        [
          [A, rejected],
          [B, rejected],
          [C, rejected],
        ],
      ).next,
    ).toEqual(decided);
  });

  it('does not wait for the audit of a challenger that never led', () => {
    const rows: Rows = [
      [LEADER, A, 0.1],
      [LEADER, B, 0.1],
      [LEADER, C, 0.1],
      [A, B, 0],
      [A, C, 0],
      [B, C, 0.5],
    ];
    expect(timeline(rows, [[A, approved]]).next).toEqual({ kind: 'decided', winner: A });
  });
});

/** Any state that a round may be in: some matches played, some hotkeys judged. */
const anyRound = fc.integer({ min: 0, max: 6 }).chain((count) => {
  const field = hotkeys(count);
  const pairs = [
    ...field.map((right) => [LEADER, right] as const),
    ...field.flatMap((left, at) => field.slice(at + 1).map((right) => [left, right] as const)),
  ];
  const margin = fc.option(fc.constantFrom(-0.3, 0, 0.049, 0.05, 0.06, 0.4), { nil: undefined, freq: 2 });
  const standing = fc.constantFrom<Standing>(approved, rejected, open, { status: 'open', awaits: ['source_audit'] });
  return fc.record({
    field: fc.constant(field),
    pairs: fc.constant(pairs),
    margins: fc.array(margin, { minLength: pairs.length, maxLength: pairs.length }),
    fill: fc.array(fc.constantFrom(-0.3, 0, 0.05, 0.4), { minLength: pairs.length, maxLength: pairs.length }),
    standing: fc.array(standing, { minLength: count, maxLength: count }),
    leaderBaselineComplete: fc.boolean(),
  });
});
type AnyRound = typeof anyRound extends fc.Arbitrary<infer R> ? R : never;

function inputOf(round: AnyRound, changes: Partial<TimelineInput> = {}): TimelineInput {
  const rows = round.pairs.flatMap(([left, right], at) => {
    const margin = round.margins[at];
    return margin === undefined ? [] : [[left, right, margin] as const];
  });
  const standing = new Map(round.field.map((key, at) => [key, round.standing[at] ?? open]));
  return {
    hotkeys: round.field,
    margin: marginIn(rows),
    standing: (key) => standing.get(key) ?? open,
    winMargin: WIN,
    leaderBaselineComplete: round.leaderBaselineComplete,
    ...changes,
  };
}

describe('any round', () => {
  it('is decided, or has a match to play that was not played, or waits for something named', () => {
    fc.assert(
      fc.property(anyRound, (round) => {
        const input = inputOf(round);
        const { next, playable } = deriveTimeline(input);
        for (const { left, right } of playable) {
          expect(input.margin(left, right)).toBeUndefined();
          expect(input.standing(right).status).not.toBe('rejected');
          if (left === LEADER) expect(input.leaderBaselineComplete).toBe(true);
          else {
            expect(input.hotkeys.indexOf(left)).toBeLessThan(input.hotkeys.indexOf(right));
            expect(input.margin(LEADER, left)).toBeGreaterThanOrEqual(WIN);
            expect(input.margin(LEADER, right)).toBeGreaterThanOrEqual(WIN);
          }
        }
        if (next.kind === 'match') expect(playable[0]).toEqual(next.match);
        else expect(playable).toEqual([]);
        if (next.kind === 'await') {
          for (const event of next.events) {
            if (event.kind === 'leader_baseline') expect(input.leaderBaselineComplete).toBe(false);
            else expect(input.standing(event.hotkey).status).toBe('open');
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('derives after a rejection as if the hotkey had never revealed', () => {
    fc.assert(
      fc.property(anyRound, fc.nat(5), (round, at) => {
        const input = inputOf(round);
        const gone = round.field[at];
        const without = deriveTimeline({ ...input, hotkeys: input.hotkeys.filter((key) => key !== gone) });
        const rejecting = deriveTimeline({
          ...input,
          standing: (key) => (key === gone ? rejected : input.standing(key)),
        });
        expect(rejecting.entries.filter((entry) => entry.hotkey !== gone)).toEqual(without.entries);
        expect(rejecting.next).toEqual(without.next);
        expect(rejecting.playable).toEqual(without.playable);
      }),
    );
  });

  it('keeps what it knows when more matches are played, and its winner once decided', () => {
    fc.assert(
      fc.property(anyRound, fc.array(fc.nat(30)), (round, played) => {
        const before = deriveTimeline(inputOf(round));
        const margins = round.margins.map((margin, at) => margin ?? (played.includes(at) ? round.fill[at] : undefined));
        const after = deriveTimeline(inputOf({ ...round, margins }));
        if (before.next.kind === 'decided') expect(after.next).toEqual(before.next);
        for (const [at, entry] of before.entries.entries()) {
          if (entry.status !== 'pending') expect(after.entries[at]).toEqual(entry);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is decided by playing what is asked for and approving what is awaited, within as many steps as there are pairs', () => {
    fc.assert(
      fc.property(anyRound, (round) => {
        const margins = [...round.margins];
        const standing = new Map(round.field.map((key, at) => [key, round.standing[at] ?? open]));
        const step = () =>
          deriveTimeline(
            inputOf(
              { ...round, margins },
              { leaderBaselineComplete: true, standing: (key) => standing.get(key) ?? open },
            ),
          ).next;
        let next = step();
        for (let steps = 0; next.kind !== 'decided'; steps += 1) {
          expect(steps).toBeLessThanOrEqual(round.pairs.length + round.field.length);
          if (next.kind === 'match') {
            const { left, right } = next.match;
            const at = round.pairs.findIndex((pair) => pair[0] === left && pair[1] === right);
            margins[at] = round.fill[at];
          } else for (const event of next.events) if ('hotkey' in event) standing.set(event.hotkey, approved);
          next = step();
        }
      }),
    );
  });

  it('has the first qualified hotkey as its first local leader', () => {
    fc.assert(
      fc.property(anyRound, (round) => {
        const input = inputOf(round);
        const settles = (hotkey: Hotkey) => ['qualified', 'unplayed'].includes(qualificationOf(hotkey, input));
        const first = input.hotkeys.find(settles);
        const leads = first !== undefined && qualificationOf(first, input) === 'qualified';
        expect(localLeaders(deriveTimeline(input))[0]?.hotkey).toBe(leads ? first : undefined);
      }),
    );
  });
});

describe('audit requests', () => {
  const report = () => ({ margin: 0.06, duels: [{ name: stem(1), winner: 'right' }] as never });
  const facts = { report, seed: 1, winMargin: WIN, maxMismatchedMargin: 0.05 };

  it('go to the first that qualifies at once, while the field behind it has yet to play', () => {
    const due = auditRequestsDue({ ...facts, requested: [], timeline: timeline([[LEADER, A, 0.06]]) });
    expect(due).toEqual([{ hotkey: A, critical_prompts: [stem(1)] }]);
  });

  it('wait while anyone before has not played', () => {
    expect(auditRequestsDue({ ...facts, requested: [], timeline: timeline([[LEADER, B, 0.06]]) })).toEqual([]);
    const rejectedBefore = timeline([[LEADER, B, 0.06]], [[A, rejected]]);
    expect(auditRequestsDue({ ...facts, requested: [], timeline: rejectedBefore })).toHaveLength(1);
  });

  it('are made once, and only with a report at hand', () => {
    const derived = timeline([[LEADER, A, 0.06]]);
    const requested = [{ hotkey: A, critical_prompts: [stem(9)] }];
    expect(auditRequestsDue({ ...facts, requested, timeline: derived })).toEqual([]);
    expect(auditRequestsDue({ ...facts, requested: [], timeline: derived, report: () => undefined })).toEqual([]);
  });
});

describe('standings', () => {
  const audit = (outcome: 'pending' | 'passed' | 'rejected') => ({
    hotkey: A,
    outcome,
    checked_prompts: 0,
    failed_prompts: 0,
    failed_critical: 0,
    generation_time: null,
    reason: '',
  });
  const source = (verdict: 'passed' | 'failed') => ({ hotkey: A, verdict, reason: '' });
  const of = (
    outcome?: Parameters<typeof audit>[0],
    verdict?: Parameters<typeof source>[0],
    requireSourceAudit = true,
  ) =>
    standings({
      generationAudits: outcome === undefined ? {} : { [A]: audit(outcome) },
      sourceAudits: verdict === undefined ? [] : [source(verdict)],
      requireSourceAudit,
    })(A);

  it('need both audits for approval, and one failure for rejection', () => {
    expect(of('passed', 'passed')).toEqual(approved);
    expect(of('rejected', 'passed')).toEqual(rejected);
    expect(of('passed', 'failed')).toEqual({ status: 'rejected', by: 'source_audit' });
    expect(of(undefined, 'failed')).toEqual({ status: 'rejected', by: 'source_audit' });
    expect(of('passed')).toEqual({ status: 'open', awaits: ['source_audit'] });
    expect(of('pending', 'passed')).toEqual({ status: 'open', awaits: ['generation_audit'] });
    expect(of()).toEqual(open);
  });

  it('do without the source audit where the rules do, but not against one', () => {
    expect(of('passed', undefined, false)).toEqual(approved);
    expect(of('passed', 'failed', false).status).toBe('rejected');
  });

  it('reject whom an operator excluded, whatever the audits say', () => {
    const excluding = standings({
      generationAudits: { [A]: audit('passed') },
      sourceAudits: [source('passed')],
      requireSourceAudit: true,
      excluded: new Set([A]),
    });
    expect(excluding(A)).toEqual({ status: 'rejected', by: 'exclusion' });
    expect(excluding(B).status).toBe('open');
  });
});

describe('a round of more hotkeys than a subnet has', () => {
  it('is derived without listing every two of them', () => {
    const hotkeys = Array.from({ length: 5000 }, (_, at) => `5${String(at).padStart(47, 'C')}` as Hotkey);
    const { next, playable } = deriveTimeline({
      hotkeys,
      margin: (left) => (left === LEADER ? 1 : undefined),
      standing: () => open,
      winMargin: WIN,
      leaderBaselineComplete: true,
    });
    expect(next).toMatchObject({ kind: 'match', match: { left: hotkeys[0], right: hotkeys[1] } });
    expect(playable.length).toBeLessThan(50_000);
  });

  it('looks ahead to every two of a full subnet', () => {
    const hotkeys = Array.from({ length: 256 }, (_, at) => `5${String(at).padStart(47, 'C')}` as Hotkey);
    const { playable } = deriveTimeline({
      hotkeys,
      margin: (left) => (left === LEADER ? 1 : undefined),
      standing: () => open,
      winMargin: WIN,
      leaderBaselineComplete: true,
    });
    expect(playable).toHaveLength((256 * 255) / 2);
  });
});

import type { Generations, Stem } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditVerdictInput, auditVerdict } from '../../src/gen3d/audit/audit-verdict.js';
import { isHopeless, startRun } from '../../src/gen3d/audit/coordinator.js';
import { openPromptsOf } from '../../src/gen3d/round/open-prompts.js';
import { failed, generations, hotkey, result, rules, stem, stems } from '../support/samples.js';

const all = stems(128);
const submitted = generations(all.map((name) => [name, result({ generation_time: 0, attempts: 0 })]));
/** A perfect re-run, but for the given prompts. */
const rerun = (changes: ReadonlyMap<Stem, ReturnType<typeof result> | undefined> = new Map()): Generations =>
  generations(
    all.flatMap((name) => {
      const changed = changes.has(name) ? changes.get(name) : result();
      return changed === undefined ? [] : [[name, changed] as const];
    }),
  );
const but = (count: number, changed: ReturnType<typeof result> | undefined) =>
  rerun(new Map(all.slice(0, count).map((name) => [name, changed])));
const verdict = (changes: Partial<AuditVerdictInput> = {}) =>
  auditVerdict({
    hotkey: hotkey(1),
    criticalPrompts: [],
    submitted,
    generated: rerun(),
    build: { status: 'success' },
    runComplete: true,
    rules,
    ...changes,
  });

describe('an audit', () => {
  it('passes a re-run that is the same', () => {
    expect(verdict()).toEqual({
      hotkey: hotkey(1),
      outcome: 'passed',
      checked_prompts: 128,
      failed_prompts: 0,
      failed_critical: 0,
      generation_time: 10,
      reason: '',
    });
  });

  it('tolerates six mismatches of any kind, and not seven', () => {
    const kinds = [
      undefined,
      failed(),
      result({ distance: 0.1001 }),
      result({ generation_time: 180.01 }),
      result({ png: null }),
    ];
    for (const kind of kinds) {
      expect(verdict({ generated: but(6, kind) })).toMatchObject({ outcome: 'passed', failed_prompts: 6 });
      expect(verdict({ generated: but(7, kind) })).toMatchObject({
        outcome: 'rejected',
        failed_prompts: 7,
        reason: 'Non-critical mismatches (7) exceed tolerance (6)',
      });
    }
  });

  it('takes the limits themselves as kept', () => {
    expect(verdict({ generated: but(128, result({ distance: 0.1, generation_time: 90 })) }).outcome).toBe('passed');
    expect(verdict({ generated: but(60, result({ generation_time: 180 })) }).outcome).toBe('passed');
  });

  it('tolerates one critical mismatch, counted apart from the others', () => {
    const criticalPrompts = all.slice(0, 7);
    expect(verdict({ criticalPrompts, generated: but(1, failed()) })).toMatchObject({
      outcome: 'passed',
      failed_prompts: 0,
      failed_critical: 1,
    });
    expect(verdict({ criticalPrompts, generated: but(2, failed()) })).toMatchObject({
      outcome: 'rejected',
      reason: 'Critical mismatches (2) exceed tolerance (1)',
    });
  });

  it('names every reason, with two decimals', () => {
    const slow = generations(all.map((name, n) => [name, n < 20 ? failed() : result({ generation_time: 90.125 })]));
    expect(verdict({ criticalPrompts: all.slice(0, 3), generated: slow })).toMatchObject({
      outcome: 'rejected',
      generation_time: 90.125,
      reason:
        'Trimmed median generation time (90.12s) exceeds limit (90.00s); Non-critical mismatches (17) exceed tolerance (6); Critical mismatches (3) exceed tolerance (1)',
    });
  });

  it('checks only what was submitted, and times only what succeeded', () => {
    const few = generations(all.map((name, n) => [name, n < 2 ? result({ png: null, glb: null }) : result()]));
    expect(verdict({ submitted: few, generated: but(2, result({ distance: 1, generation_time: 170 })) })).toMatchObject(
      {
        outcome: 'passed',
        checked_prompts: 126,
        failed_prompts: 0,
        generation_time: 10,
      },
    );
    expect(verdict({ generated: {} }).generation_time).toBeNull();
  });

  it('is pending while the build, the run or a distance is open on our side', () => {
    const pending = { outcome: 'pending', checked_prompts: 0, reason: '' };
    for (const status of ['pending', 'in_progress', 'not_found'] as const) {
      expect(verdict({ build: { status } })).toMatchObject(pending);
    }
    expect(verdict({ build: undefined })).toMatchObject(pending);
    expect(verdict({ runComplete: false, generated: {} })).toMatchObject(pending);
    expect(verdict({ unmeasured: new Set([stem(3)]), generated: but(128, undefined) })).toMatchObject(pending);
  });

  it('counts what is certain while the run goes on: what is borne out, and what no attempt more can mend', () => {
    const slow = result({ generation_time: 181, attempts: 1 });
    const cases = [
      [result(), { checked_prompts: 1, failed_prompts: 0 }],
      [failed({ attempts: 3 }), { checked_prompts: 1, failed_prompts: 1 }],
      [result({ distance: 0.2 }), { checked_prompts: 1, failed_prompts: 1 }],
      // Tried again: nothing is known yet.
      [failed({ attempts: 2 }), { checked_prompts: 0, failed_prompts: 0 }],
      [slow, { checked_prompts: 0, failed_prompts: 0 }],
    ] as const;
    for (const [made, counts] of cases) {
      const open = verdict({ runComplete: false, generated: generations([[stem(3), made]]) });
      expect(open).toMatchObject({ outcome: 'pending', reason: '', failed_critical: 0, ...counts });
      const critical = { criticalPrompts: [stem(3)], runComplete: false, generated: generations([[stem(3), made]]) };
      expect(verdict(critical).failed_critical).toBe(counts.failed_prompts);
    }
    // No rejection before the end, however many fail.
    expect(verdict({ runComplete: false, generated: but(128, result({ distance: 0.2 })) })).toMatchObject({
      ...{ outcome: 'pending', checked_prompts: 128, failed_prompts: 128, reason: '' },
    });
  });

  it('is rejected when the image cannot be built', () => {
    for (const status of ['failure', 'timed_out'] as const) {
      expect(verdict({ build: { status }, runComplete: false })).toEqual({
        hotkey: hotkey(1),
        outcome: 'rejected',
        checked_prompts: 0,
        failed_prompts: 0,
        failed_critical: 0,
        generation_time: null,
        reason: 'Failed to build a docker image',
      });
    }
  });

  it('says under which amendment it was run again', () => {
    expect(verdict({ amendment: 3 }).amendment).toBe(3);
    expect('amendment' in verdict()).toBe(false);
  });

  it('never gets better by greater distances or longer times', () => {
    const changes = fc.array(
      fc.record({
        at: fc.nat(127),
        distance: fc.double({ min: 0, max: 0.2, noNaN: true }),
        time: fc.double({ min: 0, max: 200, noNaN: true }),
        worseDistance: fc.double({ min: 0, max: 1, noNaN: true }),
        longer: fc.double({ min: 0, max: 100, noNaN: true }),
      }),
      { maxLength: 128 },
    );
    fc.assert(
      fc.property(changes, fc.nat(10), (list, critical) => {
        const criticalPrompts = all.slice(0, critical);
        const worse = new Map(
          list.map((c) => [
            stem(c.at),
            result({ distance: c.distance + c.worseDistance, generation_time: c.time + c.longer }),
          ]),
        );
        const better = new Map(
          list.map((c) => [stem(c.at), result({ distance: c.distance, generation_time: c.time })]),
        );
        const before = verdict({ criticalPrompts, generated: rerun(better) });
        const after = verdict({ criticalPrompts, generated: rerun(worse) });
        if (before.outcome === 'rejected') expect(after.outcome).toBe('rejected');
        expect(after.failed_prompts).toBeGreaterThanOrEqual(before.failed_prompts);
        expect(after.failed_critical).toBeGreaterThanOrEqual(before.failed_critical);
      }),
    );
  });
});

describe('what a rejection depends on', () => {
  const input = (generated: Generations, criticalPrompts: readonly Stem[] = []): AuditVerdictInput => ({
    hotkey: hotkey(1),
    criticalPrompts,
    submitted,
    generated,
    build: { status: 'success' },
    runComplete: true,
    rules,
  });

  it('is the prompts that had attempts left, where these would have passed it', () => {
    for (const open of [undefined, failed({ attempts: 2 }), result({ generation_time: 200, attempts: 2 })]) {
      expect(openPromptsOf(input(but(7, open)))).toEqual(all.slice(0, 7));
    }
    expect(openPromptsOf(input(generations([])))).toEqual(all);
  });

  it('is nothing where all attempts were used, or another try would have made nothing better', () => {
    const settled = [failed({ attempts: 3 }), result({ generation_time: 200, attempts: 3 }), result({ distance: 0.2 })];
    for (const kind of settled) expect(openPromptsOf(input(but(7, kind)))).toEqual([]);
  });

  it('is nothing where the prompts that were settled reject by themselves', () => {
    const settled = all.slice(0, 7).map((name): [Stem, ReturnType<typeof result>] => [name, result({ distance: 1 })]);
    const open = all.slice(7, 60).map((name): [Stem, ReturnType<typeof result>] => [name, failed()]);
    expect(openPromptsOf(input(rerun(new Map([...settled, ...open]))))).toEqual([]);
    const slow = rerun(new Map(all.map((name, at) => [name, at < 7 ? failed() : result({ generation_time: 100 })])));
    expect(openPromptsOf(input(slow))).toEqual([]);
  });

  it('is nothing once a run was hopeless', () => {
    const kind = fc.constantFrom(undefined, failed(), failed({ attempts: 3 }), result(), result({ distance: 0.5 }));
    fc.assert(
      fc.property(fc.array(kind, { minLength: 128, maxLength: 128 }), fc.nat(20), (kinds, critical) => {
        const generated = rerun(new Map(all.map((name, at) => [name, kinds[at]])));
        if (!isHopeless(startRun(all, generated), rules)) return;
        expect(openPromptsOf(input(generated, all.slice(0, critical)))).toEqual([]);
      }),
    );
  });
});

import type { Stem } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditVerdict } from '../../src/gen3d/audit/audit-verdict.js';
import {
  betterResult,
  handOut,
  holdPrompt,
  isHopeless,
  nextPrompt,
  PROMPT_LOCK_MS,
  type Run,
  type RunPods,
  recordResult,
  releasePod,
  runState,
  settledMismatches,
  startRun,
} from '../../src/gen3d/audit/coordinator.js';
import { failed, generations, hotkey, result, rules, stem, stems } from '../support/samples.js';

const A = { id: 'a', acceptsRetries: true };
const B = { id: 'b', acceptsRetries: true };
const C = { id: 'c', acceptsRetries: true };
const D = { id: 'd', acceptsRetries: true };
const started = (count: number) => startRun(stems(count), {});
const next = (run: Run, pod = A, nowMs = 0) => nextPrompt(run, pod, nowMs, rules);
const answer = (run: Run, name: Stem, pod: string, made = result()) =>
  recordResult(handOut(run, name, pod, 0), name, pod, made);
const pods = (changes: Partial<RunPods> = {}): RunPods => ({ working: [], toCome: 0, lost: 0, ...changes });

describe('the next prompt', () => {
  it('is fresh first, then failed, then over the hard limit, then the slowest while the median is too slow', () => {
    let run = started(14);
    run = answer(run, stem(0), 'x', result({ generation_time: 100 }));
    run = answer(run, stem(1), 'x', result({ generation_time: 170 }));
    run = answer(run, stem(2), 'x', result({ generation_time: 180 }));
    run = answer(run, stem(3), 'x', failed());
    const order: (Stem | undefined)[] = [];
    for (let at = 0; at < 15; at += 1) {
      const name = next(run);
      order.push(name);
      if (name !== undefined) run = handOut(run, name, 'a', 0);
    }
    // All but four are missing and count 180 s: the median is over its limit, so the slow ones are worth another try.
    expect(order).toEqual([...stems(14).slice(4), stem(3), stem(2), stem(1), stem(0), undefined]);
  });

  it('is no slow one while the median is within its limit', () => {
    let run = started(3);
    run = answer(run, stem(0), 'x', result({ generation_time: 100 }));
    run = answer(run, stem(1), 'x');
    run = answer(run, stem(2), 'x');
    expect(next(run)).toBeUndefined();
  });

  it('is one at the hard limit, even while the median is within its limit', () => {
    let run = answer(started(3), stem(0), 'x', result({ generation_time: 180 }));
    run = answer(answer(run, stem(1), 'x'), stem(2), 'x');
    expect(next(run)).toBe(stem(0));
  });

  it('is among failed ones that with the fewest attempts', () => {
    let run = answer(answer(started(2), stem(0), 'x', failed()), stem(0), 'y', failed());
    run = answer(run, stem(1), 'x', failed());
    expect(next(run)).toBe(stem(1));
  });

  it('is never one that does not match what was submitted: the container made something else', () => {
    const run = answer(started(1), stem(0), 'x', result({ distance: 0.2, generation_time: 200 }));
    expect(next(run)).toBeUndefined();
    expect(runState(run, pods({ working: [A] }), 0, rules, 'baseline')).toMatchObject({
      kind: 'done',
      because: 'all_settled',
    });
  });

  it("is one pod's at a time, until its lock runs out", () => {
    const run = handOut(started(1), stem(0), 'a', 0);
    expect(next(run, B)).toBeUndefined();
    expect(next(run, B, PROMPT_LOCK_MS - 1)).toBeUndefined();
    expect(next(run, B, PROMPT_LOCK_MS)).toBe(stem(0));
    expect(next(run, A, PROMPT_LOCK_MS)).toBeUndefined();
    expect(next(holdPrompt(run, stem(0), 'a', PROMPT_LOCK_MS * 2), B, PROMPT_LOCK_MS)).toBeUndefined();
    expect(holdPrompt(run, stem(0), 'b', PROMPT_LOCK_MS * 2)).toEqual(run);
  });

  it('is fresh only, for a pod that takes no retries', () => {
    let run = answer(started(2), stem(0), 'x', failed());
    expect(next(run, { id: 'a', acceptsRetries: false })).toBe(stem(1));
    run = answer(run, stem(1), 'x');
    expect(next(run, { id: 'a', acceptsRetries: false })).toBeUndefined();
    expect(next(run, A)).toBe(stem(0));
  });
});

describe('a result', () => {
  it('that is better is kept, with the attempts of all', () => {
    let run = answer(started(1), stem(0), 'a', result({ generation_time: 200 }));
    run = answer(run, stem(0), 'b', result({ generation_time: 100 }));
    run = answer(run, stem(0), 'c', failed());
    expect(run[0]?.best).toEqual(result({ generation_time: 100, attempts: 3 }));
    expect(betterResult(failed(), failed({ size: 1 }))).toEqual(failed());
    expect(betterResult(failed(), result())).toEqual(result());
    expect(betterResult(result({ size: 1 }), result({ size: 2 }))).toEqual(result({ size: 1 }));
  });

  it('of a pod that lost the prompt to another is dropped', () => {
    let run = handOut(started(1), stem(0), 'a', 0);
    run = handOut(run, stem(0), 'b', PROMPT_LOCK_MS);
    expect(recordResult(run, stem(0), 'a', result())).toEqual(run);
    expect(recordResult(run, stem(0), 'b', result())[0]?.attempts).toBe(1);
  });

  it('that never came because the pod died charges nothing, and another pod gets the prompt', () => {
    const run = releasePod(handOut(started(1), stem(0), 'a', 0), 'a');
    expect(run[0]?.attempts).toBe(0);
    expect(next(run, B)).toBe(stem(0));
  });
});

describe('a run', () => {
  it('is taken up again from what was published', () => {
    const done = generations([
      [stem(0), result()],
      [stem(1), failed({ attempts: 2 })],
      [stem(2), failed({ attempts: 3 })],
    ]);
    const run = startRun(stems(4), done);
    expect(next(run)).toBe(stem(3));
    expect(next(handOut(run, stem(3), 'x', 0))).toBe(stem(1));
    expect(runState(run, pods({ toCome: 2 }), 0, rules, 'audit')).toEqual({
      kind: 'running',
      open: [stem(1), stem(3)],
    });
  });

  it('goes on while a prompt is out, a pod has something to do, or a pod is to come', () => {
    const run = started(2);
    expect(runState(run, pods({ working: [A] }), 0, rules, 'audit').kind).toBe('running');
    expect(runState(run, pods({ toCome: 1 }), 0, rules, 'audit').kind).toBe('running');
    expect(runState(handOut(run, stem(0), 'a', 0), pods(), 0, rules, 'audit').kind).toBe('running');
  });

  it('gives no verdict when pods were lost on our side, and counts against the miner when its container failed', () => {
    expect(runState(started(2), pods({ lost: 1 }), 0, rules, 'audit')).toEqual({ kind: 'stranded', open: stems(2) });
    expect(runState(started(2), pods(), 0, rules, 'audit')).toMatchObject({ kind: 'done', because: 'pods_failed' });
  });

  it('of a leader ends when every prompt has a usable result, though a slow one is being tried again', () => {
    let run = startRun(stems(2), generations([[stem(0), result({ generation_time: 200 })]]));
    run = handOut(handOut(run, stem(0), 'a', 0), stem(1), 'b', 0);
    expect(runState(run, pods({ working: [A, B] }), 0, rules, 'baseline').kind).toBe('running');
    run = recordResult(run, stem(1), 'b', result());
    expect(runState(run, pods({ working: [A, B] }), 0, rules, 'baseline').kind).toBe('done');
    expect(runState(run, pods({ working: [A, B] }), 0, rules, 'audit').kind).toBe('running');
  });

  it('ends when every pod has tried, or none takes retries any more', () => {
    const run = answer(started(1), stem(0), 'a', failed());
    const end = { kind: 'done', because: 'no_pod_takes_more', open: [stem(0)] };
    expect(runState(run, pods({ working: [A] }), 0, rules, 'audit')).toEqual(end);
    expect(runState(run, pods({ working: [{ id: 'b', acceptsRetries: false }] }), 0, rules, 'audit')).toEqual(end);
    expect(runState(run, pods({ working: [A, B] }), 0, rules, 'audit').kind).toBe('running');
  });

  it("ends early at twice the tolerated mismatches, unless it is a leader's baseline", () => {
    let run = started(128);
    for (const name of stems(11)) run = answer(run, name, 'a', result({ distance: 0.5 }));
    run = answer(run, stem(20), 'a', failed());
    expect(isHopeless(run, rules)).toBe(false);
    run = answer(run, stem(11), 'a', result({ distance: 0.5 }));
    expect(runState(run, pods({ working: [A] }), 0, rules, 'audit')).toMatchObject({
      kind: 'done',
      because: 'hopeless',
    });
    expect(runState(run, pods({ working: [A] }), 0, rules, 'baseline').kind).toBe('running');
  });

  it('counts failures and hard overtimes as settled only when their attempts are used', () => {
    const generated = generations([
      [stem(0), failed({ attempts: 3 })],
      [stem(1), failed({ attempts: 2 })],
      [stem(2), result({ generation_time: 181, attempts: 3 })],
      [stem(3), result({ generation_time: 181, attempts: 2 })],
      [stem(4), result({ generation_time: 180, attempts: 3 })],
      [stem(5), result({ distance: 0.11 })],
    ]);
    expect(settledMismatches(startRun(stems(7), generated), rules)).toBe(3);
  });

  it('ends early only when the rejection is certain, however small the tolerances', () => {
    const settings = fc.record({ most: fc.nat(4), mostCritical: fc.nat(4), critical: fc.nat(12), bad: fc.nat(12) });
    fc.assert(
      fc.property(settings, ({ most, mostCritical, critical, bad }) => {
        const names = stems(12);
        const verification = {
          ...rules.verification,
          max_mismatched_prompts: most,
          max_mismatched_critical_prompts: mostCritical,
        };
        const generated = generations(names.map((name, n) => [name, result({ distance: n < bad ? 1 : 0 })]));
        const ruled = { ...rules, verification };
        if (!isHopeless(startRun(names, generated), ruled)) return;
        const verdict = auditVerdict({
          hotkey: hotkey(1),
          criticalPrompts: names.slice(0, critical),
          submitted: generated,
          generated,
          build: { status: 'success' },
          runComplete: true,
          rules: ruled,
        });
        expect(verdict.outcome).toBe('rejected');
      }),
    );
  });

  it('never gives a pod a prompt twice nor a prompt more attempts than it has, and ends, whatever the pods do', () => {
    const event = fc.record({
      pod: fc.nat(3),
      does: fc.constantFrom('ask', 'ask', 'answer', 'answer', 'fail', 'die', 'hang'),
      seconds: fc.constantFrom(10, 95, 170, 200),
      distance: fc.constantFrom(0, 0, 0, 0.5),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.array(event, { maxLength: 200 }), (count, events) => {
        let run = started(count);
        let nowMs = 0;
        const working = [A, B, C, D];
        const given = new Set<string>();
        const out = new Map<string, Stem>();
        const give = (pod: typeof A) => {
          const name = nextPrompt(run, pod, nowMs, rules);
          if (name === undefined || out.has(pod.id)) return;
          expect(given.has(`${pod.id} ${name}`)).toBe(false);
          given.add(`${pod.id} ${name}`);
          run = handOut(run, name, pod.id, nowMs);
          out.set(pod.id, name);
        };
        const take = (pod: typeof A, made: ReturnType<typeof result>) => {
          const name = out.get(pod.id);
          if (name !== undefined) run = recordResult(run, name, pod.id, made);
          out.delete(pod.id);
        };
        for (const { pod: at, does, seconds, distance } of events) {
          const pod = working[at] as typeof A;
          if (does === 'ask') give(pod);
          else if (does === 'answer') take(pod, result({ generation_time: seconds, distance }));
          else if (does === 'fail') take(pod, failed());
          else if (does === 'die') {
            run = releasePod(run, pod.id);
            out.delete(pod.id);
          } else nowMs += PROMPT_LOCK_MS;
        }
        // From here on all pods answer: the run must end by itself.
        for (let steps = 0; runState(run, pods({ working }), nowMs, rules, 'audit').kind === 'running'; steps += 1) {
          expect(steps).toBeLessThan(count * working.length * 4);
          const pod = working[steps % working.length] as typeof A;
          give(pod);
          take(pod, result());
          nowMs += 1000;
        }
        for (const work of run) expect(work.attempts).toBeLessThanOrEqual(rules.generation.max_attempts);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JobCost, SAMPLE_EVERY_MS } from '../../src/pool/job-cost.js';

const START = { atMs: 1000, cpuMs: 500 };
const awake = () => false;
const asleep = () => true;

describe('what a job costs', () => {
  it('is the time on the clock, however many processors it used', () => {
    const cost = new JobCost(START, true);
    cost.add({ atMs: 1050, cpuMs: 900, asleep: awake });
    expect(cost.spentMs).toBe(50);
  });

  it('is the processor time that it got, on a machine that gave it less than one processor', () => {
    const cost = new JobCost(START, true);
    for (let i = 1; i <= 100; i += 1) cost.add({ atMs: 1000 + 50 * i, cpuMs: 500 + i, asleep: awake });
    expect(cost.spentMs).toBe(100);
    expect(cost.wallMs).toBe(5000);
  });

  it('is the time on the clock too where it hangs without using a processor', () => {
    const cost = new JobCost(START, true);
    for (let i = 1; i <= 100; i += 1) cost.add({ atMs: 1000 + 50 * i, cpuMs: 500, asleep });
    expect(cost.spentMs).toBe(5000);
  });

  it('is all of the time with a GPU, whose driver sleeps while it draws', () => {
    const cost = new JobCost(START, false);
    for (let i = 1; i <= 100; i += 1) cost.add({ atMs: 1000 + 50 * i, cpuMs: 500 + i, asleep: awake });
    expect(cost.spentMs).toBe(5000);
  });

  it.each([true, false])('is next to nothing while it could not be measured (on a processor: %s)', (onProcessor) => {
    const cost = new JobCost(START, onProcessor);
    cost.add({ atMs: 100_000, cpuMs: 500, asleep });
    expect(cost.spentMs).toBeLessThanOrEqual(2 * SAMPLE_EVERY_MS);
  });

  it('never shrinks, and is never more than the time on the clock', () => {
    const step = fc.record({ ms: fc.nat(1000), cpu: fc.nat(3000), asleep: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), fc.boolean(), (steps, onProcessor) => {
        const cost = new JobCost(START, onProcessor);
        let [{ atMs, cpuMs }, before] = [START, 0];
        for (const { ms, cpu, asleep } of steps) {
          atMs += ms;
          cpuMs += cpu;
          cost.add({ atMs, cpuMs, asleep: () => asleep });
          expect(cost.spentMs).toBeGreaterThanOrEqual(before);
          expect(cost.spentMs).toBeLessThanOrEqual(atMs - START.atMs);
          before = cost.spentMs;
        }
      }),
    );
  });
});

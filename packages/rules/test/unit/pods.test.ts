import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptsRetries, type PodOutcome, podHealth, retryBalance } from '../../src/gen3d/audit/pod-health.js';
import { type PodStage, podsToStart } from '../../src/gen3d/audit/pod-plan.js';
import { rules } from '../support/samples.js';

const { generation } = rules;
const fresh = (seconds: number): PodOutcome => ({ success: true, seconds, secondsBefore: undefined });
const failure: PodOutcome = { success: false, seconds: 0, secondsBefore: undefined };
const retry = (secondsBefore: number, seconds: number): PodOutcome => ({ success: true, seconds, secondsBefore });
const times = (...seconds: number[]) => seconds.map(fresh);
const repeat = (outcome: PodOutcome, count: number) => Array.from({ length: count }, () => outcome);

describe("a pod's health", () => {
  it('is not judged before eight prompts', () => {
    expect(podHealth(repeat(failure, 7), generation)).toEqual({ bad: false });
    expect(podHealth(repeat(failure, 8), generation)).toEqual({
      bad: true,
      because: 'failures',
      failures: 8,
      hardOvertimes: 0,
    });
  });

  it('is bad after eight failures and hard overtimes together, however many prompts went well', () => {
    const history = [...repeat(fresh(30), 50), ...repeat(failure, 4), ...repeat(fresh(180), 3)];
    expect(podHealth(history, generation)).toEqual({ bad: false });
    expect(podHealth([...history, fresh(200)], generation)).toMatchObject({ bad: true, failures: 4, hardOvertimes: 4 });
  });

  it('is bad when its last eight fresh times have a median over the limit that does not fall', () => {
    expect(podHealth(times(130, 130, 130, 130, 130, 130, 130, 130), generation)).toEqual({
      bad: true,
      because: 'slow',
      rollingMedianSeconds: 130,
    });
    expect(podHealth(times(170, 160, 150, 140, 130, 125, 124, 123), generation)).toEqual({ bad: false });
    expect(podHealth(times(120, 120, 120, 120, 120, 120, 120, 120), generation)).toEqual({ bad: false });
    expect(podHealth([...repeat(fresh(175), 20), ...times(30, 30, 30, 30, 30)], generation)).toEqual({ bad: false });
  });

  it('is not judged slow by retries, which are of slow prompts', () => {
    expect(podHealth([...times(30, 30), ...repeat(retry(175, 170), 10)], generation)).toEqual({ bad: false });
  });
});

describe('retries', () => {
  it('are accepted until three of them show no gain on balance', () => {
    expect(acceptsRetries([retry(100, 170), retry(100, 170)], generation)).toBe(true);
    expect(acceptsRetries([retry(100, 170), retry(100, 170), retry(180, 50)], generation)).toBe(false);
    expect(acceptsRetries([retry(100, 170), retry(100, 90), retry(180, 50)], generation)).toBe(true);
    expect(acceptsRetries([retry(100, 100), retry(100, 100), retry(100, 100)], generation)).toBe(false);
    expect(acceptsRetries(times(170, 170, 170), generation)).toBe(true);
  });

  it('that fail count as the hard limit, like the failures that they retry', () => {
    const failing: PodOutcome = { success: false, seconds: 0, secondsBefore: 100 };
    expect(retryBalance([failing, retry(180, 30), retry(180, 300)], generation)).toEqual({
      count: 3,
      deltaSeconds: 80 - 150,
    });
  });
});

describe('pods to start', () => {
  const plan = (...pods: PodStage[]) => podsToStart(pods, generation).toStart;

  it('are two, and two more once one has been healthy', () => {
    expect(plan()).toBe(2);
    expect(plan('starting')).toBe(1);
    expect(plan('starting', 'starting')).toBe(0);
    expect(plan('healthy', 'starting')).toBe(2);
    expect(plan('healthy', 'healthy', 'healthy', 'starting')).toBe(0);
  });

  it('replace bad and lost ones, but none that never became healthy', () => {
    expect(plan('healthy', 'bad', 'healthy', 'healthy')).toBe(1);
    expect(plan('healthy', 'lost', 'healthy', 'healthy')).toBe(1);
    expect(plan('bad', 'starting')).toBe(3);
    expect(plan('lost', 'starting')).toBe(1);
    expect(plan('healthy', 'unhealthy', 'healthy', 'healthy')).toBe(0);
    expect(plan('unhealthy', 'unhealthy')).toBe(0);
  });

  it('are never more in all than a miner may have started', () => {
    const stage = fc.constantFrom<PodStage>('starting', 'healthy', 'unhealthy', 'bad', 'lost');
    fc.assert(
      fc.property(fc.array(stage, { maxLength: 12 }), (pods) => {
        const { toStart, live, lost } = podsToStart(pods, generation);
        expect(toStart).toBeGreaterThanOrEqual(0);
        if (toStart > 0) {
          expect(pods.length + toStart).toBeLessThanOrEqual(generation.pod_starts_per_miner);
          expect(live + toStart).toBeLessThanOrEqual(generation.pods_per_miner);
        }
        expect(lost).toBe(pods.filter((pod) => pod === 'lost').length);
      }),
    );
  });
});

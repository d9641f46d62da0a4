import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openJobQueue } from '../../src/job-queue.js';

describe('a job queue', () => {
  it('runs a key once until its result was taken', async () => {
    let runs = 0;
    await using queue = openJobQueue<number, number>({
      concurrency: 2,
      work: async (n) => {
        runs += 1;
        return n * 2;
      },
    });
    expect(queue.enqueue('a', 21)).toBe(true);
    expect(queue.enqueue('a', 21)).toBe(false);
    await sleep(5);
    expect(queue.has('a')).toBe(true);
    expect(queue.enqueue('a', 21)).toBe(false);
    expect(queue.take()).toEqual([{ key: 'a', ok: true, result: 42 }]);
    expect(runs).toBe(1);
    expect(queue.enqueue('a', 21)).toBe(true);
  });

  it('keeps to its concurrency', async () => {
    let running = 0;
    let most = 0;
    await using queue = openJobQueue<number, void>({
      concurrency: 3,
      work: async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(2);
        running -= 1;
      },
    });
    for (let n = 0; n < 12; n += 1) queue.enqueue(String(n), n);
    while (queue.pending().size > 0) await sleep(1);
    expect(most).toBe(3);
    expect(queue.take()).toHaveLength(12);
  });

  it('hands over errors, and tells when something settled', async () => {
    let told = 0;
    await using queue = openJobQueue<null, never>({
      concurrency: 1,
      work: async () => {
        throw new Error('store is down');
      },
      onSettled: () => {
        told += 1;
      },
    });
    queue.enqueue('a', null);
    await sleep(5);
    expect(told).toBe(1);
    expect(queue.take()).toMatchObject([{ key: 'a', ok: false }]);
  });

  it('lets nothing of a cancelled job settle, even when its key is queued again', async () => {
    await using queue = openJobQueue<string, string>({
      concurrency: 2,
      work: async (job, { signal }) => {
        await sleep(job === 'first' ? 10 : 1);
        expect(signal.aborted).toBe(job === 'first');
        return job;
      },
    });
    queue.enqueue('a', 'first');
    queue.cancel('a');
    queue.enqueue('a', 'second');
    await sleep(20);
    expect(queue.take()).toEqual([{ key: 'a', ok: true, result: 'second' }]);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openJobQueue } from '../../src/job-queue.js';

describe('a job queue', () => {
  it('runs a key once until its result is acknowledged', async () => {
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
    expect(queue.settled()).toEqual([{ key: 'a', ok: true, result: 42 }]);
    // A publish that failed finds it again.
    expect(queue.settled()).toHaveLength(1);
    expect(runs).toBe(1);
    queue.acknowledge(['a']);
    expect(queue.settled()).toEqual([]);
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
    expect(queue.settled()).toHaveLength(12);
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
    expect(queue.settled()).toMatchObject([{ key: 'a', ok: false }]);
  });

  it('lets nothing of a cancelled job settle, and starts its key again only once it has let go', async () => {
    let told = 0;
    const held = new Set<string>();
    await using queue = openJobQueue<string, string>({
      concurrency: 2,
      work: async (job, { signal }) => {
        expect(held.size).toBe(0);
        held.add(job);
        await sleep(job === 'first' ? 10 : 1);
        held.delete(job);
        expect(signal.aborted).toBe(job === 'first');
        return job;
      },
      onSettled: () => {
        told += 1;
      },
    });
    queue.enqueue('a', 'first');
    queue.cancel('a');
    expect(queue.pending().size).toBe(0);
    expect(queue.enqueue('a', 'second')).toBe(false);
    while (told === 0) await sleep(1);
    expect(queue.enqueue('a', 'second')).toBe(true);
    while (told === 1) await sleep(1);
    expect(queue.settled()).toEqual([{ key: 'a', ok: true, result: 'second' }]);
  });

  it('fault 23: ignores a job that is delivered twice, while it waits, runs, or has settled', async () => {
    const begun: string[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using queue = openJobQueue<string, string>({
      concurrency: 1,
      work: async (job) => {
        begun.push(job);
        await gate;
        return job;
      },
    });
    expect([queue.enqueue('a', 'first'), queue.enqueue('b', 'first')]).toEqual([true, true]);
    expect([queue.enqueue('a', 'second'), queue.enqueue('b', 'second')]).toEqual([false, false]);
    release();
    while (queue.settled().length < 2) await sleep(1);
    expect([queue.enqueue('a', 'third'), queue.enqueue('b', 'third')]).toEqual([false, false]);
    // Its result stays until it is acknowledged, however often it is read.
    expect(queue.settled()).toEqual([
      { key: 'a', ok: true, result: 'first' },
      { key: 'b', ok: true, result: 'first' },
    ]);
    expect(begun).toEqual(['first', 'first']);
  });

  it('forgets what has settled when all is cancelled', async () => {
    await using queue = openJobQueue<string, string>({ concurrency: 1, work: async (job) => job });
    queue.enqueue('a', 'x');
    await sleep(5);
    expect(queue.settled()).toHaveLength(1);
    queue.enqueue('b', 'y');
    queue.cancelAll();
    expect([queue.settled(), queue.pending().size]).toEqual([[], 0]);
  });

  it('aborts what runs when it is closed, and waits for it', async () => {
    let ended = false;
    const queue = openJobQueue<null, void>({
      concurrency: 1,
      work: async (_job, { signal }) => {
        await sleep(60_000, undefined, { signal }).catch(() => undefined);
        await sleep(5);
        ended = true;
      },
    });
    queue.enqueue('a', null);
    await queue[Symbol.asyncDispose]();
    expect(ended).toBe(true);
  });
});

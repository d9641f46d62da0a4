import PQueue from 'p-queue';
import { describe, expect, it } from 'vitest';
import { type FairOptions, type FairQueue, fairQueueClass } from '../../src/index.js';

/** A queue of one place with its owners' accounts; every task costs what it is said to. */
function openFair() {
  const used = new Map<string, number>();
  const done: string[] = [];
  const queueClass = fairQueueClass((owner) => used.get(owner) ?? 0);
  const queue = new PQueue<FairQueue, FairOptions>({ concurrency: 1, queueClass });
  queue.pause();
  const add = (owner: string, name: string, cost = 0, signal?: AbortSignal) =>
    queue.add(
      async () => {
        done.push(name);
        used.set(owner, (used.get(owner) ?? 0) + cost);
      },
      { owner, ...(signal === undefined ? {} : { signal }) },
    );
  return { queue, used, done, add };
}

describe('a fair queue', () => {
  it('gives the next turn to the owner that used least, and keeps the order of each owner’s own', async () => {
    const { queue, done, add } = openFair();
    const slow = ['s1', 's2', 's3'].map((name) => add('slow', name, 100));
    const quick = ['q1', 'q2', 'q3', 'q4'].map((name) => add('quick', name, 1));
    queue.start();
    await Promise.all([...slow, ...quick]);
    expect(done).toEqual(['s1', 'q1', 'q2', 'q3', 'q4', 's2', 's3']);
  });

  it('lets equals take turns', async () => {
    const { queue, done, add } = openFair();
    const tasks = ['a1', 'a2', 'b1', 'a3', 'c1', 'b2'].map((name) => add(name.slice(0, 1), name));
    queue.start();
    await Promise.all(tasks);
    expect(done).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('forgets what is called off while it waits', async () => {
    const { queue, done, add } = openFair();
    const stop = new AbortController();
    const first = add('a', 'a1');
    const off = add('a', 'a2', 0, stop.signal);
    const last = add('b', 'b1');
    stop.abort(new Error('enough'));
    await expect(off).rejects.toThrow('enough');
    expect(queue.size).toBe(2);
    queue.start();
    await Promise.all([first, last]);
    expect([done, queue.size]).toEqual([['a1', 'b1'], 0]);
  });
});

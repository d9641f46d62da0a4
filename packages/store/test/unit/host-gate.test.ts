import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { hostGate } from '../../src/index.js';

describe('a host gate', () => {
  it('lets so many tasks run for one host, and does not hold up another', async () => {
    const gate = hostGate({ perHost: 2 });
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const task = (host: string) => async () => {
      const now = (running.get(host) ?? 0) + 1;
      running.set(host, now);
      most.set(host, Math.max(now, most.get(host) ?? 0));
      await sleep(5);
      running.set(host, (running.get(host) ?? 0) - 1);
    };
    const urls = Array.from(
      { length: 20 },
      (_, index) => `http://${index % 2 ? 'a' : 'b'}.example:${8000 + index}/x.glb`,
    );
    await Promise.all(urls.map((url) => gate.run(url, task(new URL(url).hostname))));
    expect(Object.fromEntries(most)).toEqual({ 'a.example': 2, 'b.example': 2 });
  });

  it('hands through what a task gives or throws', async () => {
    const gate = hostGate({ perHost: 1 });
    expect(await gate.run('http://a.example', async () => 7)).toBe(7);
    await expect(gate.run('http://a.example', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await gate.run('http://a.example', async () => 8)).toBe(8);
  });

  it('lets a task that waits be called off', async () => {
    const gate = hostGate({ perHost: 1 });
    const first = gate.run('http://a.example', () => sleep(30));
    const controller = new AbortController();
    let ran = false;
    const second = gate.run('http://a.example', async () => (ran = true), { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await first;
    expect(ran).toBe(false);
  });

  it('takes owners of one host in turn, however much one of them has queued', async () => {
    const gate = hostGate({ perHost: 1 });
    const done: string[] = [];
    const task = (owner: string) => gate.run('http://shared.example', async () => void done.push(owner), { owner });
    await Promise.all([...Array.from({ length: 20 }, () => task('many')), task('few'), task('few')]);
    expect(done.slice(0, 5)).toEqual(['many', 'many', 'few', 'many', 'few']);
  });
});

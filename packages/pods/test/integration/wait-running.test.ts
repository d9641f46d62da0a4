import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PodError, PodName, type PodProvider, PodSession, waitRunning } from '../../src/index.js';
import { type LocalPodsUnderTest, localPods } from '../support/local-pods.js';

const NAME = PodName.parse('miner-05-abcdefghij-0');
const fault = (facts: object) => expect.objectContaining({ fault: expect.objectContaining(facts) });
const PATIENT = { timeoutMs: 50_000, intervalMs: 10 };

describe('waiting for a pod', () => {
  let under: LocalPodsUnderTest;
  let provider: PodProvider;
  beforeEach(async () => {
    under = await localPods();
    provider = under.open();
  });
  afterEach(async () => {
    await provider.deleteByPrefix('');
    await under[Symbol.asyncDispose]();
  });

  it('leads from a deploy to a model', async () => {
    await provider.deploy({ name: NAME, image: under.image });
    await using session = new PodSession(await waitRunning(provider, NAME, PATIENT));
    await session.waitHealthy({ timeoutMs: 50_000, intervalMs: 20 });
    const { glb } = await session.generate({ prompt: { kind: 'text', text: 'a chair' }, seed: 1 });
    expect(Buffer.from(await glb).toString()).toBe('model');
  });

  it('says at once that a pod is not there', async () => {
    await expect(waitRunning(provider, NAME)).rejects.toEqual(fault({ code: 'ended', name: NAME }));
  });

  it('says that a pod ended, and why', async () => {
    await provider.deploy({ name: NAME, image: await under.publish('local/broken:1', { BROKEN: '1' }) });
    await vi.waitFor(async () => expect((await provider.get(NAME))?.status).toBe('ended'), { timeout: 50_000 });
    await expect(waitRunning(provider, NAME, PATIENT)).rejects.toEqual(
      fault({ code: 'ended', detail: expect.stringContaining('no GPU found') }),
    );
  });

  it('waits out a provider that does not answer, but not one that says no', async () => {
    await provider.deploy({ name: NAME, image: under.image });
    const answers: (PodError | undefined)[] = [];
    // The provider's own API at fault cannot be had from local processes.
    const flaky = Object.assign(Object.create(provider) as PodProvider, {
      get: async (name: PodName) => {
        const error = answers.shift();
        if (error !== undefined) throw error;
        return provider.get(name);
      },
    });
    answers.push(
      new PodError({ code: 'unreachable', provider: 'x', detail: 'reset' }),
      new PodError({ code: 'rejected', provider: 'x', status: 503, body: '' }),
    );
    expect(await waitRunning(flaky, NAME, PATIENT)).toMatchObject({ status: 'running' });
    answers.push(new PodError({ code: 'rejected', provider: 'x', status: 401, body: '' }));
    await expect(waitRunning(flaky, NAME, PATIENT)).rejects.toEqual(fault({ code: 'rejected', status: 401 }));
  });

  it('stops on request', async () => {
    const enough = new Error('enough');
    await expect(waitRunning(provider, NAME, { signal: AbortSignal.abort(enough) })).rejects.toBe(enough);
  });
});

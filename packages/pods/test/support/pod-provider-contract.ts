import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Pod, PodName, type PodProvider } from '../../src/index.js';

/** One provider under test, with whatever stands behind it. */
export interface ProviderUnderTest extends AsyncDisposable {
  /** An image whose pods answer GET /health with 200. */
  readonly image: string;
  /** Another image. */
  readonly otherImage: string;
  /** An image that the provider refuses. */
  readonly missingImage: string;
  /** A client of the same account or machine, as a restarted owner would open it. */
  open(): PodProvider;
  /** Deploys so that the pod is made, but the caller never learns of it. */
  deployAndLoseAnswer(name: PodName, image: string): Promise<void>;
}

const name = (text: string) => PodName.parse(text);
const fault = (code: string) => expect.objectContaining({ fault: expect.objectContaining({ code }) });

/** What the rest of the system relies on, held against every provider of pods. */
export function podProviderContract(kind: string, setUp: () => Promise<ProviderUnderTest>): void {
  describe(`${kind} as a provider of pods`, () => {
    let under: ProviderUnderTest;
    let provider: PodProvider;
    beforeEach(async () => {
      under = await setUp();
      provider = under.open();
    });
    afterEach(async () => {
      await under.open().deleteByPrefix('');
      await under[Symbol.asyncDispose]();
    });

    async function running(pod: PodName): Promise<Pod & { url: string }> {
      for (let i = 0; i < 2000; i++) {
        const found = await provider.get(pod);
        if (found?.url !== undefined) {
          const answer = await fetch(`${found.url}/health`).catch(() => undefined);
          if (answer?.status === 200) return { ...found, url: found.url };
        }
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`${pod} does not answer`);
    }

    it('starts a pod that answers under its name', async () => {
      const made = await provider.deploy({ name: name('miner-01-aa-0'), image: under.image });
      expect(made).toMatchObject({ name: 'miner-01-aa-0', image: under.image });
      expect(await running(name('miner-01-aa-0'))).toMatchObject({ status: 'running', image: under.image });
    });

    it('knows nothing of a pod that was never made', async () => {
      expect(await provider.get(name('miner-01-aa-0'))).toBeUndefined();
      expect(await provider.list('miner-')).toEqual([]);
    });

    it('finds the pod of a deploy that is repeated, instead of starting a second', async () => {
      const request = { name: name('miner-01-aa-0'), image: under.image };
      await provider.deploy(request);
      const { url } = await running(request.name);
      expect(await provider.deploy(request)).toMatchObject({ url });
      expect(await provider.list('')).toHaveLength(1);
    });

    it('starts one pod when two deploys of one name race', async () => {
      const request = { name: name('miner-01-aa-0'), image: under.image };
      const made = await Promise.all([provider, under.open(), under.open()].map((each) => each.deploy(request)));
      expect(new Set(made.map((pod) => pod.name)).size).toBe(1);
      const { url } = await running(request.name);
      expect(made.flatMap((pod) => pod.url ?? []).every((each) => each === url)).toBe(true);
      expect(await provider.list('')).toHaveLength(1);
    });

    it('refuses a name that another image has', async () => {
      await provider.deploy({ name: name('miner-01-aa-0'), image: under.image });
      const other = provider.deploy({ name: name('miner-01-aa-0'), image: under.otherImage });
      await expect(other).rejects.toEqual(fault('name_taken'));
    });

    it('refuses an image that it does not have, and keeps nothing of the attempt', async () => {
      const made = provider.deploy({ name: name('miner-01-aa-0'), image: under.missingImage });
      await expect(made).rejects.toEqual(fault('bad_image'));
      expect(await provider.list('')).toEqual([]);
    });

    it('fault 26: finds a pod by name when the answer to its creation was lost', async () => {
      await under.deployAndLoseAnswer(name('miner-01-aa-0'), under.image);
      const { url } = await running(name('miner-01-aa-0'));
      expect(await provider.deploy({ name: name('miner-01-aa-0'), image: under.image })).toMatchObject({ url });
    });

    it('lets a restarted owner find, list and delete what its predecessor left', async () => {
      await provider.deploy({ name: name('miner-01-aa-0'), image: under.image });
      const { url } = await running(name('miner-01-aa-0'));
      const restarted = under.open();
      expect(await restarted.list('miner-01-')).toMatchObject([{ name: 'miner-01-aa-0', url }]);
      await restarted.delete(name('miner-01-aa-0'));
      expect(await provider.get(name('miner-01-aa-0'))).toBeUndefined();
      await expect(fetch(`${url}/health`)).rejects.toThrow();
    });

    it('deletes twice as well as once, and what never was', async () => {
      await provider.deploy({ name: name('miner-01-aa-0'), image: under.image });
      await provider.delete(name('miner-01-aa-0'));
      await provider.delete(name('miner-01-aa-0'));
      await provider.delete(name('miner-09-zz-9'));
      expect(await provider.deleteByPrefix('miner-')).toEqual([]);
    });

    it('deletes by prefix exactly those, sorted', async () => {
      const names = ['miner-01-bb-0', 'miner-01-aa-0', 'miner-01-aa-1', 'miner-10-aa-0', 'miner-011-aa-0'].map(name);
      await Promise.all(names.map((each) => provider.deploy({ name: each, image: under.image })));
      expect((await provider.list('miner-01-')).map((pod) => pod.name)).toEqual([
        'miner-01-aa-0',
        'miner-01-aa-1',
        'miner-01-bb-0',
      ]);
      expect(await provider.deleteByPrefix('miner-01-aa-')).toEqual(['miner-01-aa-0', 'miner-01-aa-1']);
      expect((await provider.list('miner-')).map((pod) => pod.name)).toEqual([
        'miner-01-bb-0',
        'miner-011-aa-0',
        'miner-10-aa-0',
      ]);
    });

    it('lets a name be used again after its pod was deleted', async () => {
      await provider.deploy({ name: name('miner-01-aa-0'), image: under.image });
      await provider.delete(name('miner-01-aa-0'));
      await provider.deploy({ name: name('miner-01-aa-0'), image: under.otherImage });
      expect(await running(name('miner-01-aa-0'))).toMatchObject({ image: under.otherImage });
    });

    it('starts nothing when asked to stop before it began', async () => {
      const enough = new Error('enough');
      const stopped = { signal: AbortSignal.abort(enough) };
      const made = provider.deploy({ name: name('miner-01-aa-0'), image: under.image }, stopped);
      await expect(made).rejects.toBe(enough);
      expect(await provider.list('')).toEqual([]);
    });
  });
}

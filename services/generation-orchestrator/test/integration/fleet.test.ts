import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLocalPods, PodError, type PodName, type PodProvider, writeImageManifest } from '@tiltyard/pods';
import { LEADER, type Side } from '@tiltyard/schema';
import { RULES_DEFAULTS } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { listeningLog } from '../../../../packages/service-kit/test/support/listening-log.js';
import { scratch, until } from '../../../../packages/service-kit/test/support/scratch.js';
import { Fleet } from '../../src/fleet.js';

const CONTAINER = fileURLToPath(new URL('../support/container.mjs', import.meta.url));
const IMAGE = 'local/leader:1';

/** A fleet of one pod at a time, on a provider that may fail in a way. */
async function fleetOn(fail: (provider: PodProvider) => PodProvider, { acquireMs = 60_000 } = {}) {
  const folder = await scratch();
  const [imageDir, podDir] = [path.join(folder.dir, 'images'), path.join(folder.dir, 'pods')];
  const env = { BEHAVIOUR: 'good', GLB: CONTAINER, NOTES: path.join(folder.dir, 'notes') };
  await writeImageManifest(imageDir, IMAGE, { command: process.execPath, args: [CONTAINER], env, cwd: folder.dir });
  const provider = openLocalPods({ imageDir, stateDir: podDir, graceMs: 500 });
  const owned = new Set<PodName>();
  const options = {
    ...{ round: 0, side: LEADER as Side, image: IMAGE, providers: [fail(provider)], owned, log: listeningLog().log },
    generation: { ...RULES_DEFAULTS.generation, pods_initial: 1, pods_per_miner: 1, pod_starts_per_miner: 1 },
    config: {
      ...{ gpu: undefined, spacingMs: 0, acquireRetryMs: 20, acquireMs, visibleMs: 60_000, healthyMs: 60_000 },
      ...{ healthIntervalMs: 20, sweepMs: 60_000 },
    },
    signal: AbortSignal.timeout(120_000),
    ...{ onHealthy: () => {}, onChange: () => {} },
  };
  const open = () => {
    const fleet = new Fleet(options);
    fleet.reconcile();
    return fleet;
  };
  return {
    ...{ imageDir, provider, owned, open },
    async [Symbol.asyncDispose]() {
      await provider.deleteByPrefix('');
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Starts pods, and loses the answers to the first so many orders. */
function losingAnswers(times: number) {
  let orders = 0;
  const wrap = (provider: PodProvider): PodProvider => ({
    ...{ kind: provider.kind, get: provider.get.bind(provider), list: provider.list.bind(provider) },
    ...{ delete: provider.delete.bind(provider), deleteByPrefix: provider.deleteByPrefix.bind(provider) },
    async deploy(...order) {
      const pod = await provider.deploy(...order);
      orders += 1;
      if (orders > times) return pod;
      throw new PodError({ code: 'unreachable', provider: provider.kind, detail: 'socket hang up' });
    },
  });
  return { wrap, orders: () => orders };
}

describe('a fleet', () => {
  it('fault 26: a pod whose create answer was lost is found by its name, and there is no second one', async () => {
    const losing = losingAnswers(2);
    await using world = await fleetOn(losing.wrap);
    {
      await using fleet = world.open();
      await until('a healthy pod', () => fleet.pods[0]?.stage === 'healthy', 60_000);
      expect(losing.orders()).toBe(3);
      expect((await world.provider.list('')).map(({ name }) => name)).toEqual([fleet.pods[0]?.name]);
    }
    expect(await world.provider.list('')).toEqual([]);
  });

  it('fault 26: a pod whose create answer never comes is given up, and no GPU is left with it', async () => {
    await using world = await fleetOn(losingAnswers(Number.POSITIVE_INFINITY).wrap, { acquireMs: 100 });
    await using fleet = world.open();
    await until('a lost pod', () => fleet.pods[0]?.stage === 'lost', 60_000);
    await until('its deletion', () => world.owned.size === 0, 60_000);
    expect(await world.provider.list('')).toEqual([]);
  });

  it.each([
    ['is not there', async (dir: string) => rm(dir, { recursive: true })],
    ['is a file', async (dir: string) => rm(dir, { recursive: true }).then(() => writeFile(dir, ''))],
    [
      'is empty, as where a disk is not mounted',
      async (dir: string) => rename(dir, `${dir}.away`).then(() => mkdir(dir)),
    ],
  ])('blames no container where the folder of images %s', async (_, harm) => {
    await using world = await fleetOn((provider) => provider, { acquireMs: 100 });
    await harm(world.imageDir);
    await using fleet = world.open();
    await until('the end of the order', () => fleet.pods[0]?.stage !== 'starting', 60_000);
    expect(fleet.pods[0]?.stage).toBe('lost');
  });

  it('blames a container whose image cannot be started', async () => {
    await using world = await fleetOn((provider) => provider);
    await writeImageManifest(world.imageDir, IMAGE, { command: 'true', cwd: '/nowhere/at/all' });
    await using fleet = world.open();
    await until('the end of the order', () => fleet.pods[0]?.stage !== 'starting', 60_000);
    expect(fleet.pods[0]?.stage).toBe('unhealthy');
  });
});

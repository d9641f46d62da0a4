import { openRenderer, type Renderer } from '@tiltyard/render';
import type { Hotkey } from '@tiltyard/schema';
import { promptOf, type Rules } from '@tiltyard/schema/gen3d';
import type { Downloaded } from '@tiltyard/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotkeyOf, startChain, type TestChain } from '../../../../packages/service-kit/test/support/chain.js';
import { smallGlb } from '../../../../packages/service-kit/test/support/small-glb.js';
import type { DownloadConfig } from '../../src/config.js';
import {
  type Cdn,
  cdnWith,
  codesOf,
  downloadingFrom,
  entriesOf,
  nameOf,
  serveObjects,
  startProcess,
  untilDuels,
} from '../support/collector.js';

const FILES = 12;
const texts = Array.from({ length: FILES }, (_, n) => `text: lamp number ${n}`);
const stems = texts.map((line) => promptOf(line).stem);
const dripping = Object.fromEntries(texts.map((line) => [nameOf(promptOf(line)), 'drip' as const]));
const red = smallGlb();
const quick = Object.fromEntries(texts.map((line) => [nameOf(promptOf(line)), red]));
/** Two tries of a dripping file are six seconds. Whatever comes at all comes well within the two that cost nothing. */
const LIMITS = { download_seconds: 3, min_bytes_per_second: 0, miner_seconds: 15 };
const pace: Partial<DownloadConfig> = { atOnce: 4, perHost: 4, freeMs: 2_000 };

let chain: TestChain;
let renderer: Renderer;
let A: Hotkey;
let B: Hotkey;
beforeAll(async () => {
  chain = await startChain([]);
  renderer = await openRenderer({ processes: 1 });
  [A, B] = [await hotkeyOf('//A'), await hotkeyOf('//B')];
});
afterAll(async () => {
  await renderer.close();
  await chain[Symbol.asyncDispose]();
});

const competitionOf = (
  cdns: readonly (readonly [Hotkey, Cdn])[],
  limits: Partial<Rules['limits']> = {},
  prompts: readonly string[] = texts,
) => downloadingFrom(cdns, prompts, { ...LIMITS, ...limits });

describe('a CDN that drips', () => {
  it('ends with its miner’s time, by a reason of its own, and costs no other miner anything', async () => {
    await using slow = await cdnWith(dripping);
    await using good = await cdnWith(quick);
    await using competition = await competitionOf([
      [A, slow],
      [B, good],
    ]);
    await using store = await serveObjects(competition);
    const cdns = [slow, good];
    const options = { competition, chain: chain.chain, renderer, store, cdns, pace };
    await using service = await startProcess(options);
    await untilDuels(service, competition);

    const codes = await codesOf(competition, A);
    expect(new Set(codes)).toEqual(new Set(['timeout', 'out_of_time']));
    const entries = await entriesOf(competition, A);
    // Those were never begun, however long the others took on this machine.
    for (const { error, attempts } of entries)
      expect([error?.code, attempts > 0]).toEqual([error?.code, error?.code !== 'out_of_time']);
    const seconds = entries.reduce((sum, { download_seconds = 0 }) => sum + download_seconds, 0);
    expect(seconds).toBeGreaterThanOrEqual(LIMITS.miner_seconds);
    expect(service.said.sent(/^out-of-time-/)[0]?.title).toBe("A miner's files took too long");
    expect(await codesOf(competition, B)).toEqual(texts.map(() => 'usable'));
    expect((await entriesOf(competition, B)).some((entry) => 'download_seconds' in entry)).toBe(false);
  });

  it('does not start over with the process: what was published counts', async () => {
    await using slow = await cdnWith(dripping);
    await using competition = await competitionOf([[A, slow]], { download_seconds: 0.3, miner_seconds: 1.5 });
    await using store = await serveObjects(competition);
    const one = { ...pace, atOnce: 1, freeMs: 100 };
    const options = { competition, chain: chain.chain, renderer, store, cdns: [slow], pace: one };
    {
      await using service = await startProcess({ ...options, publishIntervalMs: 10 });
      await service.until('two entries', async () => (await entriesOf(competition, A)).length >= 2);
    }
    await using service = await startProcess(options);
    await untilDuels(service, competition);
    expect(await codesOf(competition, A)).toContain('out_of_time');
    // Without what was published, the second process would have given as much again.
    const costs = (await entriesOf(competition, A)).map(({ download_seconds = 0 }) => download_seconds);
    const total = costs.reduce((sum, seconds) => sum + seconds, 0);
    expect(total - Math.max(...costs)).toBeLessThan(1.5);
  });

  it('takes no turn from a miner whose answers come at once', async () => {
    await using slow = await cdnWith(dripping);
    await using good = await cdnWith({});
    const cdnsOf = [
      [A, slow],
      [B, good],
    ] as const;
    await using competition = await competitionOf(cdnsOf, { download_seconds: 2, miner_seconds: 60 });
    await using store = await serveObjects(competition);
    const one = { ...pace, atOnce: 1 };
    const cdns = [slow, good];
    const options = { competition, chain: chain.chain, renderer, store, cdns, pace: one };
    await using service = await startProcess(options);
    const isDone = (hotkey: Hotkey) =>
      stems.every((stem) => {
        const key = `${hotkey}/${stem}`;
        return service.ports.downloads.isFinished(key) || service.ports.files.settled().some((one) => one.key === key);
      });
    await service.until('the files of the other', () => isDone(B));
    // Each of its files holds the only place for ten seconds. In turns, or at random, most would have come in between.
    expect(new Set(slow.asked).size).toBeLessThanOrEqual(3);
  });

  it('is given up early where it brings too few bytes, once another host’s file has come faster', async () => {
    await using slow = await cdnWith(dripping);
    // A picture's host that does not exist vouches for nobody.
    const prompts = ['https://p.example/chair.png', ...texts.slice(0, 1)];
    slow.shelf = { 'chair.glb': 'drip', ...dripping };
    const windows = { download_seconds: 60, min_bytes_per_second: 10_000, speed_window_seconds: 0.2 };
    await using competition = await competitionOf([[A, slow]], windows, prompts);
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer, store, cdns: [slow], pace };
    await using service = await startProcess(options);
    const { network } = service.ports;
    const observe = (host: string, bytes: number) =>
      network.observe(`http://${host}/`, { ok: true, transfer: { bytes, waitedMs: 1_000 } } as Downloaded);
    await service.until('doubt', () => {
      // Somebody else's file comes, and no faster: that may be our network as well.
      observe('one.example', 1);
      return service.said.lines.filter(({ times }) => times === 2).length > 0;
    });
    expect([await entriesOf(competition, A), await competition.stage()]).toEqual([[], 'downloading']);
    await service.until('the duels', async () => {
      observe('two.example', 1_000_000);
      return (await competition.stage()) === 'duels';
    });
    expect(await codesOf(competition, A)).toEqual(['too_slow', 'too_slow']);
  });
});

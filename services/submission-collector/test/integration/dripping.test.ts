import { openRenderer, type Renderer } from '@tiltyard/render';
import { type Hotkey, promptOf, type Submissions, stateFiles } from '@tiltyard/schema';
import type { Downloaded } from '@tiltyard/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotkeyOf, startChain, type TestChain } from '../../../../packages/service-kit/test/support/chain.js';
import {
  startCompetition,
  submissionOf,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { smallGlb } from '../../../../packages/service-kit/test/support/small-glb.js';
import type { DownloadConfig } from '../../src/config.js';
import { type Cdn, cdnWith, nameOf, type Process, serveObjects, startProcess } from '../support/collector.js';

const FILES = 12;
const texts = Array.from({ length: FILES }, (_, n) => `text: lamp number ${n}`);
const stems = texts.map((line) => promptOf(line).stem);
const dripping = Object.fromEntries(texts.map((line) => [nameOf(promptOf(line)), 'drip' as const]));
const red = smallGlb();
const quick = Object.fromEntries(texts.map((line) => [nameOf(promptOf(line)), red]));
/** Two tries of a dripping file are 600 ms. */
const TIMEOUT_MS = 300;
const pace: Partial<DownloadConfig> = { atOnce: 4, perHost: 4, minBytesPerSecond: 0, freeMs: 100, budgetMs: 1_500 };

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

function competitionOf(cdns: readonly (readonly [Hotkey, Cdn])[], prompts: readonly string[] = texts) {
  const submissions: Submissions = Object.assign(
    {},
    ...cdns.map(([hotkey, cdn], index) => submissionOf(hotkey, 500 + index, { cdn_url: cdn.url })),
  );
  return startCompetition({ stage: 'downloading', prompts, submissions });
}

const entriesOf = async (competition: TestCompetition, side: Hotkey) =>
  Object.values((await competition.read(stateFiles.submitted, { round: 0, side })) ?? {});
const codesOf = async (competition: TestCompetition, side: Hotkey) =>
  (await entriesOf(competition, side)).map(({ error, png }) => error?.code ?? (png ? 'usable' : 'none'));
const untilDuels = (service: Process, competition: TestCompetition) =>
  service.until('the duels', async () => (await competition.stage()) === 'duels');

describe('a CDN that drips', () => {
  it('ends with its miner’s time, by a reason of its own, and costs nobody else anything', async () => {
    await using slow = await cdnWith(dripping);
    await using good = await cdnWith(quick);
    await using competition = await competitionOf([
      [A, slow],
      [B, good],
    ]);
    await using store = await serveObjects(competition);
    const cdns = [slow, good];
    const options = { competition, chain: chain.chain, renderer, store, cdns, timeoutMs: TIMEOUT_MS, pace };
    await using service = await startProcess(options);
    await untilDuels(service, competition);

    const codes = await codesOf(competition, A);
    expect(new Set(codes)).toEqual(new Set(['timeout', 'out_of_time']));
    // Without an end, every file would have been asked for twice.
    expect(slow.asked.length).toBeLessThan(FILES);
    const entries = await entriesOf(competition, A);
    const seconds = entries.reduce((sum, { download_seconds = 0 }) => sum + download_seconds, 0);
    expect(seconds).toBeGreaterThanOrEqual(1.5);
    expect(service.said.sent(/^out-of-time-/)[0]?.title).toBe("A miner's downloads took too long");
    expect(await codesOf(competition, B)).toEqual(texts.map(() => 'usable'));
    expect((await entriesOf(competition, B)).some((entry) => 'download_seconds' in entry)).toBe(false);
  });

  it('does not begin anew with the process: what was published counts', async () => {
    await using slow = await cdnWith(dripping);
    await using competition = await competitionOf([[A, slow]]);
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer, store, cdns: [slow], timeoutMs: TIMEOUT_MS };
    {
      const first = { ...options, pace: { ...pace, atOnce: 1, budgetMs: 60_000 }, publishIntervalMs: 10 };
      await using service = await startProcess(first);
      await service.until('two entries', async () => (await entriesOf(competition, A)).length >= 2);
    }
    const before = (await entriesOf(competition, A)).length;
    const asked = slow.asked.length;
    await using service = await startProcess({ ...options, pace: { ...pace, budgetMs: 200 } });
    await untilDuels(service, competition);
    expect(slow.asked.length).toBe(asked);
    const codes = await codesOf(competition, A);
    expect(codes.filter((code) => code === 'out_of_time')).toHaveLength(FILES - before);
  });

  it('takes no turn from a miner whose answers come at once', async () => {
    await using slow = await cdnWith(dripping);
    await using good = await cdnWith({});
    await using competition = await competitionOf([
      [A, slow],
      [B, good],
    ]);
    await using store = await serveObjects(competition);
    const one = { ...pace, atOnce: 1, budgetMs: 60_000 };
    const cdns = [slow, good];
    const options = { competition, chain: chain.chain, renderer, store, cdns, timeoutMs: 2_000, pace: one };
    await using service = await startProcess(options);
    const isDone = (hotkey: Hotkey) =>
      stems.every((stem) => {
        const key = `${hotkey}/${stem}`;
        return service.ports.downloads.isFinished(key) || service.ports.files.settled().some((one) => one.key === key);
      });
    await service.until('the files of the other', () => isDone(B));
    // Each of its files holds the only place for four seconds. In turns, or at random, most would have come in between.
    expect(new Set(slow.asked).size).toBeLessThanOrEqual(3);
  });

  it('is given up early where it brings too few bytes, once another host’s file has come faster', async () => {
    await using slow = await cdnWith(dripping);
    // A picture's host that does not exist vouches for nobody.
    const prompts = ['https://p.example/chair.png', ...texts.slice(0, 1)];
    slow.shelf = { 'chair.glb': 'drip', ...dripping };
    await using competition = await competitionOf([[A, slow]], prompts);
    await using store = await serveObjects(competition);
    const windows = { ...pace, minBytesPerSecond: 10_000, speedWindowMs: 200 };
    const options = {
      competition,
      chain: chain.chain,
      renderer,
      store,
      cdns: [slow],
      timeoutMs: 60_000,
      pace: windows,
    };
    await using service = await startProcess(options);
    const { connectivity } = service.ports;
    const observe = (host: string, bytes: number) =>
      connectivity.observe(`http://${host}/`, { ok: true, transfer: { bytes, waitedMs: 1_000 } } as Downloaded);
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

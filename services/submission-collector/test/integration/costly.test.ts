import { readFileSync } from 'node:fs';
import { openRenderer, RenderError, type Renderer, type RenderFault } from '@tiltyard/render';
import type { Hotkey } from '@tiltyard/schema';
import { promptOf, type Rules } from '@tiltyard/schema/gen3d';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hotkeyOf, startChain, type TestChain } from '../../../../packages/service-kit/test/support/chain.js';
import { smallGlb } from '../../../../packages/service-kit/test/support/small-glb.js';
import { sharedData } from '../../../../test-support/shared-data.js';
import {
  type Cdn,
  cdnWith,
  codesOf,
  downloadingFrom,
  entriesOf,
  nameOf,
  type Process,
  serveObjects,
  startProcess,
  untilDuels,
} from '../support/collector.js';

const FILES = 12;
const prompts = Array.from({ length: FILES }, (_, n) => promptOf(`text: lamp number ${n}`));
const red = smallGlb();
const shelfOf = (glb: Uint8Array) => Object.fromEntries(prompts.map((prompt) => [nameOf(prompt), glb]));

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

const competitionOf = (cdns: readonly (readonly [Hotkey, Cdn])[], limits: Partial<Rules['limits']>) =>
  downloadingFrom(
    cdns,
    prompts.map(({ line }) => line),
    limits,
  );

/** A miner's files that have an outcome in this process. */
const endedOf = ({ ports }: Process, hotkey: Hotkey) =>
  prompts.filter(({ stem }) => {
    const key = `${hotkey}/${stem}`;
    return ports.downloads.isFinished(key) || ports.files.settled().some((one) => one.key === key);
  }).length;

describe('what drawing costs', () => {
  it('is in each entry, and ends with the miner’s time, after a restart as well', async () => {
    await using cdn = await cdnWith(shelfOf(red));
    await using competition = await competitionOf([[A, cdn]], {});
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer, store, cdns: [cdn] };
    {
      await using service = await startProcess(options);
      await untilDuels(service, competition);
    }
    const costs = (await entriesOf(competition, A)).map(({ draw_seconds = 0 }) => draw_seconds);
    expect(costs.every((seconds) => seconds > 0)).toBe(true);

    // Time for half of what that took, of which a first process uses some.
    const half = costs.reduce((sum, seconds) => sum + seconds, 0) / 2;
    await using short = await competitionOf([[A, cdn]], { miner_seconds: half });
    const again = { ...options, competition: short, pace: { atOnce: 1 } };
    {
      await using service = await startProcess({ ...again, publishIntervalMs: 10 });
      await service.until('an entry', async () => (await entriesOf(short, A)).length >= 1);
    }
    await using service = await startProcess(again);
    await untilDuels(service, short);
    const entries = await entriesOf(short, A);
    expect(new Set(await codesOf(short, A))).toEqual(new Set(['usable', 'out_of_time']));
    const spent = entries.map(({ draw_seconds = 0 }) => draw_seconds).toSorted((a, b) => b - a);
    const total = spent.reduce((sum, seconds) => sum + seconds, 0);
    // Over by no more than the file that was being drawn and the one behind it.
    expect(total).toBeGreaterThanOrEqual(half - 0.01);
    expect(total - (spent[0] ?? 0) - (spent[1] ?? 0)).toBeLessThan(half);
  });

  it.each<[string, RenderFault]>([
    ['has no time for', { code: 'worker_starved', wallMs: 60_000, cpuMs: 1 }],
    ['kills every process that draws', { code: 'worker_crashed', detail: 'SIGKILL', spentMs: 1 }],
  ])('is not waited for for ever on a machine that %s one miner’s files, and none of another’s', async (_, fault) => {
    const slow = smallGlb({ colour: [0.2, 0.3, 0.4] });
    /** The real renderer, but for files that the machine has nothing for. */
    const failing: Renderer = {
      ...renderer,
      describe: renderer.describe,
      close: renderer.close,
      renderView: renderer.renderView,
      [Symbol.asyncDispose]: renderer[Symbol.asyncDispose],
      async render(glb, request) {
        if (!Buffer.from(glb).equals(slow)) return await renderer.render(glb, request);
        throw new RenderError(fault);
      },
    };
    const [lamp] = prompts.map(nameOf);
    await using hungry = await cdnWith({ [lamp ?? '']: slow });
    await using good = await cdnWith(shelfOf(red));
    const cdns = [
      [A, hungry],
      [B, good],
    ] as const;
    await using competition = await competitionOf(cdns, { miner_draw_seconds: 45 });
    await using store = await serveObjects(competition);
    const options = { competition, chain: chain.chain, renderer: failing, store, cdns: [hungry, good] };
    await using service = await startProcess({ ...options, pace: { atOnce: 2, perHost: 1 } });
    await untilDuels(service, competition);
    expect((await codesOf(competition, A)).filter((code) => code !== 'http_404')).toEqual(['out_of_time']);
    expect(new Set(await codesOf(competition, B))).toEqual(new Set(['usable']));
  });

  const file = sharedData('reported/security/fill-rate-blend.glb');
  it.skipIf(file === undefined)(
    'reported: files that fill the screen over and over end with their miner’s time, and take no turn from another’s (needs TILTYARD_SHARED)',
    async () => {
      await using costly = await cdnWith(shelfOf(readFileSync(file ?? '')));
      await using good = await cdnWith(Object.fromEntries(Object.entries(shelfOf(red)).slice(0, 6)));
      const cdns = [
        [A, costly],
        [B, good],
      ] as const;
      await using competition = await competitionOf(cdns, { render_seconds: 1.5, miner_draw_seconds: 6 });
      await using store = await serveObjects(competition);
      const options = { competition, chain: chain.chain, renderer, store, cdns: [costly, good] };
      await using service = await startProcess(options);
      const { minerTime } = service.ports;
      let drawnMs = 0;
      await service.until('the files of the other', () => {
        drawnMs = minerTime.drawnMs(A);
        return endedOf(service, B) === FILES;
      });
      // Turns go by what was drawn: ahead by no more than the two that were at the desk.
      expect(drawnMs).toBeLessThanOrEqual(minerTime.drawnMs(B) + 2 * 2_000);
      await untilDuels(service, competition);
      const codes = await codesOf(competition, A);
      expect(codes.filter((code) => code === 'timeout').length).toBeLessThanOrEqual(6);
      expect(new Set(codes)).toEqual(new Set(['timeout', 'out_of_time']));
      expect(new Set(await codesOf(competition, B))).toEqual(new Set(['usable', 'http_404']));
    },
    300_000,
  );
});

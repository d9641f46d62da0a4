import { HttpUrl } from '@tiltyard/schema';
import { Stem } from '@tiltyard/schema/gen3d';
import { downloadBytes, hostAndPort } from '@tiltyard/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ATTACKS } from '../../src/gen3d/miners/hostile-answers.js';
import { type SampleMiner, startSampleMiner } from '../../src/gen3d/miners/sample-miner.js';
import { sampleObjects } from '../../src/gen3d/objects/sample-object-source.js';

const prompts = ATTACKS.map((attack) => ({ stem: Stem.parse(attack), url: 'http://127.0.0.1:1/never-asked.png' }));

describe("a hostile miner's CDN", () => {
  let miner: SampleMiner;

  beforeAll(async () => {
    miner = await startSampleMiner({
      character: 'hostile',
      source: sampleObjects,
      recognise: () => undefined,
      prompts: (async function* () {
        yield { round: 0, seed: 1, prompts };
      })(),
      port: 0,
      allowHosts: [],
      log: { info: () => undefined, warn: () => undefined },
    });
    await vi.waitUntil(() => miner.status().ready);
  });

  afterAll(() => miner.close());

  const download = (stem: string) =>
    downloadBytes(`${miner.url}/${stem}.glb`, {
      allowHosts: [hostAndPort(new URL(HttpUrl.parse(miner.url)))],
      maxBytes: 4 * 1024 * 1024,
      totalTimeoutMs: 5_000,
    });

  it.each([
    ['private_redirect', 'blocked_address'],
    ['endless_redirect', 'too_many_redirects'],
    ['endless_body', 'too_large'],
  ])('%s is refused as %s', async (stem, code) => {
    expect(await download(stem)).toMatchObject({ ok: false, code });
  });

  it.each(ATTACKS.filter((attack) => !/redirect|endless/.test(attack)))('serves %s as a small file', async (stem) => {
    const answer = await download(stem);
    expect(answer).toMatchObject({ ok: true });
    expect(answer.ok && answer.sizeBytes).toBeLessThan(1_000_000);
  });
});

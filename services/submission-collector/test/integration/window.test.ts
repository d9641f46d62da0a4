import { openChain } from '@tiltyard/chain';
import { openRenderer, type Renderer } from '@tiltyard/render';
import { drawPrompts, seedOf } from '@tiltyard/rules/gen3d';
import { type BlockNumber, type Hotkey, Secret } from '@tiltyard/schema';
import { promptOf, stateFiles } from '@tiltyard/schema/gen3d';
import { sha256Of } from '@tiltyard/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { relayTo } from '../../../../packages/devnet/test/support/relay.js';
import {
  hotkeyOf,
  NETUID,
  START_BLOCK,
  startChain,
  type TestChain,
  walletOf,
} from '../../../../packages/service-kit/test/support/chain.js';
import {
  type CompetitionOptions,
  startCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { deleteFile, LISTED_KEY, pauseWithoutKey } from '../../../../packages/service-kit/test/support/without-key.js';
import { type Cdn, cdnWith, serveObjects, startProcess } from '../support/collector.js';

/** A whole picture of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** Where the prompts' pictures lie. */
let pictures: Cdn;
const poolAt = ({ url }: Cdn) => [`${url}/a.png`, `${url}/b.png`, 'text: a red lamp', `${url}/c.png`];
/** How storage keys of Commitments.RevealedCommitments begin. */
const REVEALED = '0xca407206ec1ab726b2636c4b145ac2879055a2cffd4b296f38f2de8d9b333cab';
const COMMIT = 'd'.repeat(40);
const LATEST = (START_BLOCK + 400) as BlockNumber;
const DEADLINE = (START_BLOCK + 1_000) as BlockNumber;
const SCHEDULE = {
  earliest_reveal_block: START_BLOCK as BlockNumber,
  latest_reveal_block: LATEST,
  generation_deadline_block: DEADLINE,
};

let renderer: Renderer;
beforeAll(async () => {
  renderer = await openRenderer({ processes: 1 });
  pictures = await cdnWith({ 'a.png': PNG, 'b.png': PNG, 'c.png': PNG });
});
afterAll(async () => {
  await renderer.close();
  await pictures[Symbol.asyncDispose]();
});

const submission = (name: string, more: object = {}) =>
  JSON.stringify({ repo: `team/${name}`, commit: COMMIT, cdn_url: `https://${name}.example`, ...more });

/** Commits a text that opens about a block. */
async function commit({ chain }: TestChain, miner: string, text: string, revealAt: number): Promise<void> {
  const wallet = await walletOf(miner);
  await chain.submitTimelocked({ netuid: NETUID, wallet, text, revealAtBlock: revealAt as BlockNumber });
}

/** A round whose reveals end at LATEST, and a collector at work on it. */
async function open(chain: TestChain, options: Partial<CompetitionOptions> = {}, host = pictures) {
  const competition = await startCompetition({
    ...{ stage: 'open', prompts: poolAt(host), schedule: SCHEDULE, config: { prompts_per_round: 3 } },
    ...options,
  });
  const store = await serveObjects(competition);
  const service = await startProcess({ competition, chain: chain.chain, renderer, store, cdns: [host] });
  return {
    competition,
    service,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await competition[Symbol.asyncDispose]();
    },
  };
}

async function jumpTo(chain: TestChain, block: number): Promise<void> {
  if (chain.devnet.head().number < block) chain.devnet.jump({ toBlock: block });
  await chain.chain.waitForBlock(block as BlockNumber, { timeoutMs: 50_000 });
}

describe('the reveal window', () => {
  it('closes with seed, prompts and submissions in one commit, all of which follow from the chain', async () => {
    await using chain = await startChain(['//A', '//B', '//C', '//D'], { blockTimeMs: 200 });
    await commit(chain, '//A', submission('late'), LATEST - 50);
    await commit(chain, '//B', submission('early').replaceAll('"', "'"), LATEST - 100);
    await commit(chain, '//C', '{"repo": "half/one"}', LATEST - 90);
    await commit(chain, '//D', submission('out', { repo: '../../etc' }), LATEST - 80);
    await using round = await open(chain);
    const { competition, service } = round;
    const before = await service.tick();
    expect(before.reason).toBe(`reveals end at block ${LATEST}`);
    await jumpTo(chain, LATEST + 5);
    await service.tick();

    expect((await competition.subjects())[0]).toBe('Seed, prompts and submissions for round 0');
    const submissions = (await competition.read(stateFiles.submissions, { round: 0 })) ?? {};
    const [A, B] = [await hotkeyOf('//A'), await hotkeyOf('//B')];
    expect(Object.keys(submissions)).toEqual([B, A]);
    expect(submissions[B]).toMatchObject({ repo: 'team/early', cdn_url: 'https://early.example', round: 'test-0' });
    const refused = service.said.lines.filter(({ msg }) => msg === 'a reveal takes no part').map(({ code }) => code);
    expect(refused.toSorted()).toEqual(['invalid_field', 'missing_field']);

    const hash = await chain.chain.blockHash(LATEST);
    const seed = await competition.read(stateFiles.seed, { round: 0 });
    expect(seed).toMatchObject({
      seed: seedOf(hash, 0),
      block: LATEST,
      block_hash: hash,
      witnesses: [new URL(chain.devnet.url).host],
    });
    const draw = { seed: seedOf(hash, 0), round: 0, previous: [], pool: poolAt(pictures) };
    const drawn = drawPrompts({ ...draw, promptsPerRound: 3, carryoverPrompts: 0 });
    expect(await competition.read(stateFiles.prompts, { round: 0 })).toEqual(drawn.prompts);
    const state = await competition.read(stateFiles.state, {});
    expect(state?.stage).toBe('miner_generation');
    const start = Date.parse('2026-11-20T00:00:00Z') + (DEADLINE - START_BLOCK) * 12_000;
    expect(Date.parse(state?.next_stage_eta ?? '')).toBe(start);
  });

  it('stays open while there is no prompt to draw, and tells a person', async () => {
    await using chain = await startChain(['//A'], { blockTimeMs: 200 });
    await commit(chain, '//A', submission('a'), LATEST - 60);
    await using round = await open(chain, { prompts: [] });
    await jumpTo(chain, LATEST + 5);
    expect((await round.service.tick()).stuck).toMatchObject([{ kind: 'prompt_pool' }]);
    expect(round.service.said.sent('prompt-pool-0')).toMatchObject([{ level: 'error' }]);
    expect(await round.competition.stage()).toBe('open');
    await round.competition.publishAs('operator', (draft) => {
      draft.write(stateFiles.promptPool, {}, poolAt(pictures));
    });
    await round.service.tick();
    expect(await round.competition.stage()).toBe('miner_generation');
  });

  it('keeps the pictures of the prompts, each fetched once, by content', async () => {
    await using chain = await startChain(['//A'], { blockTimeMs: 200 });
    await commit(chain, '//A', submission('one'), LATEST - 50);
    const jpeg = Buffer.from('ffd8ffc0000b080010002001011100ffd9', 'hex');
    await using host = await cdnWith({ 'a.png': PNG, 'b.png': jpeg, 'c.png': PNG });
    await using round = await open(chain, { config: { prompts_per_round: 4 } }, host);
    await jumpTo(chain, LATEST + 5);
    await round.service.tick();
    const images = (await round.competition.read(stateFiles.promptImages, { round: 0 })) ?? {};
    const facts = Object.entries(images).map(([stem, { sha256, type, bytes }]) => [stem, sha256, type, bytes]);
    expect(facts.toSorted()).toEqual([
      ['a', sha256Of(PNG), 'image/png', PNG.length],
      ['b', sha256Of(jpeg), 'image/jpeg', jpeg.length],
      ['c', sha256Of(PNG), 'image/png', PNG.length],
    ]);
    for (const { url, sha256 } of Object.values(images)) {
      expect(sha256Of(new Uint8Array(await (await fetch(url)).arrayBuffer()))).toBe(sha256);
    }
    expect(host.asked.toSorted()).toEqual(['a.png', 'b.png', 'c.png']);
    expect((await round.competition.subjects())[0]).toBe('Seed, prompts and submissions for round 0');

    host.shelf = { 'a.png': jpeg };
    const next = await round.service.ports.pictures.keep([promptOf(`${host.url}/a.png`)], AbortSignal.timeout(60_000));
    expect(Object.values(next.images).map(({ sha256 }) => sha256)).toEqual([sha256Of(jpeg)]);
  });

  it('stays open while a picture cannot be had or is none, says so, and fetches none twice', async () => {
    await using chain = await startChain(['//A'], { blockTimeMs: 200 });
    await commit(chain, '//A', submission('one'), LATEST - 50);
    const wide = Buffer.from(PNG);
    wide.writeUInt32BE(4097, 16);
    await using host = await cdnWith({ 'a.png': PNG, 'b.png': wide, 'c.png': Buffer.from('<html>gone</html>') });
    await using round = await open(chain, { config: { prompts_per_round: 4 } }, host);
    const { competition, service } = round;
    await jumpTo(chain, LATEST + 5);
    const held = await service.tick();
    expect([await competition.stage(), held.stuck?.[0]?.reason]).toEqual([
      'open',
      expect.stringMatching(/^2 or more prompt pict/),
    ]);
    const [notice] = service.said.sent('prompt-images-0');
    expect(notice).toMatchObject({ level: 'error', title: 'Prompt pictures cannot be had: the round waits' });
    const { missing } = service.said.lines.find(({ msg }) => msg === 'prompt pictures cannot be had') ?? {};
    const reasons = (missing as { stem: string; reason: string }[]).map(({ stem, reason }) => `${stem}: ${reason}`);
    expect(reasons.toSorted()).toEqual([
      'b: it has 4097 × 1 pixels, more than 4096 × 4096',
      'c: it is no PNG, JPEG or WebP',
    ]);
    expect(await competition.read(stateFiles.prompts, { round: 0 })).toBeUndefined();

    host.shelf = { 'b.png': PNG, 'c.png': 404 };
    await service.tick();
    expect(await competition.stage()).toBe('open');
    host.shelf = { 'c.png': PNG };
    await service.tick();
    expect(await competition.stage()).toBe('miner_generation');
    expect(host.asked.filter((name) => name === 'a.png')).toHaveLength(1);
    const images = (await competition.read(stateFiles.promptImages, { round: 0 })) ?? {};
    expect(Object.keys(images).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['ahead', 400],
    ['behind', -400],
  ])('fault 18: closes by blocks, with a clock that is %s by 400 days', async (_, days) => {
    await using chain = await startChain(['//A'], { blockTimeMs: 200 });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * 86_400_000 });
    try {
      // The reveal's beacon round follows from the chain's clock as well.
      await commit(chain, '//A', submission('one'), LATEST - 50);
      await using round = await open(chain);
      expect((await round.service.tick()).reason).toBe(`reveals end at block ${LATEST}`);
      await jumpTo(chain, LATEST + 5);
      vi.setSystemTime(0);
      await round.service.tick();
      const submissions = (await round.competition.read(stateFiles.submissions, { round: 0 })) ?? {};
      expect(Object.values(submissions)).toMatchObject([{ revealed_at_block: LATEST - 49 }]);
      const start = Date.parse('2026-11-20T00:00:00Z') + (DEADLINE - START_BLOCK) * 12_000;
      expect((await round.competition.read(stateFiles.state, {}))?.next_stage_eta).toBe(new Date(start).toISOString());
    } finally {
      vi.useRealTimers();
    }
  });

  it('orders reveals of one block by hotkey', async () => {
    await using chain = await startChain(['//A', '//B', '//C'], { blockTimeMs: 200 });
    for (const miner of ['//A', '//B', '//C']) await commit(chain, miner, submission(miner.slice(2)), LATEST - 60);
    await using round = await open(chain);
    await jumpTo(chain, LATEST + 5);
    await round.service.tick();
    const submissions = (await round.competition.read(stateFiles.submissions, { round: 0 })) ?? {};
    expect(new Set(Object.values(submissions).map((entry) => entry.revealed_at_block)).size).toBe(1);
    const hotkeys = await Promise.all(['//A', '//B', '//C'].map(hotkeyOf));
    expect(Object.keys(submissions)).toEqual(hotkeys.toSorted());
  });

  it('lets nothing count that a key revealed before its present registration', async () => {
    await using chain = await startChain(['//A', '//B'], { blockTimeMs: 200 });
    await commit(chain, '//A', submission('old'), LATEST - 200);
    await commit(chain, '//B', submission('other'), LATEST - 50);
    await using round = await open(chain);
    await jumpTo(chain, LATEST - 150);
    // The uid goes to a stranger, and the key registers again.
    chain.devnet.register({ netuid: NETUID, hotkey: '//Stranger', replacing: '//A' });
    chain.devnet.register({ netuid: NETUID, hotkey: '//A' });
    await jumpTo(chain, LATEST + 5);
    await round.service.tick();
    const submissions = (await round.competition.read(stateFiles.submissions, { round: 0 })) ?? {};
    expect(Object.keys(submissions)).toEqual([await hotkeyOf('//B')]);
    const refusal = round.service.said.lines.find(({ msg }) => msg === 'a reveal takes no part');
    expect(refusal).toMatchObject({ hotkey: await hotkeyOf('//A'), code: 'revealed_before_registration' });
  });

  it('fault 19: stays open on one witness of two, says so, and names both in seed.json once they agree', async () => {
    await using chain = await startChain(['//A'], { blockTimeMs: 200 });
    await using other = await startChain([], { seed: 'another chain' });
    await commit(chain, '//A', submission('one'), LATEST - 50);
    await jumpTo(chain, LATEST + 5);
    const { url } = chain.devnet;
    await using torn = await openChain({ endpoints: [new Secret(url), new Secret(other.devnet.url)], netuid: NETUID });
    await using round = await open({ ...chain, chain: torn });
    const { competition, service } = round;
    const next = await service.tick();
    const host = new URL(other.devnet.url).host;
    expect(next.stuck).toMatchObject([
      { kind: 'witnesses', reason: expect.stringContaining(`another chain is served by ${host}`) },
    ]);
    expect(service.said.sent('witnesses-0')).toMatchObject([{ level: 'error' }]);
    expect(await competition.stage()).toBe('open');
    expect(await competition.read(stateFiles.seed, { round: 0 })).toBeUndefined();

    await using relay = await relayTo(url);
    await using agreed = await openChain({
      endpoints: [new Secret(`${url}/v1/KEY?key=KEY`), new Secret(relay.url)],
      netuid: NETUID,
    });
    await using again = await open({ ...chain, chain: agreed });
    await again.service.tick();
    const seed = await again.competition.read(stateFiles.seed, { round: 0 });
    expect(seed?.witnesses).toEqual([new URL(url).host, new URL(relay.url).host]);
    expect(JSON.stringify(seed)).not.toContain('KEY');
  });

  it('fault 19: takes as many witnesses as config.json demands, more or fewer', async () => {
    await using chain = await startChain(['//A'], { blockTimeMs: 200 });
    await using other = await startChain([], { seed: 'another chain' });
    await commit(chain, '//A', submission('one'), LATEST - 50);
    await jumpTo(chain, LATEST + 5);
    await using torn = await openChain({
      endpoints: [new Secret(chain.devnet.url), new Secret(other.devnet.url)],
      netuid: NETUID,
    });
    await using one = await open({ ...chain, chain: torn }, { config: { chain: { min_witnesses: 1 } } });
    await one.service.tick();
    expect(await one.competition.stage()).toBe('miner_generation');
    const config = { chain: { min_witnesses: 2 } };
    await using two = await open({ ...chain, chain: torn }, { config });
    expect((await two.service.tick()).stuck).toMatchObject([{ reason: expect.stringContaining('1 of 2') }]);
    expect(await two.competition.stage()).toBe('open');
  });

  it('fault 19: says long before its end that more witnesses are demanded than endpoints are configured', async () => {
    await using chain = await startChain([]);
    const named = chain.devnet.url.replace('127.0.0.1', 'localhost');
    await using alone = await openChain({
      endpoints: [new Secret(chain.devnet.url), new Secret(named)],
      netuid: NETUID,
    });
    await using round = await open({ ...chain, chain: alone }, { config: { chain: { min_witnesses: 2 } } });
    const { stuck } = await round.service.tick();
    const reason = expect.stringMatching(/demands 2 witnesses .* CHAIN_ENDPOINTS names 1: 127\.0\.0\.1:\d+$/);
    expect(stuck).toMatchObject([{ kind: 'witnesses', reason }]);
    expect(round.service.said.sent('witnesses-0')).toMatchObject([{ level: 'error' }]);
  });

  it.each([
    ['hides what was revealed', { result: [] }, /disagree about what was revealed: .* knows 0 .* knows 1 /],
    [
      'does not tell it',
      { error: { code: -32_603, message: 'no' } },
      /Too few .* revealed: 1 of 2 .*; no answer from /,
    ],
  ])('fault 19: does not close on the word of an endpoint that %s', async (_what, answer, reason) => {
    await using chain = await startChain(['//A'], { blockTimeMs: 200 });
    await commit(chain, '//A', submission('one'), LATEST - 50);
    await jumpTo(chain, LATEST + 5);
    let isHiding = true;
    await using relay = await relayTo(chain.devnet.url, {
      onCall: ({ method, params }) =>
        isHiding && method === 'state_getKeysPaged' && String(params[0]).startsWith(REVEALED) ? answer : undefined,
    });
    await using both = await openChain({
      endpoints: [new Secret(relay.url), new Secret(chain.devnet.url)],
      netuid: NETUID,
    });
    await using round = await open({ ...chain, chain: both });
    const { stuck } = await round.service.tick();
    expect(stuck).toMatchObject([{ kind: 'witnesses', reason: expect.stringMatching(reason) }]);
    expect(await round.competition.stage()).toBe('open');
    isHiding = false;
    await round.service.tick();
    expect(await round.competition.stage()).toBe('miner_generation');
  });

  it('without submissions hands the round over at once, and tells the operator', async () => {
    await using chain = await startChain([]);
    await using round = await open(chain);
    await jumpTo(chain, LATEST);
    await round.service.tick();
    expect((await round.competition.subjects())[0]).toBe('No submissions for round 0');
    expect(await round.competition.stage()).toBe('finalizing');
    expect(await round.competition.read(stateFiles.submissions, { round: 0 })).toEqual({});
    expect(await round.competition.read(stateFiles.seed, { round: 0 })).toBeUndefined();
    expect(round.service.said.sent('empty-0')).toHaveLength(1);
  });

  it('stays open while it is paused, whatever block it is', async () => {
    await using chain = await startChain([]);
    await using round = await open(chain);
    await round.competition.amend({ action: 'pause', stage: 'open' });
    await jumpTo(chain, LATEST + 10);
    for (let n = 0; n < 3; n += 1) await round.service.tick();
    expect(await round.competition.stage()).toBe('paused');
    await round.competition.amend({ action: 'resume', stage: 'open' });
    await round.service.tick();
    await round.service.tick();
    expect(await round.competition.stage()).toBe('finalizing');
  });

  it('stays open where the pool of prompts is gone, instead of drawing none', async () => {
    await using chain = await startChain(['//A'], { blockTimeMs: 200 });
    await commit(chain, '//A', submission('one'), LATEST - 50);
    await using round = await open(chain);
    await deleteFile(round.competition, stateFiles.promptPool.path.format({}));
    await jumpTo(chain, LATEST + 5);
    await expect(round.service.tick()).rejects.toMatchObject({ fault: { code: 'missing', path: 'prompts.txt' } });
    expect(await round.competition.stage()).toBe('open');
  });

  it('is not held by an amendment without a key, nor closed in spite of it', async () => {
    await using chain = await startChain([], { blockTimeMs: 200 });
    await using round = await open(chain, { files: [LISTED_KEY] });
    const commit = await pauseWithoutKey(round.competition, 'open');
    await jumpTo(chain, LATEST + 5);
    await expect(round.service.tick()).rejects.toMatchObject({ fault: { code: 'unvouched', commit } });
    expect(await round.competition.stage()).toBe('open');
  });

  it('is not closed by the blocks of another chain', async () => {
    await using chain = await startChain([]);
    const config = { genesis_hash: `0x${'9'.repeat(64)}` };
    await using round = await open(chain, { config });
    await jumpTo(chain, LATEST);
    await expect(round.service.tick()).rejects.toMatchObject({ fault: { code: 'inconsistent' } });
  });
});

describe('generation by the miners', () => {
  const generating = { stage: 'miner_generation', submissions: {} as Record<Hotkey, never> } as const;

  it('ends with its deadline block', async () => {
    await using chain = await startChain([]);
    await using round = await open(chain, generating);
    await jumpTo(chain, DEADLINE - 1);
    expect((await round.service.tick()).inMs).toBe(12_000);
    expect(await round.competition.stage()).toBe('miner_generation');
    await jumpTo(chain, DEADLINE);
    await round.service.tick();
    expect((await round.competition.subjects())[0]).toBe('Round 0: downloading');
  });

  it('goes on to a later deadline that an operator set, and never ends before the scheduled one', async () => {
    await using chain = await startChain([]);
    await using round = await open(chain, generating);
    const extend = (block: number) =>
      round.competition.amend({ action: 'extend_deadline', generation_deadline_block: block as BlockNumber });
    await extend(DEADLINE - 500);
    await jumpTo(chain, DEADLINE - 1);
    await round.service.tick();
    expect(await round.competition.stage()).toBe('miner_generation');
    await extend(DEADLINE + 50);
    await jumpTo(chain, DEADLINE + 49);
    await round.service.tick();
    expect(await round.competition.stage()).toBe('miner_generation');
    await jumpTo(chain, DEADLINE + 50);
    await round.service.tick();
    expect(await round.competition.stage()).toBe('downloading');
  });

  it('does not end while it is paused', async () => {
    await using chain = await startChain([]);
    await using round = await open(chain, generating);
    await round.competition.amend({ action: 'pause', stage: 'miner_generation' });
    await jumpTo(chain, DEADLINE);
    for (let n = 0; n < 2; n += 1) await round.service.tick();
    expect(await round.competition.stage()).toBe('paused');
    await round.competition.amend({ action: 'resume', stage: 'miner_generation' });
    for (let n = 0; n < 2; n += 1) await round.service.tick();
    expect(await round.competition.stage()).toBe('downloading');
  });
});

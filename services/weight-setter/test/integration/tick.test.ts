import { rename } from 'node:fs/promises';
import type { BlockNumber } from '@tiltyard/schema';
import { type LeaderEntry, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import {
  hotkeyOf,
  NETUID,
  START_BLOCK,
  startChain,
  type TestChain,
  walletOf,
} from '../../../../packages/service-kit/test/support/chain.js';
import {
  LEADER_ENTRY,
  startCompetition,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { listeningLog } from '../../../../packages/service-kit/test/support/listening-log.js';
import { openKnownLeaders } from '../../src/known-leaders.js';
import { type Ports, tick } from '../../src/tick.js';

const PACE = { intervalMs: 1_800_000, retryMs: 300_000, iterationMs: 600_000 };
/** Uids of the test chain: the owner's is the burn uid, then the validator, then miners. */
const [BURN, VALIDATOR, MINER] = [0, 1, 2];

async function leaderOf(uri: string, weight: number, effectiveBlock: number): Promise<LeaderEntry> {
  return { ...LEADER_ENTRY, hotkey: await hotkeyOf(uri), weight, effective_block: effectiveBlock as BlockNumber };
}

/** A chain that makes a block every few milliseconds, so that what is sent gets into one. */
const livelyChain = (options: Parameters<typeof startChain>[1] = {}) =>
  startChain(['//Miner'], { blockTimeMs: 100, ...options });

const led = (leaders: readonly LeaderEntry[], config = {}) => startCompetition({ stage: 'open', leaders, config });

async function portsOf(competition: TestCompetition, { chain }: TestChain, wallet = '//Validator') {
  const listening = listeningLog();
  const { log, notices } = listening;
  const ledger = await competition.ledger('reader', 'weights');
  const readLeaders = openKnownLeaders({ ledger, chain, netuid: NETUID, notices });
  const ports: Ports = {
    ...{ readLeaders, chain, wallet: await walletOf(wallet), log, notices },
    ...{ netuid: NETUID, pace: PACE, signal: new AbortController().signal },
  };
  return { ...ports, ...listening };
}

/** The shares that the validator has set, by uid, with three decimals. */
async function sharesOn({ chain }: TestChain): Promise<Readonly<Record<number, number>>> {
  const raw = await chain.weightsOf(NETUID, VALIDATOR);
  const total = [...raw.values()].reduce((sum, value) => sum + value, 0);
  return Object.fromEntries([...raw].map(([uid, value]) => [uid, Math.round((1000 * value) / total) / 1000]));
}

describe('the weight-setter', () => {
  it('pays the leader its weight, burns the rest, and looks again after the interval', async () => {
    await using chain = await livelyChain();
    await using competition = await led([await leaderOf('//Miner', 0.6, START_BLOCK)]);
    const next = await tick(await portsOf(competition, chain));
    expect(next).toMatchObject({ inMs: PACE.intervalMs, reason: 'weights are set' });
    expect(next.stuck ?? []).toEqual([]);
    expect(await sharesOn(chain)).toEqual({ [BURN]: 0.4, [MINER]: 0.6 });
  });

  it.each([
    ['nobody leads yet', '//Miner', START_BLOCK + 100_000],
    ['the leader is not registered', '//Stranger', START_BLOCK],
    ['the leader is the owner', '//Owner', START_BLOCK],
  ])('burns everything while %s', async (_why, uri, effectiveBlock) => {
    await using chain = await livelyChain();
    await using competition = await led([await leaderOf(uri, 1, effectiveBlock)]);
    await tick(await portsOf(competition, chain));
    expect(await sharesOn(chain)).toEqual({ [BURN]: 1 });
  });

  it('waits for a leader that takes effect within 25 minutes, and pays it then', async () => {
    await using chain = await livelyChain();
    const head = chain.devnet.head().number;
    const soon = await leaderOf('//Miner', 1, head + 120);
    await using competition = await led([await leaderOf('//Owner', 1, START_BLOCK), soon]);
    const ports = await portsOf(competition, chain);
    const next = await tick(ports);
    expect(next.reason).toContain('takes effect soon');
    expect(next.inMs).toBeLessThanOrEqual(120 * 12_000);
    expect(await sharesOn(chain)).toEqual({});

    chain.devnet.jump({ blocks: 121 });
    await chain.chain.waitForBlock((head + 120) as BlockNumber, { timeoutMs: 50_000 });
    await tick(ports);
    expect(await sharesOn(chain)).toEqual({ [MINER]: 1 });
  });

  it('looks again when a later leader takes effect, before the interval is over', async () => {
    await using chain = await livelyChain();
    const later = await leaderOf('//Miner', 1, chain.devnet.head().number + 1_000);
    await using competition = await led([await leaderOf('//Miner', 0.5, START_BLOCK), later]);
    const ports = { ...(await portsOf(competition, chain)), pace: { ...PACE, intervalMs: 86_400_000 } };
    const { inMs } = await tick(ports);
    expect(inMs).toBeLessThanOrEqual(1_000 * 12_000);
    expect(inMs).toBeGreaterThan(900 * 12_000);
  });

  it('waits for the rate limit instead of raising an alarm', async () => {
    await using chain = await livelyChain({ weightsSetRateLimit: 100 });
    await using competition = await led([await leaderOf('//Miner', 1, START_BLOCK)]);
    chain.devnet.jump({ blocks: 200 });
    const ports = await portsOf(competition, chain);
    await tick(ports);
    const next = await tick(ports);
    expect(next.reason).toContain('rate limit');
    expect(next.stuck ?? []).toEqual([]);
    expect(next.inMs).toBeLessThanOrEqual(100 * 12_000);
    expect(next.inMs).toBeGreaterThan(0);
    expect(ports.sent(/./)).toEqual([]);
  });

  it('waits without an alarm where the chain holds as many unrevealed commits as it takes', async () => {
    await using chain = await livelyChain({ commitRevealWeights: true });
    await using competition = await led([await leaderOf('//Miner', 1, START_BLOCK)]);
    const wallet = await walletOf('//Validator');
    for (let n = 0; n < 10; n += 1)
      await chain.chain.setWeights({ netuid: NETUID, wallet, weights: new Map([[0, 1]]) });
    const ports = await portsOf(competition, chain);
    const next = await tick(ports);
    expect(next).toMatchObject({ inMs: PACE.retryMs, reason: expect.stringContaining('TooManyUnrevealedCommits') });
    expect(next.stuck ?? []).toEqual([]);
    expect(ports.sent(/./)).toEqual([]);
  });

  it('pays the last known leader while the repository is out of reach, also after a restart', async () => {
    await using chain = await livelyChain();
    await using competition = await led([await leaderOf('//Miner', 1, START_BLOCK)]);
    await portsOf(competition, chain); // has seen the repository, and ends
    await rename(competition.remote, `${competition.remote}.away`);
    const ports = await portsOf(competition, chain);
    const next = await tick(ports);
    expect(next.stuck ?? []).toEqual([]);
    expect(await sharesOn(chain)).toEqual({ [MINER]: 1 });
    expect(ports.sent('ledger-unreachable')).toHaveLength(1);
    await rename(`${competition.remote}.away`, competition.remote);
  });

  it('follows a change of leader in the repository', async () => {
    await using chain = await livelyChain();
    const first = await leaderOf('//Miner', 1, START_BLOCK);
    await using competition = await startCompetition({ stage: 'finalizing', leaders: [first] });
    const ports = await portsOf(competition, chain);
    await tick(ports);
    const weaker = { ...first, weight: 0.8, effective_block: (START_BLOCK + 1) as BlockNumber };
    await competition.publishAs('round-manager', (draft) => {
      const schedule = { earliest_reveal_block: 1001, latest_reveal_block: 2000, generation_deadline_block: 2600 };
      draft.write(stateFiles.leader, {}, [first, weaker]);
      draft.write(stateFiles.schedule, { round: 1 }, schedule as never);
      draft.write(stateFiles.state, {}, { current_round: 1, stage: 'open', next_stage_eta: null });
    });
    await tick(ports);
    expect(await sharesOn(chain)).toEqual({ [BURN]: 0.2, [MINER]: 0.8 });
  });

  it.each([
    ['another subnet', { netuid: 3 }],
    ['another chain', { genesis_hash: `0x${'1'.repeat(64)}` }],
  ])('pays nobody by the repository of %s', async (_what, config) => {
    await using chain = await livelyChain();
    await using competition = await led([await leaderOf('//Miner', 1, START_BLOCK)], config);
    const ports = await portsOf(competition, chain);
    const next = await tick(ports);
    expect(next.stuck?.[0]?.reason).toContain('config.json');
    expect(ports.sent('weights')).toHaveLength(1);
    expect(await sharesOn(chain)).toEqual({});
  });

  it('says what is wrong and tries again in four to six minutes when it may not set weights', async () => {
    await using chain = await livelyChain();
    await using competition = await led([await leaderOf('//Miner', 1, START_BLOCK)]);
    const ports = await portsOf(competition, chain, '//Stranger');
    const next = await tick(ports);
    expect(next.stuck).toMatchObject([
      { kind: 'weights', reason: expect.stringContaining('is not registered'), retryInMs: next.inMs },
    ]);
    expect(next.inMs).toBeGreaterThanOrEqual(240_000);
    expect(next.inMs).toBeLessThanOrEqual(360_000);
    expect(ports.sent('weights')).toMatchObject([{ level: 'error' }]);
  });

  it('gives an iteration up that takes too long', async () => {
    // No block is made, so that nothing that is sent is ever included.
    await using chain = await startChain(['//Miner']);
    await using competition = await led([await leaderOf('//Miner', 1, START_BLOCK)]);
    const ports = { ...(await portsOf(competition, chain)), pace: { ...PACE, iterationMs: 500 } };
    // Without a bound it would wait for a block that never comes.
    expect((await tick(ports)).stuck).toMatchObject([{ kind: 'weights' }]);
  });
});

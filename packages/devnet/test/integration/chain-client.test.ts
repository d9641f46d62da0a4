import { Keyring } from '@polkadot/keyring';
import { type Chain, ChainError, openChain, walletFromUri } from '@tiltyard/chain';
import { Hotkey, Secret } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/index.js';
import { relayTo } from '../support/relay.js';

const NETUID = 17;
const hotkeyOf = (uri: string) => Hotkey.parse(new Keyring({ type: 'sr25519' }).createFromUri(uri).address);

function start(options: Partial<DevnetOptions> = {}): Promise<Devnet> {
  return startDevnet({
    seed: 'chain-client',
    startBlock: 4_000_000,
    startTimeMs: 1_790_000_000_000,
    blockTimeMs: 60,
    subnets: [
      {
        netuid: NETUID,
        owner: { hotkey: '//Owner' },
        validators: [{ hotkey: '//Validator' }],
        miners: [{ hotkey: '//Miner1' }, { hotkey: '//Miner2' }],
        weightsSetRateLimit: 50,
        commitRevealWeights: false,
      },
    ],
    ...options,
  });
}

const open = (url: string, options: { eraBlocks?: number } = {}): Promise<Chain> =>
  openChain({ endpoints: [new Secret(url)], netuid: NETUID, maxReconnectDelayMs: 500, ...options });

describe('the client of @tiltyard/chain on a dev chain', () => {
  it('reads head, hashes, metagraph, hyperparameters and beacon', async () => {
    await using devnet = await start();
    await using chain = await open(devnet.url);
    const head = await chain.finalizedHead();
    expect(head.timestampMs).toBe(1_790_000_000_000 + (head.number - 4_000_000) * 12_000);
    expect(await chain.blockHash(head.number)).toBe(head.hash);
    expect(chain.genesisHash).toBe(devnet.status().genesisHash);

    const { neurons, burnUid, ownerHotkey } = await chain.metagraph(NETUID);
    expect(neurons.map(({ hotkey, validatorPermit }) => [hotkey, validatorPermit])).toEqual([
      [hotkeyOf('//Owner'), false],
      [hotkeyOf('//Validator'), true],
      [hotkeyOf('//Miner1'), false],
      [hotkeyOf('//Miner2'), false],
    ]);
    expect([burnUid, ownerHotkey]).toEqual([0, hotkeyOf('//Owner')]);
    expect(await chain.hyperparameters(NETUID)).toMatchObject({
      tempo: 360,
      weightsSetRateLimit: 50,
      commitRevealEnabled: false,
      commitRevealVersion: 4,
    });
    expect((await chain.beacon()).periodSeconds).toBe(3);

    // Heights below the start have hashes for ever, and no state.
    const old = await chain.blockHash((4_000_000 - 100) as typeof head.number);
    await expect(chain.metagraph(NETUID, old)).rejects.toMatchObject({ fault: { code: 'state_discarded' } });
    expect(await chain.blockHash(12 as typeof head.number)).toMatch(/^0x[0-9a-f]{64}$/);
  });

  it('has a timelocked text open within a jump, at the block after its round is published', async () => {
    await using devnet = await start();
    await using chain = await open(devnet.url);
    const wallet = await walletFromUri(new Secret('//Miner1'));
    const { number } = await chain.finalizedHead();
    const revealAtBlock = (number + 300) as typeof number;
    await chain.submitTimelocked({ netuid: NETUID, wallet, text: '{"repo":"a/b"}', revealAtBlock });
    expect((await chain.commitmentOf(NETUID, wallet.hotkey))?.fields[0]?.kind).toBe('timelocked');
    expect((await chain.revealedCommitments(NETUID)).texts.size).toBe(0);

    const landed = devnet.jump({ blocks: 7200 });
    await chain.waitForBlock(landed.number as typeof number, { timeoutMs: 50_000 });
    const { texts } = await chain.revealedCommitments(NETUID);
    // The round of block N's time is published by block N, and opens the text in the next one.
    expect(texts.get(wallet.hotkey)).toEqual([{ text: '{"repo":"a/b"}', block: revealAtBlock + 1 }]);
    expect(await chain.commitmentOf(NETUID, wallet.hotkey)).toBeNull();
    // State at any block on the way can still be read.
    const before = await chain.blockHash(revealAtBlock);
    expect((await chain.revealedCommitments(NETUID, before)).texts.size).toBe(0);
  });

  it('sets weights, rescaled, and notes when', async () => {
    await using devnet = await start();
    await using chain = await open(devnet.url);
    const wallet = await walletFromUri(new Secret('//Validator'));
    devnet.jump({ blocks: 60 });
    const weights = new Map([
      [0, 1],
      [2, 3],
    ]);
    const { block } = await chain.setWeights({ netuid: NETUID, wallet, weights });
    expect([...(await chain.weightsOf(NETUID, 1))]).toEqual([
      [0, 21_845],
      [2, 65_535],
    ]);
    expect((await chain.metagraph(NETUID)).byHotkey.get(wallet.hotkey)?.lastUpdate).toBe(block.number);
    await expect(chain.setWeights({ netuid: NETUID, wallet, weights })).rejects.toMatchObject({
      fault: { code: 'too_soon' },
    });
  });

  it('commits weights timelocked, and they open in the epoch that the client expects', async () => {
    await using devnet = await start({
      subnets: [
        {
          netuid: NETUID,
          owner: { hotkey: '//Owner' },
          validators: [{ hotkey: '//Validator' }],
          weightsSetRateLimit: 5,
        },
      ],
    });
    await using chain = await open(devnet.url);
    const wallet = await walletFromUri(new Secret('//Validator'));
    devnet.jump({ blocks: 20 });
    const receipt = await chain.setWeights({ netuid: NETUID, wallet, weights: new Map([[0, 1]]) });
    if (receipt.mode !== 'committed') throw new Error('the subnet commits and reveals');
    expect([...(await chain.weightsOf(NETUID, 1))]).toEqual([]);
    const expected = receipt.expectedRevealBlock;
    const landed = devnet.jump({ toBlock: expected + 20 });
    await chain.waitForBlock(landed.number as typeof expected, { timeoutMs: 50_000 });
    expect([...(await chain.weightsOf(NETUID, 1))]).toEqual([[0, 65_535]]);
    expect(devnet.status().waiting).toEqual([]);
  });

  it('signs again when a jump has outdated what it signed', async () => {
    await using devnet = await start();
    let hasJumped = false;
    await using relay = await relayTo(devnet.url, {
      onCall({ method }) {
        if (method === 'author_submitAndWatchExtrinsic' && !hasJumped) {
          hasJumped = true;
          devnet.jump({ blocks: 500 });
        }
        return undefined;
      },
    });
    await using chain = await open(relay.url);
    const wallet = await walletFromUri(new Secret('//Miner1'));
    const { number } = await chain.finalizedHead();
    const revealAtBlock = (number + 5000) as typeof number;
    const receipt = await chain.submitTimelocked({ netuid: NETUID, wallet, text: 'late', revealAtBlock });
    expect(hasJumped).toBe(true);
    expect(receipt.attempts).toBe(2);
    expect(receipt.block.number).toBeGreaterThan(number + 500);
  });

  it('learns by name what an unregistered hotkey may not do', async () => {
    await using devnet = await start();
    await using chain = await open(devnet.url);
    const stranger = await walletFromUri(new Secret('//Stranger'));
    const attempt = () => chain.setCommitment({ netuid: NETUID, wallet: stranger, bytes: new Uint8Array([1]) });
    await expect(attempt()).rejects.toBeInstanceOf(ChainError);
    const { uid } = devnet.register({ netuid: NETUID, hotkey: stranger.hotkey });
    expect(uid).toBe(4);
    await chain.waitForBlock(devnet.head().number as never, { timeoutMs: 50_000 });
    await expect(attempt()).resolves.toMatchObject({ attempts: 1 });
  });
});

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import type { ApiOptions, SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { ISubmittableResult } from '@polkadot/types/types';
import { describe, expect, it } from 'vitest';
import { type DevnetOptions, startDevnet } from '../../src/index.js';

/** WsProvider's optional members are not declared as such. */
type Provider = NonNullable<ApiOptions['provider']>;

const NETUID = 3;
const keyring = new Keyring({ type: 'sr25519' });
const validator = keyring.createFromUri('//Validator');
const miner = keyring.createFromUri('//Miner');
const rich = keyring.createFromUri('//Rich');

async function connect(options: Partial<DevnetOptions> = {}) {
  const devnet = await startDevnet({
    seed: 'polkadot-api',
    startBlock: 1000,
    startTimeMs: 1_790_000_000_000,
    blockTimeMs: 50,
    subnets: [
      {
        netuid: NETUID,
        owner: { hotkey: '//Owner' },
        validators: [{ hotkey: '//Validator' }],
        miners: [{ hotkey: '//Miner' }],
        commitRevealWeights: false,
      },
    ],
    funds: [{ account: '//Rich', rao: 10_000_000_000 }],
    ...options,
  });
  const api = await ApiPromise.create({ provider: new WsProvider(devnet.url) as Provider, noInitWarn: true });
  return {
    devnet,
    api,
    async [Symbol.asyncDispose]() {
      await api.disconnect();
      await devnet[Symbol.asyncDispose]();
    },
  };
}

/** Sends a transaction; once it is final, its events and, where it failed, the error's name. */
async function send(api: ApiPromise, transaction: SubmittableExtrinsic<'promise'>, signer: KeyringPair) {
  const result = await new Promise<ISubmittableResult>((resolve, reject) => {
    transaction
      .signAndSend(signer, { nonce: -1 }, (status) => {
        if (status.isFinalized || status.isError) resolve(status);
      })
      .catch(reject);
  });
  const { dispatchError } = result;
  const error = dispatchError?.isModule ? api.registry.findMetaError(dispatchError.asModule) : undefined;
  return {
    events: result.events.map(({ event }) => `${event.section}.${event.method}`),
    error: error === undefined ? undefined : `${error.section}.${error.name}`,
  };
}

const setWeights = (api: ApiPromise, uids: number[], values: number[]) =>
  api.tx.subtensorModule?.setWeights?.(NETUID, uids, values, 0) ?? missing();
function missing(): never {
  throw new Error('the metadata lack a call');
}

describe('@polkadot/api on a dev chain', () => {
  it('learns that it is a stand-in', async () => {
    await using at = await connect();
    expect((await at.api.rpc.system.name()).toString()).toContain('not the subtensor runtime');
    expect(at.api.runtimeVersion.implName.toString()).toBe('tiltyard-devnet');
    expect(at.api.runtimeVersion.specVersion.toNumber()).toBe(424);
  });

  it('gets events, and the names of the errors of what failed', async () => {
    await using at = await connect();
    const { api, devnet } = at;
    expect((await send(api, setWeights(api, [0], [1]), validator)).error).toBe('subtensorModule.SettingWeightsTooFast');
    devnet.jump({ blocks: 200 });
    expect(await send(api, setWeights(api, [0, 2], [1, 2]), validator)).toEqual({
      events: ['subtensorModule.WeightsSet', 'system.ExtrinsicSuccess'],
      error: undefined,
    });
    expect((await send(api, setWeights(api, [0], [1]), miner)).error).toBe('subtensorModule.NeuronNoValidatorPermit');
    expect((await send(api, setWeights(api, [0], [1]), rich)).error).toBe(
      'subtensorModule.HotKeyNotRegisteredInSubNet',
    );
  });

  it('pays for a registration and gets a uid', async () => {
    await using at = await connect();
    const { api } = at;
    const register = (hotkey: KeyringPair) =>
      api.tx.subtensorModule?.burnedRegister?.(NETUID, hotkey.address) ?? missing();
    const newcomer = keyring.createFromUri('//Newcomer');
    const first = await send(api, register(newcomer), rich);
    expect(first.error).toBeUndefined();
    expect(first.events).toContain('subtensorModule.NeuronRegistered');
    expect((await send(api, register(newcomer), rich)).error).toBe('subtensorModule.HotKeyAlreadyRegisteredInSubNet');
    await expect(send(api, register(newcomer), miner)).rejects.toThrow('1010: Invalid Transaction: Inability to pay');
  });

  it('pages through the entries of a map, at the head and at an older block', async () => {
    await using at = await connect();
    const { api, devnet } = at;
    const names = Array.from({ length: 20 }, (_, i) => keyring.createFromUri(`//Many/${i}`).address);
    const before = devnet.head();
    for (const hotkey of names) devnet.register({ netuid: NETUID, hotkey });
    const entries = await api.query.subtensorModule?.keys?.entries(NETUID);
    expect(entries?.map(([key]) => Number(key.args[1])).sort((a, b) => a - b)).toEqual([...Array(23).keys()]);
    const then = await api.at(before.hash);
    expect((await then.query.subtensorModule?.keys?.entries(NETUID))?.length).toBe(3);
    const keys = await api.rpc.state.getKeysPaged(api.query.subtensorModule?.keys?.keyPrefix(NETUID) ?? '', 7);
    expect(keys.length).toBe(7);
  });

  it('hears one new head and one change of storage for a jump', async () => {
    await using at = await connect({ blockTimeMs: null });
    const { api, devnet } = at;
    const heads: number[] = [];
    const times: number[] = [];
    await api.rpc.chain.subscribeFinalizedHeads((header) => void heads.push(header.number.toNumber()));
    await api.query.timestamp?.now?.((now: { toString(): string }) => void times.push(Number(now)));
    await expect.poll(() => [heads.length, times.length]).toEqual([1, 1]);
    devnet.jump({ blocks: 5000 });
    await expect.poll(() => heads).toEqual([1000, 6000]);
    await expect.poll(() => times.map((time) => time - (times[0] ?? 0))).toEqual([0, 60_000_000]);
  });

  it('gets no jump while a transaction is pending, and none of a forged, an old or a repeated one accepted', async () => {
    await using at = await connect({ blockTimeMs: null });
    const { api, devnet } = at;
    const remark = () => api.tx.system?.remark?.('0x00') ?? missing();
    const early = await remark().signAsync(rich, { nonce: 0, era: 8 });
    await early.send();
    expect(() => devnet.jump({ blocks: 1 })).toThrow(
      expect.objectContaining({ fault: { code: 'transactions_pending', pending: 1 } }),
    );
    await expect(early.send()).rejects.toThrow('1013');
    devnet.produce();
    await expect(early.send()).rejects.toThrow('1010: Invalid Transaction: Transaction is outdated');

    const late = await remark().signAsync(rich, { nonce: 1, era: 8 });
    devnet.jump({ blocks: 100 });
    await expect(late.send()).rejects.toThrow('1010: Invalid Transaction: Transaction is outdated');
    const forged = await remark().signAsync(rich, { nonce: 1 });
    const bytes = forged.toU8a();
    bytes.fill(7, 60, 64);
    await expect(api.rpc.author.submitExtrinsic(Buffer.from(bytes).toString('hex').replace(/^/, '0x'))).rejects.toThrow(
      'bad signature',
    );
  });

  it('keeps a finality lag where it is told to', async () => {
    await using at = await connect({ blockTimeMs: null, finalityLagBlocks: 3 });
    at.devnet.produce({ blocks: 10 });
    expect(at.devnet.finalized().number).toBe(1007);
    expect((await at.api.rpc.chain.getFinalizedHead()).toHex()).toBe(at.devnet.finalized().hash);
    expect((await at.api.rpc.chain.getHeader()).number.toNumber()).toBe(1010);
  });
});

import { type Chain, openChain, type Wallet, walletFromUri } from '@tiltyard/chain';
import { type Devnet, type DevnetOptions, startDevnet } from '@tiltyard/devnet';
import { type Hotkey, Secret } from '@tiltyard/schema';

export const NETUID = 17;
export const START_BLOCK = 4_000_000;

/** A dev chain that makes blocks on request only, and a client of it. */
export interface TestChain extends AsyncDisposable {
  readonly devnet: Devnet;
  readonly chain: Chain;
}

/** Starts a chain with an owner, a validator and these miners. */
export async function startChain(
  miners: readonly string[],
  options: Partial<Omit<DevnetOptions, 'subnets'>> & {
    readonly weightsSetRateLimit?: number;
    readonly commitRevealWeights?: boolean;
  } = {},
): Promise<TestChain> {
  const { weightsSetRateLimit = 0, commitRevealWeights = false, ...rest } = options;
  const devnet = await startDevnet({
    seed: 'services',
    startBlock: START_BLOCK,
    startTimeMs: Date.parse('2026-11-20T00:00:00Z'),
    blockTimeMs: null,
    subnets: [
      {
        netuid: NETUID,
        owner: { hotkey: '//Owner' },
        validators: [{ hotkey: '//Validator' }],
        miners: miners.map((hotkey) => ({ hotkey })),
        commitRevealWeights,
        weightsSetRateLimit,
      },
    ],
    funds: [...miners, '//Owner', '//Validator'].map((account) => ({ account, rao: 1_000_000_000_000 })),
    ...rest,
  });
  const chain = await openChain({ endpoints: [new Secret(devnet.url)], netuid: NETUID, maxReconnectDelayMs: 200 });
  return {
    devnet,
    chain,
    async [Symbol.asyncDispose]() {
      await chain.close();
      await devnet[Symbol.asyncDispose]();
    },
  };
}

/** The hotkey of a development account. */
export async function hotkeyOf(uri: string): Promise<Hotkey> {
  return (await walletOf(uri)).hotkey;
}

export async function walletOf(uri: string): Promise<Wallet> {
  return await walletFromUri(new Secret(uri));
}

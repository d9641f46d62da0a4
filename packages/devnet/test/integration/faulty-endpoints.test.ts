import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { type Chain, ChainError, openChain, walletFromUri } from '@tiltyard/chain';
import { type BlockNumber, isFault, Secret } from '@tiltyard/schema';
import { describe, expect, it, vi } from 'vitest';
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/index.js';
import { type Call, relayTo } from '../support/relay.js';

const NETUID = 17;
const START = 4_000_000;
const FORK = `0x${'f0'.repeat(32)}`;

function start(options: Partial<DevnetOptions> = {}): Promise<Devnet> {
  const subnet = { netuid: NETUID, owner: { hotkey: '//Owner' }, miners: [{ hotkey: '//Miner' }] };
  return startDevnet({ seed: 'faulty', startBlock: START, blockTimeMs: null, subnets: [subnet], ...options });
}

/** An endpoint that takes connections and says nothing. */
async function silentEndpoint() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const hostOf = ({ url }: { readonly url: string }) => new URL(url).host;
const open = (...urls: string[]): Promise<Chain> =>
  openChain({
    endpoints: urls.map((url) => new Secret(url)),
    netuid: NETUID,
    maxReconnectDelayMs: 200,
    callTimeoutMs: 5_000,
  });
const at = (number: number) => number as BlockNumber;
const failure = async (promise: Promise<unknown>) => await promise.catch((thrown: unknown) => thrown);

/** A relay that gives one block another hash. */
const lyingAbout = (devnet: Devnet, block: number) =>
  relayTo(devnet.url, {
    onCall: ({ method, params }: Call) =>
      method === 'chain_getBlockHash' && params[0] === block ? { result: FORK } : undefined,
  });

describe("fault 19: a seed's block and its witnesses", () => {
  it('fault 19: takes the hash that two endpoints agree on, and names their hosts alone', async () => {
    await using devnet = await start();
    await using relay = await relayTo(devnet.url);
    await using chain = await open(`${devnet.url}/v1/KEY?key=KEY`, relay.url);
    devnet.produce({ blocks: 3 });
    const { hash, witnesses, silent, otherChain } = await chain.witnessedBlockHash(at(START + 1));
    expect(hash).toBe(await chain.blockHash(at(START + 1)));
    expect([witnesses, silent, otherChain]).toEqual([[hostOf(devnet), hostOf(relay)], [], []]);
  });

  it('fault 19: refuses a block that one endpoint lies about, and names both', async () => {
    await using devnet = await start();
    await using liar = await lyingAbout(devnet, START + 1);
    await using chain = await open(devnet.url, liar.url);
    devnet.produce({ blocks: 3 });
    const error = await failure(chain.witnessedBlockHash(at(START + 1)));
    expect(error).toMatchObject({ fault: { code: 'endpoints_disagree', answers: { [liar.url]: FORK } } });
  });

  it('fault 19: does not let one endpoint decide while the other is silent', async () => {
    await using devnet = await start();
    await using silent = await silentEndpoint();
    await using chain = await openChain({
      endpoints: [new Secret(devnet.url), new Secret(silent.url)],
      netuid: NETUID,
      callTimeoutMs: 5_000,
    });
    devnet.produce({ blocks: 3 });
    const error = await failure(chain.witnessedBlockHash(at(START + 1)));
    expect(error).toMatchObject({
      fault: { code: 'too_few_witnesses', needed: 2, witnesses: [hostOf(devnet)], silent: [silent.host] },
    });
    // Where one is enough, the config says so.
    expect(await chain.witnessedBlockHash(at(START + 1), 1)).toMatchObject({ witnesses: [hostOf(devnet)] });
  });

  it('fault 19: counts no endpoint of another genesis, and names it as such', async () => {
    await using devnet = await start();
    await using other = await start({ seed: 'another chain' });
    await using chain = await open(devnet.url, other.url);
    devnet.produce({ blocks: 3 });
    other.produce({ blocks: 3 });
    const error = await failure(chain.witnessedBlockHash(at(START + 1)));
    expect(error).toMatchObject({ fault: { code: 'too_few_witnesses', otherChain: [hostOf(other)], silent: [] } });
    expect((error as Error).message).toContain(`another chain is served by ${hostOf(other)}`);
  });

  it('fault 19: takes two URLs of one host for one witness', async () => {
    await using devnet = await start();
    await using relay = await relayTo(devnet.url);
    devnet.produce({ blocks: 3 });
    await using chain = await open(devnet.url, `${devnet.url}/other?key=1`);
    expect(await failure(chain.witnessedBlockHash(at(START + 1), 2))).toMatchObject({
      fault: { code: 'too_few_witnesses', witnesses: [hostOf(devnet)] },
    });
    // Nothing but that host is configured: it is enough unless the config demands more.
    expect((await chain.witnessedBlockHash(at(START + 1))).witnesses).toEqual([hostOf(devnet)]);
    await using both = await open(devnet.url, `${devnet.url}/other`, relay.url);
    expect((await both.witnessedBlockHash(at(START + 1))).witnesses).toEqual([hostOf(devnet), hostOf(relay)]);
  });

  it('fault 19: waits for an endpoint that finalizes the block a moment later', async () => {
    await using devnet = await start();
    let asked = 0;
    const old = devnet.head().hash;
    await using late = await relayTo(devnet.url, {
      onCall: ({ method }) => (method === 'chain_getFinalizedHead' && asked++ < 2 ? { result: old } : undefined),
    });
    await using chain = await open(devnet.url, late.url);
    devnet.produce({ blocks: 2 });
    expect((await chain.witnessedBlockHash(at(START + 1))).witnesses).toHaveLength(2);
    expect(asked).toBeGreaterThan(2);
  });
});

describe('fault 19: blocks that are not final yet', () => {
  it('fault 19: decide nothing, so that a reorganisation changes nothing', async () => {
    await using devnet = await start({ finalityLagBlocks: 5 });
    let isForked = true;
    // Until the finalized chain has reached it, this node shows another branch above.
    await using relay = await relayTo(devnet.url, {
      onCall: ({ method, params }) =>
        isForked && method === 'chain_getBlockHash' && Number(params[0]) > START + 5 ? { result: FORK } : undefined,
    });
    await using chain = await open(relay.url);
    devnet.produce({ blocks: 10 });
    await chain.waitForBlock(at(START + 5), { timeoutMs: 60_000 });
    expect((await chain.finalizedHead()).number).toBe(START + 5);
    const above = at(START + 8);
    expect(await failure(chain.blockHash(above))).toMatchObject({ fault: { code: 'not_finalized' } });
    expect(isFault(await failure(chain.witnessedBlockHash(above)), ChainError, 'too_few_witnesses')).toBe(true);
    isForked = false;
    devnet.produce({ blocks: 5 });
    expect(await chain.blockHash(above)).not.toBe(FORK);
    expect((await chain.witnessedBlockHash(above)).hash).toBe(await chain.blockHash(above));
  });
});

describe('fault 19: an endpoint of another chain than the competition names', () => {
  it('fault 19: is not used, in whatever order it stands', async () => {
    await using devnet = await start();
    await using other = await start({ seed: 'another chain' });
    const genesisHash = devnet.status().genesisHash as Chain['genesisHash'];
    await using chain = await openChain({
      endpoints: [new Secret(other.url), new Secret(devnet.url)],
      netuid: NETUID,
      genesisHash,
    });
    expect(chain.endpoint()).toBe(devnet.url);
  });

  it('fault 19: is reported at once where there is no other', async () => {
    await using devnet = await start();
    const genesisHash = FORK as Chain['genesisHash'];
    const opening = openChain({
      endpoints: [new Secret(devnet.url), new Secret(`${devnet.url}/b`)],
      genesisHash,
      openTimeoutMs: 600_000,
    });
    await expect(opening).rejects.toMatchObject({ fault: { code: 'wrong_genesis', expected: FORK } });
  });
});

describe('fault 20: a half-open socket', () => {
  it('fault 20: is given up by the age of its last block, and the work goes on at another endpoint', async () => {
    await using devnet = await start({ blockTimeMs: 200 });
    await using relay = await relayTo(devnet.url);
    const impatient = { staleHeadMs: 4_000, callTimeoutMs: 60_000, maxReconnectDelayMs: 200 };
    await using chain = await openChain({
      endpoints: [new Secret(relay.url), new Secret(devnet.url)],
      netuid: NETUID,
      ...impatient,
    });
    const { number } = await chain.finalizedHead();
    expect(chain.endpoint()).toBe(relay.url);
    relay.freeze();
    // Calls may wait for a minute: only the watchdog can end this one before.
    const reading = chain.hyperparameters(NETUID);
    await chain.waitForBlock(at(number + 20), { timeoutMs: 100_000 });
    expect(chain.endpoint()).toBe(devnet.url);
    expect((await reading).netuid).toBe(NETUID);
  });

  it('fault 20: is rebuilt where there is no other endpoint, as soon as it can be', async () => {
    await using devnet = await start({ blockTimeMs: 200 });
    await using relay = await relayTo(devnet.url);
    const impatient = { staleHeadMs: 4_000, callTimeoutMs: 2_000, maxReconnectDelayMs: 200 };
    await using chain = await openChain({ endpoints: [new Secret(relay.url)], netuid: NETUID, ...impatient });
    const { number } = await chain.finalizedHead();
    const before = relay.connections();
    relay.freeze();
    await expect.poll(() => relay.connections(), { timeout: 60_000 }).toBeGreaterThan(before);
    relay.thaw();
    await chain.waitForBlock(at(number + 20), { timeoutMs: 100_000 });
  });

  it('fault 20: leaves no key of its address on the console, nor in an error', async () => {
    const printed: unknown[] = [];
    for (const level of ['error', 'warn', 'log'] as const) {
      vi.spyOn(console, level).mockImplementation((...words) => void printed.push(words));
    }
    try {
      await using devnet = await start();
      await using relay = await relayTo(devnet.url);
      const endpoint = `${relay.url.replace('//', '//user:SECRET@')}/v1/SECRET?key=SECRET`;
      relay.freeze();
      const error = await failure(
        openChain({ endpoints: [new Secret(endpoint)], callTimeoutMs: 1_000, openTimeoutMs: 4_000 }),
      );
      expect(error).toMatchObject({ code: 'unreachable' });
      expect(inspect(error, { depth: 9 })).not.toContain('SECRET');
      expect(inspect(printed)).toContain(`disconnected from ${relay.url}`);
      expect(inspect(printed, { depth: 9 })).not.toContain('SECRET');
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('fault 20: loses no transaction that was on its way', async () => {
    await using devnet = await start({ blockTimeMs: 200 });
    await using relay = await relayTo(devnet.url, {
      onCall({ method }, self) {
        if (method === 'author_submitAndWatchExtrinsic') self.freeze();
        return undefined;
      },
    });
    const impatient = { staleHeadMs: 4_000, maxReconnectDelayMs: 200 };
    await using chain = await openChain({
      endpoints: [new Secret(relay.url), new Secret(devnet.url)],
      netuid: NETUID,
      ...impatient,
    });
    const wallet = await walletFromUri(new Secret('//Miner'));
    const { block } = await chain.setCommitment({ netuid: NETUID, wallet, bytes: Uint8Array.of(7) });
    expect((await chain.commitmentOf(NETUID, wallet.hotkey))?.block).toBe(block.number);
  });
});

import { type Chain, type ChainError, openChain, walletFromUri } from '@tiltyard/chain';
import { Secret } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { type Devnet, type DevnetOptions, startDevnet } from '../../src/index.js';
import { type Call, type Relay, relayTo } from '../support/relay.js';

const NETUID = 17;

function start(options: Partial<DevnetOptions> = {}): Promise<Devnet> {
  const subnet = { netuid: NETUID, owner: { hotkey: '//Owner' }, miners: [{ hotkey: '//Miner' }] };
  return startDevnet({ seed: 'refusals', startBlock: 4_000_000, blockTimeMs: 60, subnets: [subnet], ...options });
}

const open = (...urls: string[]): Promise<Chain> =>
  openChain({ endpoints: urls.map((url) => new Secret(url)), netuid: NETUID, maxReconnectDelayMs: 200 });

const commit = async (chain: Chain) =>
  await chain.setCommitment({
    netuid: NETUID,
    wallet: await walletFromUri(new Secret('//Miner')),
    bytes: Uint8Array.of(1, 2, 3),
  });

const isSubmission = ({ method }: Call) => method === 'author_submitAndWatchExtrinsic';
const refusal = (code: number, message: string, data?: string) => ({ error: { code, message, data } });

/** Answers that pass: by another block, or at another node. */
const PASSING: readonly (readonly [string, object])[] = [
  ['1002 Verification', refusal(1002, 'Verification Error: Runtime error: Execution failed')],
  ['1010 ExhaustsResources', refusal(1010, 'Invalid Transaction', 'Transaction would exhaust the block limits')],
  ['1010 Stale', refusal(1010, 'Invalid Transaction', 'Transaction is outdated')],
  ['1010 Future', refusal(1010, 'Invalid Transaction', 'Transaction will be valid in the future')],
  ['1010 Custom, a number that nobody knows', refusal(1010, 'Invalid Transaction', 'Custom error: 231')],
  ['1011 UnknownTransaction', refusal(1011, 'Unknown Transaction Validity', 'Could not lookup information')],
  ['1015 CycleDetected', refusal(1015, 'Cycle Detected')],
  ['1016 ImmediatelyDropped', refusal(1016, 'Immediately Dropped', 'The pool is full')],
  ['1018 Unactionable', refusal(1018, 'Unactionable')],
  ['1020 InvalidBlockId', refusal(1020, 'The provided block ID is not valid')],
  ['1021 RejectedFutureTransaction', refusal(1021, 'The pool is not accepting future transactions')],
  ['1040 Other', refusal(1040, 'Other error')],
  ['a code that nobody knows', refusal(1099, 'Something new')],
  ['a code of JSON-RPC', refusal(-32_000, 'Server is busy')],
];

/** Answers that stay, by name, with what to do. */
const FINAL: readonly (readonly [string, string, object])[] = [
  ['BadFormat', 'update it', refusal(1001, 'Extrinsic has invalid format')],
  [
    'Payment',
    'fund it',
    refusal(1010, 'Invalid Transaction', 'Inability to pay some fees (e.g. account balance too low)'),
  ],
  ['BadSigner', 'of this address', refusal(1010, 'Invalid Transaction', 'Invalid signing address')],
  ['Call', 'from this account', refusal(1010, 'Invalid Transaction', 'Transaction call is not expected')],
  ['HotKeyNotRegisteredInNetwork', 'register', refusal(1010, 'Invalid Transaction', 'Custom error: 10')],
  ['RateLimitExceeded', 'try again later', refusal(1010, 'Invalid Transaction', 'Custom error: 6')],
];

describe('what a transaction pool answers', () => {
  it.each(PASSING)('reported: %s is offered again, and ends well', async (_, answer) => {
    await using devnet = await start();
    let refused = 0;
    const onCall = (call: Call) => (isSubmission(call) && refused++ < 1 ? answer : undefined);
    await using relay = await relayTo(devnet.url, { onCall });
    await using chain = await open(relay.url);
    await expect(commit(chain)).resolves.toMatchObject({ block: { number: expect.any(Number) } });
    expect(refused).toBe(2);
  });

  it.each(FINAL)('%s ends at once and says what to do', async (name, advice, answer) => {
    await using devnet = await start();
    let offered = 0;
    const onCall = (call: Call) => {
      if (!isSubmission(call)) return undefined;
      offered += 1;
      return answer;
    };
    await using relay = await relayTo(devnet.url, { onCall });
    await using chain = await open(relay.url);
    const error = await commit(chain).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ fault: { code: 'refused', name } });
    expect((error as ChainError).message).toContain(advice);
    expect(offered).toBe(1);
  });

  it('BadProof is signed once more, since a new runtime shows in the same words, and is final then', async () => {
    await using devnet = await start();
    let offered = 0;
    const onCall = (call: Call) => {
      if (!isSubmission(call)) return undefined;
      offered += 1;
      return refusal(1010, 'Invalid Transaction', 'Transaction has a bad signature');
    };
    await using relay = await relayTo(devnet.url, { onCall });
    await using chain = await open(relay.url);
    await expect(commit(chain)).rejects.toMatchObject({ fault: { code: 'refused', name: 'BadProof' } });
    expect(offered).toBe(2);
  });

  it('is taken to another endpoint where one node cannot take it', async () => {
    await using devnet = await start();
    const onCall = (call: Call) => (isSubmission(call) ? refusal(1018, 'Unactionable') : undefined);
    await using light = await relayTo(devnet.url, { onCall });
    await using chain = await open(light.url, devnet.url);
    await expect(commit(chain)).resolves.toMatchObject({ attempts: 1 });
    expect(chain.endpoint()).toBe(devnet.url);
  });

  it('is reported in its own words where it does not pass in time', async () => {
    await using devnet = await start();
    const onCall = (call: Call) => (isSubmission(call) ? refusal(1016, 'Immediately Dropped') : undefined);
    await using relay = await relayTo(devnet.url, { onCall });
    const impatient = { netuid: NETUID, finalizationTimeoutMs: 4_000 };
    await using chain = await openChain({ endpoints: [new Secret(relay.url)], ...impatient });
    const error = await commit(chain).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ fault: { code: 'not_taken' } });
    expect((error as ChainError).message).toContain('Immediately Dropped');
  });
});

describe('a socket that closes in the middle of a submission', () => {
  it.each([
    ['after the node took it', true],
    ['before the node got it', false],
  ])('%s: the chain is looked at, and it is in one block once', async (_, arrives) => {
    await using devnet = await start();
    let cuts = 0;
    const offered = new Set<unknown>();
    const onCall = (call: Call, relay: Relay) => {
      if (!isSubmission(call)) return undefined;
      offered.add(call.params[0]);
      if (cuts++ > 0) return undefined;
      if (arrives) setTimeout(() => relay.cut(), 20);
      else relay.cut();
      return arrives ? undefined : {};
    };
    await using relay = await relayTo(devnet.url, { onCall });
    await using chain = await open(relay.url);
    const { block } = await commit(chain);
    // One signature and one nonce, however often it was offered.
    expect(offered.size).toBe(1);
    expect((await chain.commitmentOf(NETUID, (await walletFromUri(new Secret('//Miner'))).hotkey))?.block).toBe(
      block.number,
    );
  });

  it('and an endpoint that stays away for a while do not end it', async () => {
    await using devnet = await start();
    let isAway = false;
    let asked = 0;
    const onCall = (call: Call, relay: Relay) => {
      if (isSubmission(call) && asked === 0) {
        isAway = true;
        relay.cut();
        return {};
      }
      // More failures than one read has attempts.
      if (isAway && ++asked < 6) {
        relay.cut();
        return {};
      }
      return undefined;
    };
    await using relay = await relayTo(devnet.url, { onCall });
    await using chain = await openChain({
      endpoints: [new Secret(relay.url)],
      netuid: NETUID,
      maxReconnectDelayMs: 100,
    });
    await expect(commit(chain)).resolves.toMatchObject({ attempts: 1 });
    expect(asked).toBeGreaterThanOrEqual(6);
  });
});

import type { BlockNumber, Hotkey } from '@tiltyard/schema';
import type { BlockHash, FinalizedHead } from './block.js';
import type {
  Beacon,
  Chain,
  Commitment,
  Hyperparameters,
  Metagraph,
  PlainCommitment,
  Receipt,
  RevealedCommitments,
  TimelockedReceipt,
  TimelockedSubmission,
  WaitOptions,
  WeightsReceipt,
  WeightsRequest,
  WitnessedHash,
} from './chain.js';
import { finalizedHash } from './connection/block-rpc.js';
import { ConnectionKeeper } from './connection/connection-keeper.js';
import { type Endpoint, endpointsFrom } from './connection/endpoint.js';
import { HeadFeed } from './connection/head-feed.js';
import { Session } from './connection/session.js';
import { witnessedHash } from './connection/witnessed-hash.js';
import { OPEN_CHAIN_DEFAULTS, type OpenChainOptions } from './open-chain-options.js';
import { readBeacon } from './read/read-beacon.js';
import { readCommitment, readCommitments, readRevealed } from './read/read-commitments.js';
import { readHyperparameters } from './read/read-hyperparameters.js';
import { readMetagraph } from './read/read-metagraph.js';
import { readWeights } from './read/read-weights.js';
import { submitWeights } from './submit/set-weights.js';
import { submitPlain, submitTimelocked } from './submit/submit-commitment.js';
import { Submitter } from './submit/submitter.js';

type Settings = typeof OPEN_CHAIN_DEFAULTS & OpenChainOptions;

/**
 * Opens a chain client: connects to the first endpoint that works, and stays connected until it is closed.
 *
 * @example
 * await using chain = await openChain({ ...chainAddress('finney'), log });
 * const head = await chain.waitForBlock(latestRevealBlock, { timeoutMs: 600_000, signal });
 * const { texts } = await chain.revealedCommitments(netuid, head.hash);
 *
 * Throws `bad_endpoint`, `wrong_genesis` when every endpoint serves another chain, `unreachable` after `openTimeoutMs`, and `no_such_subnet` when a netuid was given.
 */
export async function openChain(options: OpenChainOptions): Promise<Chain> {
  const settings: Settings = { ...OPEN_CHAIN_DEFAULTS, ...options };
  const { callTimeoutMs, maxReconnectDelayMs, log, genesisHash, netuid } = settings;
  const endpoints = endpointsFrom(settings.endpoints);
  const keeper = new ConnectionKeeper({ endpoints, genesisHash, callTimeoutMs, maxReconnectDelayMs, log });
  try {
    const chain = await BittensorChain.on(keeper, endpoints, settings);
    if (netuid !== undefined) await chain.hyperparameters(netuid);
    return chain;
  } catch (error) {
    await keeper.close();
    throw error;
  }
}

class BittensorChain implements Chain {
  private constructor(
    readonly genesisHash: BlockHash,
    private readonly endpoints: readonly Endpoint[],
    private readonly session: Session,
    private readonly heads: HeadFeed,
    private readonly submitter: Submitter,
    private readonly settings: Settings,
  ) {}

  static async on(
    keeper: ConnectionKeeper,
    endpoints: readonly Endpoint[],
    settings: Settings,
  ): Promise<BittensorChain> {
    const { callTimeoutMs, readAttempts } = settings;
    const session = new Session(keeper, { callTimeoutMs, readAttempts, endpointCount: endpoints.length });
    const heads = new HeadFeed(session, settings);
    try {
      const { genesisHash } = await keeper.get(settings.openTimeoutMs);
      return new BittensorChain(genesisHash, endpoints, session, heads, new Submitter(session, settings), settings);
    } catch (error) {
      heads.close();
      throw error;
    }
  }

  finalizedHead(): Promise<FinalizedHead> {
    return this.heads.head();
  }

  blockHash(number: BlockNumber): Promise<BlockHash> {
    return this.session.read(`block ${number}`, (connection) => finalizedHash(connection, number));
  }

  witnessedBlockHash(number: BlockNumber, minWitnesses?: number): Promise<WitnessedHash> {
    const { log, callTimeoutMs } = this.settings;
    const signal = this.session.keeper.closing;
    const { endpoints, genesisHash } = this;
    return witnessedHash(number, {
      ...{ endpoints, genesisHash, minWitnesses, timeoutMs: callTimeoutMs, signal, log },
    });
  }

  get hosts(): readonly string[] {
    return [...new Set(this.endpoints.map(({ host }) => host))];
  }

  async askHosts<T>(read: (chain: Chain) => Promise<T>): Promise<ReadonlyMap<string, PromiseSettledResult<T>>> {
    const { endpoints, genesisHash, hosts } = this;
    const { netuid: _netuid, callTimeoutMs, ...settings } = this.settings;
    const asked = hosts.map(async (host) => {
      const own = endpoints.filter((endpoint) => endpoint.host === host).map(({ url }) => url);
      const options = { ...settings, endpoints: own, genesisHash, callTimeoutMs, openTimeoutMs: callTimeoutMs };
      await using chain = await openChain(options);
      return await read(chain);
    });
    const answers = await Promise.allSettled(asked);
    this.session.keeper.closing.throwIfAborted();
    return new Map(answers.map((answer, index) => [hosts[index] ?? '', answer]));
  }

  onFinalizedHead(listener: (head: FinalizedHead) => void): () => void {
    return this.heads.listen(listener);
  }

  waitForBlock(number: BlockNumber, options: WaitOptions): Promise<FinalizedHead> {
    return this.heads.waitFor(number, options);
  }

  metagraph(netuid: number, at?: BlockHash): Promise<Metagraph> {
    return this.session.read('the metagraph', (connection) => readMetagraph(connection, netuid, at));
  }

  hyperparameters(netuid: number, at?: BlockHash): Promise<Hyperparameters> {
    return this.session.read('hyperparameters', (connection) => readHyperparameters(connection, netuid, at));
  }

  revealedCommitments(netuid: number, at?: BlockHash): Promise<RevealedCommitments> {
    return this.session.read('revealed commitments', (connection) => readRevealed(connection, netuid, at));
  }

  commitmentOf(netuid: number, hotkey: Hotkey, at?: BlockHash): Promise<Commitment | null> {
    return this.session.read('a commitment', (connection) => readCommitment(connection, netuid, hotkey, at));
  }

  commitments(netuid: number, at?: BlockHash): Promise<ReadonlyMap<Hotkey, Commitment>> {
    return this.session.read('commitments', (connection) => readCommitments(connection, netuid, at));
  }

  weightsOf(netuid: number, uid: number, at?: BlockHash): Promise<ReadonlyMap<number, number>> {
    return this.session.read('weights', (connection) => readWeights(connection, netuid, uid, at));
  }

  beacon(at?: BlockHash): Promise<Beacon> {
    return this.session.read('the beacon', (connection) => readBeacon(connection, at));
  }

  submitTimelocked(submission: TimelockedSubmission): Promise<TimelockedReceipt> {
    return submitTimelocked(this.session, this.submitter, submission);
  }

  setCommitment(commitment: PlainCommitment): Promise<Receipt> {
    return submitPlain(this.session, this.submitter, commitment);
  }

  setWeights(request: WeightsRequest): Promise<WeightsReceipt> {
    return submitWeights(this.session, this.submitter, request);
  }

  endpoint(): string | null {
    return this.session.keeper.current?.endpoint ?? null;
  }

  async close(): Promise<void> {
    this.heads.close();
    await this.session.keeper.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

import { u8aToHex } from '@polkadot/util';
import { BlockNumber } from '@tiltyard/schema';
import type { FinalizedHead } from '../block.js';
import type { Beacon, Hyperparameters, WeightsReceipt, WeightsRequest } from '../chain.js';
import { ChainError } from '../chain-error.js';
import type { Connection } from '../connection/connection.js';
import type { Session } from '../connection/session.js';
import { beaconAt } from '../read/read-beacon.js';
import { hyperparametersAt } from '../read/read-hyperparameters.js';
import { readMetagraph } from '../read/read-metagraph.js';
import { type State, stateAt, timestampAt } from '../read/state.js';
import { Bytes } from '../read/storage-shapes.js';
import { CALLS, RUNTIME_FUNCTIONS } from '../runtime-names.js';
import { encryptTimelock } from '../timelock/timelock.js';
import { checkWeights } from './check-weights.js';
import { normalizeWeights } from './normalize-weights.js';
import { callByName } from './sign-transaction.js';
import { revealRoundFor } from './submit-commitment.js';
import type { Submitter } from './submitter.js';

/** Blocks after an epoch's start by which its beacon signatures have reached the chain. */
const REVEAL_MARGIN_BLOCKS = 3;

/** What state says about a setting of weights that passed every check. */
interface Plan {
  readonly hyperparameters: Hyperparameters;
  readonly versionKey: bigint;
  /** Only where the subnet hides weights until a later epoch. */
  readonly reveal: { readonly head: FinalizedHead; readonly beacon: Beacon; readonly block: BlockNumber } | null;
}

/** Checks and sets weights, in clear or as a timelocked commit. */
export async function submitWeights(
  session: Session,
  submitter: Submitter,
  request: WeightsRequest,
): Promise<WeightsReceipt> {
  const values = normalizeWeights(request.weights);
  const plan = await session.read('what the subnet demands of weights', (connection) =>
    planWeights(connection, request, values),
  );
  return plan.reveal === null
    ? setInClear(submitter, request, values, plan.versionKey)
    : commitTimelocked(submitter, request, values, { ...plan, reveal: plan.reveal });
}

async function planWeights(
  connection: Connection,
  { netuid, wallet, versionKey }: WeightsRequest,
  values: ReadonlyMap<number, number>,
): Promise<Plan> {
  const state = await stateAt(connection, undefined);
  const [metagraph, hyperparameters] = await Promise.all([
    readMetagraph(connection, netuid, state.block.hash),
    hyperparametersAt(state, netuid),
  ]);
  const key = versionKey ?? hyperparameters.weightsVersionKey;
  checkWeights({ hotkey: wallet.hotkey, values, versionKey: key, metagraph, hyperparameters });
  if (!hyperparameters.commitRevealEnabled) return { hyperparameters, versionKey: key, reveal: null };
  const [timestampMs, beacon, nextEpoch] = await Promise.all([
    timestampAt(state),
    beaconAt(state),
    nextEpochStart(state, netuid),
  ]);
  const block = revealBlock(nextEpoch, hyperparameters);
  return { hyperparameters, versionKey: key, reveal: { head: { ...state.block, timestampMs }, beacon, block } };
}

/** The block around which a commit of this epoch opens: a reveal period later, and a few blocks into that epoch. */
export function revealBlock(
  nextEpoch: BlockNumber,
  { tempo, revealPeriodEpochs }: Pick<Hyperparameters, 'tempo' | 'revealPeriodEpochs'>,
): BlockNumber {
  return BlockNumber.parse(nextEpoch + (revealPeriodEpochs - 1) * tempo + REVEAL_MARGIN_BLOCKS);
}

async function setInClear(
  submitter: Submitter,
  { netuid, wallet, signal }: WeightsRequest,
  values: ReadonlyMap<number, number>,
  versionKey: bigint,
): Promise<WeightsReceipt> {
  const receipt = await submitter.submit({
    what: 'weights',
    wallet,
    signal,
    call: (api) => callByName(api, CALLS.setWeights, [netuid, [...values.keys()], [...values.values()], versionKey]),
  });
  return { ...receipt, mode: 'set', values };
}

async function commitTimelocked(
  submitter: Submitter,
  { netuid, wallet, signal }: WeightsRequest,
  values: ReadonlyMap<number, number>,
  { hyperparameters, versionKey, reveal }: Plan & { readonly reveal: NonNullable<Plan['reveal']> },
): Promise<WeightsReceipt> {
  const revealRound = revealRoundFor(reveal.block, reveal.head, reveal.beacon);
  const version = hyperparameters.commitRevealVersion;
  const receipt = await submitter.submit({
    what: 'a weight commit',
    wallet,
    signal,
    call: (api) => {
      const content = [u8aToHex(wallet.publicKey), [...values.keys()], [...values.values()], versionKey];
      const message = api.registry.createType('(Vec<u8>, Vec<u16>, Vec<u16>, u64)', content).toU8a();
      const commit = u8aToHex(encryptTimelock(reveal.beacon.publicKey, revealRound, message));
      return callByName(api, CALLS.commitTimelockedWeights, [netuid, commit, revealRound, version]);
    },
  });
  return { ...receipt, mode: 'committed', values, revealRound, expectedRevealBlock: reveal.block };
}

/** Asks the runtime for the block at which the subnet's next epoch starts. Throws `runtime_lacks`, `no_such_subnet`. */
async function nextEpochStart({ connection, block }: State, netuid: number): Promise<BlockNumber> {
  const { registry, runtimeMetadata } = connection.api;
  const name = RUNTIME_FUNCTIONS.nextEpochStartBlock;
  const [apiName, functionName] = name;
  const api = runtimeMetadata.asLatest.apis.find((candidate) => candidate.name.eq(apiName));
  if (!api?.methods.some((candidate) => candidate.name.eq(functionName))) {
    throw new ChainError({ code: 'runtime_lacks', kind: 'runtime api', name: name.join('.') });
  }
  const input = registry.createType('u16', netuid).toHex(true);
  const answer = await connection.rpc('state_call', [name.join('_'), input, block.hash], Bytes);
  const start = registry.createType('Option<u64>', answer);
  if (start.isNone) throw new ChainError({ code: 'no_such_subnet', netuid });
  return BlockNumber.parse(start.unwrap().toNumber());
}

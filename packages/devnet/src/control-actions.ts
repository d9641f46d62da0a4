import { encodeAddress } from '@polkadot/util-crypto';
import {
  type DevnetStatus,
  FundRequest,
  JumpRequest,
  ProduceRequest,
  type RegisterAnswer,
  RegisterRequest,
} from './control-protocol.js';
import { DevnetError } from './errors.js';
import type { BlockRef, DevChain } from './node/dev-chain.js';
import { badOption, resolveAccount } from './options.js';
import { mint } from './pallets/balances.js';
import { registerNeuron } from './pallets/neurons.js';
import type { Execution } from './pallets/pallet-definition.js';
import { networksAdded, setAtUid, totalHotkeyAlpha, uids, validatorPermit } from './pallets/subtensor-storage.js';
import { NODE_NAME } from './rpc/system-methods.js';
import { BEACON_SCHEDULE, newestRound, publishedAtMs } from './runtime/beacon.js';
import { firstBlockAt } from './runtime/chain-clock.js';
import { type Hex, toHex } from './scale/codec.js';

/** What an operator of the dev chain may do, apart from sending transactions. All arguments are checked. */
export interface DevnetActions {
  status(): DevnetStatus;
  /** Throws DevnetError `transactions_pending`, `not_ahead`, `jump_too_long`, `bad_option` or `halted`. */
  jump(request: JumpRequest): BlockRef;
  /** Makes blocks now, with the pending transactions in the first of them. Throws DevnetError `bad_option` or `halted`. */
  produce(request?: ProduceRequest): BlockRef;
  /** Registers a hotkey in a new block. Throws DevnetError `bad_option`, `dispatch_failed` or `halted`. */
  register(request: RegisterRequest): RegisterAnswer;
  /** Funds an account in a new block. Throws DevnetError `bad_option`, `dispatch_failed` or `halted`. */
  fund(request: FundRequest): BlockRef;
}

export function devnetActions(chain: DevChain, blockTimeMs: number | null): DevnetActions {
  return {
    status: () => status(chain, blockTimeMs),
    jump(request) {
      const target = parse(JumpRequest, request);
      return chain.jump('toBlock' in target ? target.toBlock : chain.head + target.blocks);
    },
    produce(request = {}) {
      const { blocks } = parse(ProduceRequest, request);
      for (let made = 0; made < blocks; made++) chain.produce();
      return chain.ref(chain.head);
    },
    register: (request) => register(chain, request),
    fund(request) {
      const { account, rao } = parse(FundRequest, request);
      const who = resolveAccount(account, 'account');
      return act(chain, (execution) => mint(execution, who, BigInt(rao)));
    },
  };
}

function register(chain: DevChain, request: RegisterRequest): RegisterAnswer {
  const { netuid, permit, stakeRao, ...accounts } = parse(RegisterRequest, request);
  const hotkey = resolveAccount(accounts.hotkey, 'hotkey');
  const coldkey = accounts.coldkey === undefined ? hotkey : resolveAccount(accounts.coldkey, 'coldkey');
  const replacing = accounts.replacing === undefined ? undefined : resolveAccount(accounts.replacing, 'replacing');
  const state = chain.reader();
  if (!state.get(networksAdded, netuid)) throw badOption('netuid', `no subnet ${netuid}`);
  if (state.get(uids, netuid, hotkey) !== undefined) throw badOption('hotkey', 'is registered already');
  let uid = 0;
  const block = act(chain, (execution) => {
    uid = registerNeuron(execution, { netuid, hotkey, coldkey }, replacing);
    if (permit) setAtUid(execution, validatorPermit, netuid, uid, true);
    if (stakeRao > 0) execution.set(totalHotkeyAlpha, [hotkey, netuid], BigInt(stakeRao));
  });
  return { uid, block };
}

/** Runs an action in a block of its own. A pallet's refusal leaves an empty block and is thrown. */
function act(chain: DevChain, run: (execution: Execution) => void): BlockRef {
  let refusal: DevnetError | undefined;
  const block = chain.produce((execution) => {
    const fault = execution.attempt(() => run(execution));
    if (fault !== undefined) refusal = new DevnetError({ code: 'dispatch_failed', ...fault });
  });
  if (refusal !== undefined) throw refusal;
  return block;
}

function status(chain: DevChain, blockTimeMs: number | null): DevnetStatus {
  const head = chain.ref(chain.head);
  return {
    implementation: NODE_NAME,
    genesisHash: chain.headers.genesisHash,
    startBlock: chain.clock.startBlock,
    head,
    finalized: chain.ref(chain.finalized),
    blockTimeMs,
    pendingTransactions: chain.pool.size,
    beacon: {
      publicKey: toHex(chain.beacon.configuration.publicKey),
      ...BEACON_SCHEDULE,
      newestRound: newestRound(head.timestampMs),
    },
    waiting: chain
      .waiting()
      .map(({ kind, netuid, hotkey, round }) => ({
        kind,
        netuid,
        hotkey: addressOf(hotkey),
        round,
        opensAtBlock: Math.max(chain.head, firstBlockAt(chain.clock, publishedAtMs(round))) + 1,
      }))
      .sort((a, b) => a.opensAtBlock - b.opensAtBlock),
  };
}

function addressOf(account: Hex): string {
  return encodeAddress(account, 42);
}

function parse<T>(schema: { safeParse(value: unknown): { success: true; data: T } | ParseFailure }, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badOption(issue?.path.join('.') || 'request', issue?.message ?? 'is wrong');
}

interface ParseFailure {
  readonly success: false;
  readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };
}

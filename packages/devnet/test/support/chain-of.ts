import { randomBytes } from 'node:crypto';
import { encryptTimelock } from '@tiltyard/chain';
import { SILENT_LOGGER } from '../../src/logger.js';
import { DevChain } from '../../src/node/dev-chain.js';
import { type DevnetOptions, parseOptions } from '../../src/options.js';
import { commitmentInfo } from '../../src/pallets/commitment-data.js';
import { newestRound } from '../../src/runtime/beacon.js';
import type { OperatorAction } from '../../src/runtime/execute-block.js';
import { decodeCall } from '../../src/runtime/pallets.js';
import { ByteWriter } from '../../src/scale/byte-writer.js';
import type { Hex } from '../../src/scale/codec.js';

export const NETUID = 7;

/** A chain in memory, without a server. */
export function chainOf(options: Partial<DevnetOptions> = {}): DevChain {
  const { genesis, folder, finalityLagBlocks } = parseOptions({
    seed: 'unit',
    startTimeMs: 1_790_000_000_000,
    subnets: [{ netuid: NETUID, owner: { hotkey: '//Owner' }, miners: [{ hotkey: '//Miner' }], tempo: 50 }],
    ...options,
  });
  return new DevChain({ genesis, folder, finalityLagBlocks, nowMs: 0, log: SILENT_LOGGER });
}

/** A call's dispatch as an action of a block, signed by nobody: what a transaction would do once it is let in. */
function dispatching(
  signer: Hex,
  pallet: number,
  call: number,
  writeArguments: (out: ByteWriter) => void,
): OperatorAction {
  const out = new ByteWriter();
  out.bytes(new Uint8Array([pallet, call]));
  writeArguments(out);
  const { dispatch } = decodeCall(out.finish());
  return (execution) => dispatch(execution, signer);
}

/** `set_commitment` of a text that opens when the chain's time has passed that many more seconds. */
export function committing(chain: DevChain, signer: Hex, text: string, inSeconds: number): OperatorAction {
  const round = newestRound(chain.ref(chain.head).timestampMs + inSeconds * 1000);
  const entropy = { key: randomBytes(32), sigma: randomBytes(32), nonce: randomBytes(12) };
  const { publicKey } = chain.beacon.configuration;
  const encrypted = encryptTimelock(publicKey, round, new TextEncoder().encode(text), entropy);
  return dispatching(signer, 18, 0, (out) => {
    out.uint(NETUID, 2);
    commitmentInfo.write(out, { fields: [{ kind: 'timelocked', encrypted, revealRound: BigInt(round) }] });
  });
}

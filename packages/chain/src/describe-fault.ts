import { networkOf } from '@tiltyard/schema';
import type { ChainFault, DispatchReason } from './chain-fault.js';

type Sentences = { readonly [C in ChainFault['code']]: (fault: Extract<ChainFault, { code: C }>) => string };

/** A fault as one sentence for people: what happened, to what, and what to do where something can be done. */
export function describeFault(fault: ChainFault): string {
  // The sentence is looked up by the fault's own code.
  return (SENTENCES[fault.code] as (fault: ChainFault) => string)(fault);
}

const SENTENCES: Sentences = {
  unreachable: ({ endpoints, cause }) => {
    const who =
      endpoints.length === 1
        ? `The chain endpoint ${endpoints[0]} does not answer`
        : `None of the chain endpoints ${endpoints.join(', ')} answers`;
    // That it was lost or silent is what the sentence says already.
    const isPlain = ['connection_lost', 'timed_out'].includes((cause as { readonly code?: string } | null)?.code ?? '');
    return `${who}${isPlain ? '' : reasonBehind(cause)}; check the address and the network`;
  },
  timed_out: ({ what, timeoutMs }) => `The chain did not answer in ${timeoutMs} ms: ${what}`,
  connection_lost: ({ endpoint, what }) =>
    what.includes(endpoint) ? `The connection was lost: ${what}` : `The connection to ${endpoint} was lost: ${what}`,
  closed: ({ what }) => `${what} was closed`,
  bad_endpoint: ({ endpoint }) =>
    `${endpoint} is no chain endpoint; give finney, test, local, or a ws:// or wss:// URL`,
  wrong_genesis: ({ endpoint, expected, actual }) =>
    `${endpoint} serves another chain: its genesis hash is ${named(actual)}, not ${named(expected)}`,
  rpc_failed: ({ what, detail }) => `The chain endpoint answered ${what} with an error: ${detail}`,
  not_finalized: ({ number, finalized }) => `Block ${number} is not finalized yet; the newest that is is ${finalized}`,
  unknown_block: ({ block }) => `The chain endpoint does not know block ${block}`,
  state_discarded: ({ hash }) => `The chain endpoint no longer keeps the state of block ${hash}; give an archive node`,
  runtime_lacks: ({ kind, name }) => `The chain's runtime has no ${kind} ${name}, which this client needs; update it`,
  malformed: ({ what, cause }) => `The chain's answer to ${what} has another shape than expected: ${textOf(cause)}`,
  too_many_entries: ({ what, limit }) => `The chain holds more than ${limit} entries of ${what}`,
  endpoints_disagree: ({ number, answers }) => {
    const said = Object.entries(answers).map(([endpoint, hash]) => `${endpoint} says ${hash}`);
    return `Chain endpoints disagree about finalized block ${number}: ${said.join(', ')}; remove the one that lies`;
  },
  too_few_witnesses: ({ number, needed, witnesses, silent, otherChain }) => {
    const parts = [
      `${witnesses.length} of ${needed} (${witnesses.join(', ') || 'none'})`,
      ...(silent.length === 0 ? [] : [`no answer from ${silent.join(', ')}`]),
      ...(otherChain.length === 0 ? [] : [`another chain is served by ${otherChain.join(', ')}`]),
    ];
    return `Too few endpoints bear witness to block ${number}: ${parts.join('; ')}`;
  },
  no_such_subnet: ({ netuid }) => `The chain has no subnet ${netuid}; check the netuid and the network`,
  not_registered: ({ netuid, hotkey }) =>
    `Hotkey ${hotkey} is not registered in subnet ${netuid}; register it with btcli first`,
  no_permit: ({ netuid, uid }) => `Uid ${uid} of subnet ${netuid} has no validator permit; it needs more stake`,
  too_soon: ({ netuid, uid, blocksLeft }) =>
    `Uid ${uid} of subnet ${netuid} set weights a short while ago; the rate limit ends in ${blocksLeft} blocks`,
  wrong_version_key: ({ given, required }) =>
    `The version key ${given} is older than the subnet's ${required}; update this software`,
  too_few_weights: ({ given, required }) => `The subnet demands ${required} weights, ${given} were given`,
  unknown_uid: ({ netuid, uid }) => `Subnet ${netuid} has no uid ${uid}`,
  bad_weights: ({ detail }) => `The weights cannot be expressed on chain: ${detail}`,
  reveal_in_past: ({ revealAtBlock, finalized }) =>
    `The reveal block ${revealAtBlock} has passed; the chain is at ${finalized}`,
  commitment_too_long: ({ sizeBytes, maxBytes }) =>
    `The commitment takes ${sizeBytes} bytes and the chain holds ${maxBytes}; shorten it`,
  unsigned_extension: ({ name }) =>
    `The runtime demands the transaction extension ${name}, which this client cannot sign; update it`,
  dispatch_failed: ({ reason, error, docs }) =>
    `The chain refused the call with ${error}${docs === '' ? '' : ` (${docs})`}${withAdvice(ADVICE[reason])}`,
  refused: ({ name, advice, detail }) => `The chain refuses the transaction: ${name} (${detail})${withAdvice(advice)}`,
  not_taken: ({ attempts, detail }) =>
    `No node took the transaction in ${attempts} attempts: ${detail}; nothing is on chain, try again later`,
  outdated: ({ attempts, detail }) =>
    `The chain called the transaction outdated after each of ${attempts} signatures: ${detail}; try again later`,
  outcome_unknown: ({ extrinsic, cause }) =>
    `Transaction ${extrinsic} was sent and its fate was not seen (${textOf(cause)}); look at the chain before sending again`,
  bad_beacon_key: () => "The beacon's public key is not a point of G2",
  bad_round: ({ round }) => `${round} is not a beacon round`,
  bad_ciphertext: ({ detail }) => `Not a timelock ciphertext: ${detail}`,
  wrong_signature: () => 'The signature does not open this ciphertext',
  tampered: () => 'The ciphertext was altered',
  wallet_missing: ({ path, cause }) => `${path} cannot be read${reasonBehind(cause)}`,
  wallet_malformed: ({ path, field, detail }) => `${path} is no usable wallet: ${field} ${detail}`,
  wallet_encryption_unsupported: ({ path, form }) =>
    `${path} is encrypted in the old form ${form}; re-encrypt it with btcli`,
  wallet_password_needed: ({ path }) => `${path} is encrypted and no password was given`,
  wallet_wrong_password: ({ path }) => `The password does not open ${path}`,
  wallet_mismatch: ({ path, stored, derived }) =>
    `${path} names the address ${stored}, and its secret belongs to ${derived}; restore the file`,
};

/** What to do about a refusal of the runtime. */
const ADVICE: Readonly<Record<DispatchReason, string>> = {
  not_registered: 'register the hotkey in the subnet first',
  no_permit: 'the hotkey needs more stake for a validator permit',
  not_enough_stake: 'the hotkey needs more stake',
  too_soon: 'the rate limit has not passed: try again later',
  wrong_version_key: 'update this software',
  wrong_commit_version: 'update this software',
  too_few_weights: 'the subnet demands more weights',
  unknown_uid: 'a neuron left the subnet meanwhile: try again',
  duplicate_uid: 'each uid may be weighted once',
  too_many_commits: 'wait until earlier commits are revealed',
  commit_reveal_switched: 'the subnet has just changed how weights are set: try again',
  space_exhausted: "the hotkey's commitments have used the space of this epoch: try again in the next one",
  no_such_subnet: 'check the netuid',
  bad_origin: 'the chain does not take this call from this account',
  no_funds: 'fund the account',
  other: '',
};

function withAdvice(advice: string): string {
  return advice === '' ? '' : `; ${advice}`;
}

/** Why the system could not do it, without the path, which its own words repeat. */
const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

function reasonBehind(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  return `: ${SYSTEM_REASONS[(cause as NodeJS.ErrnoException).code ?? ''] ?? cause.message}`;
}

function named(genesisHash: string): string {
  const name = networkOf(genesisHash);
  return name === undefined ? genesisHash : `${genesisHash} (${name})`;
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

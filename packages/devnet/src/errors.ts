import { FaultError } from '@tiltyard/schema';

/** What the dev chain refuses or cannot do. The code is for programs, the other fields are the facts. */
export type DevnetFault =
  /** An option, an environment variable or a control request is wrong; `option` names it. */
  | { readonly code: 'bad_option'; readonly option: string; readonly detail: string }
  /** Bytes that are not what their type says. */
  | { readonly code: 'bad_scale'; readonly detail: string }
  /** A dispatched call failed with an error of a pallet; the transaction is in its block all the same. */
  | {
      readonly code: 'dispatch_failed';
      readonly pallet: string;
      readonly palletIndex: number;
      readonly error: string;
      readonly errorIndex: number;
    }
  /** A transaction was not accepted into the pool; `rpcCode` is the JSON-RPC code a Substrate node answers with. */
  | {
      readonly code: 'invalid_transaction';
      readonly rpcCode: 1001 | 1010 | 1013 | 1014 | 1016;
      readonly message: string;
      readonly reason: string;
    }
  /** Jumping would leave these transactions behind; wait for the next block, or produce one, and jump then. */
  | { readonly code: 'transactions_pending'; readonly pending: number }
  /** The target of a jump is not ahead of the head. */
  | { readonly code: 'not_ahead'; readonly head: number; readonly toBlock: number }
  /** The jump is longer than one call may be. */
  | { readonly code: 'jump_too_long'; readonly blocks: number; readonly limit: number }
  /** No block of this hash or height is known. */
  | { readonly code: 'unknown_block'; readonly block: string }
  /** The block is older than the chain's first one: it has a hash, but no state. */
  | { readonly code: 'state_discarded'; readonly hash: string }
  /** The folder holds a chain that was started with other options. */
  | { readonly code: 'genesis_mismatch'; readonly folder: string; readonly expected: string; readonly found: string }
  /** Another live process has the folder's chain open. */
  | { readonly code: 'folder_in_use'; readonly folder: string; readonly pid: number }
  /** The log cannot be read as one of ours from its first line on. */
  | { readonly code: 'log_unreadable'; readonly file: string; readonly detail: string }
  /** A block could not be made durable; the chain produces no more until it is started again. */
  | { readonly code: 'halted'; readonly cause: unknown }
  /** The control client's request failed; `devnetCode` is the fault's code at the other end where it named one. */
  | { readonly code: 'control_failed'; readonly method: string; readonly detail: string; readonly devnetCode?: string }
  | { readonly code: 'too_many_subscriptions'; readonly limit: number }
  | { readonly code: 'closed' };

/** The one error of this package. */
export class DevnetError extends FaultError<DevnetFault> {
  override readonly name = 'DevnetError';
  constructor(fault: DevnetFault) {
    super(fault, describe(fault));
  }
}

function describe(fault: DevnetFault): string {
  switch (fault.code) {
    case 'bad_option':
      return `${fault.option}: ${fault.detail}`;
    case 'bad_scale':
      return `cannot decode: ${fault.detail}`;
    case 'dispatch_failed':
      return `${fault.pallet}.${fault.error}`;
    case 'invalid_transaction':
      return `${fault.message}: ${fault.reason}`;
    case 'transactions_pending':
      return `cannot jump while ${fault.pending} transactions are pending`;
    case 'not_ahead':
      return `cannot jump to block ${fault.toBlock}: the head is at ${fault.head}`;
    case 'jump_too_long':
      return `cannot jump ${fault.blocks} blocks at once, the limit is ${fault.limit}`;
    case 'unknown_block':
      return `unknown block ${fault.block}`;
    case 'state_discarded':
      return `state already discarded for ${fault.hash}`;
    case 'genesis_mismatch':
      return `${fault.folder} holds a chain with other options (${fault.found}, not ${fault.expected})`;
    case 'folder_in_use':
      return `${fault.folder} is in use by process ${fault.pid}`;
    case 'log_unreadable':
      return `${fault.file}: ${fault.detail}`;
    case 'halted':
      return `the chain is halted: ${fault.cause instanceof Error ? fault.cause.message : String(fault.cause)}`;
    case 'control_failed':
      return `${fault.method}: ${fault.detail}`;
    case 'too_many_subscriptions':
      return `one connection may hold ${fault.limit} subscriptions`;
    case 'closed':
      return 'the chain is closed';
  }
}

import { accountId, option, u16, u32, u64 } from '../scale/codec.js';
import type { TypeNode } from '../scale/type-node.js';

export interface RuntimeApi {
  readonly name: string;
  readonly version: number;
  readonly methods: readonly RuntimeApiMethod[];
}

export interface RuntimeApiMethod {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly type: TypeNode }[];
  readonly output: TypeNode;
}

/**
 * Parts of the runtime by the first 8 bytes of their name's Blake2 and their version, as a runtime version lists them:
 * those that clients look for before they ask for metadata. `Metadata` describes itself.
 */
const UNDESCRIBED = [
  { name: 'Core', version: 5 },
  { name: 'Metadata', version: 2 },
] as const;

/** The runtime's functions that `state_call` answers; see rpc/runtime-calls.ts. */
export const RUNTIME_APIS: readonly RuntimeApi[] = [
  {
    name: 'AccountNonceApi',
    version: 1,
    methods: [{ name: 'account_nonce', inputs: [{ name: 'account', type: accountId.type }], output: u32.type }],
  },
  {
    name: 'SubnetInfoRuntimeApi',
    version: 1,
    methods: [
      {
        name: 'get_next_epoch_start_block',
        inputs: [{ name: 'netuid', type: u16.type }],
        output: option(u64).type,
      },
    ],
  },
];

/** Every part of the runtime with its version. */
export const API_VERSIONS = [...UNDESCRIBED, ...RUNTIME_APIS.map(({ name, version }) => ({ name, version }))];

import { blake2AsU8a } from '@polkadot/util-crypto';
import { API_VERSIONS } from '../metadata/runtime-apis.js';
import { IMPL_NAME, SPEC_NAME, SPEC_VERSION, TRANSACTION_VERSION } from '../runtime/runtime-version.js';
import {
  accountId,
  bytes,
  type Codec,
  h256,
  str,
  struct,
  tuple,
  u8,
  u16,
  u32,
  u64,
  u128,
  vec,
  wrapped,
} from '../scale/codec.js';
import { compactOf, composite, plainVariant, type TypeNode, variant } from '../scale/type-node.js';
import {
  blake2Concat,
  call,
  constant,
  event,
  field,
  type PalletDefinition,
  storageOf,
  twox64Concat,
} from './pallet-definition.js';

const INDEX = 0;
const storage = storageOf('System');

export interface AccountInfo {
  /** Transactions of the account that are in blocks. */
  readonly nonce: number;
  readonly consumers: number;
  /** Above 0 once the account holds something. */
  readonly providers: number;
  readonly sufficients: number;
  readonly data: AccountData;
}

export interface AccountData {
  /** Rao: 10^-9 TAO. */
  readonly free: bigint;
  readonly reserved: bigint;
  readonly frozen: bigint;
  readonly flags: bigint;
}

const accountData = struct<AccountData>(
  'pallet_balances::types::AccountData',
  {
    free: u64,
    reserved: u64,
    frozen: u64,
    flags: { ...u128, type: composite('pallet_balances::types::ExtraFlags', [{ type: u128.type }]) },
  },
  { params: [{ name: 'Balance', type: u64.type }] },
);

const accountInfo = struct<AccountInfo>(
  'frame_system::AccountInfo',
  { nonce: u32, consumers: u32, providers: u32, sufficients: u32, data: accountData },
  {
    params: [
      { name: 'Nonce', type: u32.type },
      { name: 'AccountData', type: accountData.type },
    ],
  },
);

const NO_FLAGS = 1n << 127n;
const EMPTY_ACCOUNT: AccountInfo = {
  nonce: 0,
  consumers: 0,
  providers: 0,
  sufficients: 0,
  data: { free: 0n, reserved: 0n, frozen: 0n, flags: NO_FLAGS },
};

const ZERO_HASH = `0x${'00'.repeat(32)}` as const;

export const account = storage.item('Account', [blake2Concat(accountId)], accountInfo, EMPTY_ACCOUNT);
/** The following five follow from the height; see derived-state.ts. */
export const number = storage.item('Number', [], u32, 0);
export const blockHash = storage.item('BlockHash', [twox64Concat(u32)], h256, ZERO_HASH);
export const parentHash = storage.item('ParentHash', [], h256, ZERO_HASH);
/** How many past hashes `BlockHash` holds. */
export const BLOCK_HASH_COUNT = 2400;

/** The key of `System.Events`. Its value is made by the executor, since events are of all pallets' types. */
export const eventsKey = storage.item('Events', [], vec(u8), []).key();

const dispatchInfoType = composite('frame_system::DispatchEventInfo', [
  { name: 'weight', type: weightType(), typeName: 'Weight' },
  {
    name: 'class',
    type: plainVariant('frame_support::dispatch::DispatchClass', ['Normal', 'Operational', 'Mandatory']),
    typeName: 'DispatchClass',
  },
  { name: 'pays_fee', type: plainVariant('frame_support::dispatch::Pays', ['Yes', 'No']), typeName: 'Pays' },
]);

/** Weights are not accounted for here: zero, in the normal class. */
const dispatchInfo: Codec<{ readonly paysFee: boolean }> = {
  type: dispatchInfoType,
  write(out, { paysFee }) {
    out.compact(0);
    out.compact(0);
    out.uint(0, 1);
    out.uint(paysFee ? 0 : 1, 1);
  },
  read(from) {
    from.compact();
    from.compact();
    from.byte();
    return { paysFee: from.byte() === 0 };
  },
};

export interface ModuleFault {
  readonly palletIndex: number;
  readonly errorIndex: number;
}

/** Only errors of pallets are raised here; the type describes all of the real one's. */
const dispatchError: Codec<ModuleFault> = {
  type: dispatchErrorType(),
  write(out, { palletIndex, errorIndex }) {
    out.bytes(new Uint8Array([3, palletIndex, errorIndex, 0, 0, 0]));
  },
  read(from) {
    const [, palletIndex = 0, errorIndex = 0] = from.bytes(6);
    return { palletIndex, errorIndex };
  },
};

export const extrinsicSuccess = event(
  INDEX,
  'ExtrinsicSuccess',
  0,
  [field(dispatchInfo, 'DispatchEventInfo')],
  ['dispatch_info'],
);
export const extrinsicFailed = event(
  INDEX,
  'ExtrinsicFailed',
  1,
  [field(dispatchError, 'DispatchError'), field(dispatchInfo, 'DispatchEventInfo')],
  ['dispatch_error', 'dispatch_info'],
);
export const newAccount = event(INDEX, 'NewAccount', 3, [field(accountId, 'T::AccountId')], ['account']);

const cow = <T>(inner: Codec<T>): Codec<T> => wrapped('Cow', inner, [{ name: 'T', type: inner.type }]);

interface RuntimeVersion {
  readonly specName: string;
  readonly implName: string;
  readonly authoringVersion: number;
  readonly specVersion: number;
  readonly implVersion: number;
  readonly apis: readonly (readonly [Uint8Array, number])[];
  readonly transactionVersion: number;
  readonly systemVersion: number;
}

const apiId: Codec<Uint8Array> = {
  type: { path: [], params: [], def: { kind: 'array', of: u8.type, length: 8 } },
  write: (out, value) => out.bytes(value),
  read: (from) => from.bytes(8),
};

const runtimeVersion = struct<RuntimeVersion>('sp_version::RuntimeVersion', {
  specName: cow(str),
  implName: cow(str),
  authoringVersion: u32,
  specVersion: u32,
  implVersion: u32,
  apis: cow(vec(tuple<readonly [Uint8Array, number]>(apiId, u32))),
  transactionVersion: u32,
  systemVersion: u8,
});

/** `frame_system`. @param eventRecords - The type of `Vec<EventRecord>`, which is known once all pallets are. */
export function systemPallet(eventRecords: TypeNode): PalletDefinition {
  return {
    name: 'System',
    index: INDEX,
    storage: [
      account,
      blockHash,
      number,
      parentHash,
      { ...storage.item('Events', [], vec(u8), []), valueType: eventRecords },
    ],
    calls: [
      call({
        name: 'remark',
        index: 0,
        args: { remark: field(bytes, 'Vec<u8>') },
        paysFee: true,
        run: () => {},
      }),
    ],
    events: [extrinsicSuccess, extrinsicFailed, newAccount],
    errors: { CallFiltered: 5 },
    constants: [
      constant('BlockHashCount', u32, BLOCK_HASH_COUNT),
      constant('Version', runtimeVersion, {
        specName: SPEC_NAME,
        implName: IMPL_NAME,
        authoringVersion: 1,
        specVersion: SPEC_VERSION,
        implVersion: 1,
        apis: API_VERSIONS.map(({ name, version }) => [blake2AsU8a(name, 64), version] as const),
        transactionVersion: TRANSACTION_VERSION,
        systemVersion: 1,
      }),
      constant('SS58Prefix', u16, 42),
    ],
  };
}

/** `Vec<EventRecord<RuntimeEvent, H256>>`. */
export function eventRecordsType(runtimeEvent: TypeNode): TypeNode {
  const phase = variant('frame_system::Phase', [
    { name: 'ApplyExtrinsic', index: 0, fields: [{ type: u32.type, typeName: 'u32' }] },
    { name: 'Finalization', index: 1, fields: [] },
    { name: 'Initialization', index: 2, fields: [] },
  ]);
  const record = composite(
    'frame_system::EventRecord',
    [
      { name: 'phase', type: phase, typeName: 'Phase' },
      { name: 'event', type: runtimeEvent, typeName: 'E' },
      { name: 'topics', type: vec(h256).type, typeName: 'Vec<T>' },
    ],
    [
      { name: 'E', type: runtimeEvent },
      { name: 'T', type: h256.type },
    ],
  );
  return { path: [], params: [], def: { kind: 'sequence', of: record } };
}

function weightType(): TypeNode {
  return composite('sp_weights::weight_v2::Weight', [
    { name: 'ref_time', type: compactOf(u64.type), typeName: 'u64' },
    { name: 'proof_size', type: compactOf(u64.type), typeName: 'u64' },
  ]);
}

function dispatchErrorType(): TypeNode {
  const moduleError = composite('sp_runtime::ModuleError', [
    { name: 'index', type: u8.type, typeName: 'u8' },
    {
      name: 'error',
      type: { path: [], params: [], def: { kind: 'array', of: u8.type, length: 4 } },
      typeName: '[u8; MAX_MODULE_ERROR_ENCODED_SIZE]',
    },
  ]);
  const carried: Readonly<Record<string, TypeNode>> = {
    Module: moduleError,
    Token: plainVariant('sp_runtime::TokenError', [
      'FundsUnavailable',
      'OnlyProvider',
      'BelowMinimum',
      'CannotCreate',
      'UnknownAsset',
      'Frozen',
      'Unsupported',
      'CannotCreateHold',
      'NotExpendable',
      'Blocked',
    ]),
    Arithmetic: plainVariant('sp_arithmetic::ArithmeticError', ['Underflow', 'Overflow', 'DivisionByZero']),
    Transactional: plainVariant('sp_runtime::TransactionalError', ['LimitReached', 'NoLayer']),
    Trie: plainVariant('sp_runtime::proving_trie::TrieError', [
      'InvalidStateRoot',
      'IncompleteDatabase',
      'ValueAtIncompleteKey',
      'DecoderError',
      'InvalidHash',
      'DuplicateKey',
      'ExtraneousNode',
      'ExtraneousValue',
      'ExtraneousHashReference',
      'InvalidChildReference',
      'ValueMismatch',
      'IncompleteProof',
      'RootMismatch',
      'DecodeError',
    ]),
  };
  const names = [
    'Other',
    'CannotLookup',
    'BadOrigin',
    'Module',
    'ConsumerRemaining',
    'NoProviders',
    'TooManyConsumers',
    'Token',
    'Arithmetic',
    'Transactional',
    'Exhausted',
    'Corruption',
    'Unavailable',
    'RootNotAllowed',
    'Trie',
  ];
  return variant(
    'sp_runtime::DispatchError',
    names.map((name, index) => {
      const type = carried[name];
      return { name, index, fields: type === undefined ? [] : [{ type, typeName: type.path.at(-1) ?? name }] };
    }),
  );
}

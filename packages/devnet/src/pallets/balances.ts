import { accountId, type Codec, compactU64, type Hex, toHex, u8, u64 } from '../scale/codec.js';
import { arrayOf, compactOf, sequenceOf, type TypeNode, tupleOf, variant } from '../scale/type-node.js';
import {
  call,
  constant,
  type Execution,
  errorsOf,
  event,
  field,
  type PalletDefinition,
  storageOf,
} from './pallet-definition.js';
import { account, newAccount } from './system.js';

const INDEX = 5;
const ERRORS = { InsufficientBalance: 2, ExistentialDeposit: 3, Expendability: 4 } as const;
const fail = errorsOf('Balances', INDEX, ERRORS);

/** Rao that an account holds at least. */
const EXISTENTIAL_DEPOSIT = 500n;

/** A flat fee, in rao, of the calls that cost one. The main network's follows from weights, which are not kept here. */
export const FEE_RAO = 100_000n;

/** `MultiAddress` as transactions use it: account ids only. */
export const multiAddressType: TypeNode = variant(
  'sp_runtime::multiaddress::MultiAddress',
  [
    { name: 'Id', index: 0, fields: [{ type: accountId.type, typeName: 'AccountId' }] },
    { name: 'Index', index: 1, fields: [{ type: compactOf(tupleOf()), typeName: 'AccountIndex' }] },
    { name: 'Raw', index: 2, fields: [{ type: sequenceOf(u8.type), typeName: 'Vec<u8>' }] },
    { name: 'Address32', index: 3, fields: [{ type: arrayOf(u8.type, 32), typeName: '[u8; 32]' }] },
    { name: 'Address20', index: 4, fields: [{ type: arrayOf(u8.type, 20), typeName: '[u8; 20]' }] },
  ],
  [
    { name: 'AccountId', type: accountId.type },
    { name: 'AccountIndex', type: tupleOf() },
  ],
);

const lookedUp: Codec<Hex | undefined> = {
  type: multiAddressType,
  write(out, value) {
    out.uint(0, 1);
    accountId.write(out, value ?? `0x${'00'.repeat(32)}`);
  },
  read(from) {
    const kind = from.byte();
    return kind === 0 || kind === 3 ? toHex(from.bytes(32)) : undefined;
  },
};

const totalIssuance = storageOf('Balances').item('TotalIssuance', [], u64, 0n);
const transferred = event(
  INDEX,
  'Transfer',
  2,
  [field(accountId, 'T::AccountId'), field(accountId, 'T::AccountId'), field(u64, 'T::Balance')],
  ['from', 'to', 'amount'],
);
const withdrawn = event(
  INDEX,
  'Withdraw',
  8,
  [field(accountId, 'T::AccountId'), field(u64, 'T::Balance')],
  ['who', 'amount'],
);

/** Gives `who` that many rao out of nothing: for accounts that a dev chain starts with. */
export function mint(execution: Execution, who: Hex, rao: bigint): void {
  if (rao <= 0n) return;
  execution.set(totalIssuance, [], execution.get(totalIssuance) + rao);
  deposit(execution, who, rao);
}

/** Takes rao from `who`, for good. Throws Balances.InsufficientBalance. */
export function burn(execution: Execution, who: Hex, rao: bigint): void {
  if (rao === 0n) return;
  take(execution, who, rao);
  execution.set(totalIssuance, [], execution.get(totalIssuance) - rao);
  execution.emit(withdrawn, who, rao);
}

function deposit(execution: Execution, who: Hex, rao: bigint): void {
  const held = execution.get(account, who);
  if (held.providers === 0) {
    if (rao < EXISTENTIAL_DEPOSIT) fail('ExistentialDeposit');
    execution.emit(newAccount, who);
  }
  execution.set(account, [who], { ...held, providers: 1, data: { ...held.data, free: held.data.free + rao } });
}

function take(execution: Execution, who: Hex, rao: bigint): void {
  const held = execution.get(account, who);
  if (held.data.free < rao) fail('InsufficientBalance');
  if (held.data.free - rao < EXISTENTIAL_DEPOSIT) fail('Expendability');
  execution.set(account, [who], { ...held, data: { ...held.data, free: held.data.free - rao } });
}

const transferArgs = { dest: field(lookedUp, 'AccountIdLookupOf<T>'), value: field(compactU64, 'T::Balance') };

function transfer(execution: Execution, from: Hex, args: { dest: Hex | undefined; value: bigint }): void {
  const { value } = args;
  const dest = args.dest ?? fail('ExistentialDeposit');
  take(execution, from, value);
  deposit(execution, dest, value);
  execution.emit(transferred, from, dest, value);
}

/** The least of `pallet_balances` that accounts with funds need. No account is ever reaped here. */
export const balancesPallet: PalletDefinition = {
  name: 'Balances',
  index: INDEX,
  storage: [totalIssuance],
  calls: [
    call({ name: 'transfer_allow_death', index: 0, args: transferArgs, paysFee: true, run: transfer }),
    call({ name: 'transfer_keep_alive', index: 3, args: transferArgs, paysFee: true, run: transfer }),
  ],
  events: [transferred, withdrawn],
  errors: ERRORS,
  constants: [constant('ExistentialDeposit', u64, EXISTENTIAL_DEPOSIT)],
};

import { DevnetError } from '../errors.js';
import { balancesPallet } from '../pallets/balances.js';
import { commitmentsPallet } from '../pallets/commitments.js';
import { drandPallet } from '../pallets/drand.js';
import type { CallDefinition, Dispatch, PalletDefinition } from '../pallets/pallet-definition.js';
import { subtensorModule } from '../pallets/subtensor-module.js';
import { eventRecordsType, systemPallet } from '../pallets/system.js';
import { timestampPallet } from '../pallets/timestamp.js';
import { ByteReader } from '../scale/byte-reader.js';
import { type TypeNode, variant } from '../scale/type-node.js';

const withoutSystem = [timestampPallet, balancesPallet, subtensorModule, commitmentsPallet, drandPallet];
// System's storage holds all pallets' events, its own among them; its own do not depend on that type.
const bareSystem = systemPallet(variant('frame_system::EventRecord', []));

/** The runtime's outer enums, over the pallets that have such a thing. */
export const runtimeEvent = outerEnum('RuntimeEvent', (pallet) => variantOf(pallet, 'Event', pallet.events));
export const runtimeCall = outerEnum('RuntimeCall', (pallet) => variantOf(pallet, 'Call', pallet.calls));
export const runtimeError = outerEnum('RuntimeError', (pallet) => errorType(pallet));

/** The dev chain's pallets, in order of index. */
export const PALLETS: readonly PalletDefinition[] = [systemPallet(eventRecordsType(runtimeEvent)), ...withoutSystem];

/** A pallet's calls, events or errors as an enum, or undefined where it has none. */
export function variantOf(
  pallet: PalletDefinition,
  kind: 'Call' | 'Event',
  members: readonly Pick<CallDefinition, 'name' | 'index' | 'fields'>[],
): TypeNode | undefined {
  if (members.length === 0) return undefined;
  return variant(
    `${modulePath(pallet)}::${kind}`,
    members.map(({ name, index, fields }) => ({ name, index, fields })),
    [{ name: 'T', type: undefined }],
  );
}

export function errorType(pallet: PalletDefinition): TypeNode | undefined {
  const errors = Object.entries(pallet.errors);
  if (errors.length === 0) return undefined;
  return variant(
    `${modulePath(pallet)}::Error`,
    errors.map(([name, index]) => ({ name, index, fields: [] })),
    [{ name: 'T', type: undefined }],
  );
}

export interface DecodedCall {
  /** For example `Commitments.set_commitment`. */
  readonly name: string;
  readonly paysFee: boolean;
  readonly dispatch: Dispatch;
}

/** Decodes a call from exactly these bytes. Throws DevnetError `bad_scale` where it is none of ours. */
export function decodeCall(bytes: Uint8Array): DecodedCall {
  const from = new ByteReader(bytes);
  const palletIndex = from.byte();
  const callIndex = from.byte();
  const pallet = PALLETS.find(({ index }) => index === palletIndex);
  const definition = pallet?.calls.find(({ index }) => index === callIndex);
  if (pallet === undefined || definition === undefined) {
    throw new DevnetError({ code: 'bad_scale', detail: `no call ${palletIndex}.${callIndex}` });
  }
  const dispatch = definition.read(from);
  if (from.remaining > 0) throw new DevnetError({ code: 'bad_scale', detail: 'bytes after the call' });
  return { name: `${pallet.name}.${definition.name}`, paysFee: definition.paysFee, dispatch };
}

function outerEnum(name: string, of: (pallet: PalletDefinition) => TypeNode | undefined): TypeNode {
  return variant(
    `node_subtensor_runtime::${name}`,
    [bareSystem, ...withoutSystem].flatMap((pallet) => {
      const type = of(pallet);
      return type === undefined ? [] : [{ name: pallet.name, index: pallet.index, fields: [{ type }] }];
    }),
  );
}

function modulePath({ name }: PalletDefinition): string {
  if (name === 'System') return 'frame_system::pallet';
  return name === 'SubtensorModule' ? 'pallet_subtensor::pallet' : `pallet_${name.toLowerCase()}::pallet`;
}

import { h256, u8, u32, u64 } from '../scale/codec.js';
import {
  arrayOf,
  compactOf,
  composite,
  optionOf,
  plainVariant,
  type TypeNode,
  tupleOf,
  variant,
} from '../scale/type-node.js';

/** One part of what is signed with a call: what the transaction carries of it, and what is signed besides. */
export interface SignedExtension {
  readonly identifier: string;
  readonly carried: TypeNode;
  readonly implied: TypeNode;
}

const NOTHING = tupleOf();
const RUNTIME = composite('node_subtensor_runtime::Runtime', []);

/** The main network's, in its order; signed-transaction.ts reads and writes the same. */
export const SIGNED_EXTENSIONS: readonly SignedExtension[] = [
  empty('CheckNonZeroSender', 'frame_system::extensions::check_non_zero_sender'),
  { ...empty('CheckSpecVersion', 'frame_system::extensions::check_spec_version'), implied: u32.type },
  { ...empty('CheckTxVersion', 'frame_system::extensions::check_tx_version'), implied: u32.type },
  { ...empty('CheckGenesis', 'frame_system::extensions::check_genesis'), implied: h256.type },
  {
    identifier: 'CheckMortality',
    carried: wrapping('node_subtensor_runtime::check_mortality::CheckMortality', eraType()),
    implied: h256.type,
  },
  {
    identifier: 'CheckNonce',
    carried: wrapping('node_subtensor_runtime::check_nonce::CheckNonce', compactOf(u32.type)),
    implied: NOTHING,
  },
  empty('CheckWeight', 'frame_system::extensions::check_weight'),
  {
    identifier: 'ChargeTransactionPayment',
    carried: wrapping('pallet_transaction_payment::ChargeTransactionPayment', compactOf(u64.type)),
    implied: NOTHING,
  },
  empty('SudoTransactionExtension', 'node_subtensor_runtime::sudo_wrapper', RUNTIME),
  empty('CheckShieldedTxValidity', 'pallet_shield::extension', RUNTIME),
  empty('SubtensorTransactionExtension', 'pallet_subtensor::extensions::subtensor', RUNTIME),
  empty('DrandPriority', 'pallet_drand::drand_priority', RUNTIME),
  {
    identifier: 'CheckMetadataHash',
    carried: composite(
      'frame_metadata_hash_extension::CheckMetadataHash',
      [
        {
          name: 'mode',
          type: plainVariant('frame_metadata_hash_extension::Mode', ['Disabled', 'Enabled']),
          typeName: 'Mode',
        },
      ],
      [{ name: 'T', type: undefined }],
    ),
    implied: optionOf(arrayOf(u8.type, 32)),
  },
];

function empty(identifier: string, module: string, parameter?: TypeNode): SignedExtension {
  return {
    identifier,
    carried: composite(`${module}::${identifier}`, [], [{ name: 'T', type: parameter }]),
    implied: NOTHING,
  };
}

function wrapping(path: string, inner: TypeNode): TypeNode {
  return composite(path, [{ type: inner }], [{ name: 'T', type: undefined }]);
}

function eraType(): TypeNode {
  return variant('sp_runtime::generic::era::Era', [
    { name: 'Immortal', index: 0, fields: [] },
    ...Array.from({ length: 255 }, (_, i) => ({ name: `Mortal${i + 1}`, index: i + 1, fields: [{ type: u8.type }] })),
  ]);
}

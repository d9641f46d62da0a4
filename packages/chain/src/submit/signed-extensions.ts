import type { ApiPromise } from '@polkadot/api';
import { ChainError } from '../chain-error.js';

type Extensions = NonNullable<ConstructorParameters<typeof ApiPromise>[0]>['signedExtensions'] & object;

const EMPTY = { extrinsic: {}, payload: {} } as const;

/** Bittensor's own transaction extensions: they check, but add nothing to what is signed. */
export const KNOWN_EMPTY_EXTENSIONS: Extensions = {
  SudoTransactionExtension: EMPTY,
  CheckShieldedTxValidity: EMPTY,
  SubtensorTransactionExtension: EMPTY,
  DrandPriority: EMPTY,
};

/** Extensions whose content `@polkadot/api` knows how to sign. */
const STANDARD = new Set([
  'ChargeTransactionPayment',
  'CheckGenesis',
  'CheckMetadataHash',
  'CheckMortality',
  'CheckNonZeroSender',
  'CheckNonce',
  'CheckSpecVersion',
  'CheckTxVersion',
  'CheckWeight',
]);

/**
 * Refuses to sign for a runtime whose transactions carry something that this client does not know: the library would
 * leave it out, and every signature would be bad. Extensions that add no bytes are harmless, whatever their name.
 * Throws `unsigned_extension`.
 */
export function assertSignable(api: Pick<ApiPromise, 'runtimeMetadata'>): void {
  const { extrinsic, lookup } = api.runtimeMetadata.asLatest;
  for (const { identifier, type, implicit } of extrinsic.transactionExtensions) {
    const name = identifier.toString();
    if (STANDARD.has(name)) continue;
    const isEmpty = [type, implicit].every((id) => {
      const { def } = lookup.getSiType(id);
      return (def.isTuple && def.asTuple.length === 0) || (def.isComposite && def.asComposite.fields.length === 0);
    });
    if (!isEmpty) throw new ChainError({ code: 'unsigned_extension', name });
  }
}

import { type Ledger, LedgerError, maySign, openSigner } from '@tiltyard/ledger';

/** Says why the repository, as it was last seen, would take nothing from a service; undefined when it would. */
export type SigningTrouble = () => Promise<string | undefined>;

/**
 * Checks whether `allowed_signers` lets a service's key sign for it, before there is anything to publish: a wrong key would
 * otherwise show only when a round waits for it. Where no key is listed, no signature is needed.
 *
 * @throws LedgerError `bad_option` when the file holds no key
 */
export async function openSigningTrouble(
  ledger: Pick<Ledger, 'latest'>,
  writer: string,
  keyFile: string | undefined,
): Promise<SigningTrouble> {
  const key = keyFile === undefined ? undefined : (await openSigner(keyFile)).publicKey;
  return async () => {
    try {
      const { signers } = await (await ledger.latest()).trust();
      if (signers.length === 0 || (key !== undefined && maySign(signers, key, writer))) return undefined;
      return new LedgerError({ code: 'not_signer', writer, key: key ?? 'a commit without signature' }).message;
    } catch (error) {
      // Publishing looks again and then fails; this early look must not.
      return error instanceof Error ? error.message : String(error);
    }
  };
}

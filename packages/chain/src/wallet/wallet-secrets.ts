import { RistrettoPoint } from '@noble/curves/ed25519';
import { Keyring } from '@polkadot/keyring';
import type { KeyringPair } from '@polkadot/keyring/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';
import { cryptoWaitReady, encodeAddress, mnemonicValidate } from '@polkadot/util-crypto';
import { z } from 'zod';
import { ChainError } from '../chain-error.js';
import { SS58_PREFIX, Wallet } from './wallet.js';

const hexOf = (bytes: number) =>
  // linear: a fixed number of digits
  z.string().regex(new RegExp(`^(0x)?[0-9a-fA-F]{${bytes * 2}}$`), `is not ${bytes} bytes in hex`);

/** A key file's fields. Each may be missing or null; more may be there. */
const KeyFile = z.object({
  accountId: hexOf(32).nullish(),
  publicKey: hexOf(32).nullish(),
  privateKey: hexOf(64).nullish(),
  secretPhrase: z.string().max(1000).nullish(),
  secretSeed: hexOf(32).nullish(),
  ss58Address: z.string().max(64).nullish(),
  // Writers disagree on its type; 1 is sr25519.
  cryptoType: z.union([z.number(), z.string()]).nullish(),
});
type KeyFile = z.infer<typeof KeyFile>;

/** Order of the curve's prime subgroup. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const COFACTOR = 8n;

/**
 * The wallet in a key file's JSON: by its phrase, else its seed, else its private key.
 * Throws `wallet_malformed`, and `wallet_mismatch` when the secret is not the stated address's.
 */
export async function walletFromSecrets(content: Uint8Array, path: string): Promise<Wallet> {
  await cryptoWaitReady();
  const file = parse(content, path);
  const pair = pairFrom(file, path);
  const stated = statedAddress(file);
  if (stated !== null && pair.address !== stated) {
    throw new ChainError({ code: 'wallet_mismatch', path, stored: stated, derived: pair.address });
  }
  return Wallet.of(pair);
}

function parse(content: Uint8Array, path: string): KeyFile {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(content).toString('utf8'));
  } catch {
    // The parser's own message would quote the secret.
    throw malformed(path, 'file', 'is not JSON');
  }
  const parsed = KeyFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw malformed(path, issue?.path.join('.') || 'file', issue?.message ?? 'has another shape');
}

function pairFrom(file: KeyFile, path: string): KeyringPair {
  const { secretPhrase, secretSeed, privateKey, cryptoType } = file;
  if (cryptoType !== undefined && cryptoType !== null && !/^(1|sr25519)$/i.test(String(cryptoType))) {
    throw malformed(path, 'cryptoType', 'is not sr25519');
  }
  const keyring = new Keyring({ type: 'sr25519', ss58Format: SS58_PREFIX });
  if (secretPhrase) {
    if (!mnemonicValidate(secretPhrase)) throw malformed(path, 'secretPhrase', 'is not a phrase of BIP-39');
    return keyring.addFromMnemonic(secretPhrase);
  }
  if (secretSeed) return keyring.addFromSeed(bytesOf(secretSeed));
  if (privateKey) return keyring.addFromPair(keysFrom(bytesOf(privateKey), file, path));
  throw malformed(path, 'secretPhrase', 'is missing, and so are secretSeed and privateKey');
}

/**
 * The key pair of a raw sr25519 private key: scalar ‖ nonce, 32 bytes each. Bittensor writes the scalar as it is, other tools
 * times the cofactor (as in ed25519 keys, and as the keyring wants it); the stated public key tells which.
 */
function keysFrom(
  privateKey: Uint8Array,
  file: KeyFile,
  path: string,
): { publicKey: Uint8Array; secretKey: Uint8Array } {
  const stated = file.publicKey ?? file.accountId;
  if (!stated) throw malformed(path, 'publicKey', 'is missing, and the private key cannot be checked');
  const publicKey = bytesOf(stated);
  const written = privateKey.slice(0, 32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  for (const scalar of [written, written / COFACTOR]) {
    const point = scalar % GROUP_ORDER;
    if (point === 0n || u8aToHex(RistrettoPoint.BASE.multiply(point).toBytes()) !== u8aToHex(publicKey)) continue;
    return { publicKey, secretKey: Uint8Array.from([...littleEndian(scalar * COFACTOR), ...privateKey.slice(32)]) };
  }
  const address = encodeAddress(publicKey, SS58_PREFIX);
  throw new ChainError({ code: 'wallet_mismatch', path, stored: address, derived: '(another address)' });
}

function statedAddress({ ss58Address, publicKey, accountId }: KeyFile): string | null {
  if (ss58Address) return ss58Address;
  const key = publicKey ?? accountId;
  return key ? encodeAddress(bytesOf(key), SS58_PREFIX) : null;
}

function littleEndian(value: bigint): number[] {
  return Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n));
}

function bytesOf(hex: string): Uint8Array {
  return hexToU8a(hex.startsWith('0x') ? hex : `0x${hex}`);
}

function malformed(path: string, field: string, detail: string): ChainError {
  return new ChainError({ code: 'wallet_malformed', path, field, detail });
}

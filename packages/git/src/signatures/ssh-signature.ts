import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { SshReader, sshString } from './ssh-wire.js';

/** A signature of OpenSSH's format, taken apart. */
export interface SshSignature {
  /** The key that signed, in SSH's wire format and base64, as allowed_signers holds it. */
  readonly publicKey: string;
  readonly keyType: string;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  readonly algorithm: string;
  readonly signature: Buffer;
}

const ARMOUR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\s*$/;
const MAGIC = 'SSHSIG';
const VERSION = 1;
const MAX_ARMOURED_CHARACTERS = 20_000;

/**
 * Takes an armoured SSH signature apart.
 *
 * @returns undefined when it is none, or of a version or hash that is not known.
 * @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
 */
export function parseSshSignature(armoured: string): SshSignature | undefined {
  if (armoured.length > MAX_ARMOURED_CHARACTERS) return undefined;
  const base64 = ARMOUR.exec(armoured.replaceAll('\r', ''))?.[1];
  if (base64 === undefined) return undefined;
  try {
    const reader = new SshReader(Buffer.from(base64, 'base64'));
    reader.fixed(MAGIC);
    if (reader.uint32() !== VERSION) return undefined;
    const key = reader.string();
    const namespace = reader.text();
    reader.string(); // Reserved.
    const hash = reader.text();
    const blob = new SshReader(reader.string());
    const algorithm = blob.text();
    const signature = blob.string();
    if (!reader.isAtEnd || !blob.isAtEnd || (hash !== 'sha256' && hash !== 'sha512')) return undefined;
    const keyType = new SshReader(key).text();
    return { publicKey: key.toString('base64'), keyType, namespace, hash, algorithm, signature };
  } catch {
    return undefined; // Cut short somewhere: no signature.
  }
}

/** Whether a signature signs these bytes, in this namespace, with the key that it names. */
export function verifySshSignature(signature: SshSignature, payload: Buffer, namespace: string): boolean {
  if (signature.namespace !== namespace) return false;
  const digest = createHash(signature.hash).update(payload).digest();
  const signed = Buffer.concat([
    Buffer.from(MAGIC, 'latin1'),
    sshString(namespace),
    sshString(''),
    sshString(signature.hash),
    sshString(digest),
  ]);
  try {
    return verifyWith(signature, signed);
  } catch {
    return false; // A malformed key or signature verifies nothing.
  }
}

function verifyWith({ publicKey, algorithm, signature }: SshSignature, signed: Buffer): boolean {
  const key = new SshReader(Buffer.from(publicKey, 'base64'));
  const type = key.text();
  switch (algorithm) {
    case 'ssh-ed25519':
      return type === algorithm && verify(null, signed, ed25519(key.string()), signature);
    case 'rsa-sha2-512':
    case 'rsa-sha2-256':
      return (
        type === 'ssh-rsa' && verify(algorithm.slice(-3) === '512' ? 'sha512' : 'sha256', signed, rsa(key), signature)
      );
    case 'ecdsa-sha2-nistp256': {
      if (type !== algorithm) return false;
      const parts = new SshReader(signature);
      const plain = Buffer.concat([padded(parts.string(), 32), padded(parts.string(), 32)]);
      return verify('sha256', signed, { key: nistp256(key), dsaEncoding: 'ieee-p1363' }, plain);
    }
    default:
      return false;
  }
}

function ed25519(point: Buffer): KeyObject {
  if (point.length !== 32) throw new RangeError('an ed25519 key has 32 bytes');
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') } });
}

function rsa(key: SshReader): KeyObject {
  const e = key.string();
  const n = key.string();
  return createPublicKey({ format: 'jwk', key: { kty: 'RSA', e: unsigned(e), n: unsigned(n) } });
}

function nistp256(key: SshReader): KeyObject {
  key.string(); // The curve's name again.
  const point = key.string();
  if (point.length !== 65 || point[0] !== 4) throw new RangeError('a nistp256 key is an uncompressed point');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' } });
}

/** A number as JWK writes it: big-endian, without leading zeros. */
function unsigned(number: Buffer): string {
  const first = number.findIndex((byte) => byte !== 0);
  return number.subarray(Math.max(0, first)).toString('base64url');
}

function padded(number: Buffer, length: number): Buffer {
  const bare = Buffer.from(unsigned(number), 'base64url');
  if (bare.length > length) throw new RangeError('a number is too large');
  return Buffer.concat([Buffer.alloc(length - bare.length), bare]);
}

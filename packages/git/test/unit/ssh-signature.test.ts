import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSshSignature, verifySshSignature } from '../../src/signatures/ssh-signature.js';

describe('an SSH signature', () => {
  const armour = (bytes: Uint8Array) =>
    `-----BEGIN SSH SIGNATURE-----\n${Buffer.from(bytes).toString('base64')}\n-----END SSH SIGNATURE-----`;

  it('that is garbage is none, and verifies nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
        const magic = Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01', 'latin1'), bytes]);
        for (const one of [bytes, magic]) {
          const parsed = parseSshSignature(armour(one));
          if (parsed !== undefined) expect(verifySshSignature(parsed, Buffer.from('x'), 'git')).toBe(false);
        }
      }),
    );
  });

  it('of a malformed key type verifies nothing', () => {
    for (const algorithm of ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256', 'ecdsa-sha2-nistp256', 'ssh-dss']) {
      const signature = {
        publicKey: Buffer.from('\0\0\0\x03abc', 'latin1').toString('base64'),
        keyType: 'abc',
        namespace: 'git',
        hash: 'sha512',
        algorithm,
        signature: Buffer.alloc(64),
      } as const;
      expect(verifySshSignature(signature, Buffer.from('x'), 'git')).toBe(false);
    }
  });
});

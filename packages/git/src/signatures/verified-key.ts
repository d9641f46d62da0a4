import { type AllowedSigner, OPERATOR } from '@tiltyard/schema';
import type { CommitSignature } from './commit-signature.js';
import { parseSshSignature, verifySshSignature } from './ssh-signature.js';

/** The namespace that git signs commits in. */
const NAMESPACE = 'git';

/** The key that a commit is signed with, in base64 as allowed_signers holds it; or why there is none that counts. */
export type VerifiedKey =
  | { readonly kind: 'valid'; readonly key: string }
  | { readonly kind: 'unsigned' | 'invalid'; readonly detail: string };

/** Verifies a commit's signature. It says nothing yet about whose key it is. */
export function verifyCommit(signature: CommitSignature | undefined): VerifiedKey {
  if (signature === undefined) return { kind: 'unsigned', detail: 'not signed' };
  const parsed = parseSshSignature(signature.armoured);
  if (parsed === undefined) return { kind: 'invalid', detail: 'signed, but not with an SSH key' };
  if (!verifySshSignature(parsed, signature.payload, NAMESPACE)) {
    return { kind: 'invalid', detail: 'the signature does not fit the commit' };
  }
  return { kind: 'valid', key: parsed.publicKey };
}

/** Whether a commit's key may sign for one of these services. */
export function vouchesFor(
  verified: VerifiedKey,
  signers: readonly AllowedSigner[],
  services: readonly string[],
): boolean {
  if (verified.kind !== 'valid') return false;
  return signers.some(({ key, services: of }) => key === verified.key && of.some((one) => services.includes(one)));
}

/**
 * Whether a commit may say whose keys count from the next one on: an operator's key of the list before it must sign, where
 * there is one. A list without such a signature does not count, and what its keys sign is not vouched for.
 */
export function mayChangeSigners(verified: VerifiedKey, signers: readonly AllowedSigner[]): boolean {
  return signers.length === 0 || vouchesFor(verified, signers, [OPERATOR]);
}

/** Why a commit's key vouches for nothing, or for something else, in words. */
export function signatureProblem(verified: VerifiedKey, signers: readonly AllowedSigner[]): string {
  if (verified.kind !== 'valid') return verified.detail;
  const services = signers.filter(({ key }) => key === verified.key).flatMap((signer) => signer.services);
  return services.length === 0
    ? 'signed with a key that allowed_signers does not hold'
    : `signed with a key of ${services.join(', ')}`;
}

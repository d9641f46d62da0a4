import { type AllowedSigner, parseAllowedSigner, type ServiceName } from '@tiltyard/schema';
import { type CommitView, stateBefore } from '../replay/commit-view.js';
import { valueIn } from '../replay/tree.js';
import { parseSshSignature, verifySshSignature } from '../signatures/ssh-signature.js';
import { ownersOf } from './authorship.js';
import type { Rule } from './rule.js';

/** The namespace that git signs commits in. */
const NAMESPACE = 'git';

/** Whose key stands behind a commit. Keys are those of allowed_signers as of the parent: no commit vouches for itself. */
export const SIGNATURE_RULES: readonly Rule[] = [
  {
    id: 'G1',
    severity: 'error',
    only: 'ours',
    says: 'Once a service has a key, what it writes is signed with it.',
    check(at, tell) {
      const signers = signersAt(at);
      if (signers.length === 0) return;
      const unvouched = at.changes.filter((change) => {
        const owners = ownersOf(at, change);
        // Amendments are G2's. A file whose owner has no key yet cannot be signed for.
        if (change.known.name === 'amendments' || !signers.some((signer) => isFor(signer, owners))) return false;
        tell.looked();
        return !isVouchedFor(at, signers, owners);
      });
      const [first] = unvouched;
      if (first === undefined) return;
      const owners = ownersOf(at, first).join(', ');
      const more = unvouched.length > 1 ? ` (and for ${unvouched.length - 1} more files)` : '';
      tell.fault({ path: first.path, detail: `${signatureProblem(at, signers)}; ${owners} should have signed${more}` });
    },
  },
  {
    id: 'G2',
    severity: 'error',
    only: 'ours',
    says: 'Amendments are signed by an operator.',
    check(at, tell) {
      for (const { path, known } of at.changes) {
        if (known.name !== 'amendments') continue;
        tell.looked();
        const signers = signersAt(at);
        if (!signers.some((signer) => isFor(signer, ['operator']))) {
          const detail = 'allowed_signers holds no operator key, so nobody can tell who ordered this';
          tell.fault({ path, severity: 'info', detail });
        } else if (!isVouchedFor(at, signers, ['operator'])) {
          tell.fault({ path, detail: signatureProblem(at, signers) });
        }
      }
    },
  },
];

/** Parsed once for each content of the file. */
const PARSED = new WeakMap<readonly string[], readonly AllowedSigner[]>();
/** Verified once for each commit, whoever asks. */
const VERIFIED = new WeakMap<CommitView['commit'], VerifiedKey>();

type VerifiedKey =
  | { readonly kind: 'valid'; readonly key: string }
  | { readonly kind: 'unsigned' | 'invalid'; readonly detail: string };

function signersAt(at: CommitView): readonly AllowedSigner[] {
  const lines = valueIn(at.parent, 'allowedSigners', {});
  if (lines === undefined || stateBefore(at) === undefined) return [];
  const known = PARSED.get(lines);
  if (known !== undefined) return known;
  const parsed = lines.flatMap((line) => parseAllowedSigner(line) ?? []);
  PARSED.set(lines, parsed);
  return parsed;
}

function isFor(signer: AllowedSigner, services: readonly ServiceName[]): boolean {
  return signer.services.some((service) => services.includes(service));
}

function isVouchedFor(at: CommitView, signers: readonly AllowedSigner[], owners: readonly ServiceName[]): boolean {
  const verified = verifiedKey(at);
  if (verified.kind !== 'valid') return false;
  return signers.some((signer) => signer.key === verified.key && isFor(signer, owners));
}

function signatureProblem(at: CommitView, signers: readonly AllowedSigner[]): string {
  const verified = verifiedKey(at);
  if (verified.kind !== 'valid') return verified.detail;
  const signer = signers.find(({ key }) => key === verified.key);
  return signer === undefined
    ? 'signed with a key that allowed_signers does not hold'
    : `signed with a key of ${signer.services.join(', ')}`;
}

function verifiedKey({ commit }: CommitView): VerifiedKey {
  const known = VERIFIED.get(commit);
  if (known !== undefined) return known;
  const verified = verifyCommit(commit);
  VERIFIED.set(commit, verified);
  return verified;
}

function verifyCommit({ signature }: CommitView['commit']): VerifiedKey {
  if (signature === undefined) return { kind: 'unsigned', detail: 'not signed' };
  const parsed = parseSshSignature(signature.armoured);
  if (parsed === undefined) return { kind: 'invalid', detail: 'signed, but not with an SSH key' };
  if (!verifySshSignature(parsed, signature.payload, NAMESPACE)) {
    return { kind: 'invalid', detail: 'the signature does not fit the commit' };
  }
  return { kind: 'valid', key: parsed.publicKey };
}

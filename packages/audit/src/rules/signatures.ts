import { signatureProblem, type VerifiedKey, verifyCommit, vouchesFor } from '@tiltyard/ledger';
import { type AllowedSigner, parseAllowedSigner, type ServiceName } from '@tiltyard/schema';
import { type CommitView, stateBefore } from '../replay/commit-view.js';
import { valueIn } from '../replay/tree.js';
import { ownersOf } from './authorship.js';
import type { Rule } from './rule.js';

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
        return !vouchesFor(verifiedKey(at), signers, owners);
      });
      const [first] = unvouched;
      if (first === undefined) return;
      const owners = ownersOf(at, first).join(', ');
      const more = unvouched.length > 1 ? ` (and for ${unvouched.length - 1} more files)` : '';
      tell.fault({
        path: first.path,
        detail: `${signatureProblem(verifiedKey(at), signers)}; ${owners} should have signed${more}`,
      });
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
        } else if (!vouchesFor(verifiedKey(at), signers, ['operator'])) {
          tell.fault({ path, detail: signatureProblem(verifiedKey(at), signers) });
        }
      }
    },
  },
];

/** Parsed once for each content of the file. */
const PARSED = new WeakMap<readonly string[], readonly AllowedSigner[]>();
/** Verified once for each commit, whoever asks. */
const VERIFIED = new WeakMap<CommitView['commit'], VerifiedKey>();

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

function verifiedKey({ commit }: CommitView): VerifiedKey {
  const known = VERIFIED.get(commit);
  if (known !== undefined) return known;
  const verified = verifyCommit(commit.signature);
  VERIFIED.set(commit, verified);
  return verified;
}

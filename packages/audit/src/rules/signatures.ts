import { signatureProblem, vouchesFor } from '@tiltyard/git';
import { type AllowedSigner, counted, OPERATOR } from '@tiltyard/schema';
import { MACHINERY } from '../git/machinery.js';
import { type CommitView, mainFileIn } from '../replay/commit-view.js';
import type { FileChange } from '../replay/file-change.js';
import { signersAfter, verifiedKey } from '../replay/trusted-signers.js';
import type { Rule, Tell } from './rule.js';

/**
 * Whose key stands behind a commit. Keys are those of allowed_signers as of the parent, where an operator's key signed
 * that: no commit vouches for itself.
 */
export const SIGNATURE_RULES: readonly Rule[] = [
  {
    id: 'G1',
    severity: 'error',
    only: 'ours',
    check(at, tell) {
      const signers = signersAt(at);
      if (signers.length === 0) return;
      const lost = lostOperator(at);
      if (lost !== undefined) tell.fault({ path: lost, detail: 'takes the last operator key away' });
      const unvouched = at.changes.filter((change) => {
        const owners = at.standing.owners(change.known);
        // What the operator signs is G2's. A file whose owner has no key yet cannot be signed for.
        if (isOperators(at, change) || !signers.some((signer) => isFor(signer, owners))) return false;
        tell.looked();
        return !vouchesFor(verifiedKey(at.commit), signers, owners);
      });
      const [first] = unvouched;
      if (first === undefined) return tellOfCommit(at, signers, tell);
      const owners = at.standing.owners(first.known).join(', ');
      const more = unvouched.length > 1 ? ` (and for ${counted(unvouched.length - 1, 'more file')})` : '';
      tell.fault({
        path: first.path,
        detail: `${signatureProblem(verifiedKey(at.commit), signers)}; ${owners} should have signed${more}`,
      });
    },
  },
  {
    id: 'G2',
    severity: 'error',
    only: 'ours',
    check(at, tell) {
      for (const change of at.changes) {
        if (!isOperators(at, change)) continue;
        const { path } = change;
        tell.looked();
        const signers = signersAt(at);
        if (!signers.some((signer) => isFor(signer, [OPERATOR]))) {
          const detail = 'allowed_signers holds no operator key, so nobody can tell who ordered this';
          tell.fault({ path, severity: 'info', detail });
        } else if (!vouchesFor(verifiedKey(at.commit), signers, [OPERATOR])) {
          tell.fault({ path, detail: signatureProblem(verifiedKey(at.commit), signers) });
        }
      }
    },
  },
];

/** What is wrong with a commit whose files are all signed for: that it says it is somebody's, or nobody's at all. */
function tellOfCommit(at: CommitView, signers: readonly AllowedSigner[], tell: Tell): void {
  // What the operator signs is G2's.
  if (at.changes.some((change) => isOperators(at, change))) return;
  const { trailer } = at.author;
  if (trailer !== undefined) {
    if (!signers.some((signer) => isFor(signer, [trailer])) || vouchesFor(verifiedKey(at.commit), signers, [trailer]))
      return;
    tell.fault({
      detail: `${signatureProblem(verifiedKey(at.commit), signers)}; ${trailer} should have signed what is in its name`,
    });
  } else if (at.changes.length === 0 && !at.others.some(({ format }) => format.id === MACHINERY.id)) {
    if (vouchesFor(verifiedKey(at.commit), signers, at.competition.writers)) return;
    tell.fault({
      severity: 'warn',
      detail: `${signatureProblem(verifiedKey(at.commit), signers)}; it changes no state`,
    });
  }
}

/** Whether the operator has a key as of the parent, and whether it stands under the commit. */
export function operatorSignature(at: CommitView): 'no_key' | 'signed' | 'unsigned' {
  const signers = signersAt(at);
  if (!signers.some((signer) => isFor(signer, [OPERATOR]))) return 'no_key';
  return vouchesFor(verifiedKey(at.commit), signers, [OPERATOR]) ? 'signed' : 'unsigned';
}

function signersAt(at: CommitView): readonly AllowedSigner[] {
  return mainFileIn(at.competition, at.parent)?.content.value === undefined ? [] : at.signers;
}

function isOperators({ competition }: CommitView, { known }: FileChange): boolean {
  return competition.operatorSigned.includes(known.name);
}

/** The list by which nobody can sign as the operator any more, where somebody could before. */
function lostOperator(at: CommitView): string | undefined {
  const change = at.changes.find(({ known }) => known.name === 'allowedSigners');
  const hasOperator = (signers: readonly AllowedSigner[]) => signers.some((signer) => isFor(signer, [OPERATOR]));
  if (change === undefined || !hasOperator(at.signers)) return undefined;
  return hasOperator(signersAfter(at.signers, at.commit, at.changes, at.tree)) ? undefined : change.path;
}

function isFor(signer: AllowedSigner, services: readonly string[]): boolean {
  return signer.services.some((service) => services.includes(service));
}

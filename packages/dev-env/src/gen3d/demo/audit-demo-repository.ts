import { auditRepository, type Finding } from '@tiltyard/audit/gen3d';
import { BlockNumber } from '@tiltyard/schema';
import type { Network } from '../network/network.js';

/** What the auditor made of the demo's repository. */
export interface DemoAudit {
  /** True when no finding is an error. */
  readonly ok: boolean;
  readonly commits: number;
  readonly findings: readonly Finding[];
}

/** Audits the state repository as anyone could, seeds included: block hashes are read from the chain. */
export async function auditDemoRepository({ remote, chain }: Network, signal: AbortSignal): Promise<DemoAudit> {
  const { ok, commits, findings } = await auditRepository({
    dir: remote.folder,
    ref: 'main',
    blockHash: (block) => chain.blockHash(BlockNumber.parse(block)),
    signal,
  });
  return { ok, commits, findings };
}

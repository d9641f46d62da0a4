import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { importCommits } from '@tiltyard/audit-testing';
import { formatCommitMessage } from '@tiltyard/schema';
import type { ServiceName } from '@tiltyard/schema/gen3d';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, auditRepository } from '../../src/gen3d/index.js';
import { addCommit, git, sshKey } from '../support/git.js';
import { scratch, smallHistory } from '../support/history.js';

const POD_STATS = 'rounds/2/leader/pod_stats.json';
const AMENDMENTS = 'rounds/2/amendments.json';
const AMENDMENT = {
  id: 1,
  at: '2026-01-20T00:00:00Z',
  reason: 'late chain',
  action: 'extend_deadline',
  generation_deadline_block: 9_999_999,
};

/** Signing is git's and ssh-keygen's own here: what we verify is what the world makes. */
describe('signatures of commits', () => {
  let keys: Awaited<ReturnType<typeof scratch>>;
  const key: Record<string, ReturnType<typeof sshKey>> = {};
  beforeAll(async () => {
    keys = await scratch();
    for (const name of ['operator', 'generator', 'judge', 'stranger']) key[name] = sshKey(keys.dir, name);
    key.rsa = sshKey(keys.dir, 'rsa', 'rsa');
    key.ecdsa = sshKey(keys.dir, 'ecdsa', 'ecdsa');
  });
  afterAll(() => keys[Symbol.asyncDispose]());

  const message = (service: ServiceName, line: string) => formatCommitMessage([line], { service, version: '0.1.0' });
  const podStats = message('generation-orchestrator', 'Update pod stats for round 2, miner leader');
  const amendment = message('operator', 'Amendment 1 for round 2: extend_deadline');
  const signers = (extra = '') =>
    [
      `operator ${key.operator?.publicKey}`,
      `generation-orchestrator namespaces="git" ${key.generator?.publicKey}`,
      `judge-service ${key.judge?.publicKey}`,
      extra,
    ].join('\n');

  /** Audits a history whose tip says who may sign, with one commit on top of it. */
  async function auditOf(add: (dir: string) => void, allowed = signers()): Promise<AuditReport> {
    await using folder = await scratch();
    await importCommits(folder.dir, smallHistory('ours'));
    addCommit(folder.dir, message('operator', 'Update allowed signers'), { allowed_signers: `${allowed}\n` });
    add(folder.dir);
    return await auditRepository({ dir: folder.dir, rules: ['H1', 'G1', 'G2'] });
  }
  const told = (report: AuditReport) =>
    report.findings.map(({ rule, severity, detail }) => `${rule} ${severity}: ${detail}`);
  const signedPodStats = (name?: string) => (dir: string) => {
    addCommit(dir, podStats, { [POD_STATS]: '{}\n' }, name === undefined ? undefined : key[name]?.file);
  };

  it('are accepted from the key of the service that owns the file', async () => {
    const report = await auditOf(signedPodStats('generator'));
    expect(told(report)).toEqual([]);
    expect(report.rules.G1?.checked).toBe(1);
  });

  it.each(['rsa', 'ecdsa'])('are accepted from %s keys', async (type) => {
    const report = await auditOf(signedPodStats(type), signers(`generation-orchestrator ${key[type]?.publicKey}`));
    expect(told(report)).toEqual([]);
  });

  it('are missed where the service has a key', async () => {
    expect(told(await auditOf(signedPodStats()))).toEqual([
      'G1 error: not signed; generation-orchestrator should have signed',
    ]);
  });

  it('are refused from keys that no key vouches for, and from those of another service', async () => {
    expect(told(await auditOf(signedPodStats('stranger')))).toEqual([
      'G1 error: signed with a key that allowed_signers does not hold; generation-orchestrator should have signed',
    ]);
    expect(told(await auditOf(signedPodStats('judge')))).toEqual([
      'G1 error: signed with a key of judge-service; generation-orchestrator should have signed',
    ]);
  });

  it('are refused on a commit that was changed after it was signed', async () => {
    const report = await auditOf((dir) => {
      const signed = addCommit(dir, podStats, { [POD_STATS]: '{}\n' }, key.generator?.file);
      const forged = git(dir, ['cat-file', 'commit', signed]).replace('Version: 0.1.0', 'Version: 0.1.1');
      const id = git(dir, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input: forged }).trim();
      git(dir, ['update-ref', 'refs/heads/main', id]);
    });
    expect(told(report)).toEqual([
      'G1 error: the signature does not fit the commit; generation-orchestrator should have signed',
    ]);
  });

  it('are not asked of a service that has no key', async () => {
    const report = await auditOf(signedPodStats(), `judge-service ${key.judge?.publicKey}`);
    expect(told(report)).toEqual([]);
    expect(report.rules.G1?.checked).toBe(0);
  });

  it('do not vouch for themselves: the keys are those of the parent', async () => {
    const report = await auditOf((dir) => {
      const files = { allowed_signers: `${signers(`operator ${key.stranger?.publicKey}`)}\n` };
      addCommit(dir, message('operator', 'Update allowed signers'), files, key.stranger?.file);
    });
    expect(told(report)).toEqual([
      'G1 error: signed with a key that allowed_signers does not hold; operator should have signed',
    ]);
  });

  it('follow no unsigned list: what its keys sign is not vouched for, and what the old ones sign is', async () => {
    const change = (dir: string, extra: string, name?: string) =>
      addCommit(
        dir,
        message('operator', 'Update allowed signers'),
        { allowed_signers: `${signers(extra)}\n` },
        name === undefined ? undefined : key[name]?.file,
      );
    const stranger = `generation-orchestrator ${key.stranger?.publicKey}`;
    const forged = await auditOf((dir) => {
      change(dir, stranger);
      signedPodStats('stranger')(dir);
      addCommit(dir, podStats, { [POD_STATS]: '{"a": {}}\n' }, key.generator?.file);
    });
    expect(told(forged)).toEqual([
      'G1 error: not signed; operator should have signed',
      'G1 error: signed with a key that allowed_signers does not hold; generation-orchestrator should have signed',
    ]);
    const rotated = await auditOf((dir) => {
      change(dir, stranger, 'operator');
      signedPodStats('stranger')(dir);
    });
    expect(told(rotated)).toEqual([]);
  });

  it('may not be made needless: taking the last operator key away is reported', async () => {
    const update = (allowed: string) => (dir: string) => {
      const said = message('operator', 'Update allowed signers');
      addCommit(dir, said, { allowed_signers: allowed }, key.operator?.file);
    };
    const gone = ['G1 error: takes the last operator key away'];
    expect(told(await auditOf(update('# nobody\n')))).toEqual(gone);
    expect(told(await auditOf(update(`judge-service ${key.judge?.publicKey}\n`)))).toEqual(gone);
    expect(told(await auditOf(update(`operator ${key.stranger?.publicKey}\n`)))).toEqual([]);
  });

  it('of an operator stand under amendments', async () => {
    const amend = (name?: string) => (dir: string) => {
      const files = { [AMENDMENTS]: JSON.stringify([AMENDMENT]) };
      addCommit(dir, amendment, files, name === undefined ? undefined : key[name]?.file);
    };
    expect(told(await auditOf(amend('operator')))).toEqual([]);
    expect(told(await auditOf(amend()))).toEqual(['G2 error: not signed']);
    expect(told(await auditOf(amend('judge')))).toEqual(['G2 error: signed with a key of judge-service']);
    const withoutOperator = `judge-service ${key.judge?.publicKey}`;
    expect(told(await auditOf(amend('operator'), withoutOperator))).toEqual([
      'G2 info: allowed_signers holds no operator key, so nobody can tell who ordered this',
    ]);
  });

  it('agree with what git itself says of them', async () => {
    await using folder = await scratch();
    await importCommits(folder.dir, smallHistory('ours'));
    const commit = addCommit(folder.dir, podStats, { [POD_STATS]: '{}\n' }, key.generator?.file);
    const allowed = path.join(folder.dir, 'allowed');
    writeFileSync(allowed, `${signers()}\n`);
    expect(() =>
      git(folder.dir, ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`, 'verify-commit', commit]),
    ).not.toThrow();
  });
});

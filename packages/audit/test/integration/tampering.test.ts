import { cp } from 'node:fs/promises';
import path from 'node:path';
import { importCommits, TAMPERINGS } from '@tiltyard/audit-testing';
import { formatCommitMessage, parseCommitMessage } from '@tiltyard/schema';
import { gen3d, SERVICES, type ServiceName } from '@tiltyard/schema/gen3d';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditRepository, exitStatus } from '../../src/gen3d/index.js';
import { addCommit, git, signTip, sshKey } from '../support/git.js';
import { scratch, smallHistory } from '../support/history.js';

/** Rules of how a commit is made, whatever it says. */
const FORM: readonly string[] = ['F1', 'F2', 'W2', 'W3', 'W4', 'O1', 'G1', 'G2'];

/**
 * A complete competition of two rounds, whose services all have keys. Whoever tampers with it here has them too: what
 * finds them out is what they wrote.
 */
describe('a whole competition that is tampered with', () => {
  let folder: Awaited<ReturnType<typeof scratch>>;
  const keys = new Map<ServiceName, ReturnType<typeof sshKey>>();
  const whole = () => path.join(folder.dir, 'whole');

  beforeAll(async () => {
    folder = await scratch();
    await importCommits(whole(), smallHistory('ours'));
    for (const service of SERVICES) keys.set(service, sshKey(folder.dir, service));
    const allowed = [...keys].map(([service, { publicKey }]) => `${service} ${publicKey}\n`).join('');
    const message = formatCommitMessage(['Update allowed signers'], { service: 'operator', version: '0.1.0' });
    addCommit(whole(), message, { allowed_signers: allowed });
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  async function copy(name: string): Promise<string> {
    const dir = path.join(folder.dir, name);
    await cp(whole(), dir, { recursive: true });
    return dir;
  }

  it('has an audit that ends with 0 before', async () => {
    const report = await auditRepository({ dir: whole() });
    expect(exitStatus(report), JSON.stringify(report.findings)).toBe(0);
    expect(report.rounds.map(({ round, winner, agrees }) => [round, winner !== null, agrees])).toEqual([
      [0, true, true],
      [1, true, true],
      [2, false, true],
    ]);
  });

  it.each(TAMPERINGS)('has one that ends with 1 and names $rule after: $name', async ({ name, rule, apply }) => {
    const dir = await copy(name);
    const before = git(dir, ['rev-parse', 'main']).trim();
    await apply(dir);
    const message = git(dir, ['log', '-1', '--format=%B', 'main']);
    const service = parseCommitMessage(message, gen3d).service ?? 'operator';
    signTip(dir, keys.get(service)?.file ?? '');
    expect(git(dir, ['rev-parse', 'main^1']).trim()).toBe(before);

    const report = await auditRepository({ dir });
    const errors = report.findings.filter(({ severity }) => severity === 'error');
    expect(exitStatus(report)).toBe(1);
    expect(errors.map((error) => error.rule)).toContain(rule);
    expect(new Set(errors.map(({ commit }) => commit))).toEqual(new Set([report.tip]));
    // Its form is right, apart from what it is about: the key, the owner, the lines.
    const form = errors.filter((error) => FORM.includes(error.rule) && error.rule !== rule);
    expect(form.map((error) => error.rule)).toEqual(rule === 'O1' ? ['W3', 'G2'] : []);
    expect(parseCommitMessage(message, gen3d).lines.every(({ announcement }) => announcement !== undefined)).toBe(true);
  });

  it('has one that tells who has no key as well', async () => {
    const dir = await copy('unsigned');
    await TAMPERINGS[0]?.apply(dir);
    const { findings } = await auditRepository({ dir, rules: ['G1'] });
    expect(findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(['G1 error']);
  });

  it('is tampered with in more than ten ways, each of a name of its own', () => {
    expect(new Set(TAMPERINGS.map(({ name }) => name)).size).toBe(TAMPERINGS.length);
    expect(new Set(TAMPERINGS.map(({ rule }) => rule)).size).toBeGreaterThan(10);
  });
});

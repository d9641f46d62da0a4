import { importCommits, type SyntheticCommit } from '@tiltyard/audit-testing';
import { formatCommitMessage } from '@tiltyard/schema';
import type { ServiceName } from '@tiltyard/schema/gen3d';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, auditRepository, reportText } from '../../src/gen3d/index.js';
import { ALWAYS, type BrokenRule, end, holdTo } from '../support/broken-rule.js';
import { addCommit, git, sshKey } from '../support/git.js';
import { auditCommits, EditableHistory, scratch, smallHistory } from '../support/history.js';
import { writeObject } from '../support/raw-objects.js';

const HOUR_MS = 3_600_000;
const WORKFLOW = '.github/workflows/build.yml';

function replaced(h: EditableHistory, at: number, change: (commit: SyntheticCommit) => Partial<SyntheticCommit>) {
  return new EditableHistory(
    h.commits.map((commit, index) => (index === at ? { ...commit, ...change(commit) } : commit)),
    h.dialect,
  );
}

const BROKEN: readonly BrokenRule[] = [
  {
    rule: 'W6',
    what: 'the workflow that builds images is changed',
    dialect: 'ours',
    edit: (h) => h.append('person', ['faster builds'], { [WORKFLOW]: 'on: push\n' }),
    expected: ['W6 warn'],
  },
  {
    rule: 'W6',
    what: 'git is told to read files in another way',
    dialect: 'ours',
    edit: (h) => h.append('operator', ['attributes'], { '.gitattributes': '* filter=x\n' }),
    expected: ['W2 error', 'W6 warn'],
  },
  {
    rule: 'W7',
    what: 'a commit is older than the one that it stands on',
    dialect: 'ours',
    edit: (h) => replaced(h, end(h) - 1, () => ({ at: new Date(0) })),
    expected: ['W7 warn'],
  },
  {
    rule: 'W7',
    what: 'a commit is of a time that has not come',
    dialect: 'ours',
    edit: (h) => replaced(h, end(h) - 1, () => ({ at: new Date('2090-01-01') })),
    expected: ['W7 error'],
  },
  {
    rule: 'W7',
    what: 'a commit of the reference is of a time that has not come',
    dialect: 'reference',
    edit: (h) => replaced(h, end(h) - 1, () => ({ at: new Date('2090-01-01') })),
    expected: ['W7 error'],
  },
  {
    rule: 'W7',
    what: "a commit's author is another service than its message says",
    dialect: 'ours',
    edit: (h) => replaced(h, end(h) - 1, () => ({ service: 'judge-service' })),
    expected: ['W7 warn'],
  },
  {
    rule: 'W2',
    what: 'a line is made to look like a trailer',
    dialect: 'ours',
    edit: (h) => h.message(end(h) - 1, (message) => `Service: whatever I like\n${message}`),
  },
];

describe('a history with something wrong about the state', () => {
  holdTo(BROKEN);

  it('is not one that has a template at its start, clocks that differ by minutes, and a README that changes', async () => {
    const h = new EditableHistory(smallHistory('ours'), 'ours');
    const first = replaced(h, 0, ({ files }) => ({ files: new Map([...files, [WORKFLOW, 'on: push\n']]) }));
    const late = replaced(first, 5, ({ at }) => ({ at: new Date(at.getTime() + HOUR_MS / 12) }));
    const report = await auditCommits(late.append('person', ['words'], { 'README.md': 'words\n' }).commits);
    const found = report.findings.map(({ rule, severity }) => `${rule} ${severity}`);
    expect(found.filter((one) => !ALWAYS.includes(one))).toEqual([]);
  });
});

describe('a commit that is dated in the future', () => {
  const history = new EditableHistory(smallHistory('ours'), 'ours');
  const lastMs = Math.max(...history.commits.map(({ at }) => at.getTime()));
  const toldAt = async (aheadMs: number) => {
    const { findings } = await auditCommits(history.commits, { now: new Date(lastMs - aheadMs) });
    return findings.filter(({ rule }) => rule === 'W7').map(({ severity, detail }) => `${severity} ${detail}`);
  };

  it('is one by the time that the auditor is given, past what clocks differ by', async () => {
    expect(await toldAt(HOUR_MS / 12)).toEqual([]);
    expect((await toldAt(HOUR_MS)).at(-1)).toMatch(/^warn dated \d{4}-\d\d-\d\d \d\d:\d\d, which is in the future$/);
    expect((await toldAt(25 * HOUR_MS)).at(-1)).toMatch(/^error dated .* in the future$/);
  });
});

describe('a repository that passes for one of the reference implementation', () => {
  const plain = ({ commits }: EditableHistory) =>
    commits.map((commit) => ({
      ...commit,
      message: `${commit.message.split('\n\n')[0]}\n`,
      files: new Map([...commit.files].filter(([path]) => !/(rules|prompt_images)\.json$/.test(path))),
    }));
  const history = new EditableHistory(smallHistory('ours'), 'ours');

  it('is one of ours all the same where config.json says so', async () => {
    const report = await auditCommits(
      plain(history.editJson(0, /^config/, (value) => Object.assign(value, { netuid: 17 }))),
    );
    expect(report.dialect).toBe('ours');
    expect(report.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).toContain('O1');
  });

  it('is said to be read as one where nothing tells', async () => {
    const report = await auditCommits(plain(history));
    expect(report.dialect).toBe('reference');
    expect(reportText(report)).toContain("read as the reference implementation's: ");
  });

  it('has a note on how its seeds were looked at', async () => {
    const asked = (report: AuditReport) => reportText(report).includes('NOT checked against the chain');
    expect(asked(await auditCommits(history.until(2).commits))).toBe(true);
    const seed = JSON.parse(history.read(/seed\.json$/, 1).text) as { block_hash: string };
    expect(asked(await auditCommits(history.until(2).commits, { blockHash: async () => seed.block_hash }))).toBe(false);
  });
});

/** Once there are keys, everything is signed by somebody. */
describe('a repository with keys', () => {
  let keys: Awaited<ReturnType<typeof scratch>>;
  const key: Record<string, ReturnType<typeof sshKey>> = {};
  beforeAll(async () => {
    keys = await scratch();
    for (const name of ['operator', 'judge-service', 'stranger']) key[name] = sshKey(keys.dir, name);
  });
  afterAll(() => keys[Symbol.asyncDispose]());

  const message = (service: ServiceName, ...lines: string[]) =>
    formatCommitMessage(lines, { service, version: '0.1.0' });
  const signers = () => ['operator', 'judge-service'].map((name) => `${name} ${key[name]?.publicKey}\n`).join('');

  async function told(
    ...commits: readonly [string, Readonly<Record<string, string>>, (string | undefined)?][]
  ): Promise<string[]> {
    await using folder = await scratch();
    await importCommits(folder.dir, smallHistory('ours'));
    addCommit(folder.dir, message('operator', 'Update allowed signers'), { allowed_signers: signers() });
    for (const [text, files, name] of commits) {
      addCommit(folder.dir, text, files, name === undefined ? undefined : key[name]?.file);
    }
    const { findings } = await auditRepository({ dir: folder.dir, rules: ['G1', 'G2', 'W6'] });
    return findings.map(({ rule, severity, detail }) => `${rule} ${severity}: ${detail}`);
  }

  it('has its unsigned commits reported where they are in a service’s name and change nothing', async () => {
    expect(await told([message('judge-service', 'Update matches matrix for round 2'), {}])).toEqual([
      'G1 error: not signed; judge-service should have signed what is in its name',
    ]);
    expect(await told([message('judge-service', 'Update matches matrix for round 2'), {}, 'judge-service'])).toEqual(
      [],
    );
  });

  it('has commits reported that no key vouches for, as a warning where they change no state', async () => {
    expect(await told(['hello\n', {}])).toEqual(['G1 warn: not signed; it changes no state']);
    expect(await told(['words\n', { 'README.md': 'words\n' }, 'stranger'])).toEqual([
      'G1 warn: signed with a key that allowed_signers does not hold; it changes no state',
    ]);
    expect(await told(['words\n', { 'README.md': 'words\n' }, 'operator'])).toEqual([]);
  });

  it('has its workflow changed by its operator only', async () => {
    const workflow = { [WORKFLOW]: 'on: push\n' };
    expect(await told(['faster\n', workflow, 'operator'])).toEqual([expect.stringMatching(/^W6 warn: changed/)]);
    for (const name of [undefined, 'judge-service']) {
      expect(await told(['faster\n', workflow, name])).toEqual([
        expect.stringMatching(/^W6 error: changed.*the operator should have signed$/),
      ]);
    }
  });

  it('cannot lose its operator', async () => {
    const update = message('operator', 'Update allowed signers');
    const others = signers().split('\n')[1] ?? '';
    const lost = 'G1 error: takes the last operator key away';
    expect(await told([update, { allowed_signers: '# none\n' }, 'operator'])).toEqual([lost]);
    expect(await told([update, { allowed_signers: `${others}\n` }, 'operator'])).toEqual([lost]);
    const rotated = `${others}\noperator ${key.stranger?.publicKey}\n`;
    expect(await told([update, { allowed_signers: rotated }, 'operator'])).toEqual([]);
  });
});

describe('the date of a commit', () => {
  it.each([
    ['is before 1970', 'x <x@x.invalid> -86400 +0000'],
    ['has more digits than any date', 'x <x@x.invalid> 99999999999999999999 +0000'],
    ['is not there', 'x'],
  ])('is a warning where it %s (W7)', async (_what, who) => {
    await using folder = await scratch();
    await importCommits(folder.dir, smallHistory('reference'));
    const [tree = '', parent = ''] = git(folder.dir, ['rev-parse', 'main^{tree}', 'main']).trim().split('\n');
    const head = `tree ${tree}\nparent ${parent}\nauthor ${who}\ncommitter ${who}\n\na person\n`;
    git(folder.dir, ['update-ref', 'refs/heads/main', writeObject(folder.dir, 'commit', head)]);
    const { findings } = await auditRepository({ dir: folder.dir });
    const told = findings.filter(({ rule }) => rule === 'W7').map(({ severity, detail }) => `${severity} ${detail}`);
    expect(told).toEqual(['warn dated before 1970, or with no date that can be read']);
  });
});

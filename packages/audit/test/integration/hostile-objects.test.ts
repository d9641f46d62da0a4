import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { importCommits } from '@tiltyard/audit-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, auditRepository } from '../../src/gen3d/index.js';
import { git } from '../support/git.js';
import { scratch, smallHistory } from '../support/history.js';
import {
  forgeCommitGraph,
  type RawEntry,
  readTree,
  withEntries,
  writeBomb,
  writeCommit,
  writeObject,
  writeTree,
} from '../support/raw-objects.js';

/** Far more than any of them takes, and far less than a history without a bound would. */
const SOON_MS = 30_000;
const LINES = 'Update build statuses for round 2\n\nService: generation-orchestrator\nVersion: 0.1.0\n';

/** What somebody who may push, and makes objects by hand, may do to whoever audits. */
describe('objects that git would not write', () => {
  let folder: Awaited<ReturnType<typeof scratch>>;
  let commits = 0;
  beforeAll(async () => {
    folder = await scratch();
    ({ commits } = await importCommits(path.join(folder.dir, 'made.git'), smallHistory('ours')));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  /** A repository of its own, and how to make the commits that it gets. */
  const fresh = async () => {
    const copy = await scratch();
    const dir = path.join(copy.dir, 'state.git');
    execFileSync('git', ['clone', '--quiet', '--bare', path.join(folder.dir, 'made.git'), dir]);
    const root = () => readTree(dir, 'refs/heads/main');
    const entry = (name: string, text: string | Buffer): RawEntry => ['100644', name, writeObject(dir, 'blob', text)];
    return {
      dir,
      root,
      entry,
      stolen: () => entry('leader.json', '[]\n'),
      put: (entries: readonly RawEntry[], message: string | Buffer = LINES) =>
        writeCommit(dir, writeTree(dir, withEntries(root(), entries)), message),
      [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
    };
  };
  const errors = ({ findings }: AuditReport, rule = 'H4') =>
    findings.filter((finding) => finding.severity === 'error' && finding.rule === rule);

  it('a commit-graph that leaves a commit out hides nothing', async () => {
    await using made = await fresh();
    const before = git(made.dir, ['rev-parse', 'main']).trim();
    const evil = made.put([made.stolen()]);
    const after = writeCommit(made.dir, git(made.dir, ['rev-parse', `${before}^{tree}`]).trim(), LINES);
    forgeCommitGraph(made.dir, after, before);
    expect(git(made.dir, ['rev-list', 'main'])).not.toContain(evil);
    const report = await auditRepository({ dir: made.dir });
    expect(report).toMatchObject({ ok: false, commits: commits + 2 });
    expect(errors(report, 'A1').map(({ commit }) => commit)).toContain(evil);
  });

  it('a second tree, before which git sees no parents, is reported', async () => {
    await using made = await fresh();
    const [tree = '', tip = ''] = git(made.dir, ['rev-parse', 'main^{tree}', 'main']).split('\n');
    const evil = writeCommit(made.dir, tree, LINES, `tree ${tree}\nparent ${tip}\n`);
    const report = await auditRepository({ dir: made.dir });
    expect(errors(report)).toEqual([
      expect.objectContaining({ commit: evil, detail: 'the commit names a tree where git looks for none' }),
    ]);
  });

  it.each([
    // A search that goes back at every bracket would take hours over it.
    ['an author line', `author x${' <'.repeat(450_000)}`, /^the commit's header "author" has 900\d{3} bytes/],
    ['a header', `note ${'x\n '.repeat(170_000)}`, /^the commit's header "note" has 510\d{3} bytes/],
    ['a signature', `gpgsig ${'\n '.repeat(450_000)}`, /^the commit's header "gpgsig" has 900\d{3} bytes/],
    ['headers', 'a b\n'.repeat(50_000).trimEnd(), /^of the commit's headers only 1000 are read$/],
  ])('%s without end is told, and what comes after it is read', async (_, header, told) => {
    await using made = await fresh();
    const [tree = '', tip = ''] = git(made.dir, ['rev-parse', 'main^{tree}', 'main']).split('\n');
    const evil = writeCommit(made.dir, tree, LINES, `parent ${tip}\n${header}\n`);
    const theft = made.put([made.stolen()]);
    const report = await auditRepository({ dir: made.dir });
    expect(errors(report)).toEqual([expect.objectContaining({ commit: evil, detail: expect.stringMatching(told) })]);
    expect(errors(report, 'A1').map(({ commit }) => commit)).toEqual([theft]);
  });

  it('a file that is twice in a folder is reported, whichever a reader would take', async () => {
    for (const isFirst of [true, false]) {
      await using made = await fresh();
      const entries = made.root().flatMap((entry) => {
        if (entry[1] !== 'leader.json') return [entry];
        return isFirst ? [made.stolen(), entry] : [entry, made.stolen()];
      });
      const evil = writeCommit(made.dir, writeTree(made.dir, entries), LINES);
      expect(errors(await auditRepository({ dir: made.dir }))).toEqual([
        expect.objectContaining({ commit: evil, detail: 'the outermost folder holds "leader.json" twice' }),
      ]);
    }
  });

  it('names with slashes and folders out of order are reported', async () => {
    await using made = await fresh();
    const sound = made.root();
    writeCommit(made.dir, writeTree(made.dir, [...sound, made.entry('a', 'x')]), LINES);
    writeCommit(made.dir, writeTree(made.dir, [...sound, made.entry('s/winner.json', 'x')]), LINES);
    const report = await auditRepository({ dir: made.dir });
    expect(errors(report).map(({ detail }) => detail)).toEqual([
      'the outermost folder is not in git\'s order at "a"',
      'the outermost folder holds the name "s/winner.json"',
    ]);
  });

  it(
    'a folder of ten billion files is passed over, and the state beside it is not',
    async () => {
      for (const place of ['', 'rounds']) {
        await using made = await fresh();
        const bomb = writeBomb(made.dir, 10, 10);
        const rounds: RawEntry = ['40000', 'rounds', writeTree(made.dir, [...readTree(made.dir, 'main:rounds'), bomb])];
        const evil = made.put([place === '' ? bomb : rounds, made.stolen()]);
        const report = await auditRepository({ dir: made.dir });
        expect(errors(report)).toEqual([
          expect.objectContaining({ commit: evil, detail: expect.stringContaining('more than 50000 files') }),
        ]);
        expect(errors(report, 'A1')).toHaveLength(1);
      }
    },
    SOON_MS,
  );

  it(
    'rounds without end are not all read',
    async () => {
      await using made = await fresh();
      const empty = writeTree(made.dir, []);
      const names = Array.from({ length: 2000 }, (_, at) => at);
      const sides = names.map(
        (at): RawEntry => ['40000', `5${'C'.repeat(42)}${String(at + 1000).replaceAll('0', 'z')}`, empty],
      );
      const round = writeTree(made.dir, withEntries([], sides));
      const rounds = names.map((at): RawEntry => ['40000', `${at + 10}`, round]);
      made.put([['40000', 'rounds', writeTree(made.dir, withEntries(readTree(made.dir, 'main:rounds'), rounds))]]);
      expect(errors(await auditRepository({ dir: made.dir })).map(({ detail }) => detail)).toEqual([
        'more than 100000 state files and their folders differ: the others are not looked at',
      ]);
    },
    SOON_MS,
  );

  it(
    'a name, a folder, a message and a path without end are told, and what comes after them is read',
    async () => {
      await using made = await fresh();
      const sound = made.root();
      const before = git(made.dir, ['rev-parse', 'main^{tree}']).trim();
      const id = sound[0]?.[2] ?? '';
      const many = Array.from({ length: 40_000 }, (_, at): RawEntry => ['100644', `z${at}`, id]);
      const deep = Array.from({ length: 40 }).reduce<RawEntry>(
        (inner) => ['40000', 'z', writeTree(made.dir, [inner])],
        made.entry('z', 'x'),
      );
      writeCommit(made.dir, writeTree(made.dir, [...sound, made.entry('z'.repeat(600_000), 'x')]), LINES);
      writeCommit(made.dir, writeTree(made.dir, [...sound, deep]), LINES);
      writeCommit(made.dir, before, `${LINES}${'x'.repeat(3_000_000)}`);
      writeCommit(made.dir, before, `${'a\n'.repeat(100_000)}`);
      writeCommit(made.dir, writeTree(made.dir, withEntries(sound, many)), LINES);
      const evil = writeCommit(made.dir, writeTree(made.dir, withEntries(sound, [made.stolen()])), LINES);
      const report = await auditRepository({ dir: made.dir });
      expect(errors(report).map(({ detail }) => detail)).toEqual([
        'the outermost folder holds a name of 600000 bytes, which is passed over',
        `${'z/'.repeat(33)} lies more than 32 folders deep`,
        expect.stringMatching(/^of the commit's 3\d{6} bytes only 1048576 are read$/),
        'of the message only 20000 lines are read',
        expect.stringMatching(/^the outermost folder of 1\d{6} bytes is too large to be read$/),
      ]);
      expect(errors(report, 'A1').map(({ commit }) => commit)).toEqual([evil]);
    },
    SOON_MS,
  );

  it(
    'files of millions of values or rows, and files that are no text, are told and not held',
    async () => {
      await using made = await fresh();
      const rounds = (round: readonly RawEntry[]): RawEntry => {
        const seventh: RawEntry = ['40000', '7', writeTree(made.dir, withEntries([], round))];
        return ['40000', 'rounds', writeTree(made.dir, withEntries(readTree(made.dir, 'main:rounds'), [seventh]))];
      };
      made.put([
        rounds([
          made.entry('amendments.json', `[${'{},'.repeat(5_000_000)}{}]`),
          made.entry('builds.json', Buffer.from('{"x": "\xff"}', 'latin1')),
          made.entry('matches_matrix.csv', `left,right,margin\n${'leader,x,0.5\n'.repeat(1_000_000)}`),
          made.entry('source_audit.json', `[${'[],'.repeat(19_000)}[]]`),
        ]),
      ]);
      const report = await auditRepository({ dir: made.dir });
      expect(errors(report, 'F1').map(({ path: at, detail }) => [at, detail])).toEqual([
        ['rounds/7/amendments.json', 'not JSON: more than 500000 values'],
        ['rounds/7/builds.json', 'is not UTF-8'],
        ['rounds/7/matches_matrix.csv', 'line 100001: more than 100000 lines'],
      ]);
      expect(errors(report, 'F2').map(({ path: at }) => at)).toEqual(['rounds/7/source_audit.json']);
    },
    SOON_MS,
  );

  it(
    'thousands of files under thousands of lines are not held against each other',
    async () => {
      await using made = await fresh();
      const winner = git(made.dir, ['rev-parse', 'main:rounds/0/winner.json']).trim();
      const round = writeTree(made.dir, [['100644', 'winner.json', winner]]);
      const more = Array.from({ length: 3000 }, (_, at): RawEntry => ['40000', `${at + 10}`, round]);
      const rounds = writeTree(made.dir, withEntries(readTree(made.dir, 'main:rounds'), more));
      const lines = more.map((_, at) => `Update build statuses for round ${at + 500_000}\n`);
      const evil = made.put([['40000', 'rounds', rounds]], `${lines.join('')}${LINES}`);
      expect(errors(await auditRepository({ dir: made.dir }), 'W4')).toEqual([
        expect.objectContaining({ commit: evil, detail: '3001 lines are not held against 3000 files' }),
      ]);
    },
    SOON_MS,
  );
});

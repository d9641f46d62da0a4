import { importCommits, type SyntheticCommit } from '@tiltyard/audit-testing';
import { describe, expect, it } from 'vitest';
import { auditRepository, exitStatus, type RuleId } from '../../src/gen3d/index.js';
import { changeText, withoutFiles } from '../support/changed-commits.js';
import { auditCommits, scratch, smallHistory } from '../support/history.js';
import { type RawEntry, readTree, withEntries, writeCommit, writeTree } from '../support/raw-objects.js';

const REFERENCE = smallHistory('reference');

/** leader.json as it was before leaders had a history: the last of them alone. */
const lastLeader = (text: string) => JSON.stringify((JSON.parse(text) as readonly object[]).at(-1));

describe('what was never written, where a round of the present formats has it', () => {
  it.each<readonly [string, readonly SyntheticCommit[], RuleId, readonly RegExp[]]>([
    [
      'builds: verdicts do not stand without them',
      withoutFiles(REFERENCE, /^rounds\/1\/builds/),
      'R4',
      [/^5\w{9}: outcome is "passed", not "pending"/, /^5\w{9}: outcome is "passed", not "pending"/],
    ],
    [
      'a seed and prompts: what a judge was asked, and who is audited on what, hangs on them',
      withoutFiles(REFERENCE, /^rounds\/1\/(seed|prompts)/),
      'R10',
      [/^won without the round's seed:/, /^won without the round's prompts:/],
    ],
    [
      'a winner: no leader follows',
      withoutFiles(REFERENCE, /^rounds\/1\/winner/),
      'R5',
      [/appended, and the round has no winner on record/],
    ],
    [
      'submissions: nobody can have won',
      withoutFiles(REFERENCE, /^rounds\/1\/submissions/),
      'R10',
      [/^cannot be derived: submissions\.json is not there/],
    ],
    [
      'the history of leaders: none follows from one alone',
      REFERENCE.map((commit) => changeText(commit, /^leader\.json$/, lastLeader)),
      'R5',
      [/^has one leader and no history/, /^has one leader and no history/],
    ],
    [
      'any leader',
      withoutFiles(REFERENCE, /^leader\.json/),
      'R10',
      [/^won without a leader\.json/, /^won without a leader\.json/],
    ],
    [
      'a stage: rounds are not held to those of the first competition',
      REFERENCE.map((commit) =>
        changeText(commit, /^state\.json$/, () => '{"current_round": -1, "stage": "generating"}'),
      ),
      'R10',
      [/^won under a state\.json of the first/, /^won under a state\.json of the first/],
    ],
    [
      'a deadline: miners have one, whose files are fetched',
      REFERENCE.map((commit) =>
        changeText(commit, /^config\.json$/, (text) => text.replace(/"generation_stage_minutes": \d+,/, '')),
      ),
      'R10',
      [/^won under a config\.json of the first/, /^won under a config\.json of the first/],
    ],
  ])('is missed: %s', async (_what, commits, rule, expected) => {
    const report = await auditCommits(commits);
    const found = report.findings.filter((one) => one.rule === rule && one.severity === 'error');
    expect(found.map(({ detail }) => detail)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    expect(report.ok).toBe(false);
  });
});

describe('what is on record before it is there', () => {
  it("fault 22: a commit before its object is an error where the object is one of git's (H3)", async () => {
    await using folder = await scratch();
    await importCommits(folder.dir, REFERENCE);
    const absent: RawEntry = ['100644', 'leader.json', '1'.repeat(40)];
    writeCommit(
      folder.dir,
      writeTree(folder.dir, withEntries(readTree(folder.dir, 'main'), [absent])),
      'a new leader\n',
    );
    const report = await auditRepository({ dir: folder.dir });
    const found = report.findings
      .filter(({ rule }) => rule === 'H3')
      .map(({ severity, path }) => `${severity} ${path}`);
    expect(found).toEqual(['error leader.json']);
    expect(exitStatus(report)).toBe(1);
  });

  it('fault 22: a commit before its object is an error where a result is told as usable without the hash of its object (R13)', async () => {
    const ours = smallHistory('ours');
    const commits = ours.map((commit) =>
      changeText(commit, /^rounds\/0\/5TuT\w+\/submitted/, (text) => text.replace(/,\s*"glb_sha256": "\w{64}"/, '')),
    );
    const report = await auditCommits(commits);
    const found = report.findings
      .filter(({ rule }) => rule === 'R13')
      .map(({ severity, detail }) => `${severity} ${detail}`);
    expect(found[0]).toMatch(/^error .*usable, without a sha256/);
    expect(report.ok).toBe(false);
  });
});

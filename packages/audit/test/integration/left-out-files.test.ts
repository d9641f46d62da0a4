import { describe, expect, it } from 'vitest';
import type { RuleId } from '../../src/index.js';
import type { SyntheticCommit } from '../../src/synthetic-history.js';
import { changeText, withoutFiles } from '../fixture/changed-commits.js';
import { auditCommits, smallHistory } from '../fixture/history.js';

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
      [/^won without the round's seed on record/, /^won without the round's prompts on record/],
    ],
    [
      'a winner: no leader follows',
      withoutFiles(REFERENCE, /^rounds\/1\/winner/),
      'R5',
      [/^an entry is appended, and the round has no winner on record/],
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
  ])('is missed: %s', async (_what, commits, rule, expected) => {
    const report = await auditCommits(commits);
    const found = report.findings.filter((one) => one.rule === rule && one.severity === 'error');
    expect(found.map(({ detail }) => detail)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    expect(report.ok).toBe(false);
  });
});

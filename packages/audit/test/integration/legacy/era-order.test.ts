import type { SyntheticCommit } from '@tiltyard/audit-testing';
import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../../src/gen3d/index.js';
import { changeText, withoutFiles } from '../../support/changed-commits.js';
import { asScripts, asSplats } from '../../support/eras.js';
import { auditCommits, EditableHistory, smallHistory } from '../../support/history.js';

const REFERENCE = smallHistory('reference');

/** Errors but for those that a commit's missing files bring with them. */
function errorsOf({ findings }: AuditReport, rule: string): readonly string[] {
  return findings.filter((one) => one.severity === 'error' && one.rule === rule).map(({ detail }) => detail);
}

/** The commits of a history's first `rounds` rounds, and from there on those of another one. */
function spliced(
  first: readonly SyntheticCommit[],
  then: readonly SyntheticCommit[],
  round: number,
): readonly SyntheticCommit[] {
  const begins = ({ files }: SyntheticCommit) => files.has(`rounds/${round}/seed.json`);
  return [...first.slice(0, first.findIndex(begins)), ...then.slice(then.findIndex(begins))];
}

function history(commits: readonly SyntheticCommit[] = REFERENCE): EditableHistory {
  return new EditableHistory(commits, 'reference');
}

/** A round in which nobody was audited and whose winner is a hotkey only. */
function unaudited(round: number, winner: (text: string) => string): readonly SyntheticCommit[] {
  const audits = new RegExp(`^rounds/${round}/(require_audit|generation_audits)`);
  return withoutFiles(REFERENCE, audits).map((commit) =>
    changeText(commit, new RegExp(`^rounds/${round}/winner`), winner),
  );
}

const hotkeyOnly = (field: string) => (text: string) =>
  `${JSON.stringify({ [field]: (JSON.parse(text) as { winner_hotkey: string }).winner_hotkey })}\n`;

describe('a round of the present formats', () => {
  it('is not won without audits by a winner.json that names a hotkey only (F2)', async () => {
    const report = await auditCommits(unaudited(1, hotkeyOnly('winner_hotkey')));
    expect(errorsOf(report, 'F2')).toEqual([
      expect.stringMatching(
        /^is of a format that was left behind \(first competition \(splats\)\): [0-9a-f]{7} has that/,
      ),
    ]);
    expect(report.rounds[1]).toMatchObject({ agrees: false });
    expect(report.rounds[1]?.why).toContain('winner.json is of a format that was left behind');
    expect(report.ok).toBe(false);
  });

  it('demands its audits where no winner.json before it was of the full format either (R10)', async () => {
    const commits = unaudited(1, hotkeyOnly('hotkey')).map((commit) =>
      changeText(commit, /^rounds\/0\/winner/, hotkeyOnly('hotkey')),
    );
    const report = await auditCommits(commits);
    expect(errorsOf(report, 'R10')).toEqual([expect.stringMatching(/^5\w{9} won, while /)]);
    expect(report.rounds[0]).toMatchObject({ agrees: true });
    expect(report.rounds[1]).toMatchObject({ agrees: false, rederived: null });
  });

  it('is won by a hotkey only where that is how its winners are written, and its audits are there', async () => {
    const commits = REFERENCE.map((commit) => changeText(commit, /winner\.json$/, hotkeyOnly('hotkey')));
    const report = await auditCommits(commits);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.rounds.slice(0, 2).map(({ agrees, rederived }) => agrees && rederived !== null)).toEqual([
      true,
      true,
    ]);
  });

  it('does not agree where its winner.json cannot be read', async () => {
    const report = await auditCommits(unaudited(1, () => '{"winner_hotkey": 7}'));
    expect(errorsOf(report, 'F2')).toHaveLength(1);
    expect(report.rounds[1]).toMatchObject({ agrees: false, why: 'winner.json cannot be read' });
  });

  it.each<{ what: string; path: string; content: (hotkey: string) => string | object; at?: 'start' }>([
    {
      what: 'a rejection out of generation_reports.json',
      path: 'rounds/1/generation_reports.json',
      content: (hotkey) => ({ [hotkey]: { hotkey, outcome: 'rejected', reason: 'too slow' } }),
    },
    {
      what: 'a lost re-run out of audit_matrix.csv',
      path: 'rounds/1/audit_matrix.csv',
      content: (hotkey) => `left,right,margin\nsubmitted_1,${hotkey},-1.0\n`,
    },
    {
      what: 'verdicts of the later competition',
      path: 'rounds/1/generation_audits.json',
      content: (hotkey) => ({ [hotkey]: { hotkey, verdict: 'failed', reason: '' } }),
    },
    {
      what: 'requests without critical prompts',
      path: 'rounds/1/require_audit.json',
      content: (hotkey) => [{ hotkey, latest_defender: 'leader' }],
    },
    {
      what: "the leader's files where the later competition has them",
      path: 'rounds/1/leader/generated_1.json',
      content: () => ({ stem: { glb: null, png: null, generation_time: 1, size: 0, attempts: 3, distance: 0 } }),
    },
    {
      what: "a miner's files where the first competition has them",
      path: 'rounds/1/5TuTKyUQqjHm3ZGqdtXB6iCC83rzoK26bPM37h2MWLsYKNVj/generations.json',
      content: () => ({
        stem: { ply: 'https://objects.synthetic.invalid/a.ply', png: 'x', generation_time: 1, size: 1 },
      }),
    },
    {
      what: 'a chain of duels',
      path: 'rounds/1/5TuTKyUQqjHm3ZGqdtXB6iCC83rzoK26bPM37h2MWLsYKNVj/duels.json',
      content: (hotkey) => ({ leader: 'leader', hotkey, score: 1, margin: 1, outcome: 'challenger_wins', duels: [] }),
    },
  ])('is not decided by $what (F2)', async ({ path, content }) => {
    const { files } = history().commits[history().writing(/^rounds\/1\/winner/)] ?? { files: new Map() };
    const hotkey = (JSON.parse(files.get('rounds/1/winner.json') ?? '{}') as { winner_hotkey: string }).winner_hotkey;
    const at = history().writing(/^rounds\/1\/winner/);
    const pending = withoutFiles(
      history().insert(at, 'person', ['a test'], { [path]: content(hotkey) }).commits,
      NO_AUDITS,
    );
    const kept =
      path.includes('_audits') || path.includes('_audit.')
        ? history().insert(at, 'person', ['a test'], { [path]: content(hotkey) }).commits
        : pending;
    const report = await auditCommits(kept);
    expect(report.findings.filter(({ rule, path: found }) => rule === 'F2' && found === path)).toHaveLength(1);
    expect(report.rounds[1]?.agrees).toBe(false);
    expect(report.rounds[1]?.why).toMatch(/is of (the|a format)|lies where/);
  });
});

const NO_AUDITS = /^rounds\/1\/generation_audits/;

describe('a round after those of a later format', () => {
  it('is not one of an earlier competition: none of its files counts (F2)', async () => {
    const report = await auditCommits(spliced(REFERENCE, asSplats(REFERENCE), 1));
    const paths = report.findings
      .filter(({ rule, severity }) => rule === 'F2' && severity === 'error')
      .map((one) => one.path);
    expect(paths).toEqual(expect.arrayContaining(['rounds/1/submissions.json', 'rounds/1/winner.json']));
    expect(report.rounds[1]).toMatchObject({ agrees: false, rederived: null });
  });

  it('may have the number of a deleted round, of another era, even where one commit does both', async () => {
    const scripts = asScripts(REFERENCE);
    const [first, ...others] = scripts;
    const gone = [...new Set(REFERENCE.flatMap(({ files }) => [...files.keys()]))].filter((path) =>
      path.startsWith('rounds/'),
    );
    const anew = { ...first, files: new Map([...gone.map((path) => [path, null] as const), ...(first?.files ?? [])]) };
    const report = await auditCommits([...REFERENCE, anew as SyntheticCommit, ...others]);
    expect(report.findings.filter(({ rule }) => rule === 'F2')).toEqual([]);
    const verdicts = report.rounds.map(({ round, agrees, deletedIn }) => [round, agrees, deletedIn !== undefined]);
    expect(verdicts.slice(0, 4)).toEqual([
      [0, true, true],
      [0, true, false],
      [1, true, true],
      [1, true, false],
    ]);
  });

  it('goes the other way: a later format may follow the present one', async () => {
    const report = await auditCommits(spliced(REFERENCE, asScripts(REFERENCE), 1));
    expect(report.findings.filter(({ rule }) => rule === 'F2')).toEqual([]);
    expect(report.rounds[1]).toMatchObject({ agrees: true });
  });
});

describe('a round of the later competition', () => {
  const scripts = asScripts(REFERENCE);

  it('has its verdicts on record once earlier rounds had (R10)', async () => {
    const report = await auditCommits(withoutFiles(scripts, /^rounds\/1\/generation_audits/));
    expect(errorsOf(report, 'R10')).toEqual([expect.stringMatching(/^5\w{9} won, while /)]);
    expect(report.rounds[1]?.agrees).toBe(false);
  });

  it('has no verdict of the earlier kind, whose distances there are none of (F2)', async () => {
    const meshes = REFERENCE.filter(({ files }) => files.has('rounds/0/generation_audits.json'));
    const commits = scripts.map((commit) => {
      const text = meshes.find(({ message, at }) => message === commit.message && at === commit.at)?.files;
      const verdicts = text?.get('rounds/0/generation_audits.json');
      return verdicts == null ? commit : changeText(commit, /generation_audits/, () => verdicts);
    });
    const report = await auditCommits(commits);
    expect(errorsOf(report, 'F2')[0]).toMatch(/^is of the competitions on meshes .* one of the later competition/);
    expect(report.rounds[0]).toMatchObject({ agrees: false });
  });

  it.each([
    ['an empty list of re-runs', '"repeats": []'],
    ['no list of re-runs, once earlier rounds judged them', '"none": []'],
  ])('passes nobody by %s (R4)', async (_what, repeats) => {
    const commits = scripts.map((commit) =>
      changeText(commit, /^rounds\/1\/generation_reports/, (text) => text.replace(/"repeats": \[[^\]]*\]/g, repeats)),
    );
    const unjudged = withoutFiles(commits, /^rounds\/1\/(audit_matrix|5\w+\/audit_)/);
    const report = await auditCommits(unjudged);
    expect(errorsOf(report, 'R4')).toEqual(
      expect.arrayContaining([expect.stringMatching(/passed, where the re-runs and their margins make it pending/)]),
    );
  });
});

describe("another era's lines", () => {
  const generate = 'Generate seed and pick prompts for round 0; Update state (generating) for round 0';

  it('are lines of services while that era lasts, several in one', async () => {
    const commits = asSplats(REFERENCE).map((commit) =>
      commit.message.startsWith('Seed, prompts')
        ? { ...commit, message: `${generate.replaceAll('0', commit.message.trim().slice(-1))}\n` }
        : commit,
    );
    const report = await auditCommits(commits);
    expect(report.findings.filter(({ rule }) => ['W1', 'W2', 'W3', 'W4'].includes(rule))).toEqual([]);
  });

  it("are a person's words once it is over (W1)", async () => {
    const at = history().writing(/^rounds\/1\/winner/);
    const edited = history().insert(at, 'person', [generate], { 'rounds/1/source_audit.json': [] });
    const report = await auditCommits(edited.commits);
    expect(report.findings.filter(({ rule }) => rule === 'W1').map(({ detail }) => detail)).toEqual([
      expect.stringContaining('a person wrote rounds/1/source_audit.json: "Generate seed'),
    ]);
  });
});

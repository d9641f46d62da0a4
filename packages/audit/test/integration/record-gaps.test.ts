import type { SyntheticCommit } from '@tiltyard/audit-testing';
import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../src/gen3d/index.js';
import { changeText, withoutFiles } from '../support/changed-commits.js';
import { asChain, asScripts, asSplats } from '../support/eras.js';
import { auditCommits, smallHistory } from '../support/history.js';

const REFERENCE = smallHistory('reference');
const ERAS = { meshes: REFERENCE, scripts: asScripts(REFERENCE), splats: asSplats(REFERENCE) } as const;
type EraName = keyof typeof ERAS;

function errorsOf({ findings }: AuditReport, rule: string): readonly string[] {
  return findings.filter((one) => one.severity === 'error' && one.rule === rule).map(({ detail }) => detail);
}

describe('a winner agrees with nothing where the record has a gap (R10)', () => {
  it.each<readonly [EraName, string, RegExp, RegExp]>([
    ['scripts', 'a seed and prompts', /^rounds\/1\/(seed|prompts)/, /^won without the round's seed: .*'s prompts: /],
    ['splats', 'a seed and prompts', /^rounds\/1\/(seed|prompts)/, /^won without the round's seed: .*'s prompts: /],
    ['scripts', 'a schedule', /^rounds\/1\/schedule/, /^won without the round's schedule: /],
    ['scripts', 'builds', /^rounds\/1\/builds/, /^won without the round's builds: /],
    ['meshes', 'match reports', /^rounds\/1\/5\w+\/duels_/, /^won by 8 matches without any report$/],
    ['scripts', 'match reports', /^rounds\/1\/5\w+\/duels_/, /^won by 8 matches without any report$/],
    ['splats', 'match reports', /^rounds\/1\/5\w+\/duels_/, /^won by 8 matches without any report$/],
    ['meshes', 'requests of audits', /^rounds\/1\/require_audit/, /^won by \d audits that nobody asked for: /],
    ['scripts', 'requests of audits', /^rounds\/1\/require_audit/, /^won by \d audits that nobody asked for: /],
    ['scripts', 'reports of re-runs', /^rounds\/1\/generation_reports/, /^won by 2 audits without the reports or rows/],
    ['scripts', 'judged re-runs', /^rounds\/1\/(audit_matrix|5\w+\/audit_)/, /^won by 2 audits without the reports or/],
  ])('%s: without %s', async (era, _what, path, why) => {
    const report = await auditCommits(withoutFiles(ERAS[era], path));
    expect(report.rounds[0]).toMatchObject({ agrees: true, why: '' });
    expect(report.rounds[1]).toMatchObject({ agrees: false });
    expect(report.rounds[1]?.why).toMatch(why);
    expect(errorsOf(report, 'R10').length).toBeGreaterThan(0);
  });

  it('scripts: under the stage machine of the first competition', async () => {
    const commits = ERAS.scripts.map((commit) =>
      changeText(commit, /^state\.json$/, () => '{"current_round": -1, "stage": "generating"}'),
    );
    const report = await auditCommits(commits);
    expect(report.rounds[1]?.why).toMatch(/^won under a state\.json of the first competition/);
    expect(errorsOf(report, 'R10')).toHaveLength(2);
  });

  it('but the first competition may begin without a seed and prompts, which came later', async () => {
    const report = await auditCommits(withoutFiles(ERAS.splats, /^rounds\/0\/(seed|prompts)/));
    expect(report.rounds.map(({ agrees }) => agrees)).toEqual([true, true, true]);
    expect(errorsOf(report, 'R10')).toEqual([]);
  });
});

describe('a round that the competition has left behind', () => {
  it.each<readonly [string, readonly SyntheticCommit[], string]>([
    [
      'is not open for want of a matrix and a winner',
      withoutFiles(ERAS.splats, /^rounds\/1\/(matches_matrix|winner)/),
      'leader vs 5TuTKyUQqj has not been played',
    ],
    [
      'is not open for want of the reports of its chain of duels',
      withoutFiles(asChain(REFERENCE), /^rounds\/1\/5\w+\/duels/),
      'leader vs 5TuTKyUQqj has not been played',
    ],
    [
      'is not "not begun" for want of its submissions, where it was played',
      withoutFiles(REFERENCE, /^rounds\/1\/(submissions|winner)/),
      'submissions.json is not there',
    ],
  ])('%s', async (_what, commits, why) => {
    const report = await auditCommits(commits);
    expect(report.rounds[1]).toMatchObject({ winner: null, rederived: null, agrees: false, why });
  });

  it('does not agree where the winner of its chain of duels never led', async () => {
    let first: string | undefined;
    const commits = asChain(REFERENCE).map((commit) =>
      changeText(commit, /^leader\.json$/, (text) => {
        first ??= text;
        return first;
      }),
    );
    const report = await auditCommits(commits);
    expect(report.rounds[1]).toMatchObject({ winner: null, agrees: false });
    expect(report.rounds[1]?.why).toMatch(/^a chain of duels gives 5\w{9}, who never led by leader\.json$/);
    expect(report.ok).toBe(false);
  });
});

describe('a rejection because no pod could be started', () => {
  it.each<readonly [EraName, (text: string) => string]>([
    ['meshes', (text) => rejected(text, { outcome: 'rejected', checked_prompts: 0, generation_time: null })],
    ['scripts', (text) => rejected(text, { verdict: 'failed' })],
  ])('%s: is an error where its container made again what it submitted (R4)', async (era, change) => {
    const report = await auditCommits(ERAS[era].map((commit) => changeText(commit, /generation_audits/, change)));
    expect(errorsOf(report, 'R4').length).toBeGreaterThan(0);
  });
});

function rejected(text: string, verdict: object): string {
  const audits = JSON.parse(text) as Record<string, object>;
  const all = Object.entries(audits).map(([hotkey, audit]) => [
    hotkey,
    { ...audit, ...verdict, reason: 'Failed to deploy a docker image' },
  ]);
  return `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`;
}

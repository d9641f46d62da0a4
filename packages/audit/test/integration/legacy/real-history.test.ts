import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../../test-support/shared-data.js';
import { type AuditReport, auditRepository, exitStatus, explainRound, reportText } from '../../../src/gen3d/index.js';
import { ONE_AS_MANY } from '../../support/broken-rule.js';

const bundle = sharedData('history/competition-1-rounds-0-1.bundle');

/**
 * A live competition of the reference implementation, of which people rewrote some. What was decided by rules is derived
 * again exactly; each error is listed here, and explained in docs/auditing-a-real-history.md.
 */
describe.skipIf(!bundle)('the audit of a real competition (needs TILTYARD_SHARED)', () => {
  let report: AuditReport;
  beforeAll(async () => {
    report = await auditRepository({ remote: bundle ?? '', branch: 'main' });
  });
  const checked = (rule: keyof AuditReport['rules']) => report.rules[rule]?.checked;
  const found = (severity: string, only?: string) =>
    report.findings
      .filter((finding) => finding.severity === severity && (only === undefined || finding.rule === only))
      .map(({ rule, commit, path }) => `${commit.slice(0, 7)} ${rule}${path === null ? '' : ` ${shortPath(path)}`}`);

  it('reads it as the reference wrote it and ends with exit status 1', () => {
    expect(report).toMatchObject({ dialect: 'reference', commits: 286, ok: false });
    expect(exitStatus(report)).toBe(1);
  });

  it('derives every row, report, forced outcome, request, schedule, carryover and winner again', () => {
    const looked = { R1: 156, R1b: 66, R2: 157, R2f: 157, R3: 7, R6: 2, R7: 81, R8: 2, R10: 2 } as const;
    for (const [rule, facts] of Object.entries(looked)) {
      expect(report.rules[rule as keyof typeof looked], rule).toMatchObject({ checked: facts, error: 0, warn: 0 });
    }
    expect(checked('R4')).toBe(7);
    expect(checked('R5')).toBe(4);
    expect(report.rounds).toEqual([
      {
        round: 0,
        winner: expect.stringMatching(/^5GgpGaDxzT/),
        rederived: expect.stringMatching(/^5GgpGaDxzT/),
        agrees: true,
        why: '',
      },
      { round: 1, winner: 'leader', rederived: 'leader', agrees: true, why: '' },
      { round: 2, winner: null, rederived: null, agrees: true, why: 'not begun: no submissions yet' },
    ]);
  });

  it('finds these errors and no others', () => {
    const rejudged = found('error', 'A7');
    expect(rejudged).toHaveLength(14);
    expect(new Set(rejudged.map((line) => line.slice(0, 7)))).toEqual(
      new Set(['a24f072', '2992d2e', '1d7729d', '5696b06', 'f52aa1f']),
    );
    expect(found('error').filter((line) => !rejudged.includes(line))).toEqual([
      // Before anything ran: a schedule corrected, and a start time that no parser takes, corrected in 9ba266e.
      '60db698 A6 rounds/0/schedule.json',
      '60db698 F2 config.json',
      // A restarted service counted attempts anew, and rebuilt its table of builds twice.
      'ed5e3fd A8 rounds/0/leader/generated.json',
      'd6abff4 A5 rounds/0/builds.json',
      '7ef2c70 A5 rounds/0/builds.json',
      // A person renamed all images.
      'e3315dd A5 rounds/0/builds.json',
      'e3315dd R9 rounds/0/builds.json',
      '8998152 A5 rounds/0/builds.json',
      // A person wrote a verdict, with another hotkey's name in it.
      '095bb7d R4 rounds/0/generation_audits.json',
      // The service ended the competition, with a leader for a round that was not to come; a person took both back.
      '2e02900 R5 leader.json',
      '5e0e492 A1 leader.json',
      '5e0e492 A9 config.json',
      '5e0e492 T1 state.json',
      // A person had the leader's files made again, and so all matches judged again.
      'ab7055a A8 rounds/1/leader/generated.json',
      'a48cea5 A0 rounds/1/leader/generated.json',
      'a48cea5 A0 rounds/1/matches_matrix.csv',
      // winner.json came too late; a person turned the stage back for it.
      'fac4143 R11 state.json',
      '0267052 T1 state.json',
    ]);
  });

  it('tells how far each match that was judged again moved', () => {
    const details = report.findings.filter(({ rule }) => rule === 'A7').map(({ detail }) => detail);
    expect(details).toContain('score 96 → -3, 93 duels changed their winner');
    expect(details).toContain('score -127 → -128, 1 duel changed its winner');
  });

  it('lists every time that a person wrote state once services ran', () => {
    expect(found('warn', 'W1').map((line) => line.slice(0, 7))).toEqual([
      '8b19aa8',
      'e3315dd',
      'a2e8625',
      '095bb7d',
      '5e0e492',
      '95e7212',
      'ab7055a',
      'a48cea5',
      '0267052',
    ]);
  });

  it('has the grammar account for every line and file of all 267 service commits', () => {
    expect(report.rules.W3).toMatchObject({ checked: 267, error: 0 });
    expect(report.rules.W2).toMatchObject({ checked: 690, error: 0 });
    expect(report.rules.W4).toMatchObject({ error: 0 });
    expect(checked('W4')).toBeGreaterThan(600);
  });

  it('warns of the match that failed duels left in doubt, and says that both allowances fit', () => {
    expect(report.findings.filter(({ rule }) => rule === 'R2e').map(({ detail }) => detail)).toEqual([
      '5FLiyT19Vc vs 5E5A9q65xz: 15 duels failed; its margin 0.078125 may be anything from -0.0390625 to 0.1953125',
    ]);
    expect(report.findings.filter(({ rule }) => rule === 'R2f').map(({ detail }) => detail)).toEqual([
      'of 107 reports, 107 fit an overtime allowance of 0.05 and 107 one of 0.1',
      'of 36 reports, 36 fit an overtime allowance of 0.05 and 36 one of 0.1',
    ]);
  });

  it('measures the chain: between 11.9 and 12.3 seconds a block', () => {
    expect(report.findings.filter(({ rule }) => rule === 'R6t').map(({ detail }) => detail)).toEqual([
      '3 days in 21124 blocks are 12.270 seconds a block',
      '3 days in 21590 blocks are 12.006 seconds a block',
    ]);
  });

  it('prints what docs/auditing.md shows', () => {
    const document = readFileSync(new URL('../../../../../docs/auditing.md', import.meta.url), 'utf8');
    const shown = /```\n(\d+ errors.*?)```/s.exec(document)?.[1] ?? '';
    expect(shown.split('\n').length).toBeGreaterThan(10);
    expect(reportText(report).slice(0, shown.length)).toBe(shown);
  });

  it('tells the story of round 0', () => {
    const story = explainRound(report, 0);
    expect(story).toContain('45 challengers');
    expect(story).toContain('5GgpGaDxzT meets the leader: +29 points (22.66%), and takes the lead');
    expect(story).toContain(
      'The leader was 5E7eSeRr2a, with weight 0 from block 7454966: 404-Repo/404-base-miner-mesh @',
    );
    expect(story).toMatch(/5G8zvbeRVM {2}-127 points \(-99\.22%\): no usable file +unqualified/);
    expect(story).toMatch(/5CaHD2FKcu {2}-110 points \(-85\.94%\) +unqualified/);
    expect(story).toContain('Found in this round: 13 errors, 13 warnings');
    for (const text of [story, explainRound(report, 1), reportText(report)]) expect(text).not.toMatch(ONE_AS_MANY);
    expect(story).toContain('5FP3qpaSyR is passed over: generation audit');
    expect(story).toContain('if 5GGsuLzc5a had done 4 points better against 5GgpGaDxzT: 5GGsuLzc5a would have won');
  });
});

function shortPath(path: string): string {
  return path.replace(/\/([1-9A-HJ-NP-Za-km-z]{10})[1-9A-HJ-NP-Za-km-z]{36,38}\//, '/$1/');
}

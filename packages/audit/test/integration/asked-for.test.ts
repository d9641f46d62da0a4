import { importCommits, TAMPERINGS } from '@tiltyard/audit-testing';
import { criticalPrompts } from '@tiltyard/rules/gen3d';
import { isFault } from '@tiltyard/schema';
import type { MatchReport } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import {
  AuditError,
  type AuditOptions,
  type AuditReport,
  type AuditSource,
  auditRepository,
  exitStatus,
  explainRound,
  RULE_IDS,
  reportText,
} from '../../src/gen3d/index.js';
import { git } from '../support/git.js';
import { auditCommits, EditableHistory, scratch, smallHistory } from '../support/history.js';

type Narrowing = Pick<AuditOptions, 'since' | 'rounds' | 'rules'>;

/** A history that everybody had their hands in. */
async function tamperedHistory(): Promise<Awaited<ReturnType<typeof scratch>>> {
  const folder = await scratch();
  await importCommits(folder.dir, smallHistory('ours'));
  // What one does leaves another nothing to change.
  for (const { apply } of TAMPERINGS) {
    await apply(folder.dir).catch((error: unknown) => {
      if (!(error instanceof TypeError)) throw error;
    });
  }
  return folder;
}

describe('a part of an audit', () => {
  let folder: Awaited<ReturnType<typeof scratch>>;
  beforeAll(async () => {
    folder = await tamperedHistory();
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const bundle = sharedData('history/competition-1-rounds-0-1.bundle');
  const HISTORIES: readonly (readonly [string, () => AuditSource | undefined])[] = [
    ['a tampered one', () => ({ dir: folder.dir, ref: 'main' })],
    ['a real one, where there is one', () => (bundle === undefined ? undefined : { dir: bundle, ref: 'main' })],
  ];

  it.each(HISTORIES)('finds what the whole finds of it, and nothing else: %s', async (_name, sourceOf) => {
    const source = sourceOf();
    if (source === undefined) return;
    const whole = await auditRepository(source);
    const commits = await orderOf(source, whole);
    const rounds = [...new Set(whole.rounds.map(({ round }) => round))];
    await fc.assert(
      fc.asyncProperty(
        fc.option(fc.nat(commits.length - 2), { nil: undefined }),
        fc.option(fc.subarray(rounds, { minLength: 1 }), { nil: undefined }),
        fc.option(fc.subarray([...RULE_IDS], { minLength: 20 }), { nil: undefined }),
        async (after, only, rules) => {
          const narrowing: Narrowing = {
            ...(after === undefined ? {} : { since: commits[after] ?? '' }),
            ...(only === undefined ? {} : { rounds: only }),
            ...(rules === undefined ? {} : { rules }),
          };
          const part = await auditRepository({ ...source, ...narrowing }).catch(nothingThere);
          if (part === undefined) return;
          const isOf = (finding: AuditReport['findings'][number]) =>
            (after === undefined || commits.indexOf(finding.commit) > after) &&
            (only === undefined || finding.round === null || only.includes(finding.round)) &&
            (rules === undefined || rules.some((rule) => rule === finding.rule));
          expect(part.findings).toEqual(whole.findings.filter(isOf));
          expect(part.rounds).toEqual(whole.rounds.filter(({ round }) => only === undefined || only.includes(round)));
        },
      ),
      { numRuns: 4 },
    );
  });

  it('is checked against what came before it: who may be audited depends on the whole round (R3)', async () => {
    const history = new EditableHistory(smallHistory('ours'), 'ours');
    const at = history.writing(/^rounds\/0\/winner/);
    const [, ...rows] = history
      .read(/^rounds\/0\/matches/, at)
      .text.trim()
      .split('\n');
    const requested = history.read(/^rounds\/0\/require_audit/, at).text;
    // It beat the leader, by reports that are there, and was not the first to.
    const other = rows
      .map((row) => row.split(','))
      .find(([left, right, margin]) => left === 'leader' && Number(margin) >= 0.05 && !requested.includes(`${right}`));
    const report = JSON.parse(history.read(new RegExp(`^rounds/0/${other?.[1]}/duels_leader`), at).text) as MatchReport;
    const { seed } = JSON.parse(history.read(/^rounds\/0\/seed/).text) as { seed: number };
    const critical_prompts = criticalPrompts(report, { seed, winMargin: 0.05, maxMismatchedMargin: 0.05 });
    const requests = [...JSON.parse(requested), { hotkey: other?.[1], critical_prompts }];
    const edited = history.insert(at, 'judge-service', ['Update audit requests for round 0'], {
      'rounds/0/require_audit.json': requests,
    });
    await using own = await scratch();
    const { tip } = await importCommits(own.dir, edited.commits);
    const ids = git(own.dir, ['rev-list', '--reverse', tip]).trim().split('\n');
    const wrong = async (narrowing: Narrowing) =>
      (await auditRepository({ dir: own.dir, ...narrowing })).findings.filter(({ rule }) => rule === 'R3');
    expect(await wrong({})).toMatchObject([{ detail: expect.stringContaining('did not take the lead') }]);
    expect(await wrong({ since: ids[at - 1] ?? '' })).toEqual(await wrong({}));
  });

  it('names a format once as the whole does, whatever round is asked for (F3)', async () => {
    const history = new EditableHistory(smallHistory('reference'), 'reference');
    const files = { 'rounds/0/notes.bin': 'x', 'rounds/1/notes.bin': 'x', 'rounds/1/other.bin': 'x' };
    const commits = history.append('person', ['notes'], files).commits;
    const named = async (narrowing: Narrowing) =>
      (await auditCommits(commits, narrowing)).findings.filter(({ rule }) => rule === 'F3').map(({ detail }) => detail);
    const [whole] = await named({});
    expect(whole).toContain('3 files, rounds 0 to 1');
    expect(await named({ rounds: [1] })).toEqual([whole]);
  });
});

describe('an audit of nothing', () => {
  let folder: Awaited<ReturnType<typeof scratch>>;
  beforeAll(async () => {
    folder = await scratch();
    await importCommits(folder.dir, smallHistory('reference'));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it.each([
    ['a round that there is not', { rounds: [7] }, 'round 7 is not in this history, which has rounds 0, 1, 2'],
    ['rounds of which there is one', { rounds: [1, 7] }, 'round 7 is not in this history'],
    ['what came after the last commit', { since: 'TIP' }, /^no commit came after [0-9a-f]{12}: it is the last one$/],
    [
      'what came after for a round that was over',
      { since: 'TIP~1', rounds: [0] },
      /^no commit after .* is of round 0$/,
    ],
    ['rules of what is not there', { rules: ['A10'] }, 'rule A10 had nothing to look at here'],
    ['rules of the other dialect', { rules: ['G1', 'O1'] }, 'rules G1, O1 had nothing to look at here'],
    ['a tip that nobody named', { rules: ['H2'] }, 'rule H2 had nothing to look at here'],
  ] as const)('is none: %s', async (_what, narrowing, detail) => {
    const { since } = { since: undefined, ...narrowing };
    const id =
      since === undefined ? {} : { since: git(folder.dir, ['rev-parse', since.replace('TIP', 'main')]).trim() };
    const asked = { dir: folder.dir, ...narrowing, ...id } as AuditOptions;
    const error = await auditRepository(asked).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuditError);
    expect((error as AuditError).fault).toEqual({
      code: 'nothing',
      detail: typeof detail === 'string' ? expect.stringContaining(detail) : expect.stringMatching(detail),
    });
    expect(exitStatus(error as AuditError)).toBe(2);
  });

  it.each([
    ['no state files at all', { 'README.md': 'x', 'src/main.ts': 'x' }],
    ['no state.json', { 'config.json': '{}', 'rounds/0/schedule.json': '{}', 'prompts.txt': 'text: a chair\n' }],
    ['state files in a folder of its own', { 'state/state.json': '{"current_round": 0, "stage": "open"}' }],
  ])('is none in a repository with %s', async (_what, files) => {
    const history = new EditableHistory([], 'reference').append('person', ['files'], files);
    await expect(auditCommits(history.commits)).rejects.toMatchObject({
      fault: { code: 'nothing', detail: "no commit of this history holds a state.json: it is no competition's" },
    });
  });

  it('differs from one of a part in the first sentence of the report', async () => {
    const first = async (narrowing: Narrowing) =>
      reportText(await auditRepository({ dir: folder.dir, ...narrowing })).split('\n')[0];
    const since = git(folder.dir, ['rev-parse', 'main~1']).trim();
    const short = since.slice(0, 12);
    expect(await first({ rounds: [1, 0], rules: ['R1'] })).toBe(
      'No errors in rounds 0 and 1 (only rule R1 row-and-report).',
    );
    expect(await first({ since, rules: ['T1', 'F1'] })).toBe(
      `No errors in the 1 commit after ${short} (only rules T1 legal-stages and F1 plain-files).`,
    );
    expect(await first({ rounds: [2], since })).toBe(`No errors and 1 note in round 2, the 1 commit after ${short}.`);
    expect(await first({})).toMatch(/^No errors and 4 notes in 3 rounds \(\d\d commits\)\.$/);
  });

  it('says which rule looked at nothing next to one that did', async () => {
    const report = await auditRepository({ dir: folder.dir, rules: ['R10', 'A10', 'G1'] });
    expect(report.rules.R10?.checked).toBe(2);
    expect(report.rules).toMatchObject({ A10: { checked: 0 }, G1: { checked: 0 } });
  });

  it('counts what it looked at in the round that was asked for, and in no other', async () => {
    const checked = async (narrowing: Narrowing) =>
      (await auditRepository({ dir: folder.dir, ...narrowing })).rules.R1?.checked ?? 0;
    const [all, ...each] = [await checked({}), await checked({ rounds: [0] }), await checked({ rounds: [1] })];
    expect(each.every((count) => count > 0)).toBe(true);
    expect(each.reduce((sum, count) => sum + count, 0)).toBe(all);
  });

  it('has no story', async () => {
    const report = await auditRepository({ dir: folder.dir });
    for (const [round, why] of [
      [2, /round 2 cannot be explained: not begun: no submissions yet/],
      [9, /round 9 is not in this history/],
    ] as const) {
      expect(() => explainRound(report, round)).toThrow(why);
    }
  });
});

/** The ids of a history's commits, oldest first. */
async function orderOf(source: AuditSource, { tip }: AuditReport): Promise<readonly string[]> {
  if (!('dir' in source)) throw new TypeError('a folder or a bundle');
  await using own = await scratch();
  git(own.dir, ['init', '--quiet', '--bare']);
  git(own.dir, ['fetch', '--quiet', source.dir, 'main']);
  return git(own.dir, ['rev-list', '--first-parent', '--reverse', tip]).trim().split('\n');
}

/** A part of which there is nothing is refused; what else goes wrong is thrown. */
function nothingThere(error: unknown): undefined {
  if (!isFault(error, AuditError, 'nothing')) throw error;
}

import { type SyntheticCommit, syntheticHistory } from '@tiltyard/audit-testing';
import { criticalPrompts, scoreOf } from '@tiltyard/rules/gen3d';
import type { Hotkey } from '@tiltyard/schema';
import type { AuditRequest, Build, MatchReport, Rules } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { type BrokenRule, holdTo, inDuels } from '../support/broken-rule.js';
import { auditCommits, EditableHistory, smallHistory } from '../support/history.js';
import { dated, fileBefore, playBefore, submittersOf, withAudit } from '../support/round-files.js';

const REPORT = /^rounds\/0\/.*duels_/;
const HOUR_MS = 3_600_000;
const FAILED = { glb: null, png: null, glb_sha256: undefined, png_sha256: undefined, size: 0 };

/** Changes the duels that a judge decided in the last match of round 0, and what follows from them, and ends there. */
function rejudge(
  h: EditableHistory,
  change: (duel: MatchReport['duels'][number], judged: readonly MatchReport['duels'][number][]) => object,
): EditableHistory {
  const at = inDuels(h, 0);
  let row = '';
  const edited = h.until(at + 1).editJson(at, REPORT, (value) => {
    const report = value as MatchReport;
    const judged = report.duels.filter(({ detail }) => detail !== undefined);
    const duels = report.duels.map((duel) => (duel.detail === undefined ? duel : { ...duel, ...change(duel, judged) }));
    Object.assign(report, { duels, ...scoreOf(duels as MatchReport['duels']) });
    row = `${report.left},${report.right},${report.margin}`;
  });
  const withRow = edited.edit(at, /matches_matrix/, (text) => text.trimEnd().replace(/[^\n]*$/, `${row}\n`));
  // Who is to be audited may be another now.
  const commits = withRow.commits.map((commit, index) =>
    index === at ? { ...commit, files: new Map([...commit.files].filter(([path]) => !/require/.test(path))) } : commit,
  );
  return new EditableHistory(commits, h.dialect).message(at, (text) => text.replace(/^Update audit requests.*\n/m, ''));
}

/** Fails prompts of the first audit, each after so many attempts. */
const failing = (h: EditableHistory, prompts: number, attempts: number) =>
  withAudit(h, (results) => {
    for (const result of Object.values(results).slice(0, prompts)) Object.assign(result, { ...FAILED, attempts });
  });

const withPods = (h: EditableHistory, stats: object) => {
  const { history, at, hotkey } = failing(h, 24, 1);
  const line = [`Update pod stats for round 0, miner ${hotkey.slice(0, 10)}`];
  return history.insert(at, 'generation-orchestrator', line, { [`rounds/0/${hotkey}/pod_stats.json`]: stats });
};

const POD = {
  processed: 8,
  successful: 0,
  hard_failed: 8,
  hard_overtime: 0,
  time_min: null,
  time_max: null,
  time_avg: null,
  time_median: null,
  marked_bad: true,
  retry_cumulative_delta: 0,
  retry_delta_count: 0,
  termination_reason: 'failed 8 of 8',
};

/** The leader's files without the last prompt, or with another result of it, and one match against them. */
function leaderWith(h: EditableHistory, change: (results: Record<string, object>, last: string) => void) {
  const at = h.writing(REPORT);
  const leader = /^rounds\/0\/leader\/generated/;
  const lastBatch = h.writing(leader, 'first') + 1;
  const edited = h.until(at).editJson(lastBatch, leader, (results) => {
    change(results, Object.keys(results).at(-1) ?? '');
  });
  return playBefore(edited, at, 'leader', submittersOf(h, 0)[0] as Hotkey);
}

/** Has a build of round 0 run out of time in the commit that it was built in, and ends there. */
function timedOut(h: EditableHistory, laterMs: number): EditableHistory {
  const at = h.writing(/^rounds\/0\/builds/, 'last');
  const edited = h.until(at + 1).editJson(at, /builds/, (builds) => {
    const last = Object.values(builds as Record<string, Build>).at(-1);
    Object.assign(last ?? {}, { status: 'timed_out', docker_image: null });
  });
  return dated(edited, at, laterMs);
}

const VERDICTS: readonly BrokenRule[] = [
  {
    rule: 'R4',
    what: 'a rejection before its prompts had their attempts, and of pods nothing is said',
    dialect: 'ours',
    edit: (h) => failing(h, 24, 1).history,
  },
  {
    rule: 'R4',
    what: 'a rejection before its prompts had their attempts, by pods that never were',
    dialect: 'ours',
    edit: (h) => withPods(h, {}),
  },
  {
    rule: 'R4',
    what: 'a rejection before its prompts had their attempts, because its pods failed',
    dialect: 'ours',
    edit: (h) => withPods(h, { 'miner-00-x-0': POD }),
    expected: ['R4 warn'],
  },
  {
    rule: 'R4',
    what: 'a rejection of prompts that had all their attempts',
    dialect: 'ours',
    edit: (h) => failing(h, 24, 3).history,
    expected: [],
  },
  {
    rule: 'R4',
    what: 'a rejection of a run that was given up as hopeless',
    dialect: 'ours',
    edit: (h) =>
      withAudit(h, (results) => {
        for (const [at, result] of Object.values(results).entries()) {
          Object.assign(result, at < 8 ? { distance: 0.5 } : { ...FAILED, attempts: 0 });
        }
      }).history,
    expected: [],
  },
  {
    rule: 'R4',
    what: 'a verdict before there are any builds',
    dialect: 'ours',
    edit: (h) => {
      const { commits } = withAudit(h, () => {}).history;
      const unbuilt = commits.filter(({ files }) => ![...files.keys()].some((path) => /^rounds\/0\/builds/.test(path)));
      return new EditableHistory(unbuilt, 'ours');
    },
  },
  {
    rule: 'R9',
    what: 'a build runs out of time before it is over',
    dialect: 'ours',
    edit: (h) => timedOut(h, 2 * HOUR_MS),
  },
  {
    rule: 'R9',
    what: 'a build runs out of time',
    dialect: 'ours',
    edit: (h) => timedOut(h, 3 * HOUR_MS),
    expected: [],
  },
];

const DUELS: readonly BrokenRule[] = [
  {
    rule: 'R2d',
    what: 'what the judges answered is not on record',
    dialect: 'ours',
    edit: (h) => rejudge(h, () => ({ winner: 'right', detail: undefined })),
  },
  {
    rule: 'R2d',
    what: 'duels are judged by another strategy',
    dialect: 'ours',
    edit: (h) =>
      rejudge(h, ({ detail }) => ({ winner: 'right', detail: { ...(detail as object), strategy: 'pairwise-2' } })),
  },
  {
    rule: 'R2d',
    what: 'duels are skipped',
    dialect: 'ours',
    edit: (h) => rejudge(h, () => ({ winner: 'skipped' })),
  },
  {
    rule: 'R2d',
    what: 'one answer is used for every duel',
    dialect: 'ours',
    edit: (h) => rejudge(h, (_, [first]) => ({ winner: first?.winner, detail: first?.detail })),
  },
  {
    rule: 'R2d',
    what: 'another model judged',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(inDuels(h, 0), REPORT, (report) => Object.assign(report, { judge: { models: ['x'], strategy: 'y' } })),
  },
  {
    rule: 'R2d',
    what: 'who judged is not said',
    dialect: 'ours',
    edit: (h) => h.editJson(inDuels(h, 0), REPORT, (report) => Reflect.deleteProperty(report, 'judge')),
  },
  {
    rule: 'R2',
    what: 'the leader is played before its files are there',
    dialect: 'ours',
    edit: (h) => leaderWith(h, (results, last) => Reflect.deleteProperty(results, last)),
  },
  {
    rule: 'R2',
    what: 'the leader is played while a prompt has attempts left',
    dialect: 'ours',
    edit: (h) => leaderWith(h, (results, last) => Object.assign(results[last] ?? {}, { ...FAILED, attempts: 2 })),
  },
  {
    rule: 'R2',
    what: 'the leader is played, though it could not make a file in all its attempts',
    dialect: 'ours',
    edit: (h) => leaderWith(h, (results, last) => Object.assign(results[last] ?? {}, { ...FAILED, attempts: 3 })),
    expected: [],
  },
  {
    rule: 'R1',
    what: 'somebody who did not submit is matched',
    dialect: 'ours',
    edit: (h) => {
      const at = h.writing(REPORT);
      return playBefore(h.until(at), at, 'leader', `5${'E'.repeat(47)}` as Hotkey, -1);
    },
  },
  {
    rule: 'R1',
    what: 'a later one defends against an earlier one',
    dialect: 'ours',
    edit: (h) => {
      const at = h.writing(/^rounds\/0\/winner/);
      const rows = h.read(/^rounds\/0\/matches_matrix/, at).text.split('\n');
      const qualified = submittersOf(h, 0).filter((hotkey) =>
        rows.some((row) => row.startsWith(`leader,${hotkey},`) && Number(row.split(',')[2]) >= 0.05),
      );
      const [right, left] = qualified as [Hotkey, Hotkey];
      return playBefore(h.until(at), at, left, right);
    },
  },
];

describe('a verdict of ours', () => {
  holdTo(VERDICTS);

  it.each([
    ['an hour after its order is too early', HOUR_MS, ['R9 error']],
    ['three hours after its order is in time', 3 * HOUR_MS, []],
  ] as const)('that a build ran out of time again, %s', async (_, laterMs, expected) => {
    const h = new EditableHistory([...syntheticHistory({ orders: ['retry_build'], rounds: 1, batches: 1 })], 'ours');
    const at = h.writing(/^rounds\/0\/builds/, 'last');
    const retried = h.until(at + 1).editJson(at, /builds/, (builds) => {
      const build = Object.values(builds as Record<string, Build>).find(({ amendment }) => amendment !== undefined);
      Object.assign(build ?? {}, { status: 'timed_out', docker_image: null });
    });
    const { findings } = await auditCommits(dated(retried, at, laterMs).commits, { rules: ['R9'] });
    expect(findings.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual(expected);
  });
});

describe('a match of ours', () => {
  holdTo(DUELS);

  it('is not derived again where its strategy is not known here, and that is said (R2d)', async () => {
    const strategy = 'multi-stage';
    const h = new EditableHistory(smallHistory('ours'), 'ours')
      .editJsonFrom(0, /^config|\/rules\.json/, ({ judging }: Pick<Rules, 'judging'>) => {
        Object.assign(judging, { strategy });
      })
      .editJsonFrom(0, /duels_/, ({ judge, duels }: MatchReport) => {
        Object.assign(judge ?? {}, { strategy });
        for (const { detail } of duels) if (detail !== undefined) Object.assign(detail as object, { strategy });
      });
    const { ok, findings } = await auditCommits(h.commits);
    expect(ok, JSON.stringify(findings)).toBe(true);
    const told = findings.filter(({ rule }) => rule === 'R2d');
    expect(new Set(told.map(({ severity }) => severity))).toEqual(new Set(['warn']));
    expect(told[0]?.detail).toMatch(/^\d+ duels were judged by multi-stage/);
  });

  it('was judged on no files, where there were none: they do not come in afterwards (R2s)', async () => {
    const h = new EditableHistory(smallHistory('ours'), 'ours');
    const side = submittersOf(h, 0).at(-1) as Hotkey;
    const isLate = ({ files }: SyntheticCommit) => [...files.keys()].some((path) => path.includes(`${side}/submitted`));
    const begun = h.commits.slice(0, h.writing(REPORT));
    const played = new EditableHistory([...begun.filter((commit) => !isLate(commit))], 'ours');
    const after = playBefore(played, played.commits.length, 'leader', side);
    const end = h.commits[h.writing(/^rounds\/0\/winner/)] as SyntheticCommit;
    const changed = async (...between: readonly SyntheticCommit[]) =>
      (await auditCommits([...after.commits, ...between, end])).findings
        .filter(({ rule }) => rule === 'R2s')
        .map(({ severity, detail }) => `${severity} ${detail}`);
    expect(await changed()).toEqual([]);
    const late = await changed(...begun.filter(isLate));
    expect(late).toEqual([expect.stringMatching(new RegExp(`^error .*the files of ${side.slice(0, 10)} changed`))]);
  });
});

/** A round whose last request for an audit is for a win over a challenger, with fewer critical prompts in another win. */
function chosen(): { readonly history: EditableHistory; readonly at: number; readonly requests: AuditRequest[] } {
  for (let seed = 1; seed < 100; seed += 1) {
    const history = new EditableHistory([...syntheticHistory({ seed, miners: 8, rounds: 1, batches: 1 })], 'ours');
    const at = history.writing(/^rounds\/0\/require_audit/, 'last');
    const requests = fileBefore<AuditRequest[]>(history, at + 1, /^rounds\/0\/require_audit/);
    const { hotkey, critical_prompts } = requests.at(-1) as AuditRequest;
    const report = fileBefore<MatchReport>(history, at, new RegExp(`^rounds/0/${hotkey}/duels_leader`));
    const rules = {
      seed: fileBefore<{ seed: number }>(history, at, /seed/).seed,
      winMargin: 0.05,
      maxMismatchedMargin: 0.05,
    };
    const other = report.duels === undefined ? [] : [...criticalPrompts(report, rules)];
    if (requests.length > 1 && report.margin >= 0.05 && other.join() !== critical_prompts.join()) {
      return {
        history: history.until(at + 1),
        at,
        requests: [...requests.slice(0, -1), { hotkey, critical_prompts: other }],
      };
    }
  }
  throw new RangeError('no such round');
}

describe('a request for an audit', () => {
  const { history, at, requests } = chosen();
  const errorsOf = async ({ commits }: EditableHistory) =>
    (await auditCommits(commits)).findings
      .filter(({ severity }) => severity === 'error')
      .map(({ rule, detail }) => `${rule} ${detail}`);
  const leader = requests.at(-2)?.hotkey ?? '';
  const exclude = (before: number) =>
    history.insert(before, 'operator', ['Amendment 1 for round 0: exclude_hotkey'], {
      'rounds/0/amendments.json': [
        { id: 1, at: '2026-01-03T00:00:00Z', reason: 'a copy', action: 'exclude_hotkey', hotkey: leader },
      ],
    });

  it('has the critical prompts of the match that made its miner lead, not those of another win (R3)', async () => {
    expect(await errorsOf(history)).toEqual([]);
    const edited = history.edit(at, /require_audit/, () => `${JSON.stringify(requests, null, 2)}\n`);
    expect(await errorsOf(edited)).toEqual([
      expect.stringMatching(/^R3 the critical prompts of .* are not those of its match/),
    ]);
  });

  it('may rest on what the judge had seen when something else came in meanwhile', async () => {
    expect(await errorsOf(exclude(at))).toEqual([]);
  });

  it('rests on what the judge knew since its last commit', async () => {
    const before = history.find(({ files }) => [...files.keys()].some((path) => REPORT.test(path)), 'last');
    expect(before).toBe(at);
    const earlier = history.commits.findLastIndex(({ service }, index) => index < at && service === 'judge-service');
    expect(await errorsOf(exclude(earlier))).toEqual([expect.stringMatching(/^R3 /)]);
  });
});

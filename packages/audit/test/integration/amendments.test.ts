import { type SyntheticCommit, type SyntheticOrder, syntheticHistory } from '@tiltyard/audit-testing';
import type { GenerationAudit, MatchReport } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import type { RuleId } from '../../src/gen3d/index.js';
import { winnerAt } from '../support/broken-rule.js';
import { auditCommits, EditableHistory } from '../support/history.js';

const ORDERS: readonly SyntheticOrder[] = [
  'extend_deadline',
  'pause',
  'retry_build',
  'void_audit',
  'rejudge_match',
  'exclude_hotkey',
];

const MADE = new Map<string, readonly SyntheticCommit[]>();

/** A competition whose second and last round was corrected, and followed the corrections. */
function corrected(...orders: readonly SyntheticOrder[]): EditableHistory {
  const key = orders.join();
  const known = MADE.get(key) ?? [...syntheticHistory({ orders, miners: 5, prompts: 16, carryover: 4, batches: 1 })];
  MADE.set(key, known);
  return new EditableHistory(known, 'ours');
}

/** What every corrected history brings: a person ordered something, here without a key, and a void audit runs again. */
const OF_ORDERS = new Set(['R6t info', 'W1 warn', 'G2 info', 'A8 info']);

async function told(history: EditableHistory): Promise<readonly string[]> {
  const { findings } = await auditCommits(history.commits);
  return findings.map(({ rule, severity }) => `${rule} ${severity}`).filter((one) => !OF_ORDERS.has(one));
}

const ROUND = 'rounds/1';
const AUDITS = new RegExp(`^${ROUND}/generation_audits`);
const BUILDS = new RegExp(`^${ROUND}/builds`);
const MATRIX = new RegExp(`^${ROUND}/matches_matrix`);
const AMENDMENTS = new RegExp(`^${ROUND}/amendments`);
const state = (stage: string) => ({ 'state.json': { current_round: 1, stage, next_stage_eta: null } });
const stateLine = (stage: string) => [`Update state (${stage}) for round 1`];

/** The amendment that a history's orders end with. */
function lastAmendment(history: EditableHistory): { readonly id: number; readonly hotkey: string } {
  return (JSON.parse(history.read(AMENDMENTS).text) as never[]).at(-1) ?? { id: 0, hotkey: '' };
}

/** Leaves out the commits that a correction was followed with, all but the end of the duels. */
function unfollowed(history: EditableHistory): EditableHistory {
  const [ordered, end] = [history.writing(AMENDMENTS, 'last'), winnerAt(history, 1)];
  const kept = history.commits.filter((_, at) => at <= ordered || at === end);
  return new EditableHistory(kept, 'ours');
}

/** Changes the entry of whom the last amendment is about, in the last commit that writes such a file. */
function editLast(history: EditableHistory, path: RegExp, change: (entry: Record<string, unknown>) => void) {
  const { hotkey } = lastAmendment(history);
  return history.editJson(history.writing(path, 'last'), path, (value) => {
    change((value as Record<string, Record<string, unknown>>)[hotkey] ?? {});
  });
}

/** Puts in another version of the last audit or build, before the round's end. */
function settleAgain(history: EditableHistory, path: RegExp, line: string, change: object): EditableHistory {
  const at = winnerAt(history, 1);
  const { hotkey } = lastAmendment(history);
  const file = history.read(path, at);
  const entries = JSON.parse(file.text) as Record<string, object>;
  const again = { ...entries, [hotkey]: { ...entries[hotkey], ...change } };
  return history.insert(at, 'generation-orchestrator', [line], { [file.path]: again });
}

/** The report of a match that was judged again, and where it is written. */
function rejudged(history: EditableHistory) {
  const at = history.find((commit) =>
    [...commit.files].some(([path, text]) => /^rounds\/1\/.*duels_/.test(path) && text?.includes('"amendment"')),
  );
  return { at, ...history.read(/^rounds\/1\/.*duels_/, at) };
}

interface NotFollowed {
  readonly what: string;
  readonly orders: readonly SyntheticOrder[];
  readonly edit: (history: EditableHistory) => EditableHistory;
  /** Every error that it brings. */
  readonly expected: readonly `${RuleId} error`[];
}

const NOT_FOLLOWED: readonly NotFollowed[] = [
  {
    what: 'a voided audit counts all the same',
    orders: ['void_audit'],
    edit: unfollowed,
    expected: ['R10 error'],
  },
  {
    what: 'a voided audit is settled again without its order',
    orders: ['void_audit'],
    edit: (h) => {
      const ordered = h.writing(AMENDMENTS, 'last');
      const between = h.commits.filter((_, at) => at <= ordered || at >= h.writing(AUDITS, 'last'));
      return editLast(new EditableHistory(between, 'ours'), AUDITS, (audit) => {
        delete audit.amendment;
        audit.note = 'run again';
      });
    },
    expected: ['A4 error', 'R10 error'],
  },
  {
    what: 'an audit is settled twice under one order',
    orders: ['void_audit'],
    edit: (h) => settleAgain(h, AUDITS, 'Update generation audits for round 1', { note: 'and again' }),
    expected: ['A4 error'],
  },
  {
    what: 'a reopened audit loses its order',
    orders: ['void_audit'],
    edit: (h) => editLast(h, AUDITS, (audit) => delete audit.amendment),
    expected: ['A4 error', 'R10 error'],
  },
  {
    what: 'a void audit keeps its verdict, whatever the new run says',
    orders: ['void_audit'],
    edit: (h) =>
      editLast(h, AUDITS, (audit) => {
        audit.checked_prompts = (audit as unknown as GenerationAudit).checked_prompts - 1;
      }),
    expected: ['R4 error'],
  },
  {
    what: 'a new audit names an order that nobody gave',
    orders: [],
    edit: (h) =>
      h.editJsonFrom(h.writing(AUDITS), AUDITS, (value) => {
        Object.assign(Object.values(value as Record<string, object>)[0] ?? {}, { amendment: 1 });
      }),
    expected: ['A4 error'],
  },
  {
    what: 'a retried build was not built again',
    orders: ['retry_build'],
    edit: unfollowed,
    expected: ['R10 error'],
  },
  {
    what: 'a build is settled twice under one order',
    orders: ['retry_build'],
    edit: (h) => settleAgain(h, BUILDS, 'Update build statuses for round 1', { note: 'and again' }),
    expected: ['A5 error'],
  },
  {
    what: 'a build is retried under the order for another',
    orders: ['retry_build'],
    edit: (h) => {
      const at = winnerAt(h, 1);
      const { id, hotkey } = lastAmendment(h);
      const { path, text } = h.read(BUILDS, at);
      const builds = JSON.parse(text) as Record<string, object>;
      const other = Object.keys(builds).find((key) => key !== hotkey) ?? '';
      const retried = { ...builds, [other]: { ...builds[other], amendment: id } };
      return h.insert(at, 'generation-orchestrator', ['Update build statuses for round 1'], { [path]: retried });
    },
    expected: ['A5 error'],
  },
  {
    what: 'a new build names an order that nobody gave',
    orders: [],
    edit: (h) =>
      h.editJsonFrom(h.writing(BUILDS), BUILDS, (value) => {
        Object.assign(Object.values(value as Record<string, object>)[0] ?? {}, { amendment: 1 });
      }),
    expected: ['A5 error'],
  },
  {
    what: 'a match is not judged again',
    orders: ['rejudge_match'],
    edit: unfollowed,
    expected: ['R10 error', 'R11 error'],
  },
  {
    what: 'a match is judged again and does not say under which order',
    orders: ['rejudge_match'],
    edit: (h) =>
      h.editJson(rejudged(h).at, /duels_/, (value: MatchReport) => Reflect.deleteProperty(value, 'amendment')),
    expected: ['A7 error', 'R10 error', 'R11 error'],
  },
  {
    what: 'a match is judged twice under one order',
    orders: ['rejudge_match'],
    edit: (h) => {
      const { path, text } = rejudged(h);
      const { left, right } = JSON.parse(text) as MatchReport;
      const line = `Match report: ${left.slice(0, 10)} vs ${right.slice(0, 10)}`;
      return h.insert(winnerAt(h, 1), 'judge-service', [line], { [path]: { ...JSON.parse(text), note: 'and again' } });
    },
    expected: ['A7 error'],
  },
  {
    what: 'a match is judged again and the old row stays',
    orders: ['rejudge_match'],
    edit: (h) => {
      const { at } = rejudged(h);
      const lastRow = /[^\n]+\n$/;
      const { text } = h.read(MATRIX, at);
      const rows = text.replace(lastRow, '');
      const history = h.until(at + 1).edit(at, MATRIX, () => rows);
      return history.message(at, (message) => message.replace('Update matches matrix for round 1\n', ''));
    },
    // With the old row, who is to be audited has not taken the lead.
    expected: ['R1 error', 'R3 error'],
  },
  {
    what: 'a first report names an order that nobody gave',
    orders: [],
    edit: (h) =>
      h.editJson(h.writing(/^rounds\/1\/.*duels_/), /duels_/, (value) => Object.assign(value, { amendment: 1 })),
    expected: ['A7 error'],
  },
  {
    what: 'an excluded hotkey wins',
    orders: ['exclude_hotkey'],
    edit: (h) => {
      const plain = corrected();
      const at = winnerAt(plain, 1);
      return unfollowed(
        new EditableHistory([...h.commits.slice(0, h.writing(AMENDMENTS) + 1), ...plain.commits.slice(at)], 'ours'),
      );
    },
    expected: ['R10 error'],
  },
  {
    what: 'the competition is held and nobody ordered it',
    orders: [],
    edit: (h) =>
      h.insert(winnerAt(h, 1), 'judge-service', stateLine('paused'), state('paused')).until(winnerAt(h, 1) + 1),
    expected: ['T1 error'],
  },
  {
    what: 'the competition is held a second time under one order',
    orders: ['pause'],
    edit: (h) =>
      h.insert(winnerAt(h, 1), 'judge-service', stateLine('paused'), state('paused')).until(winnerAt(h, 1) + 1),
    expected: ['T1 error'],
  },
  {
    what: 'the competition is to be held and goes on',
    orders: ['pause'],
    edit: (h) => {
      const [ordered, end] = [h.writing(AMENDMENTS), winnerAt(h, 1)];
      return new EditableHistory([...h.commits.slice(0, ordered + 1), ...h.commits.slice(end)], 'ours');
    },
    expected: ['T1 error'],
  },
  {
    what: 'a competition that is held goes on before it may',
    orders: ['pause'],
    edit: (h) => {
      const resumed = h.writing(AMENDMENTS, 'last');
      return new EditableHistory([...h.commits.slice(0, resumed), ...h.commits.slice(resumed + 1)], 'ours');
    },
    expected: ['T1 error'],
  },
  {
    what: 'a competition that was held goes on in another stage',
    orders: ['pause'],
    edit: (h) => {
      const at = h.writing(AMENDMENTS, 'last') + 1;
      return h.until(at).append('judge-service', stateLine('finalizing'), state('finalizing'));
    },
    expected: ['T1 error'],
  },
  {
    what: 'a service writes while the competition is held',
    orders: ['pause'],
    edit: (h) => {
      const { path, text } = h.read(BUILDS);
      const line = ['Update build statuses for round 1'];
      return h.insert(h.writing(AMENDMENTS, 'last'), 'generation-orchestrator', line, { [path]: `${text}\n` });
    },
    expected: ['S1 error'],
  },
  {
    what: 'an order to go on names a stage that was not held',
    orders: ['pause'],
    edit: (h) => {
      const at = h.writing(AMENDMENTS, 'last');
      return h
        .editJson(at, AMENDMENTS, (value) => Object.assign(value[1] as object, { stage: 'downloading' }))
        .until(at + 1);
    },
    expected: ['A10 error'],
  },
  {
    what: 'an extension is taken back',
    orders: ['extend_deadline'],
    edit: (h) => h.insert(winnerAt(h, 1), 'operator', [], { [h.read(AMENDMENTS).path]: [] }),
    expected: ['A10 error', 'W4 error'],
  },
];

describe('a competition whose operator corrected it', () => {
  it.each([...ORDERS.map((order) => [order]), ORDERS])('is clean when its services follow: %s', async (...orders) => {
    const history = corrected(...orders);
    const report = await auditCommits(history.commits);
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(await told(history)).toEqual([]);
    expect(report.rounds.map(({ agrees }) => agrees)).toEqual([true, true, true]);
    expect(report.rules.A10?.checked).toBe(orders.length + (orders.includes('pause') ? 1 : 0));
  });

  it('has another winner where the correction changes what decides the round', async () => {
    const winners = async (history: EditableHistory) =>
      (await auditCommits(history.commits)).rounds.map(({ winner }) => winner);
    expect(await winners(corrected('exclude_hotkey'))).not.toEqual(await winners(corrected()));
  });
});

describe('a correction that is not followed', () => {
  it.each(NOT_FOLLOWED)('is found: $what', async ({ orders, edit, expected }) => {
    const report = await auditCommits(edit(corrected(...orders)).commits);
    const errors = report.findings.filter(({ severity }) => severity === 'error');
    expect([...new Set(errors.map(({ rule }) => `${rule} error`))], JSON.stringify(errors, null, 1)).toEqual(expected);
    expect(report.ok).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { ALWAYS, type BrokenRule, end, holdTo, inDuels, type Json, winnerAt } from '../support/broken-rule.js';
import { auditCommits, EditableHistory, smallHistory } from '../support/history.js';

const POD = {
  processed: 1,
  successful: 1,
  hard_failed: 0,
  hard_overtime: 0,
  time_min: 1,
  time_max: 1,
  time_avg: 1,
  time_median: 1,
  marked_bad: false,
  retry_cumulative_delta: 0,
  retry_delta_count: 0,
  termination_reason: null,
};
const podStats = (round: number) => `rounds/${round}/leader/pod_stats.json`;
const podLine = (round: number) => `Update pod stats for round ${round}, miner leader`;
const noting = (value: never) => {
  Object.assign(value, { note: 'added later' });
};
const noteFirst = (value: never) => {
  noting(Object.values(value as Json)[0] as never);
};
const shortOf = (path: string) => path.split('/')[2]?.slice(0, 10) ?? '';
const state = (round: number, stage: string) => ({ current_round: round, stage, next_stage_eta: null });

const BROKEN: readonly BrokenRule[] = [
  {
    rule: 'A0',
    what: 'a service deletes a file',
    dialect: 'ours',
    edit: (h) => {
      const at = inDuels(h, 0);
      return h
        .insert(at, 'generation-orchestrator', [podLine(0)], { [podStats(0)]: { pod: POD } })
        .insert(at + 1, 'generation-orchestrator', [podLine(0)], { [podStats(0)]: null });
    },
  },
  {
    rule: 'A1',
    what: 'an old leader entry is another',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(end(h) - 1, /^leader\.json/, (value) => Object.assign(value[0] as object, { docker: 'x/y:z' })),
  },
  {
    rule: 'A2',
    what: 'an old row is written otherwise',
    dialect: 'reference',
    edit: (h) => h.edit(inDuels(h, 1), /matrix/, (text) => text.replace(/,(-?\d\.\d+)\n/, ',$10\n')),
  },
  {
    rule: 'A2',
    what: 'a match has a second row that nobody ordered',
    dialect: 'ours',
    edit: (h) => {
      const at = winnerAt(h, 0);
      const { path, text } = h.read(/^rounds\/0\/matches_matrix/, at);
      const again = text.split('\n').find((row) => /^leader,\w+,-/.test(row)) ?? '';
      const other = again.replace(/,-.*$/, ',-0.125');
      return h.insert(at, 'judge-service', ['Update matches matrix for round 0'], { [path]: `${text}${other}\n` });
    },
    // And it has no report that says so.
    expected: ['A2 error', 'R1 error'],
  },
  {
    rule: 'A6',
    what: 'the order of reveals changes',
    dialect: 'reference',
    edit: (h) => {
      const at = h.writing(/^rounds\/1\/submissions/);
      const { path, text } = h.read(/^rounds\/1\/submissions/, at);
      const entries = Object.entries(JSON.parse(text) as Json);
      const swapped = Object.fromEntries([entries[1], entries[0], ...entries.slice(2)] as typeof entries);
      return h.insert(at, 'submission-collector', ['Seed, prompts and submissions for round 1'], { [path]: swapped });
    },
    expected: ['W5 info', 'A6 error'],
  },
  {
    rule: 'A3',
    what: 'an old audit request is another',
    dialect: 'ours',
    edit: (h) => h.editJson(h.writing(/require_audit/, 'last'), /require_audit/, (value) => noting(value[0])),
  },
  {
    rule: 'A4',
    what: 'a settled audit is another',
    dialect: 'ours',
    edit: (h) => h.editJson(h.writing(/generation_audits/, 'last'), /generation_audits/, noteFirst),
  },
  {
    rule: 'A5',
    what: 'a settled build is another',
    dialect: 'ours',
    edit: (h) => h.editJson(h.writing(/builds\.json/, 'last'), /builds/, noteFirst),
  },
  {
    rule: 'A6',
    what: 'a winner is written twice',
    dialect: 'ours',
    edit: (h) => {
      const at = winnerAt(h, 0);
      const { path, text } = h.read(/^rounds\/0\/winner/, at);
      const winner = JSON.parse(text) as { winner_hotkey: string };
      const line = `Round 0 winner: ${winner.winner_hotkey.slice(0, 10)}`;
      return h.insert(at, 'judge-service', [line], { [path]: { ...winner, note: 'first' } });
    },
  },
  {
    rule: 'A7',
    what: 'a report is written twice',
    dialect: 'ours',
    edit: (h) => {
      const at = inDuels(h, 0);
      const { path, text } = h.read(/^rounds\/0\/.*duels_leader/, at - 1);
      const line = `Match report: leader vs ${shortOf(path)}`;
      return h.insert(at, 'judge-service', [line], { [path]: { ...JSON.parse(text), note: 'again' } });
    },
  },
  {
    rule: 'A7',
    what: 'a report lies where another match belongs',
    dialect: 'ours',
    edit: (h) => {
      const at = winnerAt(h, 0);
      const { path, text } = h.read(/^rounds\/0\/.*duels_leader/, at);
      const submissions = Object.keys(JSON.parse(h.read(/^rounds\/0\/submissions/, at).text) as Json);
      const side = path.split('/')[2] ?? '';
      const left = submissions.findLast((hotkey) => hotkey !== side)?.slice(0, 10) ?? '';
      const line = `Match report: ${left} vs ${side.slice(0, 10)}`;
      return h.insert(at, 'judge-service', [line], { [`rounds/0/${side}/duels_${left}.json`]: text });
    },
  },
  {
    rule: 'A8',
    what: 'a usable submission is another',
    dialect: 'ours',
    edit: (h) => h.editJson(h.writing(/^rounds\/1\/.*submitted/, 'last'), /submitted/, noteFirst),
    // The last commit flags a copy in both files that are alike.
    expected: ['A8 error', 'A8 error'],
  },
  {
    rule: 'A8',
    what: 'the attempts at a prompt fall',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(h.writing(/^rounds\/1\/leader\/generated/, 'last'), /generated/, (value) => {
        Object.assign(Object.values(value as Json)[0] as never, { attempts: 0 });
      }),
  },
  {
    rule: 'A9',
    what: 'a person changes config.json',
    dialect: 'reference',
    edit: (h) =>
      h.append('person', ['a better description'], {
        'config.json': h.read(/^config/).text.replace('never was', 'will be'),
      }),
    expected: ['A9 error', 'W1 warn'],
  },
  {
    rule: 'A10',
    what: 'an amendment is another',
    dialect: 'ours',
    edit: (h) => {
      const amendment = {
        id: 1,
        at: '2026-01-03T00:00:00Z',
        reason: 'slow',
        action: 'extend_deadline',
        generation_deadline_block: 9,
      };
      const path = 'rounds/2/amendments.json';
      const line = 'Amendment 1 for round 2: extend_deadline';
      return h
        .append('operator', [line], { [path]: [amendment] })
        .append('operator', [line], { [path]: [{ ...amendment, reason: 'x' }] });
    },
    expected: ['W1 warn', 'G2 info', 'A10 error', 'W1 warn', 'G2 info'],
  },
  {
    rule: 'F1',
    what: 'a report is cut short',
    dialect: 'ours',
    edit: (h) => h.edit(h.writing(/^rounds\/0\/.*duels_leader/), /duels_/, (text) => text.slice(0, text.length / 2)),
  },
  {
    rule: 'F2',
    what: 'a file is not of its format',
    dialect: 'ours',
    edit: (h) =>
      h.insert(inDuels(h, 0), 'generation-orchestrator', [podLine(0)], {
        [podStats(0)]: { pod: { ...POD, processed: -1 } },
      }),
  },
  {
    rule: 'S1',
    what: 'a service writes before its stage',
    dialect: 'ours',
    edit: (h) =>
      h.insert(h.writing(/^rounds\/1\/submissions/), 'generation-orchestrator', [podLine(1)], {
        [podStats(1)]: { pod: POD },
      }),
  },
  {
    rule: 'S2',
    what: 'a service writes to a round that is over',
    dialect: 'ours',
    edit: (h) => h.insert(inDuels(h, 1), 'generation-orchestrator', [podLine(0)], { [podStats(0)]: { pod: POD } }),
  },
  {
    rule: 'T1',
    what: 'the competition ends in mid-round',
    dialect: 'reference',
    edit: (h) =>
      h.append('round-manager', ['Update state (finished) for round 2'], { 'state.json': state(2, 'finished') }),
  },
  {
    rule: 'T1',
    what: 'a service holds the competition, and no operator said so',
    dialect: 'ours',
    edit: (h) =>
      h.append('submission-collector', ['Update state (paused) for round 2'], { 'state.json': state(2, 'paused') }),
  },
  {
    rule: 'T2',
    what: 'the round falls',
    dialect: 'reference',
    edit: (h) => h.append('round-manager', ['Update state (open) for round 1'], { 'state.json': state(1, 'open') }),
  },
  {
    rule: 'T3',
    what: 'the round jumps',
    dialect: 'reference',
    edit: (h) => h.append('round-manager', ['Update state (open) for round 7'], { 'state.json': state(7, 'open') }),
  },
  {
    rule: 'T4',
    what: 'another service moves the stage',
    dialect: 'ours',
    edit: (h) =>
      h.append('round-manager', ['Update state (finalizing) for round 2'], { 'state.json': state(2, 'finalizing') }),
    // And no round goes from there to its end but by an empty submissions.json.
    expected: ['T4 error', 'O1 error', 'R12 error'],
  },
  {
    rule: 'T4',
    what: 'a person moves the stage along a legal edge',
    dialect: 'reference',
    edit: (h) => h.append('person', ['on we go'], { 'state.json': state(2, 'finalizing') }),
    expected: ['T4 warn', 'W1 warn'],
  },
  {
    rule: 'L1',
    what: 'two leaders are effective from one block',
    dialect: 'ours',
    edit: (h) => h.editJsonFrom(0, /^leader/, (value) => (value as object[]).unshift((value as object[])[0] as object)),
    // And a competition begins with one leader.
    expected: ['H1 error', 'L1 error'],
  },
  {
    rule: 'W1',
    what: 'a person writes what is for people',
    dialect: 'ours',
    edit: (h) => h.append('person', ['more prompts'], { 'prompts.txt': `${h.read(/^prompts/).text}text: one more\n` }),
    expected: ['W1 warn'],
  },
  {
    rule: 'W2',
    what: 'a service adds a remark',
    dialect: 'ours',
    edit: (h) => h.message(inDuels(h, 1), (message) => `and a remark\n${message}`),
  },
  {
    rule: 'W3',
    what: 'two services write one commit',
    dialect: 'reference',
    edit: (h) => {
      const at = inDuels(h, 1);
      const both = new EditableHistory(
        h.commits.map((commit, index) =>
          index === at ? { ...commit, files: new Map([...commit.files, [podStats(1), '{}']]) } : commit,
        ),
        h.dialect,
      );
      return both.message(at, (message) => `${message}${podLine(1)}\n`);
    },
  },
  {
    rule: 'W4',
    what: 'a file changes unannounced',
    dialect: 'ours',
    edit: (h) => h.message(inDuels(h, 1), (message) => message.replace(/^Update matches.*\n/m, '')),
  },
  {
    rule: 'W5',
    what: 'what is announced does not change',
    dialect: 'ours',
    edit: (h) => h.message(h.writing(/^rounds\/1\/builds/), (message) => `${podLine(1)}\n${message}`),
    expected: ['W5 info'],
  },
  {
    rule: 'O1',
    what: "a person writes a service's file",
    dialect: 'ours',
    edit: (h) => h.append('person', ['tidying up'], { [podStats(2)]: { pod: POD } }),
    expected: ['W1 warn', 'O1 error'],
  },
  {
    rule: 'O1',
    what: "a service writes another's file",
    dialect: 'ours',
    edit: (h) => h.insert(inDuels(h, 0), 'judge-service', [podLine(0)], { [podStats(0)]: { pod: POD } }),
    expected: ['W3 error', 'O1 error'],
  },
];

describe('a competition that broke no rule', () => {
  it.each(['ours', 'reference'] as const)('is clean in the dialect of %s', async (dialect) => {
    const report = await auditCommits(smallHistory(dialect));
    expect(report.findings.filter(({ rule, severity }) => !ALWAYS.includes(`${rule} ${severity}`))).toEqual([]);
    expect(report).toMatchObject({ ok: true, dialect });
    expect(report.rounds.map(({ agrees }) => agrees)).toEqual([true, true, true]);
  });
});

describe('a history that broke a rule of how it is written', () => {
  holdTo(BROKEN);
});

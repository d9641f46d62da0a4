import type { MatchReport } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import type { Dialect, RuleId } from '../../src/index.js';
import { syntheticMatch } from '../../src/synthetic/synthetic-content.js';
import { SYNTHETIC_DEFAULTS } from '../../src/synthetic-history.js';
import { auditCommits, EditableHistory, smallHistory } from '../fixture/history.js';

/** Findings that every synthetic history has: no faults. */
const ALWAYS: readonly string[] = ['R6t info', 'R2f info'];

interface Case {
  readonly rule: RuleId;
  readonly what: string;
  readonly dialect: Dialect;
  readonly edit: (history: EditableHistory) => EditableHistory;
  /** All findings, as `RULE severity`; by default one error of the rule itself. */
  readonly expected?: readonly string[];
}

type Json = Record<string, never>;
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
const inDuels = (history: EditableHistory, round: number) =>
  history.writing(new RegExp(`^rounds/${round}/matches_matrix`), 'last');
const winnerAt = (history: EditableHistory, round: number) => history.writing(new RegExp(`^rounds/${round}/winner`));
const end = (history: EditableHistory) => history.commits.length;
const noting = (value: never) => {
  Object.assign(value, { note: 'added later' });
};
const noteFirst = (value: never) => {
  noting(Object.values(value as Json)[0] as never);
};
const shortOf = (path: string) => path.split('/')[2]?.slice(0, 10) ?? '';
const state = (round: number, stage: string) => ({ current_round: round, stage, next_stage_eta: null });

const CASES: readonly Case[] = [
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
    rule: 'A8',
    what: 'a usable submission is another',
    dialect: 'ours',
    edit: (h) => h.editJson(h.writing(/^rounds\/1\/.*submitted/, 'last'), /submitted/, noteFirst),
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
    expected: ['T4 error', 'O1 error'],
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
  {
    rule: 'R1',
    what: 'a row has another margin than its report',
    dialect: 'ours',
    edit: (h) => {
      const lost = /^leader,(\w+),-\S+$/m;
      const at = h.find((commit) =>
        [...commit.files].some(([path, text]) => /matrix/.test(path) && lost.test(text ?? '')),
      );
      return h.editFrom(at, /^rounds\/0\/matches_matrix/, (text) => text.replace(lost, 'leader,$1,-0.125'));
    },
  },
  {
    rule: 'R1',
    what: 'a row has no report',
    dialect: 'ours',
    edit: (h) => {
      const at = h.writing(/^rounds\/0\/.*duels_/);
      const commits = h.commits.map((commit, index) =>
        index === at
          ? { ...commit, files: new Map([...commit.files].filter(([path]) => !/duels_/.test(path))) }
          : commit,
      );
      return new EditableHistory(commits, h.dialect).message(at, (text) => text.replace(/^Match report.*\n/m, ''));
    },
  },
  {
    rule: 'R1b',
    what: 'two that had not qualified meet',
    dialect: 'ours',
    edit: (h) => {
      const at = winnerAt(h, 0);
      const { text: matrix } = h.read(/^rounds\/0\/matches_matrix/, at);
      const [left = '', right = ''] = matrix
        .split('\n')
        .filter((row) => row.startsWith('leader') && row.includes(',-'))
        .map((row) => row.split(',')[1]);
      const files = (side: string) => JSON.parse(h.read(new RegExp(`^rounds/0/${side}/submitted`), at).text);
      const report = syntheticMatch({
        left: left as never,
        right: right as never,
        round: 0,
        edge: 0,
        options: SYNTHETIC_DEFAULTS,
        prompts: h
          .read(/^rounds\/0\/prompts/, at)
          .text.trim()
          .split('\n'),
        leftFiles: files(left),
        rightFiles: files(right),
      });
      const lines = [
        `Match report: ${left.slice(0, 10)} vs ${right.slice(0, 10)}`,
        'Update matches matrix for round 0',
      ];
      return h.insert(at, 'judge-service', lines, {
        [`rounds/0/${right}/duels_${left.slice(0, 10)}.json`]: report,
        'rounds/0/matches_matrix.csv': `${matrix}${left},${right},${report.margin}\n`,
      });
    },
  },
  {
    rule: 'R2',
    what: 'a score is not that of the duels',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(inDuels(h, 0), /duels_/, (value) => Object.assign(value, { score: (value as MatchReport).score + 1 })),
  },
  {
    rule: 'R2',
    what: 'a duel shows another file',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(inDuels(h, 0), /duels_/, (value) => {
        const duel = (value as MatchReport).duels.find(({ left_glb }) => left_glb !== null);
        Object.assign(duel ?? {}, { left_glb: 'https://elsewhere.invalid/x.glb' });
      }),
  },
  {
    rule: 'R2d',
    what: 'a winner does not follow from the penalties',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(inDuels(h, 0), /duels_/, (value) => {
        const duel = (value as { duels: { winner: string; detail?: { judges: { calls: object[] }[] } }[] }).duels.find(
          ({ winner, detail }) => winner === 'draw' && detail !== undefined,
        );
        Object.assign(duel?.detail?.judges[0]?.calls[0] ?? {}, { left_penalty: 10 });
      }),
  },
  {
    rule: 'R2d',
    what: 'a judge was asked in one order only',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(inDuels(h, 0), /duels_/, (value) => {
        const duel = (value as { duels: { detail?: { judges: { calls: object[] }[] } }[] }).duels.find(
          ({ detail }) => detail !== undefined,
        );
        duel?.detail?.judges[0]?.calls.pop();
      }),
  },
  {
    rule: 'R2f',
    what: 'a judged duel has a forced text',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(inDuels(h, 0), /duels_/, (value) => {
        const duel = (value as MatchReport).duels.find(({ detail }) => detail !== undefined);
        Object.assign(duel ?? {}, { issues: 'Generation time exceeded for both' });
      }),
  },
  {
    rule: 'R2e',
    what: 'a row hangs on duels that were not judged',
    dialect: 'reference',
    edit: (h) =>
      h.editJson(h.writing(/^rounds\/0\/.*duels_leader/), /duels_/, (value) => {
        for (const duel of (value as MatchReport).duels)
          if (duel.winner === 'draw') Object.assign(duel, { issues: 'Internal error: 502' });
      }),
    expected: ['R2e warn'],
  },
  {
    rule: 'R2s',
    what: "the leader's files change after the matches",
    dialect: 'ours',
    edit: (h) => {
      const at = winnerAt(h, 0);
      const { path, text } = h.read(/^rounds\/0\/leader\/generated/, at);
      const files = JSON.parse(text) as Record<string, { generation_time: number }>;
      Object.assign(Object.values(files)[0] ?? {}, { generation_time: 1 });
      return h.insert(at, 'generation-orchestrator', ['Update generated for round 0, miner leader'], { [path]: files });
    },
    expected: Array.from({ length: 6 }, () => 'R2s error'),
  },
  {
    rule: 'R3',
    what: 'critical prompts are not those that the seed draws',
    dialect: 'ours',
    edit: (h) =>
      h.editJsonFrom(h.writing(/^rounds\/0\/require_audit/), /^rounds\/0\/require_audit/, (value) => {
        (value as { critical_prompts: string[] }[])[0]?.critical_prompts.reverse();
      }),
  },
  {
    rule: 'R4',
    what: 'a verdict does not follow from the files',
    dialect: 'ours',
    edit: (h) =>
      h.editJsonFrom(h.writing(/^rounds\/0\/generation_audits/), /^rounds\/0\/generation_audits/, (value) => {
        Object.assign(Object.values(value as Json)[0] as never, { failed_prompts: 3 });
      }),
  },
  {
    rule: 'R5',
    what: 'a leader entry has another weight',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(end(h) - 1, /^leader/, (value) =>
        Object.assign((value as object[]).at(-1) as object, { weight: 0.5 }),
      ),
  },
  {
    rule: 'R6',
    what: 'a deadline is later than it should be',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(end(h) - 1, /schedule/, (value) => Object.assign(value, { generation_deadline_block: 99_999_999 })),
  },
  {
    rule: 'R7',
    what: 'a submission was revealed before the window',
    dialect: 'reference',
    edit: (h) => {
      const early = (value: never) => {
        Object.assign(Object.values(value as Json)[0] as never, { revealed_at_block: 5 });
      };
      const at = h.writing(/^rounds\/1\/submissions/);
      return h.editJson(at, /submissions/, early).editJsonFrom(at, /^rounds\/1\/builds/, early);
    },
  },
  {
    rule: 'R8',
    what: 'prompts stand in another order than drawn',
    dialect: 'ours',
    edit: (h) =>
      h.edit(h.writing(/^rounds\/1\/prompts/), /^rounds\/1\/prompts/, (text) => {
        const lines = text.trim().split('\n');
        return `${[...lines.slice(0, -2), lines.at(-1), lines.at(-2)].join('\n')}\n`;
      }),
  },
  {
    rule: 'R8',
    what: 'a carried over prompt is another',
    dialect: 'reference',
    edit: (h) =>
      h.edit(h.writing(/^rounds\/1\/prompts/), /^rounds\/1\/prompts/, (text) => {
        const [first, second, ...rest] = text.trim().split('\n');
        return `${[second, first, ...rest].join('\n')}\n`;
      }),
  },
  {
    rule: 'R8',
    what: 'the seed is not that of the block',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(h.writing(/^rounds\/1\/seed/), /seed/, (value) =>
        Object.assign(value, { block_hash: `0x${'1'.repeat(64)}` }),
      ),
  },
  {
    rule: 'R9',
    what: 'an image comes from elsewhere',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(h.writing(/^rounds\/1\/builds/, 'last'), /builds/, (value) => {
        const built = Object.values(value as Record<string, { status: string; docker_image: string }>).filter(
          ({ status }) => status === 'success',
        );
        const last = built.at(-1);
        if (last !== undefined)
          last.docker_image = `elsewhere.invalid/${last.docker_image.split('/').slice(1).join('/')}`;
      }),
  },
  {
    rule: 'R10',
    what: 'winner.json names another image',
    dialect: 'ours',
    edit: (h) =>
      h
        .editJson(winnerAt(h, 1), /winner/, (value) => Object.assign(value, { docker_image: 'x/y:z' }))
        .until(end(h) - 1),
  },
  {
    rule: 'R10',
    what: 'winner.json names the leader, who lost',
    dialect: 'ours',
    edit: (h) =>
      h
        .editJson(winnerAt(h, 1), /winner/, (value) => Object.assign(value, { winner_hotkey: 'leader' }))
        .message(winnerAt(h, 1), (message) => message.replace(/winner: \w+/, 'winner: leader'))
        .until(end(h) - 1),
  },
  {
    rule: 'R11',
    what: 'the duels end without a winner',
    dialect: 'ours',
    edit: (h) => {
      const at = winnerAt(h, 1);
      const commits = h.commits.map((commit, index) =>
        index === at
          ? { ...commit, files: new Map([...commit.files].filter(([path]) => !/winner/.test(path))) }
          : commit,
      );
      return new EditableHistory(commits, h.dialect)
        .message(at, (message) => message.replace(/^Round 1 winner.*\n/m, ''))
        .until(end(h) - 1);
    },
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

describe('a competition that broke one rule', () => {
  it.each(CASES)('$rule: $what ($dialect)', async ({ rule, dialect, edit, expected }) => {
    const edited = edit(new EditableHistory(smallHistory(dialect), dialect));
    const report = await auditCommits(edited.commits);
    const found = report.findings.map((finding) => `${finding.rule} ${finding.severity}`);
    expect(
      found.filter((one) => !ALWAYS.includes(one)),
      JSON.stringify(report.findings, null, 1),
    ).toEqual(expected ?? [`${rule} error`]);
    expect(report.rules[rule]?.checked).toBeGreaterThan(0);
  });
});

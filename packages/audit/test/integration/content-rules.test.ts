import { SYNTHETIC_DEFAULTS, syntheticMatch } from '@tiltyard/audit-testing';
import type { MatchReport } from '@tiltyard/schema/gen3d';
import { describe } from 'vitest';
import { type BrokenRule, end, holdTo, inDuels, type Json, winnerAt } from '../support/broken-rule.js';
import { EditableHistory } from '../support/history.js';

const BROKEN: readonly BrokenRule[] = [
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
      const files = JSON.parse(text) as Record<string, object>;
      Object.assign(Object.values(files)[0] ?? {}, { generation_time: 1, attempts: 2 });
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
    rule: 'R6',
    what: 'a block is past what numbers can count',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(end(h) - 1, /schedule/, (value) => {
        Object.assign(value, { latest_reveal_block: Number.MAX_SAFE_INTEGER });
      }),
    // No schedule follows, and no round is that long.
    expected: ['R5 error', 'R6 error', 'R6 error'],
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
    rule: 'R7',
    what: 'two submissions share their first ten characters',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(h.writing(/^rounds\/1\/submissions/), /submissions/, (value) => {
        const [hotkey = '', submission] = Object.entries(value as Json).at(-1) ?? [];
        Object.assign(value, { [`${hotkey.slice(0, 10)}${'z'.repeat(38)}`]: submission });
      }),
    expected: ['R7 error', 'R9 error', 'R9 error', 'R9 error', 'R13 error', 'R10 error', 'R11 error'],
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
    rule: 'R8w',
    what: 'a seed has one witness twice, where config.json demands two',
    dialect: 'ours',
    edit: (h) =>
      h
        .editJsonFrom(0, /^config/, (value) => Object.assign(value, { chain: { min_witnesses: 2 } }))
        .editJsonFrom(0, /^rounds\/0\/seed/, (value) => Object.assign(value, { witnesses: ['a.example', 'b.example'] }))
        .editJsonFrom(0, /^rounds\/1\/seed/, (value) =>
          Object.assign(value, { witnesses: ['a.example', 'A.example'] }),
        ),
  },
  {
    rule: 'R8w',
    what: 'a seed names no witness, where config.json demands one',
    dialect: 'ours',
    edit: (h) =>
      h
        .editJsonFrom(0, /^config/, (value) => Object.assign(value, { chain: { min_witnesses: 1 } }))
        .editJsonFrom(0, /^rounds\/0\/seed/, (value) => Object.assign(value, { witnesses: ['a.example:9944'] })),
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

describe('a history that broke a rule of what it holds', () => {
  holdTo(BROKEN);
});

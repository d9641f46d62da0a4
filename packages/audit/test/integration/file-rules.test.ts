import { type SyntheticCommit, syntheticHistory } from '@tiltyard/audit-testing';
import type { Hotkey } from '@tiltyard/schema';
import type { GenerationResult, Generations, Rules } from '@tiltyard/schema/gen3d';
import { describe } from 'vitest';
import { type BrokenRule, holdTo } from '../support/broken-rule.js';
import { EditableHistory } from '../support/history.js';
import { fileBefore, submittersOf, withAudit } from '../support/round-files.js';

type Results = Record<string, GenerationResult>;

/** Where the matches of round 0 begin. */
function beginOfDuels(h: EditableHistory): number {
  return h.find(({ message }) => message.includes('Round 0: duels'));
}

/** Changes the last usable file that a miner submitted in round 0 where it comes in, and ends where the matches begin. */
function submit(h: EditableHistory, change: (result: object, all: Results) => void): EditableHistory {
  const ended = h.until(beginOfDuels(h) + 1);
  const path = new RegExp(`^rounds/0/${submittersOf(h, 0).at(-1)}/submitted`);
  return ended.editJson(ended.writing(path, 'last'), path, (results: Results) => {
    change(Object.values(results).findLast(({ png }) => png !== null) ?? {}, results);
  });
}

/** Changes the copied files where the matches begin: those of the original, and those of the copier. */
function copies(h: EditableHistory, change: (original: Results, copier: Results, by: readonly Hotkey[]) => void) {
  const at = beginOfDuels(h);
  const by = submittersOf(h, 0).filter((side) =>
    [...(h.commits[at]?.files.keys() ?? [])].some((path) => path.includes(side)),
  );
  const [original = '', copier = ''] = by;
  const files = by.map((side) => fileBefore<Results>(h, at + 1, new RegExp(`^rounds/0/${side}/submitted`)));
  const [first = {}, second = {}] = files;
  change(first, second, by);
  const text = (value: Results) => () => `${JSON.stringify(value, null, 2)}\n`;
  return h
    .until(at + 1)
    .edit(at, new RegExp(original), text(first))
    .edit(at, new RegExp(copier), text(second));
}

/** The copier has other bytes than the original, which draw the same picture. */
function withOtherBytes(h: EditableHistory): EditableHistory {
  const [, copier = ''] = submittersOf(h, 0).filter((side) =>
    [...(h.commits[beginOfDuels(h)]?.files.keys() ?? [])].some((path) => path.includes(side)),
  );
  return h.editJsonFrom(0, new RegExp(`${copier}/submitted`), (value) => {
    for (const result of Object.values(value as Results)) {
      if (result.glb === null) continue;
      const glb_sha256 = [...(result.glb_sha256 ?? '')].reverse().join('');
      Object.assign(result, { glb: `https://objects.invalid/${glb_sha256}.glb`, glb_sha256 });
    }
  });
}

const unflagged = (h: EditableHistory) =>
  copies(h, (_original, copier) => {
    for (const result of copied(copier)) Reflect.deleteProperty(result, 'duplicates');
  });

function copied(results: Results): readonly GenerationResult[] {
  return Object.values(results).filter(({ duplicates }) => duplicates !== undefined);
}

const OUT_OF_TIME = { glb: null, png: null, size: 0, error: { code: 'out_of_time', message: 'late' } };

const disown = (results: Results, owner: Hotkey) => {
  const error = { code: `duplicate_of:${owner.slice(0, 10)}`, message: 'committed to this file on chain first' };
  for (const result of copied(results)) Object.assign(result, { png: null, error });
};

const FILES: readonly BrokenRule[] = [
  ...(
    [
      ['a time', (result) => Object.assign(result, { generation_time: 999 })],
      ['a distance', (result) => Object.assign(result, { distance: 0.1 })],
      ['no sha256', (result) => Reflect.deleteProperty(result, 'glb_sha256')],
      ['more bytes than a file may have', (result) => Object.assign(result, { size: 1e10 })],
      ['an error, and is usable', (result) => Object.assign(result, { error: { code: 'http_404', message: 'x' } })],
      ['no file, and no error', (result) => Object.assign(result, { glb: null, png: null })],
      ['a preview taken away', (result) => Object.assign(result, { png: null, error: { code: 'slow', message: 'x' } })],
      [
        'the address of another file',
        (result, all) => Object.assign(result, { glb: Object.values(all).find(({ png }) => png !== null)?.glb }),
      ],
      ['a prompt of no round', (result, all) => Object.assign(all, { 'no-prompt': result })],
    ] satisfies readonly (readonly [string, Parameters<typeof submit>[1]])[]
  ).map(
    ([what, change]): BrokenRule => ({
      rule: 'R13',
      what: `a submitted file has ${what}`,
      dialect: 'ours',
      edit: (h) => submit(h, change),
    }),
  ),
  {
    rule: 'R13',
    what: 'the matches begin without the files of a miner',
    dialect: 'ours',
    edit: (h) => {
      const at = beginOfDuels(h);
      const side = submittersOf(h, 0).at(-1) ?? '';
      const isIts = (commit: SyntheticCommit) =>
        [...commit.files.keys()].some((path) => path.includes(`${side}/submitted`));
      return new EditableHistory(
        h.commits.filter((commit, index) => index <= at && !isIts(commit)),
        'ours',
      );
    },
  },
  {
    rule: 'R13',
    what: 'the matches begin without the files of a miner that was excluded',
    dialect: 'ours',
    edit: (h) => {
      const at = beginOfDuels(h);
      const hotkey = submittersOf(h, 0).at(-1) ?? '';
      const isIts = (commit: SyntheticCommit) =>
        [...commit.files.keys()].some((path) => path.includes(`${hotkey}/submitted`));
      const without = new EditableHistory(
        h.commits.filter((commit, index) => index <= at && !isIts(commit)),
        'ours',
      );
      const order = { id: 1, at: '2026-01-03T00:00:00Z', reason: 'a copy', action: 'exclude_hotkey', hotkey };
      const line = ['Amendment 1 for round 0: exclude_hotkey'];
      return without.insert(beginOfDuels(without), 'operator', line, { 'rounds/0/amendments.json': [order] });
    },
    expected: ['W1 warn', 'G2 info'],
  },
  {
    rule: 'R13',
    what: 'a miner is out of time whose files took next to none',
    dialect: 'ours',
    edit: (h) => submit(h, (result) => Object.assign(result, OUT_OF_TIME)),
  },
  {
    rule: 'R13',
    what: 'a miner is out of time whose files took all that the rules give: no fault',
    dialect: 'ours',
    edit: (h) => submit(h, (result) => Object.assign(result, OUT_OF_TIME, { draw_seconds: 3_600 })),
    expected: [],
  },
  {
    rule: 'R13',
    what: 'copies are not flagged',
    dialect: 'ours',
    edit: unflagged,
    // Without its flags the copier's file is as it was, though a line announces it.
    expected: ['W5 info', 'R13 error'],
  },
  {
    rule: 'R13',
    what: 'copies are flagged by their pictures: no fault',
    dialect: 'ours',
    edit: (h) => withOtherBytes(h).until(beginOfDuels(h) + 1),
    expected: [],
  },
  {
    rule: 'R13',
    what: 'copies are not flagged, whose bytes are others and whose pictures are the same',
    dialect: 'ours',
    edit: (h) => unflagged(withOtherBytes(h)),
    expected: ['W5 info', 'R13 error'],
  },
  {
    rule: 'R13',
    what: 'copies are not flagged by their pictures in a round of before: no fault',
    dialect: 'ours',
    edit: (h) =>
      unflagged(withOtherBytes(h)).editJson(0, /rules/, (value) =>
        Reflect.deleteProperty((value as Rules).limits, 'render_seconds'),
      ),
    expected: ['W5 info'],
  },
  {
    rule: 'R13',
    what: 'a file is flagged that nobody else submitted',
    dialect: 'ours',
    edit: (h) =>
      copies(h, (original, _copier, by) => {
        const own = Object.values(original).find(({ png, duplicates }) => png !== null && duplicates === undefined);
        Object.assign(own ?? {}, { duplicates: [by[1]?.slice(0, 10)] });
      }),
  },
  {
    rule: 'R13',
    what: 'a file is said to be that of somebody who did not submit it',
    dialect: 'ours',
    edit: (h) => copies(h, (_original, copier) => disown(copier, submittersOf(h, 0).at(-1) as Hotkey)),
    expected: ['R13 error', 'R13 error'],
  },
  {
    rule: 'R13',
    what: "a file is nobody's",
    dialect: 'ours',
    edit: (h) =>
      copies(h, (original, copier, [first, second]) => {
        disown(original, second as Hotkey);
        disown(copier, first as Hotkey);
      }),
    expected: ['R13 error', 'R13 error'],
  },
  {
    rule: 'R13',
    what: "a copied file is its owner's, by a manifest",
    dialect: 'ours',
    edit: (h) => copies(h, (_original, copier, [owner]) => disown(copier, owner as Hotkey)),
    expected: [],
  },
];

/** Puts another version of the first audit's results in, before or behind its verdict. */
function rerun(h: EditableHistory, where: 'before' | 'behind', change: (result: GenerationResult) => object) {
  const { history, at, hotkey } = withAudit(h, () => {});
  const path = `rounds/0/${hotkey}/generated.json`;
  const results = fileBefore<Results>(history, at, new RegExp(path));
  const [[stem, first] = ['', {} as GenerationResult]] = Object.entries(results);
  const line = [`Update generated for round 0, miner ${hotkey.slice(0, 10)}`];
  const changed: Generations = { ...results, [stem]: { ...first, ...(change(first) as GenerationResult) } };
  const now = where === 'before' ? history.until(at) : history;
  return now.append('generation-orchestrator', line, { [path]: changed });
}

const OTHER = { glb: 'https://elsewhere.invalid/x.glb', glb_sha256: '0'.repeat(64) };

const RERUNS: readonly BrokenRule[] = [
  {
    rule: 'R14',
    what: 'a prompt had more attempts than it may have',
    dialect: 'ours',
    edit: (h) => rerun(h, 'before', () => ({ attempts: 4 })),
  },
  {
    rule: 'R14',
    what: 'a prompt had all the attempts that it may have',
    dialect: 'ours',
    edit: (h) => rerun(h, 'before', () => ({ attempts: 3 })),
    expected: [],
  },
  {
    rule: 'R14',
    what: 'a file is exchanged without another attempt',
    dialect: 'ours',
    edit: (h) => rerun(h, 'before', () => OTHER),
  },
  {
    rule: 'R14',
    what: 'a file is exchanged for one that was not made faster',
    dialect: 'ours',
    edit: (h) => rerun(h, 'before', () => ({ ...OTHER, attempts: 2 })),
  },
  {
    rule: 'R14',
    what: 'a file is exchanged for one that was made faster',
    dialect: 'ours',
    edit: (h) => rerun(h, 'before', () => ({ ...OTHER, attempts: 2, generation_time: 1 })),
    expected: [],
  },
  {
    rule: 'R14',
    what: 'a result changes after its verdict',
    dialect: 'ours',
    edit: (h) => rerun(h, 'behind', () => ({ ...OTHER, attempts: 2, generation_time: 1 })),
  },
  {
    rule: 'R14',
    what: 'a prompt of no round is made',
    dialect: 'ours',
    edit: (h) => {
      const { history, at, hotkey } = withAudit(h, () => {});
      const path = new RegExp(`^rounds/0/${hotkey}/generated`);
      const ended = history.until(at);
      return ended.editJson(ended.writing(path, 'last'), path, (results) => {
        Object.assign(results, { 'no-prompt': Object.values(results)[0] });
      });
    },
  },
];

describe('what miners submitted', () => {
  holdTo(FILES);
});

describe('what a container made again', () => {
  holdTo(RERUNS);

  const voided = [...syntheticHistory({ orders: ['void_audit'], rounds: 1, batches: 1 })];
  holdTo(
    (['is run again once under an order', 'is run again twice under one order'] as const).map(
      (what, again): BrokenRule => ({
        rule: 'R14',
        what,
        dialect: 'ours',
        edit: () => {
          const h = new EditableHistory(voided, 'ours');
          if (again === 0) return h.until(h.writing(/^rounds\/0\/winner/));
          const at = h.writing(/^rounds\/0\/5\w+\/generated/, 'last');
          const { path, text } = h.read(/^rounds\/0\/5\w+\/generated/, at);
          const results = Object.entries(JSON.parse(text) as Results);
          const nothing = { glb: null, png: null, generation_time: 0, size: 0, attempts: 0, distance: 0 };
          const line = [`Update generated for round 0, miner ${path.split('/')[2]?.slice(0, 10)}`];
          const emptied = Object.fromEntries(results.map(([stem]) => [stem, nothing]));
          return h.until(at + 1).append('generation-orchestrator', line, { [path]: emptied });
        },
        expected: ['W1 warn', 'G2 info', 'A8 info', ...(again === 0 ? [] : ['A8 info', 'R14 error'])],
      }),
    ),
  );
});

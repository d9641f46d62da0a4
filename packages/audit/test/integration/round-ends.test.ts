import type { SyntheticCommit } from '@tiltyard/audit-testing';
import { drawPrompts } from '@tiltyard/rules/gen3d';
import type { Config, LeaderEntry, MatchReport, Rules, Schedule } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { ALWAYS, type BrokenRule, holdTo, inDuels, winnerAt } from '../support/broken-rule.js';
import { auditCommits, EditableHistory, smallHistory } from '../support/history.js';
import { emptyRound, last, timeOf } from '../support/round-end.js';

const DAY_MS = 86_400_000;
const state = (round: number, stage: string) => ({ current_round: round, stage, next_stage_eta: null });
/** The commit that closes a round's window, and the one that ends the round. */
const closing = (h: EditableHistory, round: number) => h.writing(new RegExp(`^rounds/${round}/submissions`));
const ending = (h: EditableHistory, round: number) => h.writing(new RegExp(`^rounds/${round + 1}/schedule`));

function replaced(
  h: EditableHistory,
  at: number,
  change: (commit: SyntheticCommit) => SyntheticCommit,
): EditableHistory {
  return new EditableHistory(
    h.commits.map((commit, index) => (index === at ? change(commit) : commit)),
    h.dialect,
  );
}

/** Changes the pictures of round 0's prompts, and ends before any match. */
function pictured(h: EditableHistory, change: (images: object) => void): EditableHistory {
  const at = closing(h, 0);
  return h.until(at + 1).editJson(at, /prompt_images/, change);
}

/** Leaves files out of a commit. */
function without(h: EditableHistory, at: number, path: RegExp): EditableHistory {
  return replaced(h, at, (commit) => ({
    ...commit,
    files: new Map([...commit.files].filter(([name]) => !path.test(name))),
  }));
}

/** Puts files of a commit into one of their own before it, under the same lines. */
function apart(h: EditableHistory, at: number, path: RegExp): EditableHistory {
  const commit = h.commits[at] as SyntheticCommit;
  const first = { ...commit, files: new Map([...commit.files].filter(([name]) => path.test(name))) };
  const rest = without(h, at, path);
  return new EditableHistory([...rest.commits.slice(0, at), first, ...rest.commits.slice(at)], h.dialect);
}

/** Moves the end of the next round's reveals, and with it all that follows from it. */
function moved(h: EditableHistory, at: number, blocks: number): EditableHistory {
  return h
    .editJson(at, /schedule/, (value) => {
      const schedule = value as Record<string, number>;
      const { latest_reveal_block: latest = 0, generation_deadline_block: deadline = 0 } = schedule;
      Object.assign(schedule, { latest_reveal_block: latest + blocks, generation_deadline_block: deadline + blocks });
    })
    .editJson(at, /^leader/, (value) => {
      const entry = (value as { effective_block: number }[]).at(-1);
      if (entry !== undefined) entry.effective_block += blocks;
    });
}

/** Another pool, so long after the end of the first round's reveals, and the prompts that the seed draws from it. */
function repooled(h: EditableHistory, afterMs: number): EditableHistory {
  const at = closing(h, 0);
  const pool = h.read(/^prompts/, 0).text.replaceAll('synthetic', 'another');
  const lines = pool.trimEnd().split('\n');
  const { seed } = last<{ seed: number }>(h.until(at + 1), 'rounds/0/seed.json');
  const config = last<Config>(h, 'config.json');
  const { prompts } = drawPrompts({
    ...{ seed, round: 0, previous: [], pool: lines },
    promptsPerRound: config.prompts_per_round,
    carryoverPrompts: config.carryover_prompts,
  });
  const drawn = h.until(at + 1).edit(at, /^rounds.*prompts/, () => `${prompts.join('\n')}\n`);
  const { latest_reveal_block } = last<Schedule>(h, 'rounds/0/schedule.json');
  const when = new Date(timeOf(h, latest_reveal_block).getTime() + afterMs);
  const changed = drawn.insert(at, 'operator', ['Update prompt pool'], { 'prompts.txt': pool });
  return replaced(changed, at, (commit) => ({ ...commit, at: when }));
}

const HOTKEY = `5${'E'.repeat(47)}`;
const stranger = (h: EditableHistory): LeaderEntry =>
  ({
    ...last<LeaderEntry[]>(h, 'leader.json').at(-1),
    hotkey: HOTKEY,
    weight: 1,
    effective_block: 9_999_999,
  }) as LeaderEntry;

const BROKEN: readonly BrokenRule[] = [
  {
    rule: 'R12',
    what: 'a round goes past its duels, with nothing on who submitted',
    dialect: 'ours',
    edit: (h) =>
      h.append('submission-collector', ['No submissions for round 2'], { 'state.json': state(2, 'finalizing') }),
    expected: ['W5 info', 'R12 error'],
  },
  {
    rule: 'R12',
    what: 'a round goes past its duels with submissions on record',
    dialect: 'ours',
    edit: (h) => {
      const at = closing(h, 1);
      return h
        .until(at + 1)
        .editJson(at, /^state/, (value) => Object.assign(value, state(1, 'finalizing')))
        .message(at, (message) => `No submissions for round 1\n${message}`);
    },
  },
  {
    rule: 'R12',
    what: 'the stages go on with nobody to take part',
    dialect: 'ours',
    edit: (h) => {
      const at = closing(h, 1);
      return h.until(at + 1).edit(at, /submissions/, () => '{}\n');
    },
  },
  {
    rule: 'R12',
    what: 'prompts are published before the seed',
    dialect: 'ours',
    edit: (h) => apart(h, closing(h, 1), /prompt/),
    expected: ['W5 info', 'W5 info', 'R12 error'],
  },
  {
    rule: 'R12',
    what: 'a round is opened without rules',
    dialect: 'ours',
    edit: (h) => without(h.until(ending(h, 1) + 1), ending(h, 1), /rules/),
  },
  {
    rule: 'R12',
    what: 'a round is opened without schedule and leader',
    dialect: 'ours',
    edit: (h) =>
      without(h.until(ending(h, 1) + 1), ending(h, 1), /rules|schedule|leader/).message(ending(h, 1), (message) =>
        message.replace(', schedule, leader', ''),
      ),
  },
  {
    rule: 'R5',
    what: 'somebody leads after a round without a winner',
    dialect: 'ours',
    edit: (h) =>
      h
        .append('submission-collector', ['No submissions for round 2'], { 'state.json': state(2, 'finalizing') })
        .append('round-manager', ['Update state (finished), leader for round 2'], {
          'leader.json': [...last<LeaderEntry[]>(h, 'leader.json'), stranger(h)],
        }),
    expected: ['W5 info', 'R12 error', 'W5 info', 'R5 error'],
  },
  {
    rule: 'R5',
    what: 'the operator appends a leader before any service has written',
    dialect: 'ours',
    edit: (h) =>
      h.until(1).append('operator', ['Start competition synthetic-1'], {
        'leader.json': [...last<LeaderEntry[]>(h.until(1), 'leader.json'), stranger(h)],
      }),
    expected: ['W5 info', 'O1 error', 'R5 error'],
  },
  {
    rule: 'R10',
    what: 'a winner is on record, and nobody submitted on record',
    dialect: 'ours',
    edit: (h) => {
      const winner = h.read(/^rounds\/1\/winner/).text;
      const name = (JSON.parse(winner) as { winner_hotkey: string }).winner_hotkey.slice(0, 10);
      return h
        .append('submission-collector', ['Seed, prompts and submissions for round 2'], {
          'state.json': state(2, 'miner_generation'),
        })
        .append('submission-collector', ['Round 2: downloading'], { 'state.json': state(2, 'downloading') })
        .append('submission-collector', ['Round 2: duels'], { 'state.json': state(2, 'duels') })
        .append('judge-service', [`Round 2 winner: ${name}`, 'Update state (finalizing) for round 2'], {
          'rounds/2/winner.json': winner,
          'state.json': state(2, 'finalizing'),
        });
    },
    expected: ['W5 info', 'R12 error', 'R10 error'],
  },
  {
    rule: 'H1',
    what: 'a competition begins with a round that is over',
    dialect: 'ours',
    edit: (h) => {
      const upTo = winnerAt(h, 0);
      const files = new Map(h.commits.slice(0, upTo + 1).flatMap(({ files }) => [...files]));
      files.set('state.json', h.read(/^state/, 0).text);
      const whole = { ...(h.commits[0] as SyntheticCommit), message: 'Preparing\n', files };
      return new EditableHistory([whole], 'ours');
    },
  },
  {
    rule: 'H1',
    what: 'a competition begins in mid-round',
    dialect: 'ours',
    edit: (h) => h.until(1).editJson(0, /^state/, (value) => Object.assign(value, state(0, 'duels'))),
  },
  {
    rule: 'O1',
    what: 'services leave out their trailers from the first commit on',
    dialect: 'ours',
    edit: (h) => h.until(2).message(1, (message) => `${message.split('\n\n')[0]}\n`),
    expected: ['T4 warn', 'O1 error', 'O1 error', 'O1 error', 'O1 error', 'O1 error'],
  },
  {
    rule: 'R6',
    what: "the next round's reveals end half a day early",
    dialect: 'ours',
    edit: (h) => moved(h.until(ending(h, 1) + 1), ending(h, 1), -3600),
    // Or the chain stood still.
    expected: ['R6 warn'],
  },
  {
    rule: 'R6',
    what: "the next round's reveals end before the generation of this one",
    dialect: 'ours',
    edit: (h) => moved(h.until(ending(h, 1) + 1), ending(h, 1), -21_500),
  },
  {
    rule: 'R6',
    what: "the next round's reveals end years later",
    dialect: 'ours',
    edit: (h) => moved(h.until(ending(h, 1) + 1), ending(h, 1), 20_000_000),
  },
  {
    rule: 'R6',
    what: 'a schedule follows from none',
    dialect: 'ours',
    edit: (h) =>
      without(h.until(ending(h, 1) + 1), ending(h, 0), /schedule/).editJson(ending(h, 1), /^state/, () => {}),
    expected: ['W5 info', 'R5 error', 'R12 error', 'R6 error'],
  },
  {
    rule: 'R6',
    what: 'the competition ends with years to go, and the winner never leads',
    dialect: 'ours',
    edit: (h) => {
      const at = ending(h, 1);
      return without(h.until(at + 1), at, /rules|schedule|leader/)
        .editJson(at, /^state/, (value) => Object.assign(value, state(1, 'finished')))
        .message(at, (message) => message.replace('(open), schedule, leader for round 2', '(finished) for round 1'));
    },
  },
  {
    rule: 'R6',
    what: 'the competition ends with years to go, in a commit that is dated before the round',
    dialect: 'ours',
    edit: (h) => {
      const at = ending(h, 1);
      const over = without(h.until(at + 1), at, /rules|schedule|leader/)
        .editJson(at, /^state/, (value) => Object.assign(value, state(1, 'finished')))
        .message(at, (message) => message.replace('(open), schedule, leader for round 2', '(finished) for round 1'));
      return replaced(over, at, (commit) => ({ ...commit, at: h.commits[0]?.at ?? commit.at }));
    },
    expected: ['W7 warn', 'R6 error'],
  },
  {
    rule: 'R6',
    what: 'a round is said to start years later',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(ending(h, 1), /^state/, (value) => Object.assign(value, { next_stage_eta: '2036-01-01T08:00:00Z' })),
  },
  {
    rule: 'R6r',
    what: 'a round is to be won by more than config.json says',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(ending(h, 1), /rules/, (value) => Object.assign((value as Rules).tournament, { win_margin: 0.95 })),
  },
  {
    rule: 'R6r',
    what: 'a round gets a default that no round had before',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(ending(h, 1), /rules/, (value) => Object.assign((value as Rules).limits, { max_triangles: 7 })),
  },
  {
    rule: 'R6r',
    what: 'a miner gets less time than any round gave it before',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(ending(h, 1), /rules/, (value) => Object.assign((value as Rules).limits, { miner_seconds: 7 })),
  },
  {
    rule: 'R6r',
    what: 'a version that did not know them yet names no times, and a later one their defaults: no fault',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(0, /rules/, (value) => {
        for (const field of ['miner_seconds', 'download_seconds', 'render_seconds']) {
          expect(Reflect.deleteProperty((value as Rules).limits, field)).toBe(true);
        }
        Reflect.deleteProperty((value as Rules).generation, 'pod_healthy_minutes');
      }),
    expected: [],
  },
  {
    rule: 'R6r',
    what: 'a round gets another judge',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(ending(h, 1), /rules/, (value) =>
        Object.assign((value as Rules).judging, { judges: [{ model: 'mine' }] }),
      ),
  },
  {
    rule: 'R6r',
    what: 'files are to be rendered in another way',
    dialect: 'ours',
    edit: (h) =>
      h.editJson(ending(h, 1), /rules/, (value) => Object.assign((value as Rules).rendering, { views: 'mine@1' })),
  },
  {
    rule: 'R6r',
    what: 'a competition begins with a default of another version',
    dialect: 'ours',
    edit: (h) => h.editJsonFrom(0, /rules/, (value) => Object.assign((value as Rules).limits, { max_triangles: 7 })),
    // Later rounds carry it on.
    expected: ['R6r warn'],
  },
  {
    rule: 'R6r',
    what: 'a competition begins with a version that did not know a limit yet',
    dialect: 'ours',
    edit: (h) =>
      h.editJsonFrom(0, /rules/, (value) => Object.assign((value as Rules).limits, { max_image_side: undefined })),
    expected: [],
  },
  {
    rule: 'R8',
    what: 'prompts that no seed draws are published before the seed',
    dialect: 'ours',
    edit: (h) => {
      const at = closing(h, 1);
      const other = h.until(at + 1).edit(at, /prompts/, (text) => text.replace(/^.*\n/, ''));
      return apart(other, at, /prompt/);
    },
    expected: ['W5 info', 'R8 error', 'W5 info', 'R8 error', 'R12 error'],
  },
  {
    rule: 'R8',
    what: 'the pictures of the prompts are not on record',
    dialect: 'ours',
    edit: (h) => without(h.until(inDuels(h, 0)), closing(h, 0), /prompt_images/),
  },
  {
    rule: 'R8',
    what: 'a version of before kept no pictures: no fault',
    dialect: 'ours',
    edit: (h) =>
      without(
        h.editJson(0, /rules/, (value) => Reflect.deleteProperty((value as Rules).limits, 'render_seconds')),
        closing(h, 0),
        /prompt_images/,
      ),
    expected: [],
  },
  {
    rule: 'R8',
    what: 'a prompt has no picture on record',
    dialect: 'ours',
    edit: (h) => pictured(h, (images) => Reflect.deleteProperty(images, Object.keys(images)[0] ?? '')),
  },
  {
    rule: 'R8',
    what: 'a picture of no prompt is on record',
    dialect: 'ours',
    edit: (h) => pictured(h, (images) => Object.assign(images, { 'not-drawn': Object.values(images)[0] })),
  },
  {
    rule: 'R8',
    what: 'the judges of a duel saw another picture than the one on record',
    dialect: 'ours',
    edit: (h) =>
      h.until(inDuels(h, 0) + 1).editJson(inDuels(h, 0), /duels_/, (value) => {
        const { duels } = value as MatchReport;
        const duel = duels.find(({ detail, evidence }) => detail !== undefined && evidence?.prompt != null);
        expect(duel).toBeDefined();
        Object.assign(duel?.evidence ?? {}, { prompt: '0'.repeat(64) });
      }),
  },
  {
    rule: 'R8',
    what: 'there is no pool to draw from',
    dialect: 'ours',
    edit: (h) => without(h.until(2), 0, /^prompts/),
  },
  {
    rule: 'R8',
    what: 'the pool is another once the seed is known',
    dialect: 'ours',
    edit: (h) => repooled(h, 60_000),
  },
  {
    rule: 'R8',
    what: 'the pool is another while the reveals are open',
    dialect: 'ours',
    edit: (h) => repooled(h, -3_600_000),
    expected: ['R8 warn'],
  },
];

describe('a history that broke a rule of how rounds begin and end', () => {
  holdTo(BROKEN);
});

describe('rounds that begin and end as the services have it', () => {
  const history = new EditableHistory(smallHistory('ours'), 'ours');
  const told = async ({ commits }: EditableHistory) =>
    (await auditCommits(commits)).findings
      .map(({ rule, severity, detail }) => `${rule} ${severity} ${detail}`)
      .filter((finding) => !ALWAYS.some((one) => finding.startsWith(one)));

  it('are clean where no one submitted, twice in a row', async () => {
    expect(await told(emptyRound(emptyRound(history)))).toEqual([]);
  });

  it('are clean where the round-manager stood still for two weeks', async () => {
    const late = emptyRound(history, { waitMs: 14.3 * DAY_MS });
    const [before, after] = [2, 3].map((round) => last<Schedule>(late, `rounds/${round}/schedule.json`));
    expect((after?.latest_reveal_block ?? 0) - (before?.latest_reveal_block ?? 0)).toBe(15 * 7200);
    expect(await told(late)).toEqual([]);
  });

  it('are clean where the last day has come', async () => {
    const short = history.editJson(0, /^config/, (value) =>
      Object.assign(value, { last_competition_date: '2026-01-09' }),
    );
    const over = emptyRound(short);
    expect(last(over, 'state.json')).toEqual(state(2, 'finished'));
    expect(await told(over)).toEqual([]);
  });

  it('are a warning where they end early, on a chain that runs ahead of the clock', async () => {
    const ahead = new EditableHistory(
      history.commits.map((commit) => ({ ...commit, at: history.commits[0]?.at ?? commit.at })),
      'ours',
    );
    expect(await told(ahead)).toEqual([]);
    const at = ending(ahead, 1);
    const over = without(ahead.until(at + 1), at, /rules|schedule|leader/)
      .editJson(at, /^state/, (value) => Object.assign(value, state(1, 'finished')))
      .message(at, (message) => message.replace('(open), schedule, leader for round 2', '(finished) for round 1'));
    expect(await told(over)).toEqual([expect.stringMatching(/^R6 warn the competition ends/)]);
  });
});

import { scoreOf, seedOf } from '@tiltyard/rules/gen3d';
import { type CommitId, LEADER } from '@tiltyard/schema';
import {
  type Announcement,
  type Builds,
  type Duel,
  type GenerationAudits,
  type Generations,
  isUsable,
  type MatchReport,
  type Submissions,
} from '@tiltyard/schema/gen3d';
import type { ForgedCommit } from './forged-commit.js';
import { rewrite } from './forgery.js';

const OTHER_COMMIT = 'feedface'.repeat(5) as CommitId;

const submissionsLine = (round: number): Announcement => ({ kind: 'submissions', round });
const stateLine = (round: number, what: { schedule?: boolean; leader?: boolean }): Announcement => ({
  kind: 'state',
  round,
  stage: 'open',
  schedule: false,
  leader: false,
  ...what,
});

/** Facts that decided a round, told otherwise afterwards. */
export const FACT_FORGERIES: readonly ForgedCommit[] = [
  {
    name: 'a row of the matrix is changed',
    rule: 'A2',
    async forge(tip) {
      const file = await tip.last('matchMatrix', (rows) => rows.length > 0);
      const [first, ...others] = file.value;
      return rewrite(
        'matchMatrix',
        file,
        first === undefined ? [] : [{ ...first, margin: -first.margin || 0.5 }, ...others],
      );
    },
  },
  {
    name: 'a row of the matrix is removed',
    rule: 'A2',
    async forge(tip) {
      const file = await tip.last('matchMatrix', (rows) => rows.length > 1);
      return rewrite('matchMatrix', file, file.value.slice(0, -1));
    },
  },
  {
    name: 'a match gets a second row with another margin',
    rule: 'A2',
    async forge(tip) {
      const file = await tip.last('matchMatrix', (rows) => rows.length > 0);
      const again = file.value.slice(0, 1).map((row) => ({ ...row, margin: -row.margin || 0.5 }));
      return rewrite('matchMatrix', file, [...file.value, ...again]);
    },
  },
  {
    name: 'a match report is edited, its score made to fit',
    rule: 'A7',
    async forge(tip) {
      const file = await tip.last('matchReport');
      return rewrite('matchReport', file, withOtherWinner(file.value));
    },
  },
  {
    name: 'a match is judged again under an order that nobody gave',
    rule: 'A7',
    async forge(tip) {
      const file = await tip.last('matchReport');
      const amendment = 1_000 + (file.value.amendment ?? 0);
      return rewrite('matchReport', file, { ...withOtherWinner(file.value), amendment });
    },
  },
  {
    name: 'a match report is deleted',
    rule: 'A0',
    async forge(tip) {
      const file = await tip.last('matchReport');
      return { ...rewrite('matchReport', file, file.value), files: new Map([[file.path, null]]) };
    },
  },
  {
    name: 'the seed is rewritten, with a hash that fits',
    rule: 'A6',
    async forge(tip) {
      const file = await tip.last('seed');
      const { round } = file.params;
      const block_hash = `0x${'5eed'.repeat(16)}`;
      const seed = { ...file.value, seed: seedOf(block_hash, round), block_hash };
      return rewrite('seed', file, seed, { announcement: submissionsLine(round) });
    },
  },
  {
    name: 'the prompts are put in another order',
    rule: 'A6',
    async forge(tip) {
      const file = await tip.last('prompts', (prompts) => prompts.length > 1);
      return rewrite('prompts', file, [...file.value].reverse(), { announcement: submissionsLine(file.params.round) });
    },
  },
  {
    name: 'a submission gets another commit',
    rule: 'A6',
    async forge(tip) {
      const file = await tip.last('submissions', (submissions) => Object.keys(submissions).length > 0);
      const entries = Object.entries(file.value).map(([hotkey, submission], at) => [
        hotkey,
        at === 0 ? { ...submission, commit: OTHER_COMMIT } : submission,
      ]);
      return rewrite('submissions', file, Object.fromEntries(entries) as Submissions);
    },
  },
  {
    name: 'a deadline is moved without an order',
    rule: 'A6',
    async forge(tip) {
      const file = await tip.last('schedule');
      const { round } = file.params;
      const generation_deadline_block = (file.value.latest_reveal_block + 1) as typeof file.value.latest_reveal_block;
      const announcement = stateLine(round, { schedule: true });
      return rewrite('schedule', file, { ...file.value, generation_deadline_block }, { announcement });
    },
  },
  {
    name: 'a threshold of a round is loosened',
    rule: 'A6',
    async forge(tip) {
      const file = await tip.last('rules');
      const verification = { ...file.value.verification, acceptable_distance: 1 };
      const announcement = stateLine(file.params.round, { schedule: true });
      return rewrite('rules', file, { ...file.value, verification }, { announcement });
    },
  },
  {
    name: 'the winner of a round is another',
    rule: 'A6',
    async forge(tip) {
      const file = await tip.last('winner');
      const { value: reveals } = await tip.last('submissions', (submissions) => Object.keys(submissions).length > 0);
      const [hotkey = LEADER] = Object.keys(reveals) as (keyof typeof reveals)[];
      const winner_hotkey = file.value.winner_hotkey === LEADER ? hotkey : LEADER;
      return rewrite('winner', file, { ...file.value, winner_hotkey });
    },
  },
  {
    name: 'the last leader entry is removed',
    rule: 'A1',
    async forge(tip) {
      const file = await tip.last('leader', (entries) => entries.length > 1);
      const announcement = stateLine(tip.state.current_round, { leader: true });
      return rewrite('leader', file, file.value.slice(0, -1), { announcement });
    },
  },
  {
    name: "the leader's weight is raised",
    rule: 'A1',
    async forge(tip) {
      const file = await tip.last('leader');
      const entries = file.value.map((entry, at) =>
        at === file.value.length - 1 ? { ...entry, weight: entry.weight === 1 ? 0.5 : 1 } : entry,
      );
      return rewrite('leader', file, entries, { announcement: stateLine(tip.state.current_round, { leader: true }) });
    },
  },
  {
    name: 'a verdict of an audit is turned over',
    rule: 'A4',
    async forge(tip) {
      const file = await tip.last('generationAudits', (audits) =>
        Object.values(audits).some(({ outcome }) => outcome !== 'pending'),
      );
      const entries = Object.entries(file.value).map(([hotkey, audit]) => [
        hotkey,
        { ...audit, outcome: audit.outcome === 'rejected' ? 'passed' : 'rejected', reason: '' },
      ]);
      return rewrite('generationAudits', file, Object.fromEntries(entries) as GenerationAudits);
    },
  },
  {
    name: 'an audit request is dropped',
    rule: 'A3',
    async forge(tip) {
      const file = await tip.last('auditRequests', (requests) => requests.length > 0);
      return rewrite('auditRequests', file, file.value.slice(0, -1));
    },
  },
  {
    name: 'a built image is exchanged',
    rule: 'A5',
    async forge(tip) {
      const file = await tip.last('builds', (builds) =>
        Object.values(builds).some(({ status }) => status === 'success'),
      );
      const entries = Object.entries(file.value).map(([hotkey, build]) => [
        hotkey,
        build.docker_image === null ? build : { ...build, docker_image: `elsewhere.invalid/${build.docker_image}` },
      ]);
      return rewrite('builds', file, Object.fromEntries(entries) as Builds);
    },
  },
  {
    name: 'a submitted file is exchanged',
    rule: 'A8',
    async forge(tip) {
      const file = await tip.last('submitted', hasUsable);
      return rewrite('submitted', file, exchanged(file.value, { glb: 'https://elsewhere.invalid/better.glb' }));
    },
  },
  {
    name: 'a submitted file is said to have been slow',
    rule: 'R13',
    async forge(tip) {
      const file = await tip.last('submitted', hasUsable);
      return rewrite('submitted', file, exchanged(file.value, { generation_time: 999 }));
    },
  },
  {
    name: 'the file of a re-run is exchanged after the verdict',
    rule: 'R14',
    async forge(tip) {
      const file = await tip.last('generated', hasUsable);
      return rewrite('generated', file, exchanged(file.value, { glb: 'https://elsewhere.invalid/same.glb' }));
    },
  },
  {
    name: 'an attempt of a re-run is hidden',
    rule: 'A8',
    async forge(tip) {
      const file = await tip.last('generated', hasUsable);
      return rewrite('generated', file, exchanged(file.value, { attempts: 0 }));
    },
  },
];

/** Gives one duel to the other side, with score and margin that follow from it. */
function withOtherWinner(report: MatchReport): MatchReport {
  const duels = report.duels.map(
    (duel, at): Duel => (at === 0 ? { ...duel, winner: duel.winner === 'right' ? 'left' : 'right' } : duel),
  );
  return { ...report, ...scoreOf(duels), duels };
}

function hasUsable(results: Generations): boolean {
  return Object.values(results).some(isUsable);
}

/** Changes the first usable result. */
function exchanged(results: Generations, change: object): Generations {
  const first = Object.keys(results).find((stem) => {
    const result = results[stem as keyof Generations];
    return result !== undefined && isUsable(result);
  });
  const entries = Object.entries(results).map(([stem, result]) => [
    stem,
    stem === first ? { ...result, ...change } : result,
  ]);
  return Object.fromEntries(entries) as Generations;
}

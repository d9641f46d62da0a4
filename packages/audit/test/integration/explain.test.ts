import { type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { explainRound, reportText } from '../../src/gen3d/index.js';
import { auditCommits, EditableHistory, smallHistory } from '../support/history.js';

const history = new EditableHistory(smallHistory('reference'), 'reference');
const WINNER = 'rounds/0/winner.json';
const winnerOf = (text: string) => (JSON.parse(text) as { winner_hotkey: Side }).winner_hotkey;
const told = shortName(winnerOf(history.read(/^rounds\/0\/winner/).text));

/** The first line of a text that matches. */
const lineOf = (text: string, pattern: RegExp) => text.split('\n').find((line) => pattern.test(line));

describe("a round's story", () => {
  it('names the leader that the round was played against, not the one of today, and the builds', async () => {
    const leaders = JSON.parse(history.read(/^leader/).text) as { hotkey: Hotkey; repo: string; docker: string }[];
    const [first, last] = [leaders[0], leaders.at(-1)];
    expect(first?.hotkey).not.toBe(last?.hotkey);
    const story = explainRound(await auditCommits(history.commits), 0);
    expect(story).toContain(`The leader was ${shortName(first?.hotkey ?? LEADER)}, with weight `);
    expect(story).toContain(`${first?.repo} @ `);
    expect(story).toContain(`image ${first?.docker}.`);
    expect(story).toMatch(new RegExp(`By the record, ${told} won. Its build: \\S+/\\S+ @ [0-9a-f]{12}, image \\S+\\.`));
    expect(story).toMatch(/\nBuilds\n {2}\d+ success\n/);
  });

  it('says that a margin stands for files that are missing', async () => {
    const rows = history.read(/^rounds\/0\/matches/, history.writing(/^rounds\/0\/winner/)).text.split('\n');
    const lost = rows.map((row) => row.split(',')).find(([left, , margin]) => left === 'leader' && Number(margin) < 0);
    const miner = lost?.[1] ?? '';
    const path = new RegExp(`^rounds/0/${miner}/submitted`);
    const emptied = history.editJsonFrom(history.writing(path), path, (results: Record<string, object>) => {
      for (const result of Object.values(results)) Object.assign(result, { glb: null, png: null });
    });
    const story = explainRound(await auditCommits(emptied.commits), 0);
    expect(lineOf(story, new RegExp(`^  ${miner.slice(0, 10)}  `))).toMatch(/%\): no usable file {2}/);
    expect(story.match(/no usable file/g)).toHaveLength(1);
  });

  it("ends with the round's own errors and warnings", async () => {
    const edited = history.message(history.writing(/^rounds\/1\/matches/), (message) => `a remark\n${message}`);
    const report = await auditCommits(edited.commits);
    expect(explainRound(report, 1)).toMatch(
      /Found in this round: 1 error, 0 warnings\n {2}[0-9a-f]{12}\n {4}error W2 .*a remark.*\n$/,
    );
    expect(explainRound(report, 0)).toMatch(/Found in this round: 0 errors, 0 warnings\n$/);
  });

  it('begins with a verdict that a person deleted, and one that was replaced', async () => {
    const other = { winner_hotkey: 'leader', repo: 'a/b', commit: '0'.repeat(40), docker_image: 'x' };
    const { text } = history.read(/^rounds\/0\/winner/);
    const edited = history
      .append('person', ['no winner'], { [WINNER]: null })
      .append('judge-service', ['Round 0 winner: leader'], { [WINNER]: other })
      .append('person', ['the old one'], { [WINNER]: text });
    const report = await auditCommits(edited.commits);
    expect(explainRound(report, 0)).toMatch(
      new RegExp(
        [
          '^Round 0 was decided 3 times\\.',
          `  ${told} won in commit \\w{12}; a person deleted that verdict in \\w{12}`,
          '  the leader won in commit \\w{12}; a person replaced that verdict in \\w{12}',
          `  The verdict that stands now: ${told} won\\.\n`,
        ].join('\n'),
      ),
    );
    // Who does not ask for the story is sent to it.
    expect(lineOf(reportText(report), /^Round 0: /)).toMatch(/; agrees \(decided 3 times: see --explain 0\)$/);
    const verdict = report.rounds.find(({ round, deletedIn }) => round === 0 && deletedIn === undefined);
    expect(verdict?.earlier?.map(({ how, by }) => `${by} ${how}`)).toEqual(['person deleted', 'person replaced']);
    // Rounds stand in their order, a verdict that was deleted before the one that stands.
    expect(report.rounds.map(({ round, deletedIn }) => `${round}${deletedIn === undefined ? '' : ' deleted'}`)).toEqual(
      ['0 deleted', '0', '1', '2'],
    );
  });

  it('is told even of a round that was deleted whole', async () => {
    const paths = new Set(
      history.commits.flatMap(({ files }) => [...files.keys()].filter((p) => p.startsWith('rounds/0/'))),
    );
    const gone = Object.fromEntries([...paths].map((path) => [path, null]));
    const report = await auditCommits(history.append('person', ['gone'], gone).commits, { rounds: [0] });
    expect(explainRound(report, 0)).toMatch(
      new RegExp(
        `^Round 0 was decided, and its verdict was taken back\\.\n  ${told} won in .*\n  No verdict stands now\\. The last one follows\\.\n`,
      ),
    );
    expect(reportText(report)).toMatch(/^Round 0, deleted in /m);
  });
});

import { type Hotkey, LEADER } from '@tiltyard/schema';
import { type MatchReport, promptOf, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { decidedWinner, dueRequests, readDuels, timelineOf, withReports } from '../../src/gen3d/duels-state.js';
import { readRound } from '../../src/gen3d/round-view.js';
import { file, LEADER_ENTRY, startCompetition, submissionOf } from '../support/competition.js';

const A = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Hotkey;
const PROMPTS = ['https://p.example/chair.png', 'text: a red lamp'];
const STEMS = PROMPTS.map((line) => promptOf(line).stem);

const usable = { glb: 'g', png: 'p', generation_time: 1, size: 1, attempts: 1, distance: 0 };
const files = Object.fromEntries(STEMS.map((stem) => [stem, usable]));

function reportOf(margin: number, amendment?: number): MatchReport {
  const duels = STEMS.toSorted().map((name) => ({
    ...{ name, prompt: PROMPTS[STEMS.indexOf(name)] ?? '', winner: margin > 0 ? 'right' : 'draw', issues: '' },
    ...{ left_glb: 'g', left_png: 'p', right_glb: 'g', right_png: 'p' },
  })) as unknown as MatchReport['duels'];
  const score = margin > 0 ? duels.length : 0;
  return { left: LEADER, right: A, score, margin, duels, ...(amendment === undefined ? {} : { amendment }) };
}

const inDuels = (more: Parameters<typeof startCompetition>[0]['files'] = []) =>
  startCompetition({
    stage: 'duels',
    prompts: PROMPTS,
    submissions: submissionOf(A, 500),
    files: [file(stateFiles.generated, { round: 0, side: LEADER }, files), ...more],
  });

describe('the state of the duels', () => {
  it('says which file is missing that the stage begins with', async () => {
    await using competition = await startCompetition({ stage: 'duels', prompts: PROMPTS });
    const view = await readRound(await (await competition.ledger('reader')).snapshot());
    await expect(readDuels(view)).rejects.toMatchObject({
      fault: { code: 'missing', path: 'rounds/0/submissions.json' },
    });
  });

  it('goes from a match to play over an audit request to a winner, as reports and verdicts come', async () => {
    const built = { ...submissionOf(A, 500)[A], tag: 'ccccccc-test-0', status: 'success', docker_image: 'a/b:c' };
    await using competition = await inDuels([
      file(stateFiles.builds, { round: 0 }, { [A]: built } as never),
      file(stateFiles.sourceAudits, { round: 0 }, [{ hotkey: A, verdict: 'passed', reason: '' }]),
    ]);
    const view = await readRound(await (await competition.ledger('reader')).snapshot());
    const state = await readDuels(view);
    expect(timelineOf(state).next).toMatchObject({ kind: 'match', match: { left: LEADER, right: A } });

    const played = withReports(state, [reportOf(1)]);
    expect(played.matrix).toEqual([{ left: LEADER, right: A, margin: 1 }]);
    const timeline = timelineOf(played);
    expect(timeline.next).toEqual({ kind: 'await', events: [{ kind: 'generation_audit', hotkey: A }] });
    expect(dueRequests(played, timeline)).toEqual([{ hotkey: A, critical_prompts: [] }]);
    // Not called for twice.
    expect(dueRequests({ ...played, requests: dueRequests(played, timeline) }, timeline)).toEqual([]);

    const passed = { hotkey: A, outcome: 'passed', checked_prompts: 2, failed_prompts: 0, failed_critical: 0 };
    const audited = { ...played, generationAudits: { [A]: { ...passed, generation_time: 1, reason: '' } } as never };
    expect(timelineOf(audited).next).toEqual({ kind: 'decided', winner: A });
    expect(decidedWinner(audited, A)).toMatchObject({ winner_hotkey: A, docker_image: 'a/b:c' });
    expect(decidedWinner(audited, LEADER)).toMatchObject({ winner_hotkey: LEADER, docker_image: LEADER_ENTRY.docker });
  });

  it('takes a match for unplayed until its report carries the amendment that ordered it again', async () => {
    await using competition = await inDuels([
      file(stateFiles.matchMatrix, { round: 0 }, [{ left: LEADER, right: A, margin: 0 }]),
      file(stateFiles.matchReport, { round: 0, side: A, left: LEADER }, reportOf(0)),
    ]);
    const reader = await competition.ledger('reader');
    const before = await readDuels(await readRound(await reader.snapshot()));
    expect(timelineOf(before).next).toEqual({ kind: 'decided', winner: LEADER });

    await competition.amend({ action: 'rejudge_match', left: LEADER, right: A });
    const ordered = await readDuels(await readRound(await reader.snapshot()));
    expect(timelineOf(ordered).next).toMatchObject({ kind: 'match' });
    expect(timelineOf(withReports(ordered, [reportOf(1)])).next).toMatchObject({ kind: 'match' });
    expect(timelineOf(withReports(ordered, [reportOf(1, 1)])).next).toMatchObject({ kind: 'await' });
  });
});

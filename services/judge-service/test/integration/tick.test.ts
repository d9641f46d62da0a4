import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LEADER } from '@tiltyard/schema';
import { promptOf, stateFiles } from '@tiltyard/schema/gen3d';
import { isStuckByFault } from '@tiltyard/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChain, type TestChain } from '../../../../packages/service-kit/test/support/chain.js';
import { file, startCompetition, submissionOf } from '../../../../packages/service-kit/test/support/competition.js';
import { until } from '../../../../packages/service-kit/test/support/scratch.js';
import { LISTED_KEY, pauseWithoutKey } from '../../../../packages/service-kit/test/support/without-key.js';
import { tick } from '../../src/tick.js';
import { type ChatJudge, chatJudge } from '../support/chat-judge.js';
import { A, audit, B, C, duelsOf, filesOf, matrixOf, PROMPTS, sourceAudit, startProcess } from '../support/duels.js';

let chain: TestChain;
let judge: ChatJudge;
beforeAll(async () => {
  chain = await startChain([]);
});
afterAll(async () => await chain[Symbol.asyncDispose]());
beforeEach(async () => {
  judge = await chatJudge();
});
afterEach(async () => await judge[Symbol.asyncDispose]());

const requestsOf = async (competition: Awaited<ReturnType<typeof duelsOf>>) =>
  ((await competition.read(stateFiles.auditRequests, { round: 0 })) ?? []).map(({ hotkey }) => hotkey);

describe('the duels', () => {
  it('go from matches over audits to a winner, which is announced with the change of stage', async () => {
    await using competition = await duelsOf({ leader: 5, challengers: [[A, 2]] });
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('an audit request', async () => (await requestsOf(competition)).includes(A));
    expect(await matrixOf(competition)).toEqual(['leader>A 1']);

    const next = await service.tick();
    expect(next.reason).toBe('waiting for generation_audit, source_audit');
    expect(service.said.sent(/^source-audit/)).toHaveLength(1);
    expect(next.stuck).toMatchObject([{ kind: 'source_audit', reason: expect.stringContaining(A) }]);
    // A person's part by the rules is no fault.
    expect(next.stuck?.some(isStuckByFault)).toBe(false);
    await audit(competition, A, 'passed');
    await service.tick();
    expect(await competition.stage()).toBe('duels');
    await sourceAudit(competition, A, 'passed');
    await service.tick();
    expect(await competition.stage()).toBe('finalizing');
    expect(await competition.read(stateFiles.winner, { round: 0 })).toMatchObject({ winner_hotkey: A });
    expect((await competition.subjects())[0]).toMatch(
      /^Round 0 winner: \S{10}; Update state \(finalizing\) for round 0$/,
    );
  });

  it('end at once with the leader’s defence where no one qualifies', async () => {
    await using competition = await duelsOf({
      leader: 2,
      challengers: [
        [A, 2],
        [B, 6],
      ],
    });
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect((await matrixOf(competition)).toSorted()).toEqual(['leader>A 0', 'leader>B -1']);
    expect(await requestsOf(competition)).toEqual([]);
    expect(await competition.read(stateFiles.winner, { round: 0 })).toMatchObject({ winner_hotkey: LEADER });
  });

  it('follow the order of submissions.json, also where reveals came in one block', async () => {
    // B revealed in A's block and stands before it: it meets the leader first, and A meets B.
    await using competition = await duelsOf({
      leader: 8,
      challengers: [
        [B, 5],
        [A, 2],
      ],
    });
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('both requests', async () => (await requestsOf(competition)).length === 2);
    expect(await requestsOf(competition)).toEqual([B, A]);
    expect(await matrixOf(competition)).toContain('B>A 1');
  });

  it('pass over a rejected local leader and decide without it', async () => {
    await using competition = await duelsOf(
      {
        leader: 8,
        challengers: [
          [A, 2],
          [B, 5],
        ],
      },
      { rules: (rules) => ({ ...rules, tournament: { ...rules.tournament, require_source_audit: false } }) },
    );
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('the request', async () => (await requestsOf(competition)).includes(A));
    await audit(competition, A, 'rejected');
    await service.until('the other request', async () => (await requestsOf(competition)).includes(B));
    await audit(competition, B, 'passed');
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect(await competition.read(stateFiles.winner, { round: 0 })).toMatchObject({ winner_hotkey: B });
  });

  it('are not held by an amendment without a key, and wait with an alarm', async () => {
    await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] }, { files: [LISTED_KEY] });
    const commit = await pauseWithoutKey(competition, 'duels');
    await using service = await startProcess(competition, judge, chain.chain);
    await expect(service.tick()).rejects.toMatchObject({ fault: { code: 'unvouched', commit } });
    expect([await competition.stage(), judge.asked]).toEqual(['duels', []]);
  });

  it('wait for the leader’s files without asking the judge', async () => {
    await using competition = await duelsOf({ leader: null, challengers: [[A, 2]] });
    await using service = await startProcess(competition, judge, chain.chain);
    expect((await service.tick()).reason).toBe('waiting for leader_baseline');
    expect(judge.asked).toEqual([]);
    await competition.publishAs('generation-orchestrator', (draft) => {
      draft.write(stateFiles.generated, { round: 0, side: LEADER }, filesOf(5));
    });
    await service.until('a match', async () => (await matrixOf(competition)).length === 1);
  });

  it('settle what is forced without the judge: a side without files loses', async () => {
    await using competition = await duelsOf({ leader: 9, challengers: [[A, null]] });
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect(judge.asked).toEqual([]);
    const report = await competition.read(stateFiles.matchReport, { round: 0, side: A, left: LEADER });
    expect(report?.duels.map(({ winner, issues }) => `${winner}: ${issues.split(' from ')[1]}`)).toEqual([
      ...['left: right', 'left: right'],
    ]);
  });

  it('ask about text prompts by their text, about image prompts by their image, each in both orders', async () => {
    await using competition = await duelsOf({ leader: 5, challengers: [[A, 2]] });
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('the report', async () => (await matrixOf(competition)).length === 1);
    const [image, text] = [PROMPTS[0] ?? '', 'a red lamp'];
    const aboutText = judge.asked.filter(({ images }) => !images.includes(image));
    expect(judge.asked).toHaveLength(4);
    expect(aboutText).toHaveLength(2);
    for (const { texts } of aboutText) expect(texts.join('\n')).toContain(text);
    expect(new Set(aboutText.map(({ images }) => images.join())).size).toBe(2);
    expect(judge.asked.every(({ seed }) => seed === 42)).toBe(true);
    const report = await competition.read(stateFiles.matchReport, { round: 0, side: A, left: LEADER });
    const names = PROMPTS.map((line) => promptOf(line).stem).toSorted();
    expect(report?.duels.map(({ name }) => name)).toEqual(names);
    expect(report?.duels.find(({ name }) => name.startsWith('a-red-lamp-'))?.prompt).toBe('text: a red lamp');
  });

  it('show the judge the picture that the round keeps of a prompt, and say by its hash that they did', async () => {
    const [image = '', text = ''] = PROMPTS.map((line) => promptOf(line).stem);
    const url = 'https://objects.example/sha256/aa/chair.png';
    const kept = { [image]: { url, sha256: 'a'.repeat(64), type: 'image/png', bytes: 1 } };
    const files = [file(stateFiles.promptImages, { round: 0 }, kept as never)];
    await using competition = await duelsOf({ leader: 5, challengers: [[A, 2]] }, { files });
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('the report', async () => (await matrixOf(competition)).length === 1);
    expect(judge.asked.filter(({ images }) => images.includes(url))).toHaveLength(2);
    expect(judge.asked.some(({ images }) => images.includes(PROMPTS[0] ?? ''))).toBe(false);
    const report = await competition.read(stateFiles.matchReport, { round: 0, side: A, left: LEADER });
    const seen = new Map(report?.duels.map(({ name, prompt, evidence }) => [String(name), [prompt, evidence?.prompt]]));
    // The prompt is its line, as in every round.
    expect(seen.get(image)).toEqual([PROMPTS[0], 'a'.repeat(64)]);
    expect(seen.get(text)).toEqual([PROMPTS[1], null]);
  });

  it('look again when the stage before them is announced to end', async () => {
    const { timestampMs } = await chain.chain.finalizedHead();
    const eta = new Date(timestampMs + 60_000).toISOString();
    await using competition = await startCompetition({ stage: 'miner_generation', prompts: PROMPTS, eta });
    await using service = await startProcess(competition, judge, chain.chain);
    expect((await service.tick()).inMs).toBe(60_000);
  });
});

describe('the duels, when something breaks', () => {
  it('fault 24: leave a match open while the judge fails, tell the operator, and finish when it answers', async () => {
    await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] });
    judge.mode = 'fail';
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('a notice', () => service.said.sent('judge').length > 0);
    expect(await matrixOf(competition)).toEqual([]);
    expect(await competition.stage()).toBe('duels');
    expect((await service.tick()).stuck).toMatchObject([
      { kind: 'judge', reason: expect.stringContaining('HTTP 500'), retryInMs: expect.any(Number) },
    ]);
    judge.mode = 'answer';
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect(await matrixOf(competition)).toEqual(['leader>A -1']);
  });

  it('fault 24: leave a match open while the judge answers nonsense on a picture, and count it against no one', async () => {
    await using competition = await duelsOf({ leader: 5, challengers: [[A, 2]] });
    judge.babbles = PROMPTS[0];
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('a notice', () => service.said.sent('judge').length > 0);
    const [notice] = service.said.sent('judge');
    expect(notice?.detail).toContain('except chair.');
    expect(notice?.detail).not.toContain('exclude_hotkey');
    expect([await matrixOf(competition), await competition.stage()]).toEqual([[], 'duels']);
    judge.babbles = undefined;
    await service.until('the match', async () => (await matrixOf(competition)).length === 1);
    expect(await matrixOf(competition)).toEqual(['leader>A 1']);
  });

  it('reported: take an error that comes with status 200 for an outage, whatever else is answered', async () => {
    await using competition = await duelsOf({ leader: 5, challengers: [[A, 2]] });
    judge.failsAt200 = PROMPTS[0];
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('a notice', () => service.said.sent('judge').length > 0);
    expect(service.said.sent('judge')[0]?.detail).toContain('error 429: upstream is rate limited');
    expect(service.said.sent(/^refused-/)).toEqual([]);
    judge.failsAt200 = undefined;
    await service.until('the match', async () => (await matrixOf(competition)).length === 1);
  });

  it('are not begun where the rules want a judge that this version has not', async () => {
    await using competition = await duelsOf(
      { leader: 5, challengers: [[A, 2]] },
      { rules: (rules) => ({ ...rules, judging: { ...rules.judging, strategy: 'multi-stage' } }) },
    );
    await using service = await startProcess(competition, judge, chain.chain);
    await expect(service.tick()).rejects.toMatchObject({ fault: { code: 'unsupported', path: 'rounds/0/rules.json' } });
    expect(judge.asked).toEqual([]);
  });

  it('tell a picture that the judge refuses from a judge that is out of reach, and count it for no one', async () => {
    await using competition = await duelsOf({ leader: 5, challengers: [[A, 2]] });
    judge.refuses = PROMPTS[0]; // only one of the two duels shows it
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('the alarm', () => service.said.sent(/^refused-/).length > 0);
    const [alarm] = service.said.sent(/^refused-/);
    expect(alarm?.title).toBe('The judge refuses a picture');
    expect(alarm?.detail).toMatch(/except chair: /);
    expect([await matrixOf(competition), await competition.stage()]).toEqual([[], 'duels']);
    expect(service.said.sent('judge')).toEqual([]);
    expect((await service.tick()).stuck).toMatchObject([{ kind: 'judge_refusal' }]);

    judge.refuses = undefined;
    judge.mode = 'deny'; // nobody is let in: the answers that were kept say nothing about the rest
    await service.until('the warning', () => service.said.sent('judge').length > 0);
    expect(service.said.sent('judge')[0]?.title).toBe('A match is unresolved');
    judge.mode = 'answer';
    await service.until('the match', async () => (await matrixOf(competition)).length === 1);
    expect(await matrixOf(competition)).toEqual(['leader>A 1']);
  });

  it('ask the other endpoint of the model about what the first refuses, and about nothing else', async () => {
    await using other = await chatJudge();
    await using competition = await duelsOf({ leader: 5, challengers: [[A, 2]] });
    judge.refuses = PROMPTS[0];
    await using service = await startProcess(competition, judge, chain.chain, { fallback: other });
    await service.until('the match', async () => (await matrixOf(competition)).length === 1);
    expect(await matrixOf(competition)).toEqual(['leader>A 1']);
    expect(other.asked.map(({ images }) => images[0])).toEqual([PROMPTS[0], PROMPTS[0]]);
    expect(service.said.sent(/./)).toEqual([]);
  });

  it('leave a match alone for its pause after the judge failed', async () => {
    await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] });
    judge.mode = 'fail';
    await using service = await startProcess(competition, judge, chain.chain, { matchRetryMs: 3_600_000 });
    await service.until('a notice', () => service.said.sent('judge').length > 0);
    const asked = judge.asked.length;
    judge.mode = 'answer';
    for (let n = 0; n < 3; n += 1) await service.tick();
    expect([judge.asked.length, service.ports.matches.pending().size]).toEqual([asked, 0]);
  });

  it('take up after a crash where they were, asking again only what was under way', async () => {
    await using competition = await duelsOf({
      leader: 5,
      challengers: [
        [A, 2],
        [B, 7],
      ],
    });
    judge.mode = 'hang';
    {
      await using first = await startProcess(competition, judge, chain.chain);
      await first.tick();
      await until('questions', () => judge.waiting >= 8);
    }
    await until('all let go', () => judge.waiting === 0);
    judge.mode = 'answer';
    {
      await using second = await startProcess(competition, judge, chain.chain);
      await second.tick();
      await until('answers', () => second.ports.matches.settled().length === 2);
      // Dies before it publishes.
    }
    const asked = judge.asked.length;
    await using third = await startProcess(competition, judge, chain.chain);
    await third.until('the request', async () => (await requestsOf(competition)).includes(A));
    expect(judge.asked.length).toBe(asked);
    expect((await matrixOf(competition)).toSorted()).toEqual(['leader>A 1', 'leader>B -1']);
  });

  it('lose nothing that was judged while the repository is out of reach', async () => {
    await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] });
    await using service = await startProcess(competition, judge, chain.chain);
    const store = path.join(competition.dir, 'objects');
    await service.tick();
    await until('a verdict', () => service.ports.matches.settled().length === 1);
    await rename(competition.remote, `${competition.remote}.away`);
    await expect(service.tick()).rejects.toMatchObject({ fault: { code: 'unreachable' } });
    // Not even what was kept on disk is needed.
    await rm(store, { recursive: true });
    await rename(`${competition.remote}.away`, competition.remote);
    const asked = judge.asked.length;
    await service.tick();
    expect(await matrixOf(competition)).toEqual(['leader>A -1']);
    expect(judge.asked.length).toBe(asked);
  });

  it('lose nothing that was judged when another copy was faster', async () => {
    await using competition = await duelsOf({
      leader: 5,
      challengers: [
        [A, 2],
        [B, 7],
      ],
    });
    await using service = await startProcess(competition, judge, chain.chain);
    await service.tick();
    await until('verdicts', () => service.ports.matches.settled().length === 2);
    // Between the tick's look and its publish, another copy of the service publishes one of the matches.
    const { ledger } = service.ports;
    let raced = false;
    const racing = new Proxy(ledger, {
      get(target, name) {
        if (name !== 'publish') return Reflect.get(target, name).bind(target);
        return async (draft: Parameters<typeof ledger.publish>[0]) => {
          if (!raced) {
            raced = true;
            const report = await draft.read(stateFiles.matchReport, { round: 0, side: A, left: LEADER });
            await competition.publishAs('judge-service', (other) => {
              if (report === undefined) throw new Error('no report');
              other.write(stateFiles.matchReport, { round: 0, side: A, left: LEADER }, report);
              const { left, right, margin } = report;
              other.write(stateFiles.matchMatrix, { round: 0 }, [{ left, right, margin }]);
            });
          }
          return await target.publish(draft);
        };
      },
    });
    await expect(tick({ ...service.ports, ledger: racing })).rejects.toMatchObject({ fault: { code: 'conflict' } });
    const asked = judge.asked.length;
    await service.tick();
    expect((await matrixOf(competition)).toSorted()).toEqual(['leader>A 1', 'leader>B -1']);
    expect(judge.asked.length).toBe(asked);
  });

  it('finish although no answer can be kept: the store only saves questions', async () => {
    await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] });
    const storeDir = path.join(competition.dir, 'broken');
    await using service = await startProcess(competition, judge, chain.chain, { storeDir });
    // A file where the store wants a folder.
    await rm(storeDir, { recursive: true });
    await writeFile(storeDir, '');
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect(await matrixOf(competition)).toEqual(['leader>A -1']);
  });

  it('say which file is missing when the round’s state is not whole', async () => {
    await using competition = await startCompetition({ stage: 'duels', prompts: PROMPTS });
    await using service = await startProcess(competition, judge, chain.chain);
    await expect(service.tick()).rejects.toMatchObject({ fault: { path: 'rounds/0/submissions.json' } });
  });
});

describe('the duels, when a state file is gone', () => {
  it('count it as no loss: a miner whose files are no longer listed does not lose by that', async () => {
    const submissions = { ...submissionOf(A, 500), ...submissionOf(B, 501) };
    await using competition = await duelsOf({ leader: 5, challengers: [[B, 2]] }, { submissions });
    await using service = await startProcess(competition, judge, chain.chain);
    const path = `rounds/0/${A}/submitted.json is missing`;
    await service.until('an alarm', () => JSON.stringify(service.said.lines).includes(path));
    // The others play on.
    await service.until('the other match', async () => (await matrixOf(competition)).length > 0);
    expect(await matrixOf(competition)).toEqual(['leader>B 1']);
  });
});

describe('the duels, amended', () => {
  it('judge a match again on order: every question again, a row more, a report that names the amendment', async () => {
    await using competition = await duelsOf(
      { leader: 5, challengers: [[A, 2]] },
      { rules: (rules) => ({ ...rules, tournament: { ...rules.tournament, require_source_audit: false } }) },
    );
    await using service = await startProcess(competition, judge, chain.chain);
    await service.until('the request', async () => (await requestsOf(competition)).includes(A));
    const asked = judge.asked.length;
    await competition.amend({ action: 'rejudge_match', left: LEADER, right: A });
    await service.until('a second row', async () => (await matrixOf(competition)).length === 2);
    expect(judge.asked.length).toBe(2 * asked);
    const report = await competition.read(stateFiles.matchReport, { round: 0, side: A, left: LEADER });
    expect(report?.amendment).toBe(1);
    await audit(competition, A, 'passed');
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect(await matrixOf(competition)).toEqual(['leader>A 1', 'leader>A 1']);
  });

  it('let a running match begin again when it is ordered again', async () => {
    await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] });
    judge.mode = 'hang';
    await using service = await startProcess(competition, judge, chain.chain);
    await service.tick();
    await until('questions', () => judge.waiting === 4);
    await competition.amend({ action: 'rejudge_match', left: LEADER, right: A });
    judge.mode = 'answer';
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    const report = await competition.read(stateFiles.matchReport, { round: 0, side: A, left: LEADER });
    expect([report?.amendment, (await matrixOf(competition)).length]).toEqual([1, 1]);
  });

  it('go on without an excluded challenger, and stop asking about it', async () => {
    await using competition = await duelsOf({
      leader: 5,
      challengers: [
        [A, 2],
        [B, 7],
      ],
    });
    judge.mode = 'hang';
    await using service = await startProcess(competition, judge, chain.chain);
    await service.tick();
    await until('questions', () => judge.waiting === 8);
    await competition.amend({ action: 'exclude_hotkey', hotkey: A });
    await service.tick();
    await until('half of them let go', () => judge.waiting === 4);
    judge.mode = 'answer';
    await competition.amend({ action: 'exclude_hotkey', hotkey: C });
    await competition.amend({ action: 'exclude_hotkey', hotkey: B });
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect(await competition.read(stateFiles.winner, { round: 0 })).toMatchObject({ winner_hotkey: LEADER });
    expect(await matrixOf(competition)).toEqual([]);
  });

  it('stop for a pause, ask nothing while it lasts, and finish after the resume', async () => {
    await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] });
    judge.mode = 'hang';
    await using service = await startProcess(competition, judge, chain.chain);
    await service.tick();
    await until('questions', () => judge.waiting === 4);
    await competition.amend({ action: 'pause', stage: 'duels' });
    await service.tick();
    expect((await competition.subjects())[0]).toBe('Update state (paused) for round 0');
    await service.tick();
    await until('all let go', () => judge.waiting === 0);
    const asked = judge.asked.length;
    judge.mode = 'answer';
    for (let n = 0; n < 3; n += 1) await service.tick();
    expect([judge.asked.length, await competition.stage()]).toEqual([asked, 'paused']);
    await competition.amend({ action: 'resume', stage: 'duels' });
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect(await matrixOf(competition)).toEqual(['leader>A -1']);
  });

  it('take no report of an earlier round for one of this round', async () => {
    await using before = await duelsOf({ leader: 2, challengers: [[A, 6]] });
    await using service = await startProcess(before, judge, chain.chain);
    await service.tick();
    await until('a verdict', () => service.ports.matches.settled().length === 1);
    // The repository was out of reach until the next round was in its duels.
    await using now = await startCompetition({
      ...{ stage: 'duels', round: 1, prompts: PROMPTS, submissions: submissionOf(A, 500) },
      files: [
        file(stateFiles.submitted, { round: 1, side: A }, filesOf(2)),
        file(stateFiles.generated, { round: 1, side: LEADER }, filesOf(6)),
      ],
    });
    const ledger = await now.ledger('judge-service');
    const margins = async () => ((await now.read(stateFiles.matchMatrix, { round: 1 })) ?? []).map((row) => row.margin);
    await until('a row', async () => {
      await tick({ ...service.ports, ledger });
      return (await margins()).length > 0;
    });
    expect(await margins()).toEqual([1]);
  });

  it('keep what had been judged before a pause', async () => {
    await using competition = await duelsOf({ leader: 2, challengers: [[A, 6]] });
    await using service = await startProcess(competition, judge, chain.chain);
    await service.tick();
    await until('a verdict', () => service.ports.matches.settled().length === 1);
    await competition.amend({ action: 'pause', stage: 'duels' });
    for (let n = 0; n < 2; n += 1) await service.tick();
    await competition.amend({ action: 'resume', stage: 'duels' });
    const asked = judge.asked.length;
    await rm(path.join(competition.dir, 'objects'), { recursive: true });
    await service.until('the end', async () => (await competition.stage()) === 'finalizing');
    expect(judge.asked.length).toBe(asked);
  });
});

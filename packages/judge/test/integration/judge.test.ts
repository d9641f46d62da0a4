import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Sha256 } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PairwiseDetail } from '../../src/gen3d/index.js';
import { JudgeError } from '../../src/index.js';
import { chatServer, imagesOf, judgeBy, say, sendJson } from '../support/chat-server.js';
import { DUEL, judgeAt, listeningLog, temporaryStore } from '../support/judge-at.js';

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let nextSeed = 0;

/** A duel that no other test has asked about: answers are kept. */
const freshDuel = () => ({ ...DUEL, seed: nextSeed++ });
const preferLeft = judgeBy((url) => (url.endsWith('left.png') ? 2 : 6));

beforeAll(async () => {
  temporary = await temporaryStore();
});

afterAll(() => temporary[Symbol.asyncDispose]());

describe('a duel', () => {
  it('is won by the side with the lower penalty, in whichever order it is shown', async () => {
    await using server = await chatServer(preferLeft);
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result).toMatchObject({
      resolved: true,
      winner: 'left',
      evidence: { prompt: null, left_png: null, right_png: null },
      detail: { left_penalty: 2, right_penalty: 6 },
    });
    expect(server.requests).toHaveLength(2);
  });

  it('shows the prompt and both sides, once in each order, as the rules say', async () => {
    await using server = await chatServer(preferLeft);
    await judgeAt(server.baseUrl, temporary.store, { endpoint: { apiKey: 'k-1' } }).duel({
      ...DUEL,
      seed: 4_000_000_000,
    });
    const [prompt, left, right] = ['https://prompts.example/chair.png', DUEL.left.gridUrl, DUEL.right.gridUrl];
    expect(server.requests.map(imagesOf)).toEqual(
      expect.arrayContaining([
        [prompt, left, right],
        [prompt, right, left],
      ]),
    );
    for (const request of server.requests) {
      expect(request).toMatchObject({ model: 'vlm-1', seed: 4_000_000_000, temperature: 0 });
      expect(request.response_format).toMatchObject({ type: 'json_schema', json_schema: { strict: true } });
    }
    expect(server.headers).toEqual(['Bearer k-1', 'Bearer k-1']);
  });

  it('is a draw when a judge only likes what it sees first', async () => {
    await using server = await chatServer((_request, response) => {
      say(response, JSON.stringify({ penalty_1: 1, penalty_2: 8, issues: 'the second is worse' }));
    });
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result).toMatchObject({ winner: 'draw', detail: { left_penalty: 4.5, right_penalty: 4.5 } });
  });

  it.each([
    [5, 6, 'draw'],
    [5, 6.1, 'left'],
    [7, 5.9, 'right'],
  ])('with penalties %d and %d is %s', async (left, right, winner) => {
    await using server = await chatServer(judgeBy((url) => (url.endsWith('left.png') ? left : right)));
    expect(await judgeAt(server.baseUrl, temporary.store).duel(freshDuel())).toMatchObject({ winner });
  });

  it('says what was wrong, and in which order it was seen', async () => {
    await using server = await chatServer(preferLeft);
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    const [left, right] = [DUEL.left.gridUrl, DUEL.right.gridUrl];
    expect(result.resolved && result.issues).toBe(
      `[left first] ${left} before ${right} [right first] ${right} before ${left}`,
    );
  });

  it('shows a text prompt as a text', async () => {
    await using server = await chatServer(preferLeft);
    await judgeAt(server.baseUrl, temporary.store).duel({ ...freshDuel(), prompt: { text: 'a red "chair"' } });
    expect(server.requests.map((request) => imagesOf(request).length)).toEqual([2, 2]);
    expect(JSON.stringify(server.requests[0]?.messages[1])).toContain('a red');
  });

  it('decides by the mean of all judges, and keeps what each of them found', async () => {
    // One is sure that right is better, two waver towards left.
    const penalties: Readonly<Record<string, readonly [number, number]>> = { a: [9, 1], b: [3, 4.5], c: [3, 4.5] };
    await using server = await chatServer(
      judgeBy((url, model) => penalties[model]?.[url.endsWith('left.png') ? 0 : 1] ?? 0),
    );
    const judges = [{ model: 'a' }, { model: 'b' }, { model: 'c' }];
    const result = await judgeAt(server.baseUrl, temporary.store, { judging: { judges } }).duel(freshDuel());
    expect(result).toMatchObject({ winner: 'right' });
    const detail = PairwiseDetail.parse(result.resolved && result.detail);
    expect(detail.judges.map(({ model, winner }) => [model, winner])).toEqual([
      ['a', 'right'],
      ['b', 'left'],
      ['c', 'left'],
    ]);
    expect(detail).toMatchObject({ left_penalty: 5, draw_threshold: 1 });
    expect(detail.right_penalty).toBeCloseTo(10 / 3);
    expect(detail.judges.every(({ calls }) => calls.length === 2)).toBe(true);
  });

  it('hands through the hashes of what was judged', async () => {
    await using server = await chatServer(preferLeft);
    const [a, b, c] = ['a', 'b', 'c'].map((digit) => Sha256.parse(digit.repeat(64)));
    const result = await judgeAt(server.baseUrl, temporary.store).duel({
      ...freshDuel(),
      prompt: { imageUrl: 'https://prompts.example/chair.png', sha256: a },
      left: { ...DUEL.left, gridSha256: b },
      right: { ...DUEL.right, gridSha256: c },
    });
    expect(result).toMatchObject({ evidence: { prompt: a, left_png: b, right_png: c } });
  });

  it('is not judged by another strategy than the rules name', () => {
    const work = () => judgeAt('http://127.0.0.1:1/v1', temporary.store, { judging: { strategy: 'multi-stage' } });
    expect(work).toThrow(JudgeError);
    expect(work).toThrow('multi-stage');
  });
});

describe('kept answers', () => {
  it('are not asked for again, not even by another process', async () => {
    await using server = await chatServer(preferLeft);
    const duel = freshDuel();
    const first = await judgeAt(server.baseUrl, temporary.store).duel(duel);
    const second = await judgeAt(server.baseUrl, temporary.store).duel(duel);
    expect(second).toEqual(first);
    expect(server.requests).toHaveLength(2);
  });

  it('stay when the other half of a duel fails, so that only that is asked again', async () => {
    let broken = true;
    await using server = await chatServer((request, response, count) => {
      const isSwapped = imagesOf(request)[1] === DUEL.right.gridUrl;
      if (broken && isSwapped) sendJson(response, 503, { error: { message: 'overloaded' } });
      else preferLeft(request, response, count);
    });
    const judge = judgeAt(server.baseUrl, temporary.store);
    const duel = freshDuel();
    expect(await judge.duel(duel)).toMatchObject({ resolved: false, reason: { code: 'unavailable', httpStatus: 503 } });
    broken = false;
    const before = server.requests.length;
    expect(await judge.duel(duel)).toMatchObject({ resolved: true, winner: 'left' });
    expect(server.requests.length - before).toBe(1);
  });

  it('are not used when a match is judged again', async () => {
    await using server = await chatServer(preferLeft);
    const judge = judgeAt(server.baseUrl, temporary.store);
    const duel = freshDuel();
    await judge.duel(duel);
    await judge.duel({ ...duel, attempt: 1 });
    await judge.duel({ ...duel, attempt: 1 });
    expect(server.requests).toHaveLength(4);
  });

  it('are asked for again when they are damaged', async () => {
    await using server = await chatServer(preferLeft);
    await using own = await temporaryStore();
    const log = listeningLog();
    const duel = freshDuel();
    const first = await judgeAt(server.baseUrl, own.store).duel(duel);
    for (const file of await filesIn(path.join(own.dir, 'judge-answers'))) {
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('"penalty_1":2', '"penalty_1":9')); // in one of the two
    }
    const second = await judgeAt(server.baseUrl, own.store, { log }).duel(duel);
    expect(second).toEqual(first);
    expect(log.warnings).toEqual(['a kept answer of the judge is damaged; it is asked for again']);
    expect(server.requests).toHaveLength(3);
    await judgeAt(server.baseUrl, own.store).duel(duel);
    expect(server.requests).toHaveLength(3);
  });

  it('decide nothing: a store that fails is reported, and the duel is judged', async () => {
    await using server = await chatServer(preferLeft);
    const log = listeningLog();
    const failing = { get: () => Promise.reject(new Error('down')), put: () => Promise.reject(new Error('down')) };
    const judge = judgeAt(server.baseUrl, temporary.store, { log, answers: failing });
    expect(await judge.duel(freshDuel())).toMatchObject({ resolved: true, winner: 'left' });
    expect(new Set(log.warnings)).toEqual(new Set(['kept answers cannot be read', 'an answer cannot be kept']));
  });
});

async function filesIn(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

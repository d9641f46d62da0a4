import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Behaviour, chatServer, judgeBy, say, sendJson } from '../support/chat-server.js';
import { DUEL, judgeAt, temporaryStore } from '../support/judge-at.js';

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let nextSeed = 5_000;
beforeAll(async () => {
  temporary = await temporaryStore();
});
afterAll(() => temporary[Symbol.asyncDispose]());

const good = judgeBy((url) => (url.endsWith('left.png') ? 2 : 6));
const policy: Behaviour = (_request, response) =>
  sendJson(response, 400, { error: { code: 'content_policy_violation', message: 'rejected by the safety system' } });

/** Judges a fresh duel at two endpoints. */
async function judged(first: Behaviour, second: Behaviour) {
  await using one = await chatServer(first);
  await using other = await chatServer(second);
  const endpoint = { apiKey: 'first', fallback: { baseUrl: other.baseUrl, apiKey: 'second' } };
  const judge = judgeAt(one.baseUrl, temporary.store, { endpoint });
  const duel = { ...DUEL, seed: nextSeed++ };
  const result = await judge.duel(duel);
  const again = await judge.duel(duel);
  return { result, again, asked: [one.requests.length, other.requests.length], key: other.headers[0] };
}

describe('an endpoint with another behind it', () => {
  it.each<readonly [string, Behaviour, number]>([
    ['refuses the picture', policy, 2],
    ['has the model refuse in words', (_request, response) => say(response, 'I cannot help with that.'), 6],
    ['says nothing', (_request, response) => say(response, null, 'content_filter'), 6],
    ['is down', (_request, response) => sendJson(response, 503, {}), 6],
  ])('has the other asked where it %s, and the answers kept', async (_what, first, tries) => {
    const { result, again, asked, key } = await judged(first, good);
    expect(result).toMatchObject({ resolved: true, winner: 'left' });
    expect(again).toEqual(result);
    expect(asked).toEqual([tries, 2]);
    expect(key).toBe('Bearer second');
  });

  it('has the other left alone while it answers', async () => {
    const { result, asked } = await judged(good, policy);
    expect([result.resolved, asked]).toEqual([true, [2, 0]]);
  });

  it.each<readonly [string, Behaviour, Behaviour]>([
    ['the first is down', (_request, response) => sendJson(response, 503, {}), policy],
    ['the second is down', policy, (_request, response) => sendJson(response, 503, {})],
  ])('blames no picture where one refuses and %s', async (_what, first, second) => {
    const { result } = await judged(first, second);
    expect(result).toMatchObject({ resolved: false, reason: { code: 'unavailable' } });
  });

  it('leaves the duel unresolved where both refuse', async () => {
    const { result } = await judged(policy, policy);
    expect(result).toMatchObject({ resolved: false, reason: { code: 'refused', httpStatus: 400 } });
  });
});

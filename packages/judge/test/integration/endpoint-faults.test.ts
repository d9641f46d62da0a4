import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mayBeAboutThePicture } from '../../src/index.js';
import { type Behaviour, chatServer, judgeBy, say, sendJson } from '../support/chat-server.js';
import { DUEL, judgeAt, listeningLog, temporaryStore } from '../support/judge-at.js';

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let nextSeed = 0;

const freshDuel = () => ({ ...DUEL, seed: nextSeed++ });
const good = judgeBy((url) => (url.endsWith('left.png') ? 2 : 6));
const GOOD_ANSWER = JSON.stringify({ penalty_1: 2, penalty_2: 6, issues: '' });

/** Things that pass, and what they are called when they do not. */
const PASSING: readonly (readonly [string, 'unavailable' | 'nonsense' | 'declined', Behaviour])[] = [
  ['429', 'unavailable', (_request, response) => sendJson(response, 429, { error: { message: 'slow down' } })],
  ['500', 'unavailable', (_request, response) => sendJson(response, 500, { error: { message: 'oops' } })],
  ['502 in HTML', 'unavailable', (_request, response) => response.writeHead(502).end('<html>Bad gateway</html>')],
  ['503', 'unavailable', (_request, response) => sendJson(response, 503, {})],
  ['408', 'unavailable', (_request, response) => sendJson(response, 408, {})],
  ['a reset connection', 'unavailable', (_request, response) => response.destroy()],
  [
    'a body that is cut off',
    'unavailable',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
      response.write('{"choices":[');
      setTimeout(() => response.destroy(), 10);
    },
  ],
  ['a body that is not JSON', 'unavailable', (_request, response) => jsonText(response, '{"choices":')],
  ['a redirect', 'unavailable', (_request, response) => response.writeHead(302, { location: '/v1/other' }).end()],
  ['HTML', 'unavailable', (_request, response) => response.writeHead(200).end('<html>Welcome</html>')],
  ['an empty body', 'unavailable', (_request, response) => response.writeHead(200).end()],
  ['no content', 'unavailable', (_request, response) => response.writeHead(204).end()],
  [
    'a stream of events',
    'unavailable',
    (_request, response) => response.writeHead(200).end('data: {"choices":[]}\n\n'),
  ],
  [
    'a body that is not packed as it says',
    'unavailable',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end('{"choices":[]}');
    },
  ],
  ['an error with status 200', 'unavailable', (_request, response) => sendJson(response, 200, { error: 'no' })],
  [
    'an error beside an answer',
    'unavailable',
    (_request, response) =>
      sendJson(response, 200, { error: { code: 502 }, choices: choiceOf({ content: GOOD_ANSWER }) }),
  ],
  [
    'an error inside the choice',
    'unavailable',
    (_request, response) => sendJson(response, 200, { choices: [{ message: { content: '' }, error: { code: 503 } }] }),
  ],
  ['a choice that ends with an error', 'unavailable', (_request, response) => say(response, '', 'error')],
  ['a piece of a stream', 'unavailable', (_request, response) => sendJson(response, 200, { choices: [{ delta: {} }] })],
  [
    'an answer of an interface without chats',
    'unavailable',
    (_request, response) => sendJson(response, 200, { choices: [{ text: GOOD_ANSWER }] }),
  ],
  ['choices of nothing', 'unavailable', (_request, response) => sendJson(response, 200, { choices: [null] })],
  ['a list with an error', 'unavailable', (_request, response) => sendJson(response, 200, [{ error: { code: 1 } }])],
  ['a status of a gateway alone', 'unavailable', (_request, response) => sendJson(response, 499, {})],
  [
    'a failure of what is behind it',
    'unavailable',
    (_request, response) =>
      sendJson(response, 424, { error: 'Request failed during generation', error_type: 'generation' }),
  ],
  [
    'a picture that could not be fetched, told in a list',
    'unavailable',
    (_request, response) =>
      sendJson(response, 400, [{ error: { code: 400, message: 'Cannot fetch content from o.' } }]),
  ],
  [
    'a picture that could not be fetched, told without an error',
    'unavailable',
    (_request, response) => sendJson(response, 400, { object: 'error', message: 'Error downloading o', code: 40001 }),
  ],
  [
    'a provider that is overloaded, told as a bad request',
    'unavailable',
    (_request, response) =>
      sendJson(response, 400, {
        error: { code: 400, message: 'Provider returned error', metadata: { raw: '{"detail":"Model overloaded"}' } },
      }),
  ],
  ['no choices', 'unavailable', (_request, response) => sendJson(response, 200, { choices: [] })],
  ['choices of null', 'unavailable', (_request, response) => sendJson(response, 200, { choices: null })],
  [
    'a picture that could not be fetched',
    'unavailable',
    (_request, response) =>
      sendJson(response, 400, { error: { message: 'Timeout while downloading https://o/x.png.' } }),
  ],
  ['a content filter', 'declined', (_request, response) => say(response, null, 'content_filter')],
  [
    'a refusal',
    'declined',
    (_request, response) => sendJson(response, 200, { choices: choiceOf({ content: null, refusal: 'I cannot.' }) }),
  ],
  [
    'a refusal among the parts',
    'declined',
    (_request, response) =>
      sendJson(response, 200, { choices: choiceOf({ content: [{ type: 'refusal', refusal: 'I cannot.' }] }) }),
  ],
  [
    'its reasoning only',
    'nonsense',
    (_request, response) => sendJson(response, 200, { choices: choiceOf({ content: '', reasoning_content: 'Hm.' }) }),
  ],
  [
    'the call of a tool',
    'nonsense',
    (_request, response) => sendJson(response, 200, { choices: choiceOf({ content: null, tool_calls: [{}] }) }),
  ],
  ['an answer without end', 'nonsense', (_request, response) => say(response, `${GOOD_ANSWER}${' '.repeat(200_000)}`)],
  ['silence', 'nonsense', (_request, response) => say(response, null)],
  ['prose', 'nonsense', (_request, response) => say(response, `The first is better: ${GOOD_ANSWER}`)],
  ['an answer that is cut off', 'nonsense', (_request, response) => say(response, '{"penalty_1": 2, "pen', 'length')],
  ['a missing penalty', 'nonsense', (_request, response) => say(response, '{"penalty_1": 2, "issues": ""}')],
  ['a penalty of 11', 'nonsense', (_request, response) => say(response, GOOD_ANSWER.replace('6', '11'))],
  ['a penalty of -1', 'nonsense', (_request, response) => say(response, GOOD_ANSWER.replace('6', '-1'))],
  ['a penalty in words', 'nonsense', (_request, response) => say(response, GOOD_ANSWER.replace('6', '"six"'))],
  ['a penalty of null', 'nonsense', (_request, response) => say(response, GOOD_ANSWER.replace('6', 'null'))],
];

beforeAll(async () => {
  temporary = await temporaryStore();
});

afterAll(() => temporary[Symbol.asyncDispose]());

describe('an endpoint that stumbles', () => {
  it.each(PASSING)('is asked again after %s', async (_what, _code, stumble) => {
    await using server = await chatServer((request, response, count) => {
      (count <= 2 ? stumble : good)(request, response, count);
    });
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result).toMatchObject({ resolved: true, winner: 'left' });
    expect(server.requests).toHaveLength(4);
  });

  it.each(PASSING)('fault 24: leaves the duel unresolved when there is only ever %s', async (_what, code, stumble) => {
    await using server = await chatServer(stumble);
    const log = listeningLog();
    const result = await judgeAt(server.baseUrl, temporary.store, { log }).duel(freshDuel());
    expect(result).toMatchObject({ resolved: false, reason: { code, model: 'vlm-1', tries: 3 } });
    if (!result.resolved) expect(mayBeAboutThePicture(result.reason)).toBe(code === 'declined');
    expect(server.requests).toHaveLength(6);
    expect(log.warnings).toEqual(['a duel stays unresolved']);
  });

  it.each([
    ['a Markdown fence', `\`\`\`json\n${GOOD_ANSWER}\n\`\`\``],
    ['white space', `\n ${GOOD_ANSWER}\n`],
    ['further fields', GOOD_ANSWER.replace('{', '{"reasoning":"…",')],
  ])('is understood despite %s', async (_what, answer) => {
    await using server = await chatServer((_request, response) => say(response, answer));
    expect(await judgeAt(server.baseUrl, temporary.store).duel(freshDuel())).toMatchObject({ resolved: true });
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    ['a list of parts', [{ type: 'text', text: GOOD_ANSWER }]],
    [
      'several parts',
      [
        { type: 'text', text: GOOD_ANSWER.slice(0, 9) },
        { type: 'text', text: GOOD_ANSWER.slice(9) },
      ],
    ],
    [
      'a part that thinks beside one that answers',
      [
        { type: 'reasoning', text: 'Hm.' },
        { type: 'text', text: GOOD_ANSWER },
      ],
    ],
    ['parts of kinds that nobody knows', [null, 7, { type: 'thinking', thinking: [] }, { text: GOOD_ANSWER }]],
    ['a list of texts', [GOOD_ANSWER]],
  ])('is understood where its content is %s', async (_what, content) => {
    await using server = await chatServer((_request, response) =>
      sendJson(response, 200, { choices: choiceOf({ content }) }),
    );
    expect(await judgeAt(server.baseUrl, temporary.store).duel(freshDuel())).toMatchObject({ resolved: true });
  });

  it.each([
    ['an error of null', { error: null }, {}],
    ['empty errors', { error: '' }, { error: {} }],
    ['an error that is false', { error: false }, {}],
    ['a reason of another type', {}, { finish_reason: 0 }],
  ])('is understood beside %s', async (_what, completion, choice) => {
    const message = { content: GOOD_ANSWER, refusal: false, reasoning: { effort: 'low' }, tool_calls: {} };
    await using server = await chatServer((_request, response) =>
      sendJson(response, 200, { ...completion, choices: [{ message, ...choice }] }),
    );
    expect(await judgeAt(server.baseUrl, temporary.store).duel(freshDuel())).toMatchObject({ resolved: true });
  });

  it.each<readonly [string, string, (text: string) => unknown]>([
    ['in a list', 'API key not valid. Please pass a valid API key.', (text) => [{ error: { message: text } }]],
    ['as a text', 'Input validation error', (text) => ({ error: text, error_type: 'validation' })],
    ['without an error', 'the image cannot be read', (text) => ({ object: 'error', message: text })],
    ['as a detail', 'no such thing', (text) => ({ detail: [{ msg: text }] })],
    ['beside what a provider said', 'bad image', (text) => ({ error: { message: 'x', metadata: { raw: text } } })],
  ])('reports what an endpoint says %s', async (_what, text, bodyOf) => {
    await using server = await chatServer((_request, response) => sendJson(response, 400, bodyOf(text)));
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result.resolved || result.message).toContain(text);
  });

  it('reports a page of a gateway that is no JSON', async () => {
    await using server = await chatServer((_request, response) => response.writeHead(403).end('<h1>Blocked</h1>'));
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result.resolved || result.message).toContain('<h1>Blocked</h1>');
  });

  it.each<readonly [isAboutIt: boolean, status: number, body: unknown]>([
    [true, 400, { error: { code: 'content_policy_violation', message: 'rejected by the safety system' } }],
    [true, 400, { error: { message: 'Invalid image: cannot decode' } }],
    [true, 422, { detail: [{ msg: 'cannot identify image file' }] }],
    [
      false,
      400,
      [{ error: { code: 400, message: 'API key expired. Renew the API key.', status: 'INVALID_ARGUMENT' } }],
    ],
    [false, 400, { error: { message: 'Your credit balance is too low to access the API.' } }],
    [false, 400, { error: { message: 'Budget has been exceeded! Current cost: 10', type: 'budget_exceeded' } }],
    [false, 400, { error: { message: 'vlm-1 is not a valid model ID', code: 400 } }],
    [false, 400, { error: { message: 'This model does not support image input' } }],
    [false, 413, '<html>Request Entity Too Large</html>'],
    [false, 403, { error: { message: 'this image is not for you' } }],
    [false, 400, {}],
    [false, 451, null],
  ])(
    'points to a picture (%s) by the words of a refusal and not by its status %i: %j',
    async (isAboutIt, status, body) => {
      await using server = await chatServer((_request, response) => sendJson(response, status, body));
      const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
      expect(result).toMatchObject({ resolved: false, reason: { code: 'refused' } });
      expect(!result.resolved && mayBeAboutThePicture(result.reason)).toBe(isAboutIt);
    },
  );

  it('is understood where it calls its JSON a text', async () => {
    const body = JSON.stringify({ choices: choiceOf({ content: GOOD_ANSWER }) });
    await using server = await chatServer((_request, response) => response.writeHead(200).end(body));
    expect(await judgeAt(server.baseUrl, temporary.store).duel(freshDuel())).toMatchObject({ resolved: true });
  });

  it('reported: tells the own code and text of an error that comes with status 200', async () => {
    const error = { code: 429, message: 'upstream is rate limited', metadata: {} };
    await using server = await chatServer((_request, response) => sendJson(response, 200, { error }));
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result).toMatchObject({ resolved: false, reason: { code: 'unavailable' } });
    expect(result.resolved || result.message).toContain('error 429: upstream is rate limited');
  });

  it('keeps its key out of an error that comes with status 200', async () => {
    await using server = await chatServer((_request, response) => {
      sendJson(response, 200, { error: { code: 401, message: `${'x'.repeat(280)} sk-very-secret` } });
    });
    const judge = judgeAt(server.baseUrl, temporary.store, { endpoint: { apiKey: 'sk-very-secret' } });
    expect(JSON.stringify(await judge.duel(freshDuel()))).not.toContain('sk-very');
  });

  it('keeps its key out of a page that repeats it', async () => {
    const page = `${'x'.repeat(112)}sk-very-secret`;
    await using server = await chatServer((_request, response) => response.writeHead(200).end(page));
    const judge = judgeAt(server.baseUrl, temporary.store, { endpoint: { apiKey: 'sk-very-secret' } });
    expect(JSON.stringify(await judge.duel(freshDuel()))).not.toContain('sk-');
  });

  it.each([
    [400, 'the image cannot be read'],
    [401, 'wrong key'],
    [403, 'no access'],
    [404, 'no such model'],
    [422, 'no'],
  ])('is not asked again after a refusal with %i, which stays one', async (status, message) => {
    await using server = await chatServer((_request, response) => sendJson(response, status, { error: { message } }));
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result).toMatchObject({ resolved: false, reason: { code: 'refused', httpStatus: status } });
    expect(result.resolved || result.message).toContain(message);
    expect(server.requests).toHaveLength(2);
  });

  it('fault 24: leaves the duel unresolved when nothing listens', async () => {
    const server = await chatServer(good);
    await server[Symbol.asyncDispose]();
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result).toMatchObject({ resolved: false, reason: { code: 'unavailable', tries: 3 } });
    expect(result.resolved || result.message).toContain('ECONNREFUSED');
  });

  it('keeps its key out of what is reported', async () => {
    await using server = await chatServer((_request, response) => {
      sendJson(response, 401, { error: { message: 'Incorrect API key provided: sk-very-secret.' } });
    });
    const result = await judgeAt(server.baseUrl, temporary.store, { endpoint: { apiKey: 'sk-very-secret' } }).duel(
      freshDuel(),
    );
    expect(JSON.stringify(result)).toContain('Incorrect API key');
    expect(JSON.stringify(result)).not.toContain('sk-very-secret');
  });
});

describe('an endpoint and time', () => {
  it('is asked again no sooner than it asks for', async () => {
    const times: number[] = [];
    await using server = await chatServer((request, response, count) => {
      times.push(performance.now());
      if (count <= 2) sendJson(response, 429, {}, { 'retry-after': '1' });
      else good(request, response, count);
    });
    const result = await judgeAt(server.baseUrl, temporary.store).duel(freshDuel());
    expect(result.resolved).toBe(true);
    const [first = 0, , third = 0] = times;
    expect(third - first).toBeGreaterThanOrEqual(1000);
  });

  it('is asked again no sooner than it asks for in an error that comes with status 200', async () => {
    const times: number[] = [];
    await using server = await chatServer((request, response, count) => {
      times.push(performance.now());
      if (count <= 2) sendJson(response, 200, { error: { code: 429, message: 'slow down' } }, { 'retry-after': '1' });
      else good(request, response, count);
    });
    expect(await judgeAt(server.baseUrl, temporary.store).duel(freshDuel())).toMatchObject({ resolved: true });
    const [first = 0, , third = 0] = times;
    expect(third - first).toBeGreaterThanOrEqual(1000);
  });

  it('is not waited for longer than our own bound, whatever it asks for', async () => {
    await using server = await chatServer((request, response, count) => {
      if (count <= 2) sendJson(response, 429, {}, { 'retry-after': '86400' });
      else good(request, response, count);
    });
    const judge = judgeAt(server.baseUrl, temporary.store, { endpoint: { maxWaitMs: 50 } });
    expect(await judge.duel(freshDuel())).toMatchObject({ resolved: true });
  });

  it.each([
    ['never begins to answer', (() => undefined) satisfies Behaviour],
    [
      'drips its answer',
      ((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      }) satisfies Behaviour,
    ],
  ] as const)('gives up a try that %s', async (_what, behave) => {
    await using server = await chatServer(behave as Behaviour);
    const judge = judgeAt(server.baseUrl, temporary.store, { endpoint: { timeoutMs: 150, tries: 2 } });
    const result = await judge.duel(freshDuel());
    expect(result).toMatchObject({ resolved: false, reason: { code: 'unavailable', tries: 2 } });
    expect(result.resolved || result.message).toContain('150 ms');
  });

  it('does not swallow an answer without end', async () => {
    let sentBytes = 0;
    await using server = await chatServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const send = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, ' '))) sentBytes += 65_536;
        if (!response.destroyed) response.once('drain', send);
      };
      send();
    });
    const judge = judgeAt(server.baseUrl, temporary.store, { endpoint: { tries: 1 } });
    expect(await judge.duel(freshDuel())).toMatchObject({ resolved: false, reason: { code: 'unavailable' } });
    expect(sentBytes).toBeLessThan(100_000_000);
  });

  it('is kept as busy as allowed, and no busier, by all matches together', async () => {
    await using server = await chatServer((request, response, count) => {
      setTimeout(() => good(request, response, count), 20);
    });
    const judge = judgeAt(server.baseUrl, temporary.store, { endpoint: { concurrency: 3 } });
    const results = await Promise.all(Array.from({ length: 10 }, () => judge.duel(freshDuel())));
    expect(results.every(({ resolved }) => resolved)).toBe(true);
    expect(server.mostAtOnce).toBe(3);
  });

  it('serves others while a call waits to be tried again', async () => {
    const failing = freshDuel();
    await using server = await chatServer((request, response, count) => {
      if (request.seed === failing.seed) sendJson(response, 503, {}, { 'retry-after': '1' });
      else good(request, response, count);
    });
    const judge = judgeAt(server.baseUrl, temporary.store, { endpoint: { concurrency: 1 } });
    const waiting = judge.duel(failing);
    await sleep(50);
    const first = await Promise.race([judge.duel(freshDuel()), waiting]);
    expect(first).toMatchObject({ resolved: true });
    expect(await waiting).toMatchObject({ resolved: false });
  });

  it('asks first what matters most', async () => {
    await using server = await chatServer((request, response, count) => {
      setTimeout(() => good(request, response, count), 10);
    });
    const judge = judgeAt(server.baseUrl, temporary.store, { endpoint: { concurrency: 1 } });
    const [running, late, urgent] = [freshDuel(), freshDuel(), freshDuel()];
    await Promise.all([
      judge.duel(running),
      judge.duel({ ...late, priority: -1 }),
      judge.duel({ ...urgent, priority: 1 }),
    ]);
    const order = server.requests.map(({ seed }) => seed);
    expect(order.indexOf(urgent.seed)).toBeLessThan(order.indexOf(late.seed));
  });

  it.each([
    ['while it is asked', (() => undefined) as Behaviour],
    [
      'while a call waits to be tried again',
      ((_request, response) => sendJson(response, 503, {}, { 'retry-after': '3600' })) as Behaviour,
    ],
  ])('is let go of at once when the duel is called off %s', async (_when, behave) => {
    await using server = await chatServer(behave);
    const controller = new AbortController();
    const judge = judgeAt(server.baseUrl, temporary.store, {
      // Longer than any test may take: that it ends at all shows that it waits for neither.
      endpoint: { concurrency: 1, timeoutMs: 290_000, maxWaitMs: 290_000 },
    });
    const work = judge.duel({ ...freshDuel(), signal: controller.signal });
    const enough = new Error('enough');
    setTimeout(() => controller.abort(enough), 100);
    await expect(work).rejects.toBe(enough);
  });
});

/** The one choice of a completion, with this message. */
function choiceOf(message: object): readonly object[] {
  return [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', ...message } }];
}

function jsonText(response: Parameters<Behaviour>[1], text: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
}

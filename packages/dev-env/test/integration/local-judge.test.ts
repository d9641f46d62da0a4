import { openEndpoint, readEndpointConfig } from '@tiltyard/judge';
import { openJudge } from '@tiltyard/judge/gen3d';
import { hostAndPort } from '@tiltyard/store';
import OpenAI from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_JUDGE_MODEL, startLocalJudge } from '../../src/gen3d/local-judge/local-judge-server.js';
import { type Cdn, startCdn } from '../../src/gen3d/miners/cdn-server.js';
import { type ListeningProcess, startMain } from '../support/listening-process.js';

const VIEW = 518;
const GRID = 2 * VIEW + 5;

/** A drawing on white: a shape of some colour, moved to the right by some pixels. */
function drawing(colour: string, shape: 'disc' | 'bars', movedPx = 0): Promise<Buffer> {
  const body =
    shape === 'disc'
      ? `<circle cx="${240 + movedPx}" cy="260" r="140" fill="${colour}"/>`
      : [100, 220, 340]
          .map((x) => `<rect x="${x + movedPx}" y="90" width="60" height="330" fill="${colour}"/>`)
          .join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${VIEW}" height="${VIEW}"><rect width="100%" height="100%" fill="white"/>${body}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
}

async function gridOf(views: readonly Buffer[]): Promise<Buffer> {
  const cells = views.map((input, index) => ({
    input,
    left: (index % 2) * (VIEW + 5),
    top: Math.floor(index / 2) * (VIEW + 5),
  }));
  return sharp({ create: { width: GRID, height: GRID, channels: 3, background: '#000' } })
    .composite(cells)
    .png()
    .toBuffer();
}

describe('the local judge, asked through the OpenAI client', () => {
  let pictures: Cdn;
  let judge: ListeningProcess;
  let files: ReadonlyMap<string, Buffer>;

  beforeAll(async () => {
    const bars = await drawing('#309050', 'bars');
    const white = await sharp({ create: { width: VIEW, height: VIEW, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const withThird = async (third: Buffer) => gridOf([bars, bars, third, bars]);
    files = new Map([
      ['/prompt.png', await drawing('#c03020', 'disc')],
      ['/close.png', await withThird(await drawing('#c03020', 'disc', 4))],
      ['/off-colour.png', await withThird(await drawing('#c07820', 'disc', 14))],
      ['/bars.png', await gridOf([bars, bars, bars, bars])],
      ['/blank.png', await gridOf([white, white, white, white])],
      ['/single.png', await drawing('#c03020', 'disc', 4)],
      ['/text.png', Buffer.from('no picture')],
    ]);
    pictures = await startCdn({
      port: 0,
      answer: (path) => {
        const bytes = files.get(path);
        return bytes ? { kind: 'file', bytes, contentType: 'image/png' } : { kind: 'missing' };
      },
    });
    judge = await startMain('local-judge-main', { ALLOW_HOSTS: hostAndPort(new URL(pictures.url)) });
  });

  afterAll(async () => {
    await judge[Symbol.asyncDispose]();
    await pictures.close();
  });

  const client = (baseURL: string, maxRetries = 0) =>
    new OpenAI({ baseURL, apiKey: 'none', maxRetries, timeout: 20_000 });

  async function ask(
    names: readonly string[],
    { baseURL = judge.url, model = LOCAL_JUDGE_MODEL, maxRetries = 0 } = {},
  ) {
    const completion = await client(baseURL, maxRetries).chat.completions.create({
      model,
      temperature: 0,
      seed: 7,
      messages: [
        { role: 'system', content: 'Which is closer?' },
        {
          role: 'user',
          content: names.map((name) => ({
            type: 'image_url' as const,
            image_url: { url: name.startsWith('http') ? name : `${pictures.url}/${name}.png` },
          })),
        },
      ],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'verdict',
          strict: true,
          schema: {
            type: 'object',
            properties: { penalty_1: { type: 'number' }, penalty_2: { type: 'number' }, issues: { type: 'string' } },
            required: ['penalty_1', 'penalty_2', 'issues'],
          },
        },
      },
    });
    return JSON.parse(completion.choices[0]?.message.content ?? '') as {
      penalty_1: number;
      penalty_2: number;
      issues: string;
    };
  }

  it('lists its only model, whose name says that it is no vision-language model', async () => {
    const models = await client(judge.url).models.list();
    expect(models.data.map((model) => model.id)).toEqual([LOCAL_JUDGE_MODEL]);
    expect(LOCAL_JUDGE_MODEL).toContain('not-a-vlm');
  });

  it('gives the lower penalty to what looks more like the prompt in its best view', async () => {
    const verdict = await ask(['prompt', 'close', 'off-colour']);
    expect(verdict.penalty_1).toBeLessThan(verdict.penalty_2 - 1);
    expect(verdict.issues).toContain('descriptor-v1');
    const worse = await ask(['prompt', 'off-colour', 'bars']);
    expect(worse.penalty_1).toBeLessThan(worse.penalty_2 - 1);
  });

  it('gives the same penalties when the sides are swapped, and the same to identical files', async () => {
    const [there, back] = [await ask(['prompt', 'close', 'bars']), await ask(['prompt', 'bars', 'close'])];
    expect([back.penalty_2, back.penalty_1]).toEqual([there.penalty_1, there.penalty_2]);
    const twins = await ask(['prompt', 'bars', 'bars']);
    expect(twins.penalty_1).toBe(twins.penalty_2);
  });

  it('takes a single view as well as a grid', async () => {
    expect((await ask(['prompt', 'single', 'bars'])).penalty_1).toBeLessThan(3);
  });

  it('decides duels for the judge-service, in both orders', async () => {
    const answers = new Map<string, unknown>();
    const log = { debug: () => undefined, warn: () => undefined };
    const duels = openJudge({
      endpoint: openEndpoint(readEndpointConfig({ JUDGE_BASE_URL: judge.url, JUDGE_TRIES: '1' }), log),
      judging: { strategy: 'pairwise', judges: [{ model: LOCAL_JUDGE_MODEL }], draw_threshold: 1, temperature: 0 },
      answers: { get: async (key) => answers.get(key), put: async (key, answer) => void answers.set(key, answer) },
      log,
    });
    const side = (name: string) => ({ gridUrl: `${pictures.url}/${name}.png` });
    const prompt = { imageUrl: `${pictures.url}/prompt.png` };
    const duel = (left: string, right: string) => duels.duel({ prompt, left: side(left), right: side(right), seed: 7 });
    expect(await duel('bars', 'close')).toMatchObject({ resolved: true, winner: 'right' });
    expect(await duel('close', 'off-colour')).toMatchObject({ resolved: true, winner: 'left' });
    expect(await duel('bars', 'bars')).toMatchObject({ resolved: true, winner: 'draw' });
    expect(await duel('bars', 'missing')).toMatchObject({ resolved: false });
  });

  it('gives a blank grid the penalty of another object', async () => {
    expect((await ask(['prompt', 'blank', 'close'])).penalty_1).toBeGreaterThan(9.5);
  });

  it('refuses what it cannot judge, with a status that tells whether another try may help', async () => {
    await expect(ask(['prompt', 'close'])).rejects.toMatchObject({ status: 400 });
    await expect(ask(['prompt', 'close', 'missing'])).rejects.toMatchObject({ status: 400 });
    await expect(ask(['prompt', 'close', 'text'])).rejects.toMatchObject({ status: 400 });
    await expect(ask(['prompt', 'close', 'http://127.0.0.1:9/x.png'])).rejects.toThrow(/blocked_address/);
    await expect(ask(['prompt', 'close', 'bars'], { model: 'gpt-4o' })).rejects.toMatchObject({ status: 404 });
    const broken = await fetch(`${judge.url}/chat/completions`, { method: 'POST', body: '{' });
    expect(broken.status).toBeGreaterThanOrEqual(400);
    expect(broken.status).toBeLessThan(500);
  });

  it.each([
    ['http_429', { status: 429 }],
    ['http_500', { status: 500 }],
    ['garbage', { name: 'SyntaxError' }],
    ['cut_off', { name: 'Error' }],
  ] as const)('misbehaves on purpose with %s', async (kind, failure) => {
    await using faulty = await startLocalJudge({
      host: '127.0.0.1',
      port: 0,
      allowHosts: [],
      faults: { every: 1, kinds: [kind], seed: '' },
      log: { info: () => undefined, warn: () => undefined },
    });
    await expect(ask(['prompt', 'close', 'bars'], { baseURL: faulty.url })).rejects.toMatchObject(failure);
  });

  it('misbehaves as often as told, and a client that tries again gets its answer', async () => {
    await using faulty = await startMain('local-judge-main', {
      ALLOW_HOSTS: hostAndPort(new URL(pictures.url)),
      FAULT_EVERY: '2',
      FAULT_KINDS: 'http_500,cut_off',
      FAULT_SEED: 'a',
    });
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => ask(['prompt', 'close', 'bars'], { baseURL: faulty.url }).catch(() => 'failed')),
    );
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(4);
    expect(await ask(['prompt', 'close', 'bars'], { baseURL: faulty.url, maxRetries: 4 })).toHaveProperty('penalty_1');
  });
});

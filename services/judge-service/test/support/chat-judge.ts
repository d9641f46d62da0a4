import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What was asked of the judge: all texts and image URLs of one request, in order. */
export interface Asked {
  readonly texts: readonly string[];
  readonly images: readonly string[];
  readonly seed: number;
}

/** A judge behind the OpenAI chat API, on loopback. */
export interface ChatJudge extends AsyncDisposable {
  readonly baseUrl: string;
  readonly asked: readonly Asked[];
  /** Requests that wait for an answer now. */
  readonly waiting: number;
  /** `answer` by the pictures, `fail` with 500, `deny` with 401, `hang` without a word. */
  mode: 'answer' | 'fail' | 'deny' | 'hang';
  /** A picture that is refused with 400, whatever the mode. */
  refuses: string | undefined;
  /** A picture that is answered with words instead of an answer. */
  babbles: string | undefined;
  /** A picture on which an upstream's error comes with status 200. */
  failsAt200: string | undefined;
}

interface Part {
  readonly type: string;
  readonly text?: string;
  readonly image_url?: { readonly url: string };
}

/** A picture's penalty is in its URL: `…/p3/chair.png` has 3. */
const penaltyOf = (url: string | undefined) => Number(/\/p(\d+)\//.exec(url ?? '')?.[1] ?? 10);

export async function chatJudge(): Promise<ChatJudge> {
  const asked: Asked[] = [];
  const open = new Set<ServerResponse>();
  const judge = {
    mode: 'answer' as ChatJudge['mode'],
    refuses: undefined as string | undefined,
    babbles: undefined as string | undefined,
    failsAt200: undefined as string | undefined,
  };
  const server = createServer(async (request, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    const body = (await json(request)) as { seed: number; messages: readonly { content: string | readonly Part[] }[] };
    const parts = body.messages.flatMap(({ content }): readonly Part[] => (typeof content === 'string' ? [] : content));
    const images = parts.flatMap((part) => part.image_url?.url ?? []);
    asked.push({ texts: parts.flatMap((part) => part.text ?? []), images, seed: body.seed });
    if (judge.mode === 'hang') return;
    const isRefused = judge.refuses !== undefined && images.includes(judge.refuses);
    if (isRefused || judge.mode === 'fail' || judge.mode === 'deny') {
      const error = { code: 'content_policy_violation', message: 'the picture was rejected by the safety system' };
      response.writeHead(isRefused ? 400 : judge.mode === 'fail' ? 500 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error }));
      return;
    }
    if (judge.failsAt200 !== undefined && images.includes(judge.failsAt200)) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 429, message: 'upstream is rate limited' } }));
      return;
    }
    const [first, second] = images.slice(-2).map(penaltyOf);
    const babbles = judge.babbles !== undefined && images.includes(judge.babbles);
    const content = babbles ? 'A chair!' : JSON.stringify({ penalty_1: first, penalty_2: second, issues: 'none' });
    const message = { role: 'assistant', content };
    const choices = [{ index: 0, finish_reason: 'stop', message }];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 0, model: 'm', choices }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    get waiting() {
      return open.size;
    },
    get mode() {
      return judge.mode;
    },
    set mode(mode) {
      judge.mode = mode;
    },
    get refuses() {
      return judge.refuses;
    },
    set refuses(picture) {
      judge.refuses = picture;
    },
    get babbles() {
      return judge.babbles;
    },
    set babbles(picture) {
      judge.babbles = picture;
    },
    get failsAt200() {
      return judge.failsAt200;
    },
    set failsAt200(picture) {
      judge.failsAt200 = picture;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { createServer, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

/** What the judge sends, as far as these tests look at it. */
export interface ChatRequest {
  readonly model: string;
  readonly seed: number;
  readonly temperature: number;
  readonly messages: readonly [
    { readonly role: 'system'; readonly content: string },
    { readonly role: 'user'; readonly content: readonly ContentPart[] },
  ];
  readonly response_format: { readonly type: string; readonly json_schema: { readonly strict: boolean } };
}

type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

/** Answers one request. `count` is its number, from 1. */
export type Behaviour = (request: ChatRequest, response: ServerResponse, count: number) => void;

/** A real HTTP server that speaks the chat completions API. */
export interface ChatServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly ChatRequest[];
  readonly headers: readonly (string | undefined)[];
  /** Most requests that were under way at once. */
  readonly mostAtOnce: number;
}

export async function chatServer(behave: Behaviour): Promise<ChatServer> {
  const requests: ChatRequest[] = [];
  const headers: (string | undefined)[] = [];
  const busy = { now: 0, most: 0 };
  const server = createServer(async (request, response) => {
    busy.most = Math.max(busy.most, ++busy.now);
    response.on('close', () => busy.now--);
    const body = (await json(request)) as ChatRequest;
    headers.push(request.headers.authorization);
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response.writeHead(404).end();
      return;
    }
    behave(body, response, requests.push(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    baseUrl: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/v1`,
    requests,
    headers,
    get mostAtOnce() {
      return busy.most;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A completion with this text as the model's answer. */
export function say(response: ServerResponse, content: string | null, finishReason = 'stop'): void {
  const message = { role: 'assistant', content };
  const completion = { id: 'c', object: 'chat.completion', created: 0, model: 'm' };
  sendJson(response, 200, { ...completion, choices: [{ index: 0, finish_reason: finishReason, message }] });
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Answers as a judge that looks at the URLs: `penaltyOf` says what each picture deserves. */
export function judgeBy(penaltyOf: (url: string, model: string) => number): Behaviour {
  return (request, response) => {
    const [first = '', second = ''] = imagesOf(request).slice(-2);
    const penalties = { penalty_1: penaltyOf(first, request.model), penalty_2: penaltyOf(second, request.model) };
    say(response, JSON.stringify({ ...penalties, issues: `${first} before ${second}` }));
  };
}

export function imagesOf(request: ChatRequest): readonly string[] {
  return request.messages[1].content.flatMap((part) => (part.type === 'image_url' ? [part.image_url.url] : []));
}

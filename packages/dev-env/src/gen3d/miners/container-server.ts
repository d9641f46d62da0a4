import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpUrl } from '@tiltyard/schema';
import PQueue from 'p-queue';
import type { MillisecondRange } from '../../server/environment.js';
import { listenOnLoopback } from '../../server/loopback-server.js';
import type { SampleLog } from '../../server/sample-log.js';
import type { ObjectSource } from '../objects/object-source.js';
import type { Recognise } from './catalogue.js';
import { CHARACTERS, type CharacterName } from './characters.js';
import { type GenerateRequest, RequestFault, readGenerateRequest } from './generate-request.js';
import { makeGlb } from './make-glb.js';

export interface ContainerOptions {
  readonly character: CharacterName;
  readonly source: ObjectSource;
  readonly recognise: Recognise;
  /** Objects that are made once before the container is healthy, as a real one loads its weights. */
  readonly warmUpObjects: readonly string[];
  readonly host: string;
  readonly port: number;
  /** From start to healthy, at least. */
  readonly warmUpMs: number;
  /** How long a generation takes, by the character's pace. */
  readonly paces: Readonly<Record<'steady' | 'slow', MillisecondRange>>;
  readonly log: SampleLog;
}

/** A running container of a sample miner. */
export interface Container extends AsyncDisposable {
  readonly url: HttpUrl;
  close(): Promise<void>;
}

/** Requests that wait while one is worked on; more are turned away. */
const MAX_WAITING = 32;

/**
 * Serves what a miner's container serves: GET /health answers 200 once it is warm, POST /generate takes a prompt's
 * picture and a seed and answers with a GLB. It works on one request at a time, and all of the time goes before the
 * answer's headers. The same picture and seed give the same bytes.
 */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const queue = new PQueue({ concurrency: 1 });
  const stop = new AbortController();
  let warm = false;
  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      options.log.warn({ error: String(error) }, 'a request failed');
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, { error: 'internal error' });
    });
  });
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/health') return answerJson(response, warm ? 200 : 503, { status: warm ? 'ok' : 'warming up' });
    if (path !== '/generate') return answerJson(response, 404, { error: 'no such path' });
    if (request.method !== 'POST') return answerJson(response, 405, { error: 'only POST' });
    if (!warm) return answerJson(response, 503, { error: 'warming up' });
    if (queue.size >= MAX_WAITING) return answerJson(response, 429, { error: 'too many requests wait' });
    const asked = await readGenerateRequest(request);
    if (asked instanceof RequestFault) return answerJson(response, asked.status, { error: asked.message });
    await queue.add(() => generate(asked, response, options));
  };
  const listening = await listenOnLoopback(server, options.port, options.host);
  warmUp(options, stop.signal).then(
    () => {
      warm = true;
    },
    (error: unknown) => options.log.warn({ error: String(error) }, 'never warm: an object cannot be made'),
  );
  const close = async (): Promise<void> => {
    stop.abort();
    await listening.close();
  };
  return { url: listening.url, close, [Symbol.asyncDispose]: close };
}

/** Makes every object once, so that a source that prepares its objects has done so before time is taken. */
async function warmUp({ character, source, warmUpObjects, warmUpMs }: ContainerOptions, signal: AbortSignal) {
  const leastMs = sleep(warmUpMs, undefined, { signal }).catch(() => undefined);
  for (const object of new Set(warmUpObjects)) {
    if (signal.aborted) return;
    await makeGlb({ character, role: 'container', source, object, seed: 0 });
  }
  await leastMs;
}

async function generate(asked: GenerateRequest, response: ServerResponse, options: ContainerOptions): Promise<void> {
  if (response.destroyed) return; // its client has given up while it waited for its turn
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const startedMs = performance.now();
  const { character, source, recognise, paces } = options;
  const object = recognise(asked.picture)?.object;
  if (!object) return answerJson(response, 422, { error: 'a sample miner knows only the pictures of its catalogue' });
  const glb = await makeGlb({ character, role: 'container', source, object, seed: asked.seed });
  if (!glb) return answerJson(response, 500, { error: 'this character makes nothing' });
  const paceMs = generationMs(asked, paces[CHARACTERS[character].pace]);
  await sleep(Math.max(0, startedMs + paceMs - performance.now()), undefined, { signal: gone.signal }).catch(() => {});
  if (response.destroyed) return;
  response.writeHead(200, { 'content-type': 'model/gltf-binary', 'content-length': glb.byteLength }).end(glb);
}

/** A time in the range that depends on the request alone. */
function generationMs({ picture, seed }: GenerateRequest, { fromMs, toMs }: MillisecondRange): number {
  const draw = createHash('sha256').update(picture).update(String(seed)).digest().readUInt32BE(0) / 2 ** 32;
  return fromMs + draw * (toMs - fromMs);
}

function answerJson(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

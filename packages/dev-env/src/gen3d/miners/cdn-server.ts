import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { HttpUrl } from '@tiltyard/schema';
import { listenOnLoopback } from '../../server/loopback-server.js';
import { type Attack, attack } from './hostile-answers.js';

/** What a miner's CDN does when a file is asked for. */
export type CdnAnswer =
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly contentType: string }
  | { readonly kind: 'attack'; readonly attack: Attack }
  | { readonly kind: 'missing' };

export interface CdnOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** The answer for a path such as `/mug-030.glb`. */
  readonly answer: (path: string) => CdnAnswer;
}

/** A running CDN. */
export interface Cdn extends AsyncDisposable {
  /** Its address without a slash at the end: what a miner submits as `cdn_url`. */
  readonly url: HttpUrl;
  close(): Promise<void>;
}

/** Serves a sample miner's files on 127.0.0.1. */
export async function startCdn({ port, answer }: CdnOptions): Promise<Cdn> {
  const server = createServer((request, response) => {
    serve(answer, request, response).catch(() => response.destroy());
  });
  const { url, close } = await listenOnLoopback(server, port);
  return { url, close, [Symbol.asyncDispose]: close };
}

async function serve(answer: CdnOptions['answer'], request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const url = new URL(request.url ?? '/', 'http://localhost');
  const found = answer(url.pathname);
  if (found.kind === 'attack') return attack(found.attack, url, response);
  if (found.kind === 'missing') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such file\n');
    return;
  }
  response.writeHead(200, { 'content-type': found.contentType, 'content-length': found.bytes.byteLength });
  response.end(request.method === 'HEAD' ? undefined : found.bytes);
}

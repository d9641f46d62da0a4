import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { HOSTILE_FILES, type HostileFile } from './hostile-files.js';

/** Everything that the hostile CDN does instead of serving a file: hostile files, and hostile answers. */
export type Attack = HostileFile | 'private_redirect' | 'endless_redirect' | 'endless_body';

/**
 * In the order in which a round's prompts meet them. The first eight differ in what they attack, since that is how many
 * prompts a round of the demo has.
 */
export const ATTACKS: readonly Attack[] = [
  'huge_accessor',
  'png_bomb',
  'external_uri',
  'private_redirect',
  'endless_body',
  'garbage',
  'node_cycle',
  'non_finite',
  'endless_redirect',
  'deep_nodes',
];

/** The attack for the prompt at some place of the round's list. */
export function attackAt(index: number): Attack {
  return ATTACKS[index % ATTACKS.length] ?? 'garbage';
}

const CHUNK = Buffer.alloc(64 * 1024, 'tiltyard ');
/** An endless body ends some day all the same, so that a forgotten connection does not run for ever. */
const ENDLESS_LIMIT_MS = 600_000;

/** Answers a request with an attack. Resolves when the answer is complete or the client has gone. */
export async function attack(kind: Attack, url: URL, response: ServerResponse): Promise<void> {
  switch (kind) {
    case 'private_redirect':
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
      return;
    case 'endless_redirect':
      url.searchParams.set('hop', String(Number(url.searchParams.get('hop') ?? 0) + 1));
      response.writeHead(302, { location: `${url.pathname}${url.search}` }).end();
      return;
    case 'endless_body':
      return endlessBody(response);
    default:
      response.writeHead(200, { 'content-type': 'model/gltf-binary' }).end(hostileFile(kind));
  }
}

const files = new Map<HostileFile, Uint8Array>();

/** A hostile file, made once: a bomb takes a while to pack. */
function hostileFile(kind: HostileFile): Uint8Array {
  const file = files.get(kind) ?? HOSTILE_FILES[kind]();
  files.set(kind, file);
  return file;
}

async function endlessBody(response: ServerResponse): Promise<void> {
  const over = AbortSignal.timeout(ENDLESS_LIMIT_MS);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => gone.abort());
  const signal = AbortSignal.any([over, gone.signal]);
  response.writeHead(200, { 'content-type': 'model/gltf-binary' });
  while (!signal.aborted) {
    if (!response.write(CHUNK)) await once(response, 'drain', { signal }).catch(() => undefined);
  }
  response.destroy();
}

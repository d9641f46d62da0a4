import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Secret, Sha256 } from '@tiltyard/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DINOV3_MODEL, type FetchModelOptions, fetchModel } from '../../src/index.js';

const CONTENT = randomBytes(300_000);
const MODEL = {
  ...DINOV3_MODEL,
  sizeBytes: CONTENT.length,
  sha256: Sha256.parse(createHash('sha256').update(CONTENT).digest('hex')),
};
const PATH = `/${MODEL.repository}/resolve/${MODEL.revision}/${MODEL.file}`;
const fault = (facts: object) => expect.objectContaining({ fault: expect.objectContaining(facts) });

describe('fetching the model', () => {
  let dir: string;
  const servers: Server[] = [];

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const fetchFrom = (endpoint: string, options: Partial<FetchModelOptions> = {}) =>
    fetchModel({ dir, token: new Secret('hf_secret'), endpoint, model: MODEL, retryDelayMs: 5, ...options });
  /** Answers like an object store: ranges, and only so many bytes before the connection breaks. */
  const storeOf =
    (content: Buffer, cutAfter = Number.POSITIVE_INFINITY): RequestListener =>
    (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
      response.writeHead(from > 0 ? 206 : 200, from > 0 ? range : {});
      const rest = content.subarray(from);
      if (rest.length <= cutAfter) response.end(rest);
      else response.write(rest.subarray(0, cutAfter), () => response.destroy());
    };

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'tiltyard-models-'));
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await rm(dir, { recursive: true, force: true });
  });

  it('follows the Hub to its store, shows the token to the Hub alone, and leaves only the model', async () => {
    const seen: { path: string; token: string | undefined }[] = [];
    const store = await serve((request, response) => {
      seen.push({ path: request.url ?? '', token: request.headers.authorization });
      storeOf(CONTENT)(request, response);
    });
    const hub = await serve((request, response) => {
      seen.push({ path: request.url ?? '', token: request.headers.authorization });
      response.writeHead(302, { location: `${store}/blob` }).end();
    });
    const progress: number[] = [];
    const { modelFile, embedderId } = await fetchFrom(hub, { onProgress: (at) => progress.push(at.receivedBytes) });
    expect(seen).toEqual([
      { path: PATH, token: 'Bearer hf_secret' },
      { path: '/blob', token: undefined },
    ]);
    expect((await readFile(modelFile)).equals(CONTENT)).toBe(true);
    expect(await readdir(dir)).toEqual([path.basename(modelFile)]);
    expect(embedderId).toContain(MODEL.sha256);
    expect(progress.at(-1)).toBe(CONTENT.length);
  });

  it('does not fetch what is there, and fetches again what was damaged', async () => {
    let requests = 0;
    const hub = await serve((request, response) => {
      requests++;
      storeOf(CONTENT)(request, response);
    });
    const { modelFile } = await fetchFrom(hub);
    await fetchFrom(hub);
    expect(requests).toBe(1);
    const damaged = Buffer.from(CONTENT);
    damaged[1000] = (damaged[1000] ?? 0) ^ 1;
    await writeFile(modelFile, damaged);
    await fetchFrom(hub);
    expect((await readFile(modelFile)).equals(CONTENT)).toBe(true);
  });

  it('goes on after a lost connection, in the same call and in the next', async () => {
    const ranges: (string | undefined)[] = [];
    const hub = await serve((request, response) => {
      ranges.push(request.headers.range);
      storeOf(CONTENT, 120_000)(request, response);
    });
    await expect(fetchFrom(hub, { attempts: 2 })).rejects.toEqual(fault({ code: 'download_failed' }));
    expect(await readdir(dir)).toEqual([expect.stringMatching(/\.partial$/)]);
    const { modelFile } = await fetchFrom(hub);
    expect((await readFile(modelFile)).equals(CONTENT)).toBe(true);
    expect(ranges.length).toBeGreaterThan(2);
    expect(ranges.slice(1).every((range) => range !== undefined)).toBe(true);
  });

  it('starts over where ranges are not served', async () => {
    let requests = 0;
    const hub = await serve((_request, response) => {
      response.writeHead(200);
      if (++requests === 1) response.write(CONTENT.subarray(0, 100_000), () => response.destroy());
      else response.end(CONTENT);
    });
    const { modelFile } = await fetchFrom(hub);
    expect((await readFile(modelFile)).equals(CONTENT)).toBe(true);
  });

  it('refuses another file of the same size, and keeps nothing of it', async () => {
    const hub = await serve(storeOf(randomBytes(CONTENT.length)));
    await expect(fetchFrom(hub)).rejects.toEqual(fault({ code: 'model_mismatch', expected: MODEL.sha256 }));
    expect(await readdir(dir)).toEqual([]);
  });

  it('stops reading an endless file at the size it must have', async () => {
    const hub = await serve((_request, response) => {
      const more = () => {
        while (response.write(CONTENT)) if (response.destroyed) return;
      };
      response.on('drain', more);
      more();
    });
    await expect(fetchFrom(hub)).rejects.toEqual(
      fault({ code: 'download_failed', detail: expect.stringMatching(/more/) }),
    );
    expect(await readdir(dir)).toEqual([]);
  });

  it.each([
    { status: 401, reason: /token/, requests: 1 },
    { status: 403, reason: /licence/, requests: 1 },
    { status: 404, reason: /unexpected/, requests: 1 },
    { status: 503, reason: /unexpected/, requests: 3 },
    { status: 429, reason: /unexpected/, requests: 3 },
  ])('says what to do about HTTP $status, and retries only what may pass', async ({ status, reason, requests }) => {
    let count = 0;
    const hub = await serve((_request, response) => {
      count++;
      response.writeHead(status).end('no');
    });
    await expect(fetchFrom(hub, { attempts: 3 })).rejects.toEqual(
      fault({ code: 'download_failed', status, detail: expect.stringMatching(reason) }),
    );
    expect(count).toBe(requests);
  });

  it('gives up on silence, and stops on request', async () => {
    const hub = await serve((_request, response) => {
      response.writeHead(200);
      response.write(CONTENT.subarray(0, 1000));
    });
    await expect(fetchFrom(hub, { attempts: 1, idleTimeoutMs: 100 })).rejects.toEqual(
      fault({ code: 'download_failed', detail: 'silent for 100 ms' }),
    );
    const stop = new AbortController();
    const stopped = fetchFrom(hub, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
  });

  it('never follows to plain http on another host', async () => {
    const hub = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://192.0.2.1/model' }).end();
    });
    await expect(fetchFrom(hub, { attempts: 1 })).rejects.toEqual(fault({ code: 'download_failed' }));
  });
});

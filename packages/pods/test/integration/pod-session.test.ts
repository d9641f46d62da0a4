import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { isMinersFault, PodError, PodSession, type PodSessionOptions } from '../../src/index.js';

const fault = (facts: object) => expect.objectContaining({ fault: expect.objectContaining(facts) });
const IMAGE = { kind: 'image', image: Buffer.from('a picture'), fileName: 'chair.png' } as const;

describe('a session with a pod', () => {
  const servers: Server[] = [];
  const sessions: PodSession[] = [];

  async function listen(server: Server): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  async function sessionWith(listener: RequestListener, pod: Partial<PodSessionOptions> = {}): Promise<PodSession> {
    return sessionAt(await listen(createServer(listener)), pod);
  }
  function sessionAt(url: string, pod: Partial<PodSessionOptions> = {}): PodSession {
    const session = new PodSession({ url, proxied: false, ...pod });
    sessions.push(session);
    return session;
  }
  const formOf = async (request: IncomingMessage) =>
    new Response(await buffer(request), {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    }).formData();
  async function failureOf(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('sends the picture, the seed and the bearer token as the miner’s interface says', async () => {
    const seen: unknown[] = [];
    const session = await sessionWith(
      async (request, response) => {
        const form = await formOf(request);
        const file = form.get('prompt_image_file');
        if (!(file instanceof File)) throw new Error('no file');
        seen.push(
          request.method,
          request.url,
          request.headers.authorization,
          form.get('seed'),
          file.name,
          await file.text(),
        );
        response.end('glTF');
      },
      { bearer: 'token' },
    );
    const { glb } = await session.generate({ prompt: IMAGE, seed: 4294967295 });
    expect(Buffer.from(await glb).toString()).toBe('glTF');
    expect(seen).toEqual(['POST', '/generate', 'Bearer token', '4294967295', 'chair.png', 'a picture']);
  });

  it('sends a text as the field prompt, and no file', async () => {
    let fields: [string, unknown][] = [];
    const session = await sessionWith(async (request, response) => {
      fields = [...(await formOf(request)).entries()];
      response.end('glTF');
    });
    await session.generate({ prompt: { kind: 'text', text: 'a wicker chair, ünïcode' }, seed: 7 });
    expect(fields).toEqual([
      ['prompt', 'a wicker chair, ünïcode'],
      ['seed', '7'],
    ]);
  });

  it('measures until the headers, and takes the next request while the body still comes', async () => {
    const finish: (() => void)[] = [];
    const session = await sessionWith((_request, response) => {
      setTimeout(() => {
        response.writeHead(200);
        response.write('begin ');
        finish.push(() => response.end('end'));
      }, 150);
    });
    const first = await session.generate({ prompt: IMAGE, seed: 1 });
    expect(first.generationSeconds).toBeGreaterThan(0.14);
    const second = await session.generate({ prompt: IMAGE, seed: 2 });
    for (const each of finish) each();
    expect(Buffer.from(await first.glb).toString()).toBe('begin end');
    expect(Buffer.from(await second.glb).toString()).toBe('begin end');
  });

  it.each([400, 404, 422, 500, 503])(
    'charges the miner for its own %i, with the first 200 characters',
    async (status) => {
      const session = await sessionWith((_request, response) => response.writeHead(status).end('x'.repeat(5000)));
      const error = await failureOf(session.generate({ prompt: IMAGE, seed: 1 }));
      expect(error).toEqual(fault({ code: 'miner_status', status, body: 'x'.repeat(200) }));
      expect(isMinersFault(error)).toBe(true);
    },
  );

  it('does not charge the miner for what a provider’s gateway answers in its place', async () => {
    const session = await sessionWith((_request, response) => response.writeHead(502).end('bad gateway'), {
      proxied: true,
    });
    const error = await failureOf(session.generate({ prompt: IMAGE, seed: 1 }));
    expect(error).toEqual(fault({ code: 'pod_unreachable' }));
    expect(isMinersFault(error)).toBe(false);
  });

  it('charges the miner for a 500 behind a gateway, and never follows a redirect', async () => {
    for (const status of [500, 302]) {
      const answer: RequestListener = (_request, response) => response.writeHead(status, { location: '/x' }).end();
      const session = await sessionWith(answer, { proxied: true });
      await expect(session.generate({ prompt: IMAGE, seed: 1 })).rejects.toEqual(
        fault({ code: 'miner_status', status }),
      );
    }
  });

  it('charges the miner for overtime while its machine still takes connections', async () => {
    const session = await sessionWith((request, response) => {
      if (request.url === '/health') response.end('ok');
    });
    const error = await failureOf(session.generate({ prompt: IMAGE, seed: 1, hardLimitMs: 100 }));
    expect(error).toEqual(fault({ code: 'overtime', hardLimitMs: 100 }));
    expect(isMinersFault(error)).toBe(true);
  });

  it('does not charge the miner when the pod is gone, before or in the middle of a generation', async () => {
    const gone = createServer();
    const url = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    servers.pop();
    const refused = await failureOf(sessionAt(url).generate({ prompt: IMAGE, seed: 1 }));
    expect(refused).toEqual(fault({ code: 'pod_unreachable' }));

    const session = await sessionWith((request) => request.socket.destroy());
    const broken = await failureOf(session.generate({ prompt: IMAGE, seed: 1 }));
    expect(broken).toEqual(fault({ code: 'pod_unreachable' }));
    expect([refused, broken].map(isMinersFault)).toEqual([false, false]);
  });

  it('does not charge the miner when its machine vanished without closing the connection', async () => {
    const server = createServer(() => void server.close()); // Takes no more connections; this one stays silent.
    const session = sessionAt(await listen(server));
    const error = await failureOf(session.generate({ prompt: IMAGE, seed: 1, hardLimitMs: 100 }));
    expect(error).toEqual(fault({ code: 'pod_unreachable' }));
  });

  it.each([
    ['text that is not HTTP', 'what do you want?\n\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x-long: 0123456789\r\n'.repeat(10_000)}`],
    ['chunks that are none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzzzz\r\n'],
  ])('charges the miner for %s', async (_name, answer) => {
    const session = await sessionWith((request) => void request.socket.write(answer));
    const error = await failureOf(session.generate({ prompt: IMAGE, seed: 1 }).then(({ glb }) => glb));
    expect(error).toEqual(fault({ code: 'miner_protocol' }));
    expect(isMinersFault(error)).toBe(true);
  });

  it('does not charge the miner for a body that breaks off with its pod', async () => {
    const session = await sessionWith((_request, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('half', () => setTimeout(() => response.destroy(), 20));
    });
    const { glb } = await session.generate({ prompt: IMAGE, seed: 1 });
    const error = await failureOf(glb);
    expect(error).toEqual(fault({ code: 'pod_unreachable' }));
    expect(isMinersFault(error)).toBe(false);
  });

  it('stops reading a body at the limit, however much would follow', async () => {
    let written = 0;
    const session = await sessionWith((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536;
      };
      response.on('drain', more);
      more();
    });
    const { glb } = await session.generate({ prompt: IMAGE, seed: 1, maxBytes: 1_000_000 });
    const error = await failureOf(glb);
    expect(error).toEqual(fault({ code: 'too_large', maxBytes: 1_000_000 }));
    expect(isMinersFault(error)).toBe(true);
    expect(written).toBeLessThan(50_000_000);
  });

  it('accepts a body of exactly the limit, and refuses an empty one', async () => {
    const session = await sessionWith((_request, response) => response.end('12345'));
    expect(await (await session.generate({ prompt: IMAGE, seed: 1, maxBytes: 5 })).glb).toHaveLength(5);
    const empty = await sessionWith((_request, response) => response.end());
    await expect((await empty.generate({ prompt: IMAGE, seed: 1 })).glb).rejects.toEqual(fault({ code: 'empty' }));
  });

  it('charges the miner for a body that trickles past its time', async () => {
    const session = await sessionWith((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const { glb } = await session.generate({ prompt: IMAGE, seed: 1, downloadMs: 150 });
    const error = await failureOf(glb);
    expect(error).toEqual(fault({ code: 'download_overtime', downloadMs: 150 }));
    expect(isMinersFault(error)).toBe(true);
  });

  it('stops on request at any moment, and charges no attempt', async () => {
    const enough = new Error('enough');
    const silent = await sessionWith(() => undefined);
    const atOnce = silent.generate({ prompt: IMAGE, seed: 1, signal: AbortSignal.abort(enough) });
    await expect(atOnce).rejects.toBe(enough);
    const waiting = silent.generate({ prompt: IMAGE, seed: 1, signal: AbortSignal.timeout(50) });
    await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });

    const trickling = await sessionWith((_request, response) => void response.write('x'));
    const stop = new AbortController();
    const { glb } = await trickling.generate({ prompt: IMAGE, seed: 1, signal: stop.signal });
    stop.abort(enough);
    const error = await failureOf(glb);
    expect(error).toBe(enough);
    expect(isMinersFault(error)).toBe(false);
  });

  it('waits through refused connections and 503s until the pod is healthy', async () => {
    let probes = 0;
    const session = await sessionWith((request, response) => {
      probes++;
      if (probes === 1) request.socket.destroy();
      else response.writeHead(probes < 4 ? 503 : 200).end();
    });
    await session.waitHealthy({ timeoutMs: 50_000, intervalMs: 10 });
    expect(probes).toBe(4);
  });

  it('gives up on a pod that never gets healthy, and says what it last answered', async () => {
    const session = await sessionWith((_request, response) => response.writeHead(500).end('loading weights'));
    await expect(session.waitHealthy({ timeoutMs: 100, intervalMs: 20 })).rejects.toEqual(
      fault({ code: 'not_healthy', last: 'health is 500: loading weights' }),
    );
    const hanging = await sessionWith(() => undefined);
    await expect(hanging.waitHealthy({ timeoutMs: 200, intervalMs: 20 })).rejects.toEqual(
      fault({ code: 'not_healthy' }),
    );
    const stopped = hanging.waitHealthy({ signal: AbortSignal.timeout(50) });
    await expect(stopped).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('does not call a pod unhealthy that it could not even ask', async () => {
    const nameless = sessionAt('http://pod.invalid:80');
    await expect(nameless.waitHealthy({ timeoutMs: 100, intervalMs: 20 })).rejects.toEqual(
      fault({ code: 'pod_unreachable' }),
    );
  });

  it('counts nothing but a miner’s own failures as its attempts', () => {
    expect(isMinersFault(new Error('anything'))).toBe(false);
    expect(isMinersFault(undefined)).toBe(false);
    expect(isMinersFault(new PodError({ code: 'name_taken', name: 'pod', image: 'image' }))).toBe(false);
  });
});

import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { startTransferWatch } from '../../src/download/transfer-watch.js';
import { type DownloadOptions, downloadBytes, downloadToFile, sha256Of } from '../../src/index.js';
import { faultCodeOf } from '../support/fault-code.js';
import { testServer } from '../support/hostile-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const GLB = Buffer.from('glTF and some more bytes');

describe('a guarded download', () => {
  it('gives the bytes, their hash and their type', async () => {
    await using server = await testServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'model/gltf-binary' }).end(GLB);
    });
    const download = await downloadBytes(`${server.url}/a.glb`, { allowHosts: [server.host] });
    expect(download).toMatchObject({
      ok: true,
      sha256: sha256Of(GLB),
      sizeBytes: GLB.byteLength,
      contentType: 'model/gltf-binary',
      url: `${server.url}/a.glb`,
    });
    expect(download.ok && Buffer.from(download.bytes)).toEqual(GLB);
  });

  it('writes to a file, and leaves none when it fails', async () => {
    await using folder = await temporaryFolder();
    await using server = await testServer((request, response) => {
      response.writeHead(200, request.url === '/cut' ? { 'content-length': 1000 } : {});
      response.write(GLB);
      if (request.url === '/cut') setTimeout(() => response.destroy(), 20);
      else response.end();
    });
    const file = path.join(folder.dir, 'a.glb');
    expect(await downloadToFile(server.url, file, { allowHosts: [server.host] })).toMatchObject({ ok: true, file });
    expect(await readFile(file)).toEqual(GLB);
    const cut = await downloadToFile(`${server.url}/cut`, path.join(folder.dir, 'b.glb'), {
      allowHosts: [server.host],
    });
    expect(cut).toMatchObject({ ok: false, code: 'cut_off', retryable: true });
    expect(await readdir(folder.dir)).toEqual(['a.glb']);
  });

  it("calls a failure to write ours, not the server's", async () => {
    await using server = await testServer((_request, response) => response.end(GLB));
    const work = downloadToFile(server.url, '/no/such/folder/a.glb', { allowHosts: [server.host] });
    expect(await faultCodeOf(work)).toBe('io');
  });

  it.each([
    [404, 'http_404', false],
    [403, 'http_403', false],
    [429, 'http_429', true],
    [500, 'http_500', true],
    [503, 'http_503', true],
    [204, 'http_204', false],
    [206, 'http_206', false],
  ] as const)('names the status %i, and whether another try may help', async (status, code, retryable) => {
    const outcome = await against((_request, response) => response.writeHead(status).end());
    expect(outcome).toMatchObject({ ok: false, code, retryable });
  });
});

describe('a guarded download and where it may go', () => {
  it.each([
    'http://127.0.0.1/a.glb',
    'http://localhost/a.glb',
    'http://0x7f.1/a.glb',
    'http://2130706433/a.glb',
    'http://0/a.glb',
    'http://[::1]/a.glb',
    'http://[::ffff:127.0.0.1]/a.glb',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/a.glb',
    'https://192.168.1.1/a.glb',
    'http://100.100.100.200/a.glb',
  ])('refuses %s', async (url) => {
    expect(await downloadBytes(url)).toMatchObject({ ok: false, code: 'blocked_address', retryable: false });
  });

  it.each([
    'file:///etc/passwd',
    'ftp://cdn.example/a.glb',
    'http://user:secret@cdn.example/a.glb',
    'http://',
    'not a url',
    `http://cdn.example/${'a'.repeat(3000)}`,
  ])('refuses what is not an http(s) URL without credentials: %s', async (url) => {
    expect(await downloadBytes(url)).toMatchObject({ ok: false, code: 'bad_url', retryable: false });
  });

  it('allows a listed host on the listed port only', async () => {
    await using server = await testServer((_request, response) => response.end(GLB));
    const otherPort = await downloadBytes(server.url, { allowHosts: [`127.0.0.1:${server.port + 1}`] });
    expect(otherPort).toMatchObject({ code: 'blocked_address' });
  });

  it.each([
    ['a metadata service', 'http://169.254.169.254/latest/meta-data/', 'blocked_address'],
    ['a file', 'file:///etc/passwd', 'bad_url'],
    ['a URL with credentials', 'http://a:b@cdn.example/', 'bad_url'],
  ])('follows no redirect to %s', async (_what, location, code) => {
    const outcome = await against((_request, response) => response.writeHead(302, { location }).end());
    expect(outcome).toMatchObject({ ok: false, code });
  });

  it('follows no redirect to a host that is not on the list', async () => {
    let reached = false;
    await using inner = await testServer((_request, response) => {
      reached = true;
      response.end('secret');
    });
    const outcome = await against((_request, response) => response.writeHead(307, { location: inner.url }).end());
    expect(outcome).toMatchObject({ ok: false, code: 'blocked_address' });
    expect(reached).toBe(false);
  });

  it('follows three redirects and not four', async () => {
    const chain: RequestListener = (request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end(GLB);
      else response.writeHead(302, { location: `/${left - 1}` }).end('moved');
    };
    await using server = await testServer(chain);
    const options = { allowHosts: [server.host] };
    expect(await downloadBytes(`${server.url}/3`, options)).toMatchObject({ ok: true, url: `${server.url}/0` });
    expect(await downloadBytes(`${server.url}/4`, options)).toMatchObject({ ok: false, code: 'too_many_redirects' });
  });

  it('asks for a name once, and connects to the address of that answer', async () => {
    await using server = await testServer((_request, response) => response.end(GLB));
    let asked = 0;
    // No resolver of this machine knows the name: the connection can only come from the checked answer.
    const rebinding = async () => [{ address: ++asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    const host = `rebind.invalid:${server.port}`;
    expect(await downloadBytes(`http://${host}/`, { lookup: rebinding, allowHosts: [host] })).toMatchObject({
      ok: true,
    });
    expect(asked).toBe(1);
  });

  it('checks a name again on every hop', async () => {
    let reached = 0;
    await using server = await testServer((_request, response) => {
      reached++;
      response.writeHead(302, { location: `http://rebind.invalid:${server.port}/` }).end();
    });
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }];
    const outcome = await downloadBytes(server.url, { lookup, allowHosts: [server.host] });
    expect(outcome).toMatchObject({ ok: false, code: 'blocked_address' });
    expect(reached).toBe(1);
  });

  it("drops the private ones of a name's addresses", async () => {
    const mixed = async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ];
    const outcome = await downloadBytes('http://mixed.example/', { lookup: mixed });
    expect(outcome).toMatchObject({ code: 'blocked_address', message: expect.stringContaining('10.0.0.1, ::1') });
  });
});

describe('a guarded download and its bounds', () => {
  it('fault 27: refuses a body that is announced too large, without reading it', async () => {
    const outcome = await against(
      (_request, response) => response.writeHead(200, { 'content-length': 10_001 }).flushHeaders(),
      {
        maxBytes: 10_000,
      },
    );
    expect(outcome).toMatchObject({ ok: false, code: 'too_large', retryable: false });
  });

  it('fault 27: stops an endless body at the limit', async () => {
    let sentBytes = 0;
    const endless: RequestListener = (_request, response) => {
      const send = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) sentBytes += 16_384;
        if (!response.destroyed) response.once('drain', send);
      };
      send();
    };
    expect(await against(endless, { maxBytes: 1_000_000 })).toMatchObject({ ok: false, code: 'too_large' });
    expect(sentBytes).toBeLessThan(20_000_000);
  });

  it('gives up a body that drips', async () => {
    const dripping: RequestListener = (_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    };
    const outcome = await against(dripping, { totalTimeoutMs: 300 });
    expect(outcome).toMatchObject({ ok: false, code: 'timeout', retryable: true });
  });

  it('gives up a server that brings too few bytes over a window, long before its time is over', async () => {
    const dripping: RequestListener = (_request, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    };
    const limits = { minBytesPerSecond: 1_000, speedWindowMs: 300 };
    const outcome = await against(dripping, limits);
    expect(outcome).toMatchObject({ ok: false, code: 'too_slow', retryable: true, maybeOurs: false });
    expect(outcome.transfer.bytes).toBeGreaterThan(0);
    expect(outcome.transfer.waitedMs).toBeGreaterThanOrEqual(290);
    expect(await against(() => undefined, limits)).toMatchObject({ code: 'too_slow', transfer: { bytes: 0 } });
    // Without a least speed, the whole time alone decides.
    expect(await against(dripping, { minBytesPerSecond: 0, totalTimeoutMs: 400 })).toMatchObject({ code: 'timeout' });
  });

  it('counts bytes as they come, not what they swell to', async () => {
    const zeros = gzipSync(Buffer.alloc(5_000_000));
    const dripping: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      let sent = 0;
      const timer = setInterval(() => {
        response.write(zeros.subarray(sent, sent + 20));
        sent += 20;
      }, 20);
      response.on('close', () => clearInterval(timer));
    };
    const outcome = await against(dripping, { minBytesPerSecond: 10_000, speedWindowMs: 300 });
    expect(outcome).toMatchObject({ ok: false, code: 'too_slow' });
  });

  it('keeps to a server that is slow and steady', async () => {
    const steady: RequestListener = (_request, response) => {
      let chunks = 0;
      const timer = setInterval(() => {
        if (chunks++ < 100) response.write(Buffer.alloc(1_000));
        else response.end(GLB);
      }, 30);
      response.on('close', () => clearInterval(timer));
    };
    // Windows that a machine many times slower still fills.
    const outcome = await against(steady, { minBytesPerSecond: 500, speedWindowMs: 2_000 });
    expect(outcome).toMatchObject({ ok: true, sizeBytes: 100_000 + GLB.byteLength });
  });

  it('does not hold against a server what our own side took', async () => {
    const windows = { minBytesPerSecond: 1_000, speedWindowMs: 2_000 };
    const startedMs = performance.now();
    const watch = startTransferWatch(windows, undefined);
    await watch.ours(() => sleep(2_500));
    expect([watch.tooSlow, watch.signal.aborted]).toEqual([false, false]);
    expect(watch.transfer.waitedMs).toBeLessThanOrEqual(performance.now() - startedMs - 2_490);
    await vi.waitFor(() => expect([watch.tooSlow, watch.signal.aborted]).toEqual([true, true]), { timeout: 50_000 });
    watch[Symbol.dispose]();
  });

  it('gives up an answer that never begins', async () => {
    expect(await against(() => undefined, { totalTimeoutMs: 200 })).toMatchObject({ ok: false, code: 'timeout' });
  });

  it('gives up a name that is never resolved', async () => {
    const lookup = () => new Promise<never>(() => undefined);
    const outcome = await downloadBytes('http://silent.example/', { lookup, connectTimeoutMs: 100 });
    expect(outcome).toMatchObject({ ok: false, code: 'timeout', maybeOurs: true });
  });

  it('gives up a TLS handshake that never ends', async () => {
    await using server = await rawServer(() => undefined);
    const options = { allowHosts: [server.host], connectTimeoutMs: 300 };
    const outcome = await downloadBytes(`https://${server.host}/`, options);
    expect(outcome).toMatchObject({ ok: false, code: 'timeout' });
  });

  it('is ended by its caller with an error, not with a result', async () => {
    await using server = await testServer(() => undefined);
    const enough = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(enough), 50);
    const work = downloadBytes(server.url, { allowHosts: [server.host], signal: controller.signal });
    await expect(work).rejects.toBe(enough);
  });
});

describe('a guarded download and servers that misbehave', () => {
  it('tells a refused connection', async () => {
    const { host } = await closedPort();
    const outcome = await downloadBytes(`http://${host}/`, { allowHosts: [host] });
    expect(outcome).toMatchObject({ ok: false, code: 'connection_failed', retryable: true, maybeOurs: false });
  });

  it('tells a name without addresses', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
    const outcome = await downloadBytes('http://missing.example/', { lookup });
    expect(outcome).toMatchObject({ ok: false, code: 'dns_failed', maybeOurs: false });
  });

  it('does not blame a host for our resolver', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }));
    const outcome = await downloadBytes('http://cdn.example/', { lookup });
    expect(outcome).toMatchObject({ ok: false, code: 'dns_failed', retryable: true, maybeOurs: true });
  });

  it('throws when our own process has no descriptor left', async () => {
    const lookup = () => Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' }));
    expect(await faultCodeOf(downloadBytes('http://cdn.example/', { lookup }))).toBe('out_of_resources');
  });

  it.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n', 'bad_response'],
    ['an endless header', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`, 'bad_response'],
    ['a body that is cut off', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', 'cut_off'],
    ['a chunk that is cut off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nabc', 'cut_off'],
  ])('names %s', async (_what, answer, code) => {
    await using server = await rawServer((socket) => socket.once('data', () => socket.end(answer)));
    const outcome = await downloadBytes(`http://${server.host}/`, { allowHosts: [server.host] });
    expect(outcome).toMatchObject({ ok: false, code });
  });

  it('names a server that does not speak TLS', async () => {
    await using server = await rawServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n')));
    const outcome = await downloadBytes(`https://${server.host}/`, { allowHosts: [server.host] });
    expect(outcome).toMatchObject({ ok: false, code: 'tls_failed' });
  });

  it.each([
    ['gzip', gzipSync(GLB)],
    ['br', brotliCompressSync(GLB)],
  ])('reads a file that is stored as %s', async (encoding, body) => {
    const outcome = await against((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body);
    });
    expect(outcome).toMatchObject({ ok: true, sha256: sha256Of(GLB) });
  });

  it('fault 27: stops a compressed bomb at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const outcome = await against(
      (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
      { maxBytes: 1_000_000 },
    );
    expect(outcome).toMatchObject({ ok: false, code: 'too_large' });
  });

  it('stops compressed padding that never becomes a byte', async () => {
    const nothing = gzipSync(Buffer.alloc(0));
    const outcome = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        const send = () => {
          while (!response.destroyed && response.write(nothing));
          if (!response.destroyed) response.once('drain', send);
        };
        send();
      },
      { maxBytes: 100_000 },
    );
    expect(outcome).toMatchObject({ ok: false, code: 'too_large' });
  });

  it.each(['zstd', 'gzip, gzip', 'gzip'])('does not read a body that is not %s as it should be', async (encoding) => {
    const outcome = await against((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(GLB);
    });
    expect(outcome).toMatchObject({ ok: false, code: 'bad_encoding', retryable: false });
  });
});

async function against(answer: RequestListener, options: DownloadOptions = {}) {
  await using server = await testServer(answer);
  return await downloadBytes(server.url, { allowHosts: [server.host], ...options });
}

async function rawServer(accept: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    accept(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await sleep(0);
    },
  };
}

async function closedPort() {
  const server = await rawServer(() => undefined);
  await server[Symbol.asyncDispose]();
  return server;
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { HttpUrl } from '@tiltyard/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CONTENT_TYPES,
  openFilesystemStore,
  type StoredObject,
  type StoreServer,
  serveStore,
} from '../../src/index.js';
import { faultCodeOf } from '../support/fault-code.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const BYTES = Buffer.from('0123456789');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let dir: string;
let server: StoreServer;
let stored: StoredObject;

beforeAll(async () => {
  folder = await temporaryFolder();
  dir = path.join(folder.dir, 'objects');
  const store = await openFilesystemStore({ dir, publicUrl: HttpUrl.parse('http://127.0.0.1:1') });
  stored = await store.put(BYTES, { contentType: CONTENT_TYPES.glb, maxBytes: 100 });
  await writeFile(path.join(folder.dir, 'secret.json'), '"secret"');
  await mkdir(path.join(dir, 'a'));
  await symlink(path.join(folder.dir, 'secret.json'), path.join(dir, 'a', 'link.json'));
  await mkdir(path.join(dir, 'a', 'folder.json'));
  server = await serveStore({ dir, host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close();
  await folder[Symbol.asyncDispose]();
});

describe('the store server', () => {
  it('serves an object with all that a cache and a browser need', async () => {
    const response = await fetch(`${server.url}/${stored.key}`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('0123456789');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'model/gltf-binary',
      'content-length': '10',
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"${stored.sha256}"`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
    });
  });

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${server.url}/${stored.key}`, { method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe('10');
    expect(await response.text()).toBe('');
  });

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['bytes=10-', 416, 'the range lies outside the object\n', 'bytes */10'],
  ])('answers the range %s', async (range, status, body, contentRange) => {
    const response = await fetch(`${server.url}/${stored.key}`, { headers: { range } });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(body);
    expect(response.headers.get('content-range')).toBe(contentRange);
  });

  it('sends the whole object when it is not the one that the range was begun on', async () => {
    const headers = { range: 'bytes=2-4', 'if-range': '"another"' };
    expect((await fetch(`${server.url}/${stored.key}`, { headers })).status).toBe(200);
  });

  it('does not send again what the reader has', async () => {
    const headers = { 'if-none-match': `"x", W/"${stored.sha256}"` };
    const response = await fetch(`${server.url}/${stored.key}`, { headers });
    expect(response.status).toBe(304);
    expect(response.headers.get('cache-control')).toContain('immutable');
  });

  it.each([
    '/',
    '/sha256/',
    '/sha256',
    '/../secret.json',
    '/a/../../secret.json',
    '/a/%2e%2e/%2e%2e/secret.json',
    '/a/..%2f..%2fsecret.json',
    '//etc/passwd',
    '/.incoming/x.json',
    '/a/link.json',
    '/a/folder.json',
    '/a/missing.json',
    '/a/b.json%00',
    `/${'a'.repeat(5000)}`,
    'http://elsewhere.example/a/b.json',
    '*',
  ])('gives nothing away for %s', async (target) => {
    const answer = await rawRequest(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).not.toContain('secret"');
    expect(answer).toContain('cache-control: no-store');
  });

  it.each(['PUT', 'POST', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    expect((await fetch(`${server.url}/${stored.key}`, { method })).status).toBe(405);
  });

  it('says in a coded error that its port is taken', async () => {
    const port = Number(new URL(server.url).port);
    expect(await faultCodeOf(serveStore({ dir: folder.dir, host: '127.0.0.1', port }))).toBe('unavailable');
  });
});

describe('the store server, against readers that want all of it', () => {
  it('gives one address its share of connections and serves the others meanwhile', async () => {
    await using shared = await serveStore({ dir, host: '127.0.0.1', port: 0, connectionsPerAddress: 3 });
    const port = Number(new URL(shared.url).port);
    const sockets = Array.from({ length: 5 }, () => connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }));
    for (const socket of sockets) socket.on('error', () => undefined);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const [first, , , fourth, fifth] = sockets;
    // The two that were too many end by themselves; those that came first stay.
    await Promise.all([fourth, fifth].map((socket) => socket && once(socket.resume(), 'close')));
    expect((await fetch(`${shared.url}/${stored.key}`)).status).toBe(200);
    // A connection that ends gives its place back.
    first?.end();
    if (first) await once(first.resume(), 'close');
    const again = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    again.write(`GET /${stored.key} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(await text(again)).toContain('0123456789');
    for (const socket of sockets) socket.destroy();
  });

  it('drops a reader that takes an object in drips', async () => {
    const store = await openFilesystemStore({ dir, publicUrl: HttpUrl.parse('http://127.0.0.1:1') });
    const size = 32 * 1024 * 1024;
    const large = await store.put(Buffer.alloc(size, 7), { contentType: CONTENT_TYPES.glb, maxBytes: size });
    const limits = { minBytesPerSecond: 1024 * 1024 * 1024, readerGraceMs: 200 };
    await using strict = await serveStore({ dir, host: '127.0.0.1', port: 0, ...limits });
    const socket = connect(Number(new URL(strict.url).port), '127.0.0.1');
    let taken = 0;
    socket.on('data', (chunk) => {
      taken += chunk.length;
      socket.pause();
      setTimeout(() => socket.resume(), 5);
    });
    socket.write(`GET /${large.key} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    await once(socket, 'close');
    expect(taken).toBeLessThan(size);
  });
});

describe('the store server as a process', () => {
  it('says where it listens, serves, and ends on SIGTERM though a connection stays open', async () => {
    const child = spawnServer({ STORE_DIR: path.join(folder.dir, 'objects'), PORT: '0' });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { listening } = JSON.parse(line) as { listening: string };
    expect((await fetch(`${listening}/${stored.key}`)).status).toBe(200); // fetch keeps its connection alive
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });

  it('does not start without a folder, and says why', async () => {
    const child = spawnServer({ STORE_DIR: '' });
    const [message, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(1);
    expect(message).toContain('STORE_DIR');
  });
});

function spawnServer(env: Readonly<Record<string, string>>) {
  const entry = createRequire(import.meta.url).resolve('@tiltyard/store/main');
  return spawn(process.execPath, [entry], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Sends bytes as they are: an HTTP client would tidy the path first. */
async function rawRequest(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(bytes);
  return await text(socket);
}

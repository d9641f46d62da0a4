import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPageServer, type PageServer } from '../../src/gen3d/demo/page/page-server.js';

describe("the server of a running demo's page", () => {
  let folder: string;
  let server: PageServer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tiltyard-page-server-'));
    await mkdir(path.join(folder, 'page', 'round-0'), { recursive: true });
    await writeFile(path.join(folder, 'page', 'round-0', 'index.html'), '<!doctype html>the round');
    await writeFile(path.join(folder, 'secret.html'), 'not for anybody');
    server = await openPageServer(0, path.join(folder, 'page'));
  });

  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('shows what happens, as a page that loads itself again and as JSON', async () => {
    server.note({ kind: 'progress', round: 0, stage: 'duels', note: 'match <b> v c' });
    const live = await (await fetch(server.url)).text();
    expect(live).toContain('match &lt;b&gt; v c');
    expect(live).toContain('http-equiv="refresh"');
    const status = await (await fetch(`${server.url}status.json`)).json();
    expect(status).toMatchObject({ round: 0, stage: 'duels', phase: 'match <b> v c' });
  });

  it('serves the pages that are written', async () => {
    const answer = await fetch(`${server.url}round-0/index.html`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await answer.text()).toContain('the round');
    expect((await fetch(`${server.url}round-1/index.html`)).status).toBe(404);
  });

  it('leads nowhere else', async () => {
    for (const attempt of [
      '/../secret.html',
      '/round-0/../../secret.html',
      '/%2e%2e/secret.html',
      '//secret.html',
      '/.',
    ]) {
      expect(await rawStatus(attempt), attempt).toBe(404);
    }
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
  });

  it('says that a port is taken in the words of the option', async () => {
    const taken = Number(new URL(server.url).port);
    await expect(openPageServer(taken, folder)).rejects.toMatchObject({
      fault: { code: 'unusable', what: expect.stringMatching(/^port \d+$/) },
    });
  });

  /** As fetch would not: without tidying the path. */
  function rawStatus(rawPath: string): Promise<number | undefined> {
    const { hostname, port } = new URL(server.url);
    return new Promise((resolve, reject) => {
      httpRequest({ hostname, port, path: rawPath }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  }
});

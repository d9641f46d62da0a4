import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Stem, stateFiles } from '@tiltyard/schema/gen3d';
import { hostAndPort } from '@tiltyard/store';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogueEntry } from '../../src/gen3d/miners/catalogue.js';
import { type Cdn, startCdn } from '../../src/gen3d/miners/cdn-server.js';
import type { MinerStatus } from '../../src/gen3d/miners/sample-miner.js';
import { type ListeningProcess, startMain } from '../support/listening-process.js';

const pictures = new Map(
  ['mug', 'car'].map((object) => [`/${object}-030.png`, Buffer.from(`a picture of a ${object}`)]),
);

describe('a sample miner that watches a public state repository', () => {
  let folder: string;
  let pictureServer: Cdn;
  const processes: ListeningProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tiltyard-test-'));
    pictureServer = await startCdn({
      port: 0,
      answer: (asked) => {
        const bytes = pictures.get(asked);
        return bytes ? { kind: 'file', bytes, contentType: 'image/png' } : { kind: 'missing' };
      },
    });
    const entries = [...pictures].map(([name, bytes]) => {
      const object = name.slice(1, -'-030.png'.length);
      return catalogueEntry(bytes, Stem.parse(`${object}-030`), object);
    });
    await writeFile(path.join(folder, 'catalogue.json'), JSON.stringify({ pictures: entries }));
    await git('init', '--quiet', '--initial-branch=main', 'state');
    await commit('open', {});
  });

  afterAll(async () => {
    for (const one of processes) await one[Symbol.asyncDispose]();
    await pictureServer.close();
    await rm(folder, { recursive: true });
  });

  const git = (...args: string[]) => execa('git', args, { cwd: folder });

  async function commit(stage: 'open' | 'miner_generation', files: Readonly<Record<string, string>>): Promise<void> {
    const state = stateFiles.state.codec.format({ current_round: 0, stage, next_stage_eta: null });
    for (const [name, text] of Object.entries({ ...files, 'state.json': state })) {
      await mkdir(path.dirname(path.join(folder, 'state', name)), { recursive: true });
      await writeFile(path.join(folder, 'state', name), text);
    }
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
    await git('-C', 'state', 'add', '.');
    await git('-C', 'state', ...author, 'commit', '--quiet', '-m', stage);
  }

  async function start(character: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
    const started = await startMain('miner-main', {
      CHARACTER: character,
      STATE_REMOTE: path.join(folder, 'state'),
      CATALOGUE: path.join(folder, 'catalogue.json'),
      ALLOW_HOSTS: hostAndPort(new URL(pictureServer.url)),
      POLL_MS: '100',
      ...more,
    });
    processes.push(started);
    return started.url;
  }

  const status = async (url: string): Promise<MinerStatus> =>
    (await (await fetch(`${url}/status`)).json()) as MinerStatus;
  const file = async (url: string, stem: string) => {
    const response = await fetch(`${url}/${stem}.glb`);
    return {
      status: response.status,
      sha256: createHash('sha256')
        .update(Buffer.from(await response.arrayBuffer()))
        .digest('hex'),
    };
  };

  it('serves its files once the prompts are public, and a copycat serves the same bytes', async () => {
    const faithful = await start('faithful');
    const copycat = await start('copycat', { COPY_FROM: faithful });
    const absent = await start('absent');
    expect(await status(faithful)).toMatchObject({ round: null, ready: false, files: 0 });

    const lines = [...pictures.keys()].map((name) => `${pictureServer.url}${name}`);
    await commit('miner_generation', {
      'rounds/0/seed.json': stateFiles.seed.codec.format({ seed: 7 }),
      'rounds/0/prompts.txt': stateFiles.prompts.codec.format([...lines, 'text: a red balloon']),
    });
    for (const url of [faithful, copycat]) {
      await expect
        .poll(() => status(url), { timeout: 20_000 })
        .toMatchObject({ round: 0, ready: true, files: 2, failed: [] });
    }
    await expect.poll(() => status(absent), { timeout: 20_000 }).toMatchObject({ ready: true, files: 0 });

    const original = await file(faithful, 'mug-030');
    expect(original.status).toBe(200);
    expect(await file(copycat, 'mug-030')).toEqual(original);
    expect((await file(absent, 'mug-030')).status).toBe(404);
    expect((await file(faithful, 'teapot-030')).status).toBe(404);
    const manifest = (await (await fetch(`${faithful}/manifest.json`)).json()) as object;
    expect(manifest).toMatchObject({ 'mug-030': original.sha256 });
    expect(Object.keys(manifest)).toEqual(['car-030', 'mug-030']);
  });

  it('is not started as a copycat with no one to copy from', async () => {
    await expect(start('copycat')).rejects.toThrow(/copyFrom/);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLocalPods, PodName, type PodProvider } from '../../src/index.js';
import {
  DEPLOYER,
  type LocalPodsUnderTest,
  localPods,
  processesMentioning,
  SAMPLE_POD,
} from '../support/local-pods.js';
import { podProviderContract } from '../support/pod-provider-contract.js';

podProviderContract('this machine', localPods);

const NAME = PodName.parse('miner-05-abcdefghij-0');
const fault = (facts: object) => expect.objectContaining({ fault: expect.objectContaining(facts) });

describe('pods as local processes', () => {
  let under: LocalPodsUnderTest;
  let provider: PodProvider;
  beforeEach(async () => {
    under = await localPods();
    provider = under.open();
  });
  afterEach(async () => {
    await under.open(100).deleteByPrefix('');
    await under[Symbol.asyncDispose]();
  });

  async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
    for (let i = 0; i < 2000; i++) {
      const seen = await look().catch(() => undefined);
      if (seen !== undefined) return seen;
      await sleep(25);
    }
    throw new Error('it never came');
  }
  const ask = (url: string | undefined, route: string) =>
    eventually(async () => (await fetch(`${url}${route}`)).text());
  const recordFile = () => path.join(under.stateDir, 'pods', `${NAME}.json`);

  it('gives a pod its arguments, its variables and a port, and nothing secret of ours', async () => {
    process.env.TEST_SECRET_OF_OURS = 'secret';
    try {
      const image = await under.publish('local/env:1', { FROM_IMAGE: 'a "b"\n$c' });
      const { url } = await provider.deploy({ name: NAME, image, env: { FROM_REQUEST: 'yes' } });
      const seen = JSON.parse(await ask(url, '/env')) as Record<string, unknown>;
      expect(seen).toMatchObject({
        FROM_IMAGE: 'a "b"\n$c',
        FROM_REQUEST: 'yes',
        PORT: new URL(url ?? '').port,
        argv: ['an argument with "quotes" $HOME'],
      });
      expect(seen.TEST_SECRET_OF_OURS).toBeUndefined();
    } finally {
      delete process.env.TEST_SECRET_OF_OURS;
    }
  });

  it('gives every pod a port of its own', async () => {
    const names = Array.from({ length: 6 }, (_, i) => PodName.parse(`miner-05-abcdefghij-${i}`));
    const pods = await Promise.all(names.map((name) => provider.deploy({ name, image: under.image })));
    expect(new Set(pods.map((pod) => pod.url)).size).toBe(6);
  });

  it('takes a pod’s children along, even those that left its group', async () => {
    const image = await under.publish('local/children:1', { WITH_CHILDREN: under.stateDir });
    const { url } = await provider.deploy({ name: NAME, image });
    await ask(url, '/health');
    const family = await processesMentioning(`WITH_CHILDREN=${under.stateDir}`);
    expect(family).toHaveLength(3);
    await provider.delete(NAME);
    expect(await processesMentioning(`WITH_CHILDREN=${under.stateDir}`)).toEqual([]);
  });

  it('ends the children of a pod whose first process died', async () => {
    const image = await under.publish('local/children:1', { WITH_CHILDREN: under.stateDir });
    const { url } = await provider.deploy({ name: NAME, image });
    await ask(url, '/health');
    const { process: first } = JSON.parse(await readFile(recordFile(), 'utf8')) as { process: { pid: number } };
    process.kill(first.pid, 'SIGKILL');
    expect(await eventually(async () => ((await provider.get(NAME))?.status === 'ended' ? true : undefined))).toBe(
      true,
    );
    expect(await processesMentioning(`WITH_CHILDREN=${under.stateDir}`)).toHaveLength(2);
    await provider.delete(NAME);
    expect(await processesMentioning(`WITH_CHILDREN=${under.stateDir}`)).toEqual([]);
  });

  it('kills a pod that will not end when asked', async () => {
    const image = await under.publish('local/stubborn:1', { IGNORE_TERM: '1' });
    const { url } = await provider.deploy({ name: NAME, image });
    await ask(url, '/health');
    await under.open(200).delete(NAME);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect(await provider.get(NAME)).toBeUndefined();
  });

  it('says why a pod ended, and finds it again rather than starting another one', async () => {
    const image = await under.publish('local/broken:1', { BROKEN: '1' });
    await provider.deploy({ name: NAME, image });
    const ended = await eventually(async () => {
      const pod = await provider.get(NAME);
      return pod?.status === 'ended' ? pod : undefined;
    });
    expect(ended).toMatchObject({ reason: expect.stringContaining('no GPU found') });
    expect(ended.url).toBeUndefined();
    expect(await provider.deploy({ name: NAME, image })).toMatchObject({ status: 'ended' });
  });

  it('never touches a stranger that has the process id of a pod that ended', async () => {
    await provider.deploy({ name: NAME, image: under.image });
    const record = JSON.parse(await readFile(recordFile(), 'utf8')) as { process: { pid: number } };
    // No process id is reused within one clock tick (10 ms); so neither here.
    await sleep(50);
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      process.kill(record.process.pid, 'SIGKILL');
      // As after a reboot, or after enough other processes: the number is somebody else's now.
      record.process.pid = stranger.pid ?? 0;
      await writeFile(recordFile(), JSON.stringify(record));
      expect(await provider.get(NAME)).toMatchObject({ status: 'ended' });
      await provider.delete(NAME);
      expect(stranger.exitCode).toBeNull();
      expect(stranger.signalCode).toBeNull();
      expect(await provider.get(NAME)).toBeUndefined();
    } finally {
      stranger.kill('SIGKILL');
      await once(stranger, 'exit');
    }
  });

  it('leaves no process without a record, whenever its owner is killed', async () => {
    for (const delayMs of [0, 2, 4, 6, 8, 10, 12, 15, 20, 30]) {
      const owner = spawn(process.execPath, [DEPLOYER, under.imageDir, under.stateDir, NAME, under.image], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const ended = once(owner, 'exit');
      await once(owner.stdout, 'data');
      await sleep(delayMs);
      owner.kill('SIGKILL');
      await ended;
      await under.open(100).delete(NAME);
      const ours = () => processesMentioning(under.imageDir).then((all) => all.filter((pid) => pid !== owner.pid));
      const samples = () => processesMentioning(SAMPLE_POD);
      await eventually(async () => ((await ours()).length + (await samples()).length === 0 ? true : undefined));
    }
    expect(await provider.list('')).toEqual([]);
  });

  it.each([
    ['a manifest that is not JSON', '{"command":'],
    ['a manifest without a command', '{"cwd": "/tmp"}'],
    ['a relative directory', '{"command": "true", "cwd": "tmp"}'],
    ['a field that it does not know', '{"command": "true", "cwd": "/tmp", "privileged": true}'],
    ['a directory that is not there', '{"command": "true", "cwd": "/nowhere/at/all"}'],
  ])('refuses %s', async (_name, manifest) => {
    await writeFile(path.join(under.imageDir, `${encodeURIComponent('local/bad:1')}.json`), manifest);
    const made = provider.deploy({ name: NAME, image: 'local/bad:1' });
    await expect(made).rejects.toEqual(fault({ code: 'bad_image', image: 'local/bad:1' }));
    expect(await provider.list('')).toEqual([]);
  });

  it('never looks for an image outside its directory', async () => {
    for (const image of ['../../etc/passwd', '/etc/passwd', '..', 'a\0b', '']) {
      await expect(provider.deploy({ name: NAME, image })).rejects.toEqual(fault({ code: 'bad_image' }));
    }
  });

  it('says in its own terms that its directory cannot be used', async () => {
    const file = path.join(under.stateDir, '..', 'file');
    await writeFile(file, '');
    const blocked = openLocalPods({ imageDir: under.imageDir, stateDir: file });
    await expect(blocked.deploy({ name: NAME, image: under.image })).rejects.toEqual(fault({ code: 'unreachable' }));
    await expect(blocked.list('')).rejects.toEqual(fault({ code: 'unreachable' }));
  });

  it('reports a damaged record instead of guessing', async () => {
    await provider.deploy({ name: NAME, image: under.image });
    const whole = await readFile(recordFile(), 'utf8');
    await writeFile(recordFile(), whole.slice(0, 40));
    await expect(provider.get(NAME)).rejects.toEqual(fault({ code: 'bad_answer' }));
    await writeFile(recordFile(), whole);
  });
});

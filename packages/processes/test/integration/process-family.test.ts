import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endProcesses, processFamily, proportionalSetBytes } from '../../src/index.js';

const ALLOCATE = 'const held = Buffer.alloc(64 * 2 ** 20, 1); console.log("ready"); setInterval(() => held, 1000)';

describe('the processes of a network', () => {
  let root: string;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'tiltyard-processes-'));
  });

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  afterAll(() => rm(root, { recursive: true, force: true }));

  async function startNode(code: string, env: NodeJS.ProcessEnv = {}): Promise<number> {
    const child = spawn(process.execPath, ['-e', code], { env: { PATH: process.env.PATH, ...env }, detached: true });
    started.push(child);
    await once(child.stdout, 'data');
    return child.pid ?? 0;
  }

  const pidsOf = async (ancestor?: number) => (await processFamily(root, ancestor)).map(({ pid }) => pid);

  it('are those whose environment names its folder, and their children', async () => {
    const grandchild = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} });
      console.log(child.pid); setInterval(() => {}, 1000)`;
    const pid = await startNode(grandchild, { STATE: `${root}/state` });
    const family = await pidsOf();
    expect(family).toContain(pid);
    expect(family).toHaveLength(2);
    for (const member of family) process.kill(member, 'SIGKILL');
  });

  it('are those that write their output into its folder, and not those that read there', async () => {
    const log = path.join(root, 'some.log');
    const output = openSync(log, 'a');
    const writer = spawn('sleep', ['60'], { env: { PATH: process.env.PATH }, stdio: ['ignore', output, output] });
    closeSync(output);
    const reader = spawn('tail', ['-f', log], { env: { PATH: process.env.PATH } });
    started.push(writer, reader);
    await Promise.all([once(writer, 'spawn'), once(reader, 'spawn')]);
    const family = await pidsOf();
    expect(family).toContain(writer.pid);
    expect(family).not.toContain(reader.pid);
  });

  it('are not those that a user starts from a shell in its folder, or from one that was there', async () => {
    const looking = await startNode(ALLOCATE, { PWD: `${root}/logs` });
    const elsewhere = await startNode(ALLOCATE, { PWD: '/', OLDPWD: `${root}/logs` });
    const family = await pidsOf();
    expect(family).not.toContain(looking);
    expect(family).not.toContain(elsewhere);
  });

  it('are the descendants of who started them, without itself', async () => {
    const pid = await startNode(ALLOCATE);
    const family = await pidsOf(process.pid);
    expect(family).toContain(pid);
    expect(family).not.toContain(process.pid);
  });

  it('are measured by what they hold in memory', async () => {
    const pid = await startNode(ALLOCATE);
    const bytes = await proportionalSetBytes([pid]);
    expect(bytes).toBeGreaterThan(64 * 2 ** 20);
    expect(bytes).toBeLessThan(400 * 2 ** 20);
    expect(await proportionalSetBytes([2 ** 22 + 1])).toBe(0);
  });

  it('are ended when they are left over, and no others are', async () => {
    const [ours, stranger] = [
      await startNode(ALLOCATE, { DIR: `${root}/x` }),
      await startNode(ALLOCATE, { DIR: `${root}x` }),
    ];
    const { ended } = await endProcesses(root, { graceMs: 0 });
    expect(ended.map(({ pid }) => pid)).toEqual([ours]);
    expect(await pidsOf()).toEqual([]);
    expect(() => process.kill(stranger, 0)).not.toThrow();
  });
});

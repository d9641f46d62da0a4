import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endProcesses, identify, type ProcessIdentity, processFamily, readLog } from '../../src/index.js';
import { startProgram } from '../../src/program.js';

const POLITE = `process.on('SIGTERM', () => { console.log('bye'); process.exit(); });`;
const STUBBORN = `process.on('SIGTERM', () => console.log('no'));`;
/** A child in the group whose parent is gone and that dropped its environment. */
const ORPHAN = `require('node:child_process').spawnSync('/bin/sh', ['-c', 'sleep 600 & echo $!'], { env: {}, stdio: ['ignore', 'inherit', 'ignore'] });`;
const UP = `console.log('up'); setInterval(() => {}, 1000);`;

describe('ending the processes that bear a mark', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tiltyard-end-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function startMarked(code: string): Promise<{ mark: string; logFile: string; leader: ProcessIdentity }> {
    const mark = randomUUID();
    const logFile = path.join(folder, `${mark}.log`);
    const env = { MARK: mark };
    const child = startProgram({ command: process.execPath, args: ['-e', code], env, cwd: folder, logFile });
    await once(child, 'spawn');
    await expect.poll(() => readLog(logFile, 100), { timeout: 30_000 }).toContain('up');
    const leader = await identify(child.pid ?? 0);
    if (leader === undefined) throw new Error('it has ended already');
    return { mark, logFile, leader };
  }

  it('asks before it kills, and lets a process end in its own way', async () => {
    const { mark, logFile, leader } = await startMarked(POLITE + UP);
    const { ended, isOver } = await endProcesses(mark, { graceMs: 60_000, leader });
    expect(isOver).toBe(true);
    expect(ended.map(({ pid }) => pid)).toEqual([leader.pid]);
    expect(await readLog(logFile, 3 + 1)).toBe('bye\n');
  });

  it('kills what does not end when asked', async () => {
    const { mark, logFile } = await startMarked(STUBBORN + UP);
    expect((await endProcesses(mark, { graceMs: 1000 })).isOver).toBe(true);
    expect(await readLog(logFile, 100)).toBe('up\nno\n');
    expect(await processFamily(mark)).toEqual([]);
  });

  it("takes the leader's group along, where nothing else tells whose a process is", async () => {
    const { mark, logFile, leader } = await startMarked(ORPHAN + UP);
    const orphan = await identify(Number.parseInt(await readLog(logFile, 100), 10));
    expect(orphan).toBeDefined();
    expect((await processFamily(mark)).map(({ pid }) => pid)).toEqual([leader.pid]);
    await endProcesses(mark, { graceMs: 0, leader });
    await expect.poll(() => identify(orphan?.pid ?? 0), { timeout: 20_000 }).toBeUndefined();
  });

  it('has nothing to do where no process bears the mark', async () => {
    expect(await endProcesses(randomUUID(), { graceMs: 0 })).toEqual({ ended: [], isOver: true });
  });
});

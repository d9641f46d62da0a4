import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processFamily } from '../../src/index.js';

const GUARD = new URL('../../dist/guard.js', import.meta.url).href;

/** Stands for a demo: guarded, with one process of a network, which it says the number of. Dismisses the guard on SIGTERM. */
const DEMO = `const { spawn } = await import('node:child_process');
const { guardProcesses } = await import(${JSON.stringify(GUARD)});
const root = process.argv[1];
const dismiss = guardProcesses(root);
const env = { STATE: root + '/state' };
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env, detached: true, stdio: 'ignore' });
child.unref();
const busy = setInterval(() => {}, 1000);
const wished = new Promise((resolve) => process.once('SIGTERM', resolve));
process.once('SIGUSR2', () => process.exit(4));
console.log(child.pid);
await wished;
clearInterval(busy);
await dismiss();
process.exitCode = 3;`;

describe('a demo that is guarded', () => {
  let root: string;
  const started: ChildProcess[] = [];

  // Each its own: a guard at work looks for everything of its folder.
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'tiltyard guard ü '));
  });
  afterEach(async () => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
    for (const { pid } of await processFamily(root)) process.kill(pid, 'SIGKILL');
    await rm(root, { recursive: true, force: true });
  });

  async function startDemo(): Promise<ChildProcess> {
    const demo = spawn(process.execPath, ['--input-type=module', '--eval', DEMO, root], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    started.push(demo);
    await once(demo.stdout, 'data');
    return demo;
  }

  const left = async () => (await processFamily(root)).length;

  it('leaves nothing running when it is killed without warning', async () => {
    const demo = await startDemo();
    expect(await left()).toBe(1);
    demo.kill('SIGKILL');
    await expect.poll(left, { timeout: 20_000 }).toBe(0);
  });

  it('leaves nothing running when it exits before its time', async () => {
    const demo = await startDemo();
    demo.kill('SIGUSR2');
    await once(demo, 'exit');
    expect(demo.exitCode).toBe(4);
    expect(await left()).toBe(0);
  });

  it('has a guard that ends nothing once it is dismissed', async () => {
    const demo = await startDemo();
    demo.kill('SIGTERM');
    await once(demo, 'exit');
    expect(demo.exitCode).toBe(3);
    expect(await left()).toBe(1);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { identify, listeningUrl, type ManagedProcess, type ProcessOptions, startProcess } from '../../src/index.js';

const folder = mkdtempSync(path.join(tmpdir(), 'tiltyard-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

const READY = `console.log(JSON.stringify({ listening: 'here-' + process.pid })); setInterval(() => {}, 1000);`;

function options(script: string, more: Partial<ProcessOptions> = {}): ProcessOptions {
  return {
    name: 'sample',
    command: process.execPath,
    args: ['-e', script],
    env: {},
    cwd: folder,
    logFile: path.join(folder, `${Math.random()}.log`),
    ready: listeningUrl,
    ...more,
  };
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a process of the network', () => {
  it('is ready when it says so, and is started again after a kill', async () => {
    await using one = await startProcess(options(READY));
    expect(one.announced).toBe(`here-${one.pid}`);
    const first = one.pid;
    await one.kill();
    expect(isAlive(first)).toBe(false);
    await one.restart();
    expect(one.pid).not.toBe(first);
    expect(one.announced).toBe(`here-${one.pid}`);
  });

  it('takes its group along when it is killed', async () => {
    const child = `const { pid } = require('node:child_process').spawn('sleep', ['600'], { stdio: 'ignore' });`;
    const say = `console.log(JSON.stringify({ listening: String(pid) })); setInterval(() => {}, 1000);`;
    await using one = await startProcess(options(child + say));
    const sleeper = Number(one.announced);
    expect(isAlive(sleeper)).toBe(true);
    await one.kill();
    await expect.poll(() => identify(sleeper), { timeout: 20_000 }).toBeUndefined();
  });

  it('is not waited for any longer than its signal, nor started after it', async () => {
    const interruption = new AbortController();
    let spawned: ManagedProcess | undefined;
    const never = options('setInterval(() => {}, 1000)', {
      readyTimeoutMs: 30_000,
      signal: interruption.signal,
      onSpawned: (process) => {
        spawned = process;
      },
    });
    const starting = startProcess(never);
    interruption.abort(new Error('enough'));
    await expect(starting).rejects.toThrow('enough');
    const pid = spawned?.pid;
    expect(isAlive(pid)).toBe(true);
    await spawned?.stop();
    spawned = undefined;
    await expect(startProcess(never)).rejects.toThrow('enough');
    expect(spawned).toBeUndefined();
  });

  it('is known before it is ready, so that it can be ended', async () => {
    let known: ManagedProcess | undefined;
    const starting = startProcess(
      options('setInterval(() => {}, 1000)', {
        readyTimeoutMs: 30_000,
        onSpawned: (process) => {
          known = process;
        },
      }),
    );
    const pid = known?.pid;
    expect(isAlive(pid)).toBe(true);
    await known?.stop();
    await expect(starting).rejects.toMatchObject({ fault: { code: 'exited', status: 'SIGTERM' } });
    expect(isAlive(pid)).toBe(false);
  });

  it('tells when it ends by itself, and names its log', async () => {
    const one = await startProcess(options(`${READY} setTimeout(() => process.exit(3), 50)`));
    const fault = await new Promise((resolve) => one.onUnexpectedExit((error) => resolve(error.fault)));
    expect(fault).toMatchObject({ code: 'exited', process: 'sample', status: 'status 3', logFile: one.logFile });
  });

  it('that cannot be started fails and can be stopped all the same', async () => {
    let known: ManagedProcess | undefined;
    const starting = startProcess(
      options('', {
        command: '/no/such/program',
        onSpawned: (process) => {
          known = process;
        },
      }),
    );
    await expect(starting).rejects.toMatchObject({ fault: { code: 'exited' } });
    expect(await known?.stop()).toBe(0);
  });

  it('inherits nothing that it is not told', async () => {
    vi.stubEnv('TILTYARD_SECRET_OF_PARENT', 'hunter2');
    onTestFinished(() => void vi.unstubAllEnvs());
    await using one = await startProcess(
      options(
        `console.log(JSON.stringify({ listening: String(process.env.TILTYARD_SECRET_OF_PARENT) })); setInterval(() => {}, 1000)`,
      ),
    );
    expect(one.announced).toBe('undefined');
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectDevnetControl, type DevnetOptions } from '../../src/index.js';

const main = createRequire(import.meta.url).resolve('@tiltyard/devnet/main');
const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const OPTIONS: DevnetOptions = {
  seed: 'process',
  startBlock: 100,
  blockTimeMs: null,
  subnets: [{ netuid: 9, owner: { hotkey: '//Owner' }, maxAllowedUids: 2 }],
};

function run(env: Record<string, string>, argv: readonly string[] = [process.execPath, main]): ChildProcess {
  const [command = '', ...args] = argv;
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function listening(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('stdout is piped');
  for await (const line of createInterface(child.stdout))
    return z.object({ listening: z.string() }).parse(JSON.parse(line)).listening;
  throw new Error('the process ended before it listened');
}

describe('the dev chain as a process', () => {
  it('says where it listens, is controlled over that, stops on SIGTERM, and resumes', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'devnet-'));
    folders.push(folder);
    const env = { DEVNET_OPTIONS: JSON.stringify(OPTIONS), DEVNET_FOLDER: folder };
    const child = run(env);
    let stopped: unknown;
    {
      await using control = await connectDevnetControl(await listening(child));
      expect(await control.status()).toMatchObject({
        head: { number: 100 },
        blockTimeMs: null,
        pendingTransactions: 0,
      });
      expect(await control.jump({ toBlock: 7300 })).toMatchObject({ number: 7300 });
      expect(await control.produce({ blocks: 3 })).toMatchObject({ number: 7303 });
      expect(await control.register({ netuid: 9, hotkey: '//Miner' })).toMatchObject({
        uid: 1,
        block: { number: 7304 },
      });
      expect(await control.fund({ account: '//Miner', rao: 5_000_000 })).toMatchObject({ number: 7305 });
      stopped = await control.status();
    }
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);

    await using control = await connectDevnetControl(await listening(run(env)));
    expect(await control.status()).toEqual(stopped);
  });

  it('halts when its disk takes no more, and has lost nothing that it had announced', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'devnet-'));
    folders.push(folder);
    const env = { DEVNET_OPTIONS: JSON.stringify(OPTIONS), DEVNET_FOLDER: folder };
    // Files may grow to 16 kB; the write that would pass it fails.
    const child = run(env, ['/bin/sh', '-c', 'ulimit -f 32; exec "$0" "$@"', process.execPath, main]);
    let announced = 100;
    {
      await using control = await connectDevnetControl(await listening(child));
      const fill = async () => {
        for (let i = 0; i < 1000; i++) announced = (await control.fund({ account: `//Account${i}`, rao: 1000 })).number;
      };
      await expect(fill()).rejects.toMatchObject({ fault: { code: 'control_failed', devnetCode: 'halted' } });
      await expect(control.produce()).rejects.toMatchObject({ fault: { devnetCode: 'halted' } });
      expect((await control.status()).head.number).toBe(announced);
    }
    expect(announced).toBeGreaterThan(105);
    child.kill('SIGTERM');
    await once(child, 'exit');
    await using control = await connectDevnetControl(await listening(run(env)));
    expect((await control.status()).head.number).toBe(announced);
    expect(await control.produce()).toMatchObject({ number: announced + 1 });
  });

  it('names what it refuses', async () => {
    const child = run({ DEVNET_OPTIONS: JSON.stringify(OPTIONS), DEVNET_PORT: '0' });
    await using control = await connectDevnetControl(await listening(child));
    const refusals = [
      [control.jump({ toBlock: 50 }), 'not_ahead'],
      [control.jump({ blocks: 2_000_000 }), 'jump_too_long'],
      [control.register({ netuid: 9, hotkey: '//Owner' }), 'bad_option'],
      [control.register({ netuid: 10, hotkey: '//New' }), 'bad_option'],
      [control.register({ netuid: 9, hotkey: 'nobody' }), 'bad_option'],
    ] as const;
    for (const [attempt, devnetCode] of refusals) {
      await expect(attempt).rejects.toMatchObject({ fault: { code: 'control_failed', devnetCode } });
    }
    await control.register({ netuid: 9, hotkey: '//First' });
    const full = control.register({ netuid: 9, hotkey: '//Second' });
    await expect(full).rejects.toMatchObject({ fault: { detail: 'SubtensorModule.NoNeuronIdAvailable' } });
    // Naming whom to replace is how a full subnet takes a newcomer at once.
    expect((await control.register({ netuid: 9, hotkey: '//Second', replacing: '//First' })).uid).toBe(1);
  });

  it('ends with code 78 and the name of the field when its options are wrong', async () => {
    const child = run({ DEVNET_OPTIONS: JSON.stringify({ ...OPTIONS, startBlock: -1 }) });
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    expect(await once(child, 'exit')).toEqual([78, null]);
    expect(JSON.parse(said)).toMatchObject({ level: 'error', fault: { code: 'bad_option', option: 'startBlock' } });
  });
});

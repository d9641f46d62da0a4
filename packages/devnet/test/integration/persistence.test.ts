import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DevnetLogger, type DevnetOptions, startDevnet } from '../../src/index.js';

const NETUID = 5;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'devnet-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (options: Partial<DevnetOptions> = {}) =>
  startDevnet({ folder, blockTimeMs: null, subnets: [{ netuid: NETUID, owner: { hotkey: '//Owner' } }], ...options });

/** Makes a chain with registrations in blocks 1, 2 and 13, and a jump between. */
async function makeChain() {
  await using devnet = await start();
  devnet.register({ netuid: NETUID, hotkey: '//A' });
  devnet.register({ netuid: NETUID, hotkey: '//B' });
  devnet.jump({ blocks: 10 });
  devnet.register({ netuid: NETUID, hotkey: '//C' });
  return devnet.status();
}

describe('a dev chain with a folder', () => {
  it('is the same chain after a restart: hashes, time, state', async () => {
    const before = await makeChain();
    await using again = await start();
    expect(again.status()).toEqual(before);
    expect(again.head().number).toBe(13);
    // //C still has its uid, so it cannot be registered again; //D gets the next one.
    expect(() => again.register({ netuid: NETUID, hotkey: '//C' })).toThrow('is registered already');
    expect(again.register({ netuid: NETUID, hotkey: '//D' }).uid).toBe(4);
  });

  it('keeps what follows a jump that lands on an epoch, or of a second jump', async () => {
    {
      await using devnet = await start();
      devnet.jump({ toBlock: 360 });
      devnet.jump({ toBlock: 719 });
      devnet.jump({ toBlock: 720 });
      devnet.register({ netuid: NETUID, hotkey: '//A' });
    }
    await using again = await start();
    expect(again.head().number).toBe(721);
    expect(() => again.register({ netuid: NETUID, hotkey: '//A' })).toThrow('is registered already');
  });

  it('cuts a torn tail off, keeps it aside, says so, and goes on from the last whole block', async () => {
    await makeChain();
    const file = path.join(folder, 'chain.log');
    const whole = readFileSync(file);
    truncateSync(file, whole.length - 20);
    const warnings: object[] = [];
    const logger: DevnetLogger = { info: () => {}, warn: (facts) => void warnings.push(facts) };
    {
      await using again = await start({ log: logger });
      expect(again.head().number).toBe(12);
      expect(warnings).toEqual([expect.objectContaining({ head: 12 })]);
      expect(again.register({ netuid: NETUID, hotkey: '//C' }).uid).toBe(3);
    }
    expect(readdirSync(folder).some((name) => name.startsWith('chain.log.cut-at-'))).toBe(true);
    await using third = await start({ log: logger });
    expect(third.head().number).toBe(13);
    expect(warnings.length).toBe(1);
  });

  it('notices a flipped bit anywhere after the first record', async () => {
    await makeChain();
    const file = path.join(folder, 'chain.log');
    const whole = readFileSync(file);
    const genesisEnd = whole.indexOf('\n') + 1;
    const last = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (const [at, head] of [
      [genesisEnd + 3, 0],
      [last + 40, 12],
    ] as const) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      writeFileSync(file, damaged);
      await using again = await start();
      expect(again.head().number).toBe(head);
    }
  });

  it('refuses other options, a second owner, and a file that is not its own', async () => {
    await makeChain();
    await expect(start({ seed: 'another' })).rejects.toMatchObject({ fault: { code: 'genesis_mismatch' } });
    await expect(start({ startTimeMs: 1_790_000_000_000 })).rejects.toMatchObject({
      fault: { code: 'genesis_mismatch' },
    });
    {
      await using _holder = await start();
      await expect(start()).rejects.toMatchObject({ fault: { code: 'folder_in_use', pid: process.pid } });
    }
    writeFileSync(path.join(folder, 'chain.log'), 'something else\nentirely\n');
    await expect(start()).rejects.toMatchObject({ fault: { code: 'log_unreadable' } });
  });

  it('takes over from an owner that died', async () => {
    await makeChain();
    // No process has this pid: the kernel's limit is 2^22.
    appendFileSync(path.join(folder, 'chain.lock'), '99999999');
    await using again = await start();
    expect(again.head().number).toBe(13);
  });
});

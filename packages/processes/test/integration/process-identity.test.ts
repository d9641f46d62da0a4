import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { identify, isRunning } from '../../src/index.js';

const BUILT = new URL('../../dist/index.js', import.meta.url).href;

describe('the identity of a process', () => {
  it('is not that of an earlier one with the same number, nor of one before a reboot', async () => {
    const me = await identify(process.pid);
    if (me === undefined) throw new Error('this process is not running');
    expect(await isRunning(me)).toBe(true);
    expect(await isRunning({ ...me, startTicks: String(Number(me.startTicks) - 1) })).toBe(false);
    expect(await isRunning({ ...me, bootId: 'another' })).toBe(false);
  });

  it('is that of no process once it has ended, even where no parent has taken note of its end', async () => {
    const shell = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const child = Number((await once(shell.stdout, 'data'))[0]);
      // A shell would ask for its child's end; the program that it becomes does not, and the child stays as a zombie.
      await expect.poll(() => readFile(`/proc/${shell.pid}/comm`, 'utf8'), { timeout: 20_000 }).toBe('sleep\n');
      process.kill(child, 'SIGKILL');
      await expect.poll(() => identify(child), { timeout: 20_000 }).toBeUndefined();
      expect(() => process.kill(child, 0)).not.toThrow();
    } finally {
      shell.kill('SIGKILL');
    }
  });

  it('does not take a process for ended when this one has no files left to look with', async () => {
    const script = `
      import { openSync, closeSync } from 'node:fs';
      const { identify, isRunning } = await import(${JSON.stringify(BUILT)});
      const me = await identify(process.pid);
      const held = [];
      try { for (;;) held.push(openSync('/dev/null')); } catch {}
      const seen = await isRunning(me).catch((error) => error.code);
      for (const file of held) closeSync(file);
      process.stdout.write(String(seen));`;
    const shell = `ulimit -n 512 && exec "$0" --input-type=module -e "$1"`;
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', shell, process.execPath, script]);
    expect(stdout).toBe('EMFILE');
  });
});

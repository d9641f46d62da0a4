import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { CLI_VERSION } from '../../src/version.js';

const BIN = fileURLToPath(new URL('../../bin/tiltyard.js', import.meta.url));
const tiltyard = (...args: readonly string[]) =>
  execa(process.execPath, [BIN, ...args], { reject: false, env: { LEDGER_REMOTE: '', NO_COLOR: '1' } });

describe('the tiltyard process', () => {
  it('ends with the status of its command, its result on standard output', async () => {
    expect(await tiltyard('--version')).toMatchObject({ exitCode: 0, stdout: CLI_VERSION, stderr: '' });
    expect(await tiltyard('status')).toMatchObject({
      exitCode: 64,
      stdout: '',
      stderr: expect.stringContaining('tiltyard: Which'),
    });
    const json = await tiltyard('leader', '--remote', '/nowhere.git', '--json');
    expect({ status: json.exitCode, ...(JSON.parse(json.stdout) as object) }).toMatchObject({ status: 2, ok: false });
  });

  it('stops when it is interrupted, although the chain does not answer', async () => {
    // An endpoint that takes connections and never says a word.
    const silent = createServer();
    const connected = new Promise<void>((resolve) => silent.once('connection', () => resolve()));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const running = tiltyard('audit', '.', '--chain', `ws://127.0.0.1:${port}`);
    try {
      await connected;
      running.kill('SIGINT');
      expect(await running).toMatchObject({ exitCode: 130, stderr: 'tiltyard: interrupted' });
    } finally {
      running.kill('SIGKILL');
      silent.close();
    }
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { processFamily } from '@tiltyard/processes';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/tiltyard.js', import.meta.url));
/** Processes start here, on machines of any speed. */
const PATIENCE_MS = 300_000;

describe('tiltyard dev as processes', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'tiltyard-cli-dev-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const dev = (...words: readonly string[]) =>
    execa(process.execPath, [BIN, 'dev', ...words, '--directory', directory], { reject: false, all: true });

  /** Waits for a text in what a process says. */
  async function untilSaid(running: ReturnType<typeof dev>, text: string): Promise<void> {
    let said = '';
    await new Promise<void>((resolve, reject) => {
      running.all?.on('data', (chunk) => {
        said += String(chunk);
        if (said.includes(text)) resolve();
      });
      void running.then(() => reject(new Error(`it ended: ${said}`)));
    });
  }

  it('keeps a network up without a service, which runs beside it, and leaves nothing behind', {
    timeout: PATIENCE_MS,
  }, async () => {
    const up = dev('up', '--without', 'judge-service', '--miners', 'faithful', '--prompts', '2');
    await untilSaid(up, 'judge-service is left out');
    const ofServices = async () =>
      (await processFamily(path.join(directory, 'up'))).filter(({ command }) => command.includes('judge-service'));
    expect(await ofServices()).toEqual([]);

    const second = await dev('up');
    expect(second).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('a network is up here already') });

    const service = dev('service', 'judge-service', '--inspect=127.0.0.1:0');
    await untilSaid(service, '"msg":"started"');
    expect(await ofServices()).toHaveLength(1);
    service.kill('SIGINT');
    expect(await service).toMatchObject({ exitCode: 0, all: expect.stringContaining('Debugger listening on') });

    up.kill('SIGINT');
    expect((await up).exitCode).toBe(130);
    expect(await processFamily(directory)).toEqual([]);
    expect(await dev('service', 'judge-service')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no network is up here'),
    });
  });

  it('refuses a service that there is none of', async () => {
    expect(await dev('up', '--without', 'nobody')).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('--without: "nobody" is none of round-manager,'),
    });
  });
});

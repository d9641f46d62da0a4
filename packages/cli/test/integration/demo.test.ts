import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/tiltyard.js', import.meta.url));

describe('tiltyard demo as a process', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'tiltyard-cli-demo-'));
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  const demo = (...args: readonly string[]) =>
    execa(process.execPath, [BIN, 'demo', '--directory', directory, ...args], {
      reject: false,
      env: { NO_COLOR: '1' },
    });

  it('refuses options that make no sense before it starts anything', async () => {
    const { exitCode, stderr } = await demo('--miners', 'nobody');
    expect(exitCode).toBe(64);
    expect(stderr).toContain('--miners');
    const withoutModels = await demo('--models', path.join(directory, 'nothing'));
    expect(withoutModels.exitCode).toBe(2);
    expect(withoutModels.stderr).toContain('nothing: not a folder that can be read');
    expect(await readdir(directory)).toEqual([]);
  });

  it('says what it cannot use: a folder that is none, a port that is taken', async () => {
    const file = path.join(directory, 'file');
    await writeFile(file, '');
    const nowhere = await demo('--directory', path.join(file, 'below'));
    expect(nowhere).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^tiltyard: .+below: ENOTDIR/) });
    await rm(file);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const refused = await demo('--port', String(port));
    taken.close();
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^tiltyard: port \d+: .*EADDRINUSE/) });
    expect(await readdir(directory)).toEqual([]);
  });

  it('ends everything on Ctrl-C, with progress on standard error when standard output is for JSON', async () => {
    const running = demo('--json', '--miners', 'faithful', '--prompts', '2');
    await new Promise<void>((resolve) => {
      running.stderr?.on('data', (text) => String(text).includes('judge and miners') && resolve());
    });
    running.kill('SIGINT');
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, code: 'interrupted' });
    expect(stderr).toContain('taking everything down');
    expect(await processesThatName(directory)).toEqual([]);
  });

  it('ends everything when its output is no longer read', async () => {
    const running = demo('--miners', 'faithful', '--prompts', '2');
    await new Promise<void>((resolve) => {
      running.stdout?.on('data', (text) => String(text).includes('judge and miners') && resolve());
    });
    running.stdout?.destroy();
    await running;
    expect(await processesThatName(directory)).toEqual([]);
  });
});

/** Command lines of processes that have a folder in their environment or arguments. */
async function processesThatName(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [environment, command] = [await read('environ'), await read('cmdline')];
    if (`${environment}${command}`.includes(folder)) found.push(`${pid} ${command.replaceAll('\0', ' ')}`);
  }
  return found;
}

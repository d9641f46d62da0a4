import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { CLI_VERSION } from '../../src/version.js';

const BIN = fileURLToPath(new URL('../../bin/tiltyard.js', import.meta.url));
const tiltyard = (...args: readonly string[]) =>
  execa(process.execPath, [BIN, ...args], { reject: false, env: { LEDGER_REMOTE: '', NO_COLOR: '1' } });

interface PackageJson {
  readonly optionalDependencies: Readonly<Record<string, string>>;
}
const dataUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

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

  it('audits in an installation without optional packages, and names what another command misses', async () => {
    const { optionalDependencies } = createRequire(import.meta.url)('../../package.json') as PackageJson;
    const hooks = `export function resolve(name, context, next) {
      const isIt = (left) => name === left || name.startsWith(left + '/');
      if (!${JSON.stringify(Object.keys(optionalDependencies))}.some(isIt)) return next(name, context);
      throw Object.assign(new Error('Cannot find package ' + name), { code: 'ERR_MODULE_NOT_FOUND' });
    }`;
    const loader = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))})`;
    const light = (...args: readonly string[]) =>
      execa(process.execPath, ['--import', dataUrl(loader), BIN, ...args], { reject: false });
    const audit = await light('audit', '/nowhere.git', '--json');
    expect(JSON.parse(audit.stdout)).toMatchObject({ ok: false, code: 'file' });
    const render = await light('render', 'a.glb', '--json');
    expect(render.exitCode).toBe(2);
    expect(JSON.parse(render.stdout)).toMatchObject({
      code: 'not_installed',
      message: expect.stringContaining('@tiltyard/render'),
    });
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

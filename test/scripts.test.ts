import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { linkVulkanLoader, nodeHeaders } from '../scripts/gl-addon.mjs';

const MODULE = new URL('../scripts/run-to-its-end.mjs', import.meta.url).href;
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Says who it is, and what it is asked to end by; then ends with a status of its own. */
const PROGRAM = `for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {
  console.log('ended by ' + name);
  process.exit(7);
});
setTimeout(() => process.exit(70), 50_000);
console.log('pid ' + process.pid);`;
const RUNNER = `const { runToItsEnd } = await import(${JSON.stringify(MODULE)});
process.exitCode = await runToItsEnd(['--eval', process.argv[1]], { cwd: '.', env: process.env });
console.log('status ' + process.exitCode);`;

describe('set-up that runs a program', () => {
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  /** Runs a program as set-up does, below npm's shell or without it, until it has said who it is. */
  async function run(program: string, { inShell }: { readonly inShell: boolean }) {
    const words = ['--input-type=module', '--eval', RUNNER, program];
    const env = { ...process.env, npm_lifecycle_event: 'demo' };
    // The second command keeps the shell from becoming the first.
    const shell = ['-c', '"$0" "$@"; true', process.execPath, ...words];
    const child = inShell
      ? spawn('sh', shell, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] })
      : spawn(process.execPath, words, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    let said = '';
    child.stdout.on('data', (text) => {
      said += String(text);
    });
    await once(child.stdout, 'data');
    const end = once(child, 'close').then(() => said.trim().split('\n').slice(1));
    return { child, end };
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on, and the status back', async (signal) => {
    const { child, end } = await run(PROGRAM, { inShell: false });
    child.kill(signal);
    expect(await end).toEqual([`ended by ${signal}`, 'status 7']);
    expect(child.exitCode).toBe(7);
  });

  it('ends the program when npm has ended its shell', async () => {
    const { child, end } = await run(PROGRAM, { inShell: true });
    child.kill('SIGTERM');
    expect(await end).toEqual(['ended by SIGTERM', 'status 7']);
  });

  it('tells the signal that ended a program', async () => {
    const { end } = await run("console.log('pid'); process.kill(process.pid, 'SIGKILL')", { inShell: false });
    expect(await end).toEqual(['status 137']);
  });
});

describe('set-up, of rendering', () => {
  /** A folder with the headers of a Node of some ABI, as far as set-up looks at them. */
  async function headersOf(folder: string, abi: string): Promise<string> {
    await mkdir(path.join(folder, 'include/node'), { recursive: true });
    await writeFile(path.join(folder, 'include/node/node_version.h'), `#define NODE_MODULE_VERSION ${abi}\n`);
    return folder;
  }

  it('compiles with this Node’s headers, and never with another’s that are next to it', async () => {
    await using folder = await scratch();
    const own = await headersOf(path.join(folder.dir, 'own'), process.versions.modules);
    expect(nodeHeaders(own, folder.dir, {})).toBe(own);
    const other = await headersOf(path.join(folder.dir, 'other'), '999');
    const fetched = await headersOf(path.join(folder.dir, `node-headers-${process.version}`), process.versions.modules);
    expect(nodeHeaders(other, folder.dir, {})).toBe(fetched);
    await rm(fetched, { recursive: true });
    // Nobody to fetch them from.
    const env = {
      PATH: process.env.PATH,
      HOME: folder.dir,
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
    };
    expect(nodeHeaders(other, folder.dir, env)).toBeUndefined();
  });

  it('says why nothing can be rendered where the addon was not built', async () => {
    await using folder = await scratch();
    expect(linkVulkanLoader(folder.dir)).toMatch(/^headless-gl was not built\. It needs/);
  });
});

async function scratch() {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'tiltyard-scripts-'));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

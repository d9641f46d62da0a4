import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startCompetition } from '../support/competition.js';
import { until } from '../support/scratch.js';
import { LISTED_KEY, pauseWithoutKey } from '../support/without-key.js';

const FIXTURE = path.resolve(fileURLToPath(import.meta.url), '../../support/ticking-service.mjs');

/** A service in a process of its own. Whatever still runs at a test's end is killed. */
interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly lines: readonly { readonly msg: string; readonly status?: string; readonly level: string }[];
  readonly text: () => string;
  said(msg: string): boolean;
  /** Sends SIGTERM and gives the exit status, and how long it took. */
  stop(): Promise<{ readonly status: number | null }>;
  page(name: string): Promise<{ readonly status: number; readonly text: string }>;
}

function start(env: Readonly<Record<string, string>>, args: readonly string[] = []): Running {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [FIXTURE, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const lines = () => {
    const whole = out.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return whole.map((line) => JSON.parse(line));
  };
  return {
    child,
    get lines() {
      return lines();
    },
    text: () => out,
    said: (msg) => lines().some((line) => line.msg === msg),
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      const [status] = await exited;
      return { status };
    },
    async page(name) {
      const url = lines().find((line) => line.status !== undefined)?.status;
      const response = await fetch(`${url}/${name}`);
      return { status: response.status, text: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

const envOf = (remote: string, dir: string, more: Readonly<Record<string, string>> = {}) => ({
  ...{ LEDGER_REMOTE: remote, LEDGER_DIR: path.join(dir, 'service-clone'), HTTP_PORT: '0' },
  ...{ TICK_MIN_SECONDS: '0.05', TICK_MAX_SECONDS: '0.2' },
  ...more,
});

describe.concurrent('a service’s process', () => {
  it('tells round, stage and ticks on its pages, is ready after a tick, and ends with 0', async () => {
    await using competition = await startCompetition({ stage: 'duels', round: 2 });
    await using service = start(envOf(competition.remote, competition.dir));
    await until('a tick', () => service.said('ticked'));
    await until('readiness', async () => (await service.page('readyz')).status === 200);
    expect((await service.page('healthz')).status).toBe(200);
    const metrics = (await service.page('metrics')).text;
    expect(metrics).toMatch(/tiltyard_ticks_total\{outcome="ok",service="judge-service"\} \d/);
    expect(metrics).toContain('tiltyard_round{service="judge-service"} 2');
    expect(metrics).toContain('tiltyard_stage{stage="duels",service="judge-service"} 1');
    const { status } = await service.stop();
    expect([status, service.said('closed'), service.said('stopped')]).toEqual([0, true, true]);
  });

  it('finishes the running tick when it has to stop', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'slow' }));
    await until('a tick', () => service.said('tick'));
    const { status } = await service.stop();
    expect([status, service.said('closed')]).toEqual([0, true]);
  });

  it('gives up a tick that does not end, within ten seconds', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'deaf' }));
    await until('a tick', () => service.said('tick'));
    const { status } = await service.stop();
    expect(status).toBe(1);
  });

  it('stops at once while it is being opened', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'opening-hangs' }));
    await until('opening', () => service.said('opening'));
    const { status } = await service.stop();
    expect(status).toBe(0);
  });

  it('ends with 1 and one clear line when it cannot be opened', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'opening-fails' }));
    const [status] = await once(service.child, 'exit');
    expect(status).toBe(1);
    expect(service.lines.filter((line) => line.level === 'fatal')).toMatchObject([{ msg: 'the service cannot run' }]);
  });

  it('names the variable behind a path that cannot be used', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    const notFolder = path.join(competition.dir, 'a-file');
    await writeFile(notFolder, '');
    const env = envOf(competition.remote, competition.dir, { LEDGER_DIR: path.join(notFolder, 'ledger') });
    await using service = start(env);
    const [status] = await once(service.child, 'exit');
    expect(status).toBe(1);
    expect(service.said('the service cannot run: look at LEDGER_DIR')).toBe(true);
  });

  it('ends with 78, for which no supervisor restarts it, and names every variable that is wrong, without values', async () => {
    await using service = start({ HTTP_PORT: 'hunter2', TEST_MODE: 'two-parts' });
    const [status] = await once(service.child, 'exit');
    expect(status).toBe(78);
    for (const name of ['HTTP_PORT', 'LEDGER_REMOTE', 'LEDGER_DIR', 'CHAIN_ENDPOINTS'])
      expect(service.text()).toContain(name);
    expect(service.text()).not.toContain('hunter2');
  });

  it('ends with 78 and names the variable that the repository cannot be opened with', async () => {
    await using service = start(envOf('state.git', '/tmp'));
    const [status] = await once(service.child, 'exit');
    expect(status).toBe(78);
    expect(service.text()).toContain('LEDGER_REMOTE is not usable: is neither an absolute path nor a URL');
  });

  it('ends with 78 and names the port that another process has', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using service = start({ ...envOf('file:///nowhere', '/tmp'), HTTP_PORT: String(port) });
    const [status] = await once(service.child, 'exit');
    server.close();
    expect(status).toBe(78);
    expect(service.text()).toMatch(/HTTP_PORT cannot be served on: .*EADDRINUSE/);
  });

  it.each([
    { args: ['--check-config'], status: 0, says: 'judge-service: the environment configures this service' },
    { args: ['--check-config'], HTTP_PORT: 'x', status: 78, says: '  HTTP_PORT is not usable: is not a whole number' },
    { args: ['--help'], status: 0, says: 'usage: node services/judge-service/dist/main.js [--check-config | --help]' },
    { args: ['--chekc'], status: 64, says: "Unknown option '--chekc'" },
    { args: ['run'], status: 64, says: "Unexpected argument 'run'" },
    {
      args: ['--check-config'],
      remote: 'https://bot:SECRET@git.example/o/r.git',
      status: 78,
      says: '  LEDGER_REMOTE is not usable: holds credentials; pass a token through the environment',
    },
  ])('answers $args with $status and opens nothing', async (asked) => {
    const { args, HTTP_PORT = '0', remote = 'file:///nowhere', status, says } = asked;
    await using service = start({ ...envOf(remote, '/nowhere'), HTTP_PORT }, args);
    const [ended] = await once(service.child, 'close');
    expect([ended, service.lines]).toEqual([status, []]);
    expect(service.text()).toContain(says);
    expect(service.text()).not.toContain('SECRET');
  });

  it('is not ready, and tells operators, while the repository lists keys and none of them is its own', async () => {
    const signer = {
      path: 'allowed_signers',
      text: 'judge-service ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM8M6v7oEzQJqsyeSkvJrE+6ioh0WVWn3yixFuUPv+aN\n',
    };
    await using competition = await startCompetition({ stage: 'duels', files: [signer] });
    await using service = start(envOf(competition.remote, competition.dir));
    await until('the notice', () => service.said('The service may not sign'));
    const { status, text } = await service.page('readyz');
    expect(status).toBe(503);
    expect(text).toContain('allowed_signers does not let a commit without signature sign for judge-service');
  });

  it('tells operators at once, and is not ready, when the repository was changed without a key', async () => {
    await using competition = await startCompetition({ stage: 'duels', files: [LISTED_KEY] });
    const commit = await pauseWithoutKey(competition, 'duels');
    await using service = start(envOf(competition.remote, competition.dir));
    await until('the notice', () => service.said('The state repository was changed without a key'));
    expect(service.text()).toContain(`amendments.json was changed by commit ${commit}`);
    const { status, text } = await service.page('readyz');
    expect(status).toBe(503);
    expect(text).toContain(commit);
  });

  it('tells operators of ticks that keep failing', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'failing' }));
    await until('the notice', () => service.said('The service cannot do its work'));
    expect(service.text()).toContain('3 ticks in a row failed: the store is down');
  });

  it('is alive but not ready while its ticks fail, and says why', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'failing' }));
    await until('a failed tick', () => service.said('the tick failed; it will be tried again'));
    const ready = await service.page('readyz');
    expect(ready.status).toBe(503);
    expect(ready.text).toContain('the store is down');
    expect((await service.page('healthz')).status).toBe(200);
    expect((await service.page('metrics')).text).toMatch(/tiltyard_ticks_total\{outcome="failed"/);
  });

  it('is not ready while a tick ends in trouble, and counts it as failed', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'troubled' }));
    await until('a tick', () => service.said('ticked'));
    await until('not ready', async () => (await service.page('readyz')).text.includes('weights were not set'));
    const ready = JSON.parse((await service.page('readyz')).text) as object;
    expect(ready).toEqual({
      ready: false,
      reason: 'weights were not set',
      stuck: [{ kind: 'weights', reason: 'weights were not set', retryInSeconds: 300 }],
    });
    const { text } = await service.page('metrics');
    expect(text).toMatch(/tiltyard_ticks_total\{outcome="failed"/);
    expect(text).toMatch(/tiltyard_stuck\{kind="weights",service="judge-service"\} 1/);
  });

  it('is not ready where the state cannot be worked on, and tells a person at once', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'inconsistent' }));
    await until('the notice', () => service.said('The round cannot go on without a person'));
    expect((await service.page('readyz')).status).toBe(503);
    expect((await service.page('metrics')).text).toMatch(/tiltyard_stuck\{kind="state"/);
  });

  it('stays ready while it waits for a person’s part in the rules, which is on its pages', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir, { TEST_MODE: 'waiting' }));
    await until('a tick', async () =>
      (await service.page('metrics').catch(() => ({ text: '' }))).text.includes('source_audit'),
    );
    expect(await service.page('readyz')).toMatchObject({ status: 200, text: expect.stringContaining('source_audit') });
  });

  it('is not ready while the repository is out of reach, and recovers', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    await using service = start(envOf(competition.remote, competition.dir));
    await until('a tick', () => service.said('ticked'));
    await rename(competition.remote, `${competition.remote}.away`);
    await until('not ready', async () => (await service.page('readyz')).status === 503);
    await rename(`${competition.remote}.away`, competition.remote);
    await until('ready again', async () => (await service.page('readyz')).status === 200, 40_000);
  });
});

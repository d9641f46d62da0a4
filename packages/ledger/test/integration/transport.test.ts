import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gen3d, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { scratchDir } from '../../../../test-support/scratch-dir.js';
import { initRepository, type Ledger } from '../../src/index.js';
import { httpRemote } from '../support/http-remote.js';
import { realRemote } from '../support/real-remote.js';
import { firstFiles, leaderEntry, state } from '../support/state-files.js';

async function roundTrip(ledger: Ledger): Promise<void> {
  const draft = (await ledger.snapshot()).draft();
  draft.write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' });
  expect((await ledger.publish(draft)).outcome).toBe('published');
  expect((await (await ledger.snapshot()).read(stateFiles.state))?.next_stage_eta).toBe('2026-01-01T00:00:00Z');
}

describe('a ledger', () => {
  it('works over git://', async () => {
    await using remote = await realRemote();
    await using daemon = await gitDaemon(path.dirname(remote.dir));
    await using ledger = await remote.ledger('judge-service', { remote: `${daemon.url}/remote.git` });
    await roundTrip(ledger);
    await remote.fsck();
  });

  it('works over http with a token that never shows in argv, in the clone or in the log', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir, { token: 'very-secret' });
    const lines: string[] = [];
    const note = (facts: object, message: string) => void lines.push(message, JSON.stringify(facts));
    const log = { debug: note, info: note, warn: note, error: note };
    const dir = path.join(remote.scratch, 'clone');
    // A git that writes down what it was called with.
    const bin = path.join(remote.scratch, 'bin');
    await git(remote.scratch, 'init', '-q', bin);
    const calls = path.join(remote.scratch, 'calls');
    const real = (process.env.PATH ?? '').split(':').map((folder) => `${folder}/git`);
    await writeFile(
      path.join(bin, 'git'),
      `#!/bin/sh\necho "$@" >> ${calls}\nfor git in ${real.join(' ')}; do [ -x "$git" ] && exec "$git" "$@"; done\n`,
      { mode: 0o755 },
    );
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, TILTYARD_GIT_TOKEN: 'very-secret' };
    await using ledger = await remote.ledger('judge-service', { remote: http.url, dir, env, log });
    await roundTrip(ledger);
    expect(http.seen.some(({ authorization }) => authorization !== undefined)).toBe(true);

    const encoded = Buffer.from('x-access-token:very-secret').toString('base64');
    const secret = new RegExp(`very-secret|x-access-token|${encoded}`);
    expect(await readFile(calls, 'utf8')).toMatch(/push/);
    expect(await readFile(calls, 'utf8')).not.toMatch(secret);
    expect(lines.join('\n')).not.toMatch(secret);
    for (const file of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) expect(await readFile(path.join(file.parentPath, file.name), 'latin1')).not.toMatch(secret);
    }
  });

  it('does not start with a token where debug output would print it', async () => {
    await using remote = await realRemote();
    const env = { ...process.env, TILTYARD_GIT_TOKEN: 'very-secret', DEBUG: 'app,simple-git:*' };
    await expect(remote.ledger('judge-service', { env })).rejects.toMatchObject({
      fault: { code: 'bad_option', option: 'DEBUG' },
    });
  });

  it('refuses an address with credentials, and transports that run commands', async () => {
    await using remote = await realRemote();
    for (const address of [
      'https://me:pass@example.invalid/r.git',
      'ext::sh -c true',
      '-oProxyCommand=x',
      'relative/path',
    ]) {
      await expect(remote.ledger('judge-service', { remote: address })).rejects.toMatchObject({
        fault: { code: 'bad_option', option: 'remote' },
      });
    }
  });

  it('refuses a folder that holds a clone of another repository', async () => {
    await using remote = await realRemote();
    await using other = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    await (await remote.ledger('judge-service', { dir }))[Symbol.asyncDispose]();
    await expect(remote.ledger('judge-service', { dir, remote: other.url })).rejects.toMatchObject({
      fault: { code: 'bad_option', option: 'dir' },
    });
  });

  it('stops waiting when its signal aborts, and answers nothing after it was closed', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir);
    const ledger = await remote.ledger('judge-service', { remote: http.url });
    http.misbehave(() => ({ kind: 'hang' }));
    await expect(ledger.snapshot(AbortSignal.timeout(200))).rejects.toMatchObject({ name: 'TimeoutError' });
    await ledger[Symbol.asyncDispose]();
    await expect(ledger.snapshot()).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('starting a competition', () => {
  it('publishes the first commit to an empty repository, and only there', async () => {
    await using scratch = await scratchDir();
    const dir = path.join(scratch.path, 'new.git');
    await git(scratch.path, 'init', '-q', '--bare', dir);
    const options = { competition: gen3d, remote: dir, files: firstFiles('finalizing', 0), version: '1.2.3' };
    const first = await initRepository(options);
    expect(await git(dir, 'log', '--format=%H %an%n%B', 'main')).toBe(
      `${first} operator\nStart competition joust\n\nService: operator\nVersion: 1.2.3`,
    );
    expect(await git(dir, 'ls-tree', '-r', '--name-only', 'main')).toBe(
      'README.md\nconfig.json\nleader.json\nstate.json',
    );
    await expect(initRepository(options)).rejects.toMatchObject({ fault: { code: 'not_empty', tip: first } });
  });

  it('refuses files that do not fit, and leaves the repository empty', async () => {
    await using scratch = await scratchDir();
    const dir = path.join(scratch.path, 'new.git');
    await git(scratch.path, 'init', '-q', '--bare', dir);
    const files = firstFiles('finalizing', 0).set('leader.json', '[{"hotkey": 7}]');
    await expect(initRepository({ competition: gen3d, remote: dir, files, version: '1' })).rejects.toMatchObject({
      fault: { code: 'invalid', path: 'leader.json', field: '0.hotkey' },
    });
    files.set('leader.json', stateFiles.leader.codec.format([leaderEntry(7), leaderEntry(7)]));
    await expect(initRepository({ competition: gen3d, remote: dir, files, version: '1' })).rejects.toMatchObject({
      fault: { code: 'out_of_order', path: 'leader.json' },
    });
    files.delete('state.json');
    files.delete('leader.json');
    await expect(initRepository({ competition: gen3d, remote: dir, files, version: '1' })).rejects.toMatchObject({
      fault: { code: 'invalid', path: 'state.json', detail: 'is missing' },
    });
    expect(await git(dir, 'for-each-ref')).toBe('');
  });
});

async function gitDaemon(folder: string) {
  const port = await new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
  const serve = ['--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${folder}`, '--export-all'];
  const daemon = spawn('git', ['daemon', ...serve, '--enable=receive-pack', folder], {
    stdio: 'ignore',
    detached: true,
  });
  const url = `git://127.0.0.1:${port}`;
  for (let tries = 0; tries < 100; tries += 1) {
    const answered = await git(folder, 'ls-remote', `${url}/remote.git`).catch(() => undefined);
    if (answered !== undefined) break;
    await sleep(50);
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      // The daemon runs in a child of git's; both are in the group that was started for it.
      if (daemon.pid !== undefined) process.kill(-daemon.pid, 'SIGTERM');
      await new Promise((resolve) => daemon.once('close', resolve));
    },
  };
}

import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { CommitId } from '@tiltyard/schema';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { flipByte, objectFiles } from '../../../../test-support/damage.js';
import { git } from '../../../../test-support/git-cli.js';
import type { Ledger, LedgerError } from '../../src/index.js';
import { httpRemote } from '../support/http-remote.js';
import { type RealRemote, realRemote } from '../support/real-remote.js';
import { ALICE, BOB, build, state } from '../support/state-files.js';

const exec = promisify(execFile);
const RECEIVE = /git-receive-pack$/;

/** Publishes the judge's estimate of the next stage, in minutes after the epoch: a small legal change. */
async function publishEta(ledger: Ledger, minutes: number) {
  const next_stage_eta = new Date(minutes * 60_000).toISOString();
  return ledger.publish(
    (await ledger.snapshot()).draft().write(stateFiles.state, {}, { ...state('duels'), next_stage_eta }),
  );
}

function faultOf(promise: Promise<unknown>): Promise<LedgerError['fault']> {
  return promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: LedgerError) => error.fault ?? Promise.reject(error),
  );
}

async function quarantines(remote: RealRemote): Promise<readonly string[]> {
  return (await readdir(remote.scratch)).filter((name) => name.includes('.quarantine-'));
}

describe('faults of machine and network', () => {
  it('fault 3: power loss: a clone whose unsynced data are gone is rebuilt from the remote', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    {
      await using ledger = await remote.ledger('judge-service', { dir });
      await publishEta(ledger, 1);
    }
    for (const file of await objectFiles(dir)) await truncate(file, 0);
    await truncate(path.join(dir, 'refs/remotes/origin/main'), 0);
    await using ledger = await remote.ledger('judge-service', { dir });
    await publishEta(ledger, 2);
    expect((await remote.subjects()).length).toBe(3);
    expect(await quarantines(remote)).toHaveLength(1);
    await remote.fsck(dir);
  });

  it('fault 4: disk full: writes are refused and reported, readers live, and all is well when there is room', async (test) => {
    await using remote = await realRemote();
    const disk = path.join(remote.scratch, 'small-disk');
    await mkdir(disk);
    const mounted = await exec('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).catch(() => undefined);
    if (mounted === undefined) return test.skip('needs the right to mount a tmpfs');
    try {
      await using ledger = await remote.ledger('judge-service', { dir: path.join(disk, 'clone') });
      await publishEta(ledger, 1);
      await writeFile(path.join(disk, 'ballast'), Buffer.alloc(2 << 20)).catch(() => {});
      const fault = await faultOf(publishEta(ledger, 2));
      expect(fault).toMatchObject({ code: 'local_io', errno: 'ENOSPC' });
      expect(ledger.trouble()).toEqual(fault);
      expect(await (await ledger.snapshot()).read(stateFiles.config)).toMatchObject({ name: 'joust' });
      expect(await remote.subjects()).toHaveLength(2);
      await rm(path.join(disk, 'ballast'));
      await publishEta(ledger, 2);
      expect(ledger.trouble()).toBeUndefined();
      expect(await remote.subjects()).toHaveLength(3);
    } finally {
      await exec('umount', [disk]);
    }
  });

  it('fault 5: stale locks: one left by a killed process is taken over at the start, an old one at any time', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    await (await remote.ledger('judge-service', { dir }))[Symbol.asyncDispose]();
    const lock = path.join(dir, 'refs/remotes/origin/main.lock');
    const longAgo = new Date(Date.now() - 3_600_000);
    await mkdir(path.dirname(lock), { recursive: true });
    await writeFile(lock, '');
    await utimes(lock, longAgo, longAgo);
    await writeFile(`${dir}.owner`, JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }));
    await using ledger = await remote.ledger('judge-service', { dir });
    await remote.meddle('rounds/1/prompts.txt', 'https://x/a.png\n');
    await ledger.snapshot();

    await writeFile(lock, '');
    await utimes(lock, longAgo, longAgo);
    const tip = await remote.meddle('rounds/1/prompts.txt', 'https://x/b.png\n');
    expect((await ledger.snapshot()).commit).toBe(tip);
    expect(await readdir(path.dirname(lock))).toEqual(['main']);
  });

  it('fault 5: a clone in use by a living process is not touched', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    await using _ledger = await remote.ledger('judge-service', { dir });
    expect(await faultOf(remote.ledger('judge-service', { dir }))).toEqual({
      code: 'clone_busy',
      dir,
      pid: process.pid,
    });
  });

  it('fault 6: two copies of one service: one publishes, the other conflicts', async () => {
    await using remote = await realRemote();
    await using one = await remote.ledger('generation-orchestrator');
    await using two = await remote.ledger('generation-orchestrator');
    const draft = async (ledger: Ledger, status: 'pending' | 'in_progress') =>
      (await ledger.snapshot()).draft().write(stateFiles.builds, { round: 1 }, { [BOB]: build(BOB, status) });
    const drafts = [await draft(one, 'pending'), await draft(two, 'in_progress')] as const;
    const outcomes = await Promise.allSettled([one.publish(drafts[0]), two.publish(drafts[1])]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(lost?.reason.fault).toEqual({ code: 'conflict', paths: ['rounds/1/builds.json'], tip: await remote.head() });
    expect(await remote.subjects()).toHaveLength(2);
  });

  it('fault 7: two services push at once: the loser checks again on the new tip and both are published', async () => {
    await using remote = await realRemote();
    await using judge = await remote.ledger('judge-service');
    await using orchestrator = await remote.ledger('generation-orchestrator');
    for (let n = 0; n < 5; n += 1) {
      const built = (await orchestrator.snapshot()).draft();
      built.write(stateFiles.podStats, { round: 1, side: BOB }, { [`pod-${n}`]: podStats(n) });
      await Promise.all([publishEta(judge, n), orchestrator.publish(built)]);
    }
    expect(await remote.subjects()).toHaveLength(11);
    await remote.fsck();
  });

  it('fault 7: a draft that the new tip makes illegal is refused', async () => {
    await using remote = await realRemote();
    await using judge = await remote.ledger('judge-service');
    await using orchestrator = await remote.ledger('generation-orchestrator');
    const built = (await orchestrator.snapshot()).draft().write(stateFiles.builds, { round: 1 }, { [BOB]: build(BOB) });
    await judge.publish((await judge.snapshot()).draft().write(stateFiles.state, {}, state('finalizing')));
    expect(await faultOf(orchestrator.publish(built))).toMatchObject({ code: 'wrong_stage', stage: 'finalizing' });
    expect(await remote.subjects()).toHaveLength(2);
  });

  it('fault 8: two writers on one path: a hard conflict, even where the changes would merge', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('generation-orchestrator');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.builds, { round: 1 }, { [BOB]: build(BOB) });
    const tip = await remote.meddle('rounds/1/builds.json', JSON.stringify({ [ALICE]: build(ALICE) }));
    expect(await faultOf(ledger.publish(draft))).toEqual({ code: 'conflict', paths: ['rounds/1/builds.json'], tip });
    expect(await remote.head()).toBe(tip);
  });

  it('fault 9: push applied and its answer lost: the own commit is found upstream, once', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir);
    await using ledger = await remote.ledger('judge-service', { remote: http.url });
    http.misbehaveOnce('POST', RECEIVE, { kind: 'drop_answer' });
    const published = await publishEta(ledger, 1);
    expect(published).toEqual({ outcome: 'published', commit: await remote.head() });
    expect(await remote.subjects()).toHaveLength(2);
  });

  it('fault 9: also when another service has published on top of it meanwhile', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir);
    await using ledger = await remote.ledger('judge-service', { remote: http.url });
    const draft = (await ledger.snapshot())
      .draft()
      .write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' });
    let own: CommitId | undefined;
    let meddled: Promise<unknown> | undefined;
    let dropped = false;
    http.misbehave(({ method, url }) => {
      if (method === 'POST' && RECEIVE.test(url ?? '') && !dropped) {
        dropped = true;
        return { kind: 'drop_answer' };
      }
      if (!dropped || meddled !== undefined) return undefined;
      meddled = remote.head().then((head) => {
        own = head;
        return remote.meddle('rounds/1/prompts.txt', 'https://x/a.png\n');
      });
      return { kind: 'answer', status: 503 };
    });
    const published = await ledger.publish(draft);
    await meddled;
    expect(published.commit).toBe(own);
    expect((await remote.subjects()).filter((line) => line.startsWith('Update state'))).toHaveLength(1);
  });

  it('fault 10: "cannot lock ref": tried again until the remote has let go', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    const lock = path.join(remote.dir, 'refs/heads/main.lock');
    await writeFile(lock, '');
    setTimeout(() => void rm(lock), 400);
    await publishEta(ledger, 1);
    expect(await remote.subjects()).toHaveLength(2);
  });

  it('fault 10: 422: taken for a branch that has moved', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir);
    await using ledger = await remote.ledger('judge-service', { remote: http.url });
    http.misbehaveOnce('POST', RECEIVE, { kind: 'answer', status: 422 });
    await publishEta(ledger, 1);
    expect(await remote.subjects()).toHaveLength(2);
  });

  it('fault 10: a lock that stays: bounded, and said so', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service', { patienceMs: 600 });
    await writeFile(path.join(remote.dir, 'refs/heads/main.lock'), '');
    expect(await faultOf(publishEta(ledger, 1))).toMatchObject({ code: 'contended', tip: remote.first });
  });

  it.each([500, 502, 503, 429])(
    'fault 11: remote answers %i: tried again with a pause, and recovers',
    async (status) => {
      await using remote = await realRemote();
      await using http = await httpRemote(remote.dir);
      await using ledger = await remote.ledger('judge-service', { remote: http.url });
      http.misbehaveOnce('POST', RECEIVE, { kind: 'answer', status, headers: { 'retry-after': '0' } }, 2);
      await publishEta(ledger, 1);
      expect(await remote.subjects()).toHaveLength(2);
    },
  );

  it.each([
    ['update', 'fatal error in commit_refs'],
    ['pre-receive', 'GitLab: Internal API unreachable'],
  ])('fault 11: an outage behind the remote, told by its %s hook: the same push is taken later', async (hook, says) => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service', { patienceMs: 50_000 });
    // Down for the first two pushes.
    const count = path.join(remote.dir, 'pushes');
    const script = `#!/bin/sh\necho x >> ${count}\n[ $(wc -l < ${count}) -gt 2 ] && exit 0\necho '${says}' >&2\nexit 1\n`;
    await mkdir(path.join(remote.dir, 'hooks'), { recursive: true });
    await writeFile(path.join(remote.dir, 'hooks', hook), script, { mode: 0o755 });
    await publishEta(ledger, 1);
    expect(await remote.subjects()).toHaveLength(2);
    expect((await readFile(count, 'utf8')).length).toBe('x\n'.length * 3);
    expect(ledger.trouble()).toBeUndefined();
  });

  it('fault 11: an outage that stays: bounded tries with pauses, and the remote’s own words', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service', { patienceMs: 500 });
    const count = path.join(remote.dir, 'pushes');
    await mkdir(path.join(remote.dir, 'hooks'), { recursive: true });
    const script = `#!/bin/sh\necho x >> ${count}\necho 'database is locked' >&2\nexit 1\n`;
    await writeFile(path.join(remote.dir, 'hooks', 'pre-receive'), script, { mode: 0o755 });
    const fault = await faultOf(publishEta(ledger, 1));
    expect(fault).toMatchObject({
      code: 'unreachable',
      kind: 'server',
      detail: expect.stringContaining('database is locked'),
    });
    expect(ledger.trouble()).toEqual(fault);
    expect(fault).toMatchObject({ attempts: (await readFile(count, 'utf8')).length / 'x\n'.length });
  });

  it('fault 11: a refusal that stays is told at once, with what to do, and publishing works after that', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service', { patienceMs: 600_000 });
    const hook = path.join(remote.dir, 'hooks', 'pre-receive');
    await mkdir(path.dirname(hook), { recursive: true });
    const count = path.join(remote.dir, 'pushes');
    const says = 'error: GH006: Protected branch update failed for refs/heads/main.';
    await writeFile(hook, `#!/bin/sh\necho x >> ${count}\necho '${says}' >&2\nexit 1\n`, { mode: 0o755 });
    const refused = publishEta(ledger, 1);
    await expect(refused).rejects.toMatchObject({ fault: { code: 'rejected', reason: 'protected' } });
    await expect(refused).rejects.toThrow('let this key push there. It says: ');
    // One try, although it had patience for more.
    expect(await readFile(count, 'utf8')).toBe('x\n');
    await rm(hook);
    await publishEta(ledger, 1);
    expect(await remote.subjects()).toHaveLength(2);
  });

  it('fault 11: expired credentials: bounded, not ready, and recovers with the next token', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir, { token: 'first-secret' });
    const tokenFile = path.join(remote.scratch, 'token');
    await writeFile(tokenFile, 'first-secret\n');
    const env = { ...process.env, TILTYARD_GIT_TOKEN_FILE: tokenFile };
    await using ledger = await remote.ledger('judge-service', { remote: http.url, env, patienceMs: 500 });
    http.acceptToken('second-secret');
    const fault = await faultOf(publishEta(ledger, 1));
    expect(fault).toMatchObject({ code: 'unreachable', kind: 'credentials' });
    expect(ledger.trouble()).toEqual(fault);
    expect(JSON.stringify(fault)).not.toContain('secret');
    await writeFile(tokenFile, 'second-secret');
    const stale = (await ledger.latest())
      .draft()
      .write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' });
    await remote.meddle('state.json', stateFiles.state.codec.format(state('duels', 1)).trim());
    expect(await faultOf(ledger.publish(stale))).toMatchObject({ code: 'conflict' });
    expect(ledger.trouble()).toBeUndefined(); // it was reached
    await publishEta(ledger, 1);
  });

  it('fault 11: a remote that never answers: given up after the time allowed', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir);
    const where = { remote: http.url, dir: path.join(remote.scratch, 'clone') };
    await (await remote.ledger('judge-service', where))[Symbol.asyncDispose]();
    await using ledger = await remote.ledger('judge-service', { ...where, gitTimeoutMs: 1_000, patienceMs: 300 });
    http.misbehave(() => ({ kind: 'hang' }));
    expect(await faultOf(ledger.snapshot())).toMatchObject({ code: 'unreachable', kind: 'timeout' });
    expect((await ledger.latest()).commit).toBe(remote.first);
  });

  it('fault 13: remote rewritten: refused, alarmed, the evidence kept, also after a restart', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    const known = await remote.meddle('rounds/1/prompts.txt', 'https://x/a.png\n');
    let fault: LedgerError['fault'];
    {
      await using ledger = await remote.ledger('judge-service', { dir });
      const draft = (await ledger.snapshot())
        .draft()
        .write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' });
      await git(remote.dir, 'update-ref', 'refs/heads/main', remote.first);
      const found = await remote.meddle('rounds/1/prompts.txt', 'https://x/other.png\n');
      fault = await faultOf(ledger.publish(draft));
      expect(fault).toMatchObject({ code: 'rewritten', known, found });
      expect(ledger.trouble()).toEqual(fault);
      const evidence = fault.code === 'rewritten' ? (fault.evidence ?? '') : '';
      expect(await git(dir, 'rev-parse', evidence, 'refs/remotes/origin/main')).toBe(`${found}\n${known}`);
      expect(await faultOf(ledger.snapshot())).toEqual(fault); // and no second ref for the same tip
      expect(await remote.head()).toBe(found);
    }
    await using again = await remote.ledger('judge-service', { dir });
    expect(await faultOf(again.snapshot())).toEqual(fault);
  });

  it('fault 13: remote rewritten over and over: the first histories and the last are kept, and no more', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    await remote.meddle('rounds/1/prompts.txt', 'https://x/a.png\n');
    await using ledger = await remote.ledger('judge-service', { dir });
    const found: string[] = [];
    for (let time = 0; time < 12; time += 1) {
      await git(remote.dir, 'update-ref', 'refs/heads/main', remote.first);
      found.push(await remote.meddle('rounds/1/prompts.txt', `https://x/${time}.png\n`));
      expect(await faultOf(ledger.snapshot())).toMatchObject({ code: 'rewritten', found: found.at(-1) });
    }
    const kept = await git(dir, 'for-each-ref', '--format=%(objectname)', 'refs/tiltyard/evidence');
    expect(kept.split('\n')).toEqual([...found.slice(0, 9), found.at(-1)]);
  });

  it('fault 13: remote set back to an ancestor: a publish does not silently restore what was taken away', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    await remote.meddle('rounds/1/prompts.txt', 'https://x/a.png\n');
    const draft = (await ledger.snapshot())
      .draft()
      .write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' });
    await git(remote.dir, 'update-ref', 'refs/heads/main', remote.first);
    expect(await faultOf(ledger.publish(draft))).toMatchObject({ code: 'rewritten', found: remote.first });
    expect(await remote.head()).toBe(remote.first);
  });

  it('fault 13: with fault 14: rewritten while the clone is damaged: refused, both histories kept, also after a restart', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    const evidence = async () => (await readdir(remote.scratch)).filter((name) => name.startsWith('clone.evidence-'));
    const known = await remote.meddle('rounds/1/prompts.txt', 'https://x/a.png\n');
    {
      await using ledger = await remote.ledger('judge-service', { dir });
      const snapshot = await ledger.snapshot();
      await git(remote.dir, 'update-ref', 'refs/heads/main', remote.first);
      const found = await remote.meddle('rounds/1/prompts.txt', 'https://x/other.png\n');
      for (const file of await objectFiles(dir)) await truncate(file, 0);
      const fault = await faultOf(snapshot.read(stateFiles.leader));
      const [kept = ''] = await evidence();
      expect(fault).toEqual({
        code: 'rewritten',
        remote: remote.url,
        known,
        found,
        evidence: path.join(remote.scratch, kept),
      });
      expect(await git(path.join(remote.scratch, kept), 'rev-parse', 'refs/remotes/origin/main')).toBe(found);
      await remote.fsck(path.join(remote.scratch, kept));
      expect(await faultOf(snapshot.read(stateFiles.leader))).toEqual(fault);
      expect(await git(dir, 'rev-parse', 'refs/remotes/origin/main')).toBe(known);
    }
    // Nor does a process that finds it so, however often the remote is rewritten, fill the disk.
    for (let n = 0; n < 4; n += 1) {
      await remote.meddle('rounds/1/prompts.txt', `https://x/${n}.png\n`);
      expect(await faultOf(remote.ledger('judge-service', { dir }))).toMatchObject({ code: 'rewritten', known });
    }
    expect(await evidence()).toHaveLength(3);
    expect(await readdir(remote.scratch)).not.toContainEqual(expect.stringContaining('.new-'));
  });

  it('fault 13: branch deleted: refused', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    await git(remote.dir, 'update-ref', '-d', 'refs/heads/main');
    expect(await faultOf(ledger.snapshot())).toEqual({ code: 'rewritten', remote: remote.url, known: remote.first });
    expect(await faultOf(remote.ledger('judge-service'))).toMatchObject({ code: 'no_branch', branch: 'main' });
  });

  it.each(['loose', 'pack', 'idx'] as const)(
    'fault 14: a flipped byte in a %s file: detected, clone rebuilt',
    async (kind) => {
      await using remote = await realRemote();
      const dir = path.join(remote.scratch, 'clone');
      {
        await using ledger = await remote.ledger('judge-service', { dir });
        await publishEta(ledger, 1);
      }
      if (kind !== 'loose') await git(dir, 'gc', '-q', '--prune=now');
      for (const file of await objectFiles(dir, kind)) await flipByte(file, kind === 'idx' ? 0.55 : 0.5);
      await using ledger = await remote.ledger('judge-service', { dir });
      const snapshot = await ledger.snapshot();
      expect(await snapshot.read(stateFiles.config)).toMatchObject({ name: 'joust' });
      await publishEta(ledger, 2);
      expect(await remote.subjects()).toHaveLength(3);
      expect(await quarantines(remote)).toHaveLength(1);
      await remote.fsck(dir);
      await remote.fsck();
    },
  );

  it('fault 14: while a process runs, too, whatever it does next', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    await using ledger = await remote.ledger('judge-service', { dir });
    const before = await ledger.snapshot();
    for (const file of await objectFiles(dir)) await flipByte(file, 0.6);
    const reads = [before.read(stateFiles.config), before.read(stateFiles.leader), before.list(stateFiles.rules)];
    expect((await Promise.all(reads))[0]).toMatchObject({ name: 'joust' });
    await publishEta(ledger, 2);
    await remote.fsck(dir);
  });

  it('fault 14: also when a publish is the first to read what its draft was derived from', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    await using ledger = await remote.ledger('judge-service', { dir });
    const draft = (await ledger.latest()).draft().write(stateFiles.state, {}, state('finalizing'));
    for (const file of await objectFiles(dir)) await flipByte(file, 0.6);
    expect((await ledger.publish(draft)).commit).toBe(await remote.head());
    await remote.fsck(dir);
    await remote.fsck();
  });

  it('fault 15: a flipped byte in a download: noticed by its hash and fetched again', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir);
    const dir = path.join(remote.scratch, 'clone');
    await using ledger = await remote.ledger('judge-service', { remote: http.url, dir });
    const tip = await remote.meddle('rounds/1/prompts.txt', 'https://x/a.png\n'.repeat(200));
    let spoiled = 0;
    http.misbehave(({ method, url }) => {
      // The first request of this kind lists refs, the second one fetches.
      if (method !== 'POST' || !/git-upload-pack$/.test(url ?? '')) return undefined;
      spoiled += 1;
      return spoiled === 3 ? { kind: 'flip_byte', fromEnd: 60 } : undefined;
    });
    expect((await ledger.snapshot()).commit).toBe(tip);
    expect(spoiled).toBeGreaterThan(3);
    expect(await quarantines(remote)).toEqual([]);
    await remote.fsck(dir);
  });

  it.each([
    ['truncated', '{"current_round": 1, "stage"', 'state.json', ''],
    ['wrong', '{"current_round": 1, "stage": "nap", "next_stage_eta": null}', 'state.json', 'stage'],
  ])(
    'fault 16: %s JSON in the state: an error that names path and field, nothing written',
    async (_, text, file, field) => {
      await using remote = await realRemote();
      await using ledger = await remote.ledger('generation-orchestrator');
      const tip = await remote.meddle('state.json', text);
      const snapshot = await ledger.snapshot();
      expect(await faultOf(snapshot.read(stateFiles.state))).toMatchObject({ code: 'invalid', path: file, field });
      const draft = snapshot.draft().write(stateFiles.builds, { round: 1 }, { [BOB]: build(BOB) });
      expect(await faultOf(ledger.publish(draft))).toMatchObject({ code: 'invalid', path: file, field });
      expect(await remote.head()).toBe(tip);
    },
  );

  it('fault 17: unknown schema version: refused loudly, by readers and writers', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    const draft = (await ledger.snapshot())
      .draft()
      .write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' });
    const config = JSON.parse(await remote.text('config.json'));
    const tip = await remote.meddle('config.json', JSON.stringify({ ...config, format_version: 99 }));
    expect(await faultOf(ledger.publish(draft))).toEqual({ code: 'unknown_version', path: 'config.json', version: 99 });
    expect(await faultOf(ledger.snapshot())).toEqual({ code: 'unknown_version', path: 'config.json', version: 99 });
    expect(await remote.head()).toBe(tip);
  });

  it('fault 21: objects written and then a crash before the push: the next publish goes through, nothing else to see', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    const now = () => new Date('2030-01-01');
    {
      await using ledger = await remote.ledger('judge-service', { dir, now, patienceMs: 100 });
      await mkdir(path.join(remote.dir, 'hooks'), { recursive: true });
      await writeFile(path.join(remote.dir, 'hooks/pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      expect(await faultOf(publishEta(ledger, 1))).toMatchObject({ code: 'rejected' });
    }
    await rm(path.join(remote.dir, 'hooks/pre-receive'));
    const orphans = await objectFiles(dir, 'loose');
    await using ledger = await remote.ledger('judge-service', { dir, now });
    await publishEta(ledger, 1);
    expect(await objectFiles(dir, 'loose')).toEqual(orphans); // the same hashes, used again
    expect(await remote.subjects()).toHaveLength(2);
  });

  it('fault 22: a commit before its objects: the remote does not take one, the clone is rebuilt and it is published whole', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'clone');
    await using ledger = await remote.ledger('judge-service', { dir });
    const draft = (await ledger.snapshot())
      .draft()
      .write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' });
    // The new blob's place is taken by an empty file, which passes for the object when it is to be written.
    const blob = (
      await git(remote.dir, 'hash-object', await spare(remote, draft.files.get('state.json')?.value))
    ).trim();
    await mkdir(path.join(dir, 'objects', blob.slice(0, 2)), { recursive: true });
    await copyFile('/dev/null', path.join(dir, 'objects', blob.slice(0, 2), blob.slice(2)));
    await ledger.publish(draft);
    await remote.fsck();
    expect(await remote.text('state.json')).toContain('2026-01-01');
    expect(await quarantines(remote)).toHaveLength(1);
  });
});

async function spare(remote: RealRemote, value: unknown): Promise<string> {
  const file = path.join(remote.scratch, 'spare.json');
  await writeFile(file, stateFiles.state.codec.format(value as never));
  await readFile(file);
  return file;
}

function podStats(processed: number) {
  return {
    processed,
    successful: processed,
    hard_failed: 0,
    hard_overtime: 0,
    time_min: 1,
    time_max: 1,
    time_avg: 1,
    time_median: 1,
    marked_bad: false,
    retry_cumulative_delta: 0,
    retry_delta_count: 0,
    termination_reason: null,
  };
}

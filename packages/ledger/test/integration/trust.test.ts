import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gen3d, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { git, gitWith } from '../../../../test-support/git-cli.js';
import { initRepository, type Ledger, openLedger } from '../../src/index.js';
import { newKey, signedRemote } from '../support/signed-remote.js';
import { ALICE, BOB, firstFiles, leaderEntry, state } from '../support/state-files.js';

const ETA = { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' };
const leaders = (...blocks: number[]) => stateFiles.leader.codec.format(blocks.map(leaderEntry));
const AMENDMENTS = 'rounds/1/amendments.json';
const exclude = (id: number, hotkey: string) => ({
  ...{ id, at: '2026-01-01T00:00:00Z', reason: 'a test', action: 'exclude_hotkey', hotkey },
});

async function marks(ledger: Ledger) {
  return (await (await ledger.snapshot()).trust()).unvouched.map(({ path: file, commit, problem }) => [
    ...[file, commit, problem],
  ]);
}

describe('what a state is trusted for', () => {
  it('is everything while no keys are listed', async () => {
    await using remote = await signedRemote();
    await remote.meddle('allowed_signers', '# nobody yet\n', 'Nobody', remote.keys.operator.keyFile);
    await remote.meddle('leader.json', leaders(100, 200));
    await using ledger = await remote.ledger('judge-service');
    const snapshot = await ledger.snapshot();
    expect(await snapshot.trust()).toMatchObject({ signers: [], unvouched: [] });
    await snapshot.requireVouched();
    await ledger.publish(snapshot.draft().write(stateFiles.state, {}, ETA));
  });

  it('is nothing that was changed without a key, or with another one’s', async () => {
    await using remote = await signedRemote();
    await using ledger = await remote.ledger('judge-service', { signing: remote.keys['judge-service'] });
    const good = await remote.meddle('leader.json', leaders(100, 200), 'Lead', remote.keys['round-manager'].keyFile);
    expect(await marks(ledger)).toEqual([]);
    const bare = await remote.meddle('rounds/1/winner.json', '{}');
    const strange = await remote.meddle('leader.json', leaders(100, 200, 300), 'Lead', remote.keys.stranger.keyFile);
    const others = await remote.meddle('config.json', '{}', 'Config', remote.keys['judge-service'].keyFile);
    expect(await marks(ledger)).toEqual([
      ['rounds/1/winner.json', bare, 'not signed'],
      ['leader.json', strange, 'signed with a key that allowed_signers does not hold'],
      ['config.json', others, 'signed with a key of judge-service'],
    ]);
    const snapshot = await ledger.snapshot();
    await expect(snapshot.requireVouched()).rejects.toMatchObject({
      fault: { code: 'unvouched', commit: bare, paths: ['rounds/1/winner.json', 'leader.json', 'config.json'] },
      message: expect.stringContaining(bare),
    });
    const { value, unvouched } = await snapshot.readVouched(stateFiles.leader);
    expect(value).toEqual([leaderEntry(100), leaderEntry(200)]);
    expect(unvouched?.commit).toBe(strange);
    expect((await snapshot.readVouched(stateFiles.config)).value?.name).toBe('joust');
    expect((await snapshot.readVouched(stateFiles.winner, { round: 1 })).value).toBeUndefined();
    expect(await git(remote.dir, 'log', '-1', '--format=%s', good)).toBe('Lead');
  });

  it('is what git can put back: a revert needs no key, and other content one', async () => {
    await using remote = await signedRemote();
    await using ledger = await remote.ledger('judge-service', { signing: remote.keys['judge-service'] });
    const forged = await remote.meddle('leader.json', leaders(100, 300));
    await remote.meddle('leader.json', leaders(100, 400));
    expect(await marks(ledger)).toEqual([['leader.json', forged, 'not signed']]);
    await remote.meddle('leader.json', leaders(100));
    expect(await marks(ledger)).toEqual([]);
    const again = await remote.meddle('rounds', 'a file where the rounds were');
    const other = await remote.meddle('leader.json', null);
    expect(await marks(ledger)).toEqual([['leader.json', other, 'not signed']]);
    await remote.revert(other);
    await remote.revert(again);
    expect(await marks(ledger)).toEqual([]);
    await remote.meddle('leader.json', leaders(100, 500));
    await remote.meddle('leader.json', leaders(100, 600), 'Lead', remote.keys['round-manager'].keyFile);
    expect(await marks(ledger)).toEqual([]);
  });

  it('does not depend on files that nothing is derived from, but does on the workflow that builds images', async () => {
    await using remote = await signedRemote();
    await using ledger = await remote.ledger('judge-service');
    await remote.meddle('README.md', '# Another\n');
    await remote.meddle('rounds/1/leader/pod_stats.json', '{}');
    await remote.meddle('docs/rounds/1/winner.json', '{}');
    expect(await marks(ledger)).toEqual([]);
    const commit = await remote.meddle('.github/workflows/build.yml', 'on: push\n');
    expect(await marks(ledger)).toEqual([['.github/workflows/build.yml', commit, 'not signed']]);
  });

  it('follows keys along the history: each list is signed by an operator of the one before', async () => {
    await using remote = await signedRemote();
    await using ledger = await remote.ledger('judge-service');
    const { keys, line } = remote;
    const next = await newKey(remote.scratch, 'next-operator');
    const rotated = `${[line('operator', next), line('round-manager')].join('\n')}\n`;

    // A list that nobody signed is none: what its keys sign is not vouched for either.
    const forged = await remote.meddle('allowed_signers', `operator ${keys.stranger.publicKey}\n`);
    const used = await remote.meddle('config.json', '{}', 'Config', keys.stranger.keyFile);
    const judged = await remote.meddle('allowed_signers', rotated, 'Keys', keys['judge-service'].keyFile);
    const problem = 'signed with a key that allowed_signers does not hold';
    expect(await marks(ledger)).toEqual([
      ['allowed_signers', forged, 'not signed'],
      ['config.json', used, problem],
    ]);
    expect((await (await ledger.snapshot()).trust()).signers).toEqual(remote.lines);
    await remote.revert(judged);
    await remote.revert(used);
    await remote.revert(forged);
    expect(await marks(ledger)).toEqual([]);

    // No commit vouches for itself; from the next one on, the new keys count and the removed ones do not.
    await remote.meddle('allowed_signers', rotated, 'Keys', keys.operator.keyFile);
    expect(await marks(ledger)).toEqual([]);
    const old = await remote.meddle('prompts.txt', 'text: a lamp\n', 'Prompts', keys.operator.keyFile);
    const gone = await remote.meddle('rounds/1/winner.json', '{}', 'Winner', keys['judge-service'].keyFile);
    await remote.meddle('config.json', '{"name": "x"}', 'Config', next.keyFile);
    expect(await marks(ledger)).toEqual([
      ['prompts.txt', old, problem],
      ['rounds/1/winner.json', gone, problem],
    ]);
  });

  it('begins with the keys of the first commit', async () => {
    await using remote = await signedRemote();
    const dir = path.join(remote.scratch, 'own.git');
    await git(remote.scratch, 'init', '-q', '--bare', dir);
    const files = firstFiles('duels').set('allowed_signers', `${remote.line('operator')}\n`);
    await initRepository({ competition: gen3d, remote: dir, files, version: '1', signing: remote.keys.operator });
    await using ledger = await openLedger({
      competition: gen3d,
      remote: dir,
      dir: path.join(remote.scratch, 'own'),
      version: '1',
    });
    const snapshot = await ledger.snapshot();
    expect(await snapshot.trust()).toMatchObject({ signers: [remote.line('operator')], unvouched: [] });
  });

  it('is nothing at all once more was changed than is looked through, until that is taken back', async () => {
    await using remote = await signedRemote();
    await using ledger = await remote.ledger('judge-service');
    const tip = await remote.meddle('prompts.txt', 'text: a lamp\n');
    const files = Array.from({ length: 1_001 }, (_, n) => `M 100644 inline rounds/${n}/winner.json\ndata 2\n{}\n`);
    const head = 'commit refs/heads/main\ncommitter x <x@y> 1900000000 +0000\ndata 1\nx\n';
    await gitWith(remote.dir, `${head}from ${tip}\n${files.join('')}`, 'fast-import', '--quiet');
    const flood = await remote.head();
    const problem = 'no key vouches for more than 1000 files';
    const lamp = ['prompts.txt', tip, 'not signed'];
    expect(await marks(ledger)).toEqual([lamp, ['', flood, problem]]);
    // Not even what a key signs counts meanwhile.
    const signed = await remote.meddle('prompts.txt', 'text: a chair\n', 'Prompts', remote.keys.operator.keyFile);
    expect((await (await ledger.snapshot()).readVouched(stateFiles.leader)).value).toEqual([leaderEntry(100)]);
    expect(await marks(ledger)).toEqual([lamp, ['', flood, problem]]);
    await remote.revert(signed);
    await remote.revert(flood);
    expect(await marks(ledger)).toEqual([lamp]);
  });

  it('survives an unreadable list: the one before it counts', async () => {
    await using remote = await signedRemote();
    await using ledger = await remote.ledger('judge-service');
    const commit = await remote.meddle('allowed_signers', 'operator nonsense\n', 'Keys', remote.keys.operator.keyFile);
    expect(await marks(ledger)).toEqual([['allowed_signers', commit, expect.stringContaining('allowed_signers')]]);
    expect((await (await ledger.snapshot()).trust()).signers).toEqual(remote.lines);
  });
});

describe('publishing next to what no key vouches for', () => {
  it('is refused, so that no service signs what others made up', async () => {
    await using remote = await signedRemote();
    await using ledger = await remote.ledger('judge-service', { signing: remote.keys['judge-service'] });
    const draft = (await ledger.snapshot()).draft().write(stateFiles.state, {}, ETA);
    const commit = await remote.meddle('rounds/1/generation_audits.json', '{}');
    const tip = await remote.head();
    await expect(ledger.publish(draft)).rejects.toMatchObject({ fault: { code: 'unvouched', commit } });
    expect(await remote.head()).toBe(tip);
    await remote.revert(commit);
    await ledger.publish((await ledger.snapshot()).draft().write(stateFiles.state, {}, ETA));
  });

  it('is an operator’s to do, but never on top of a file that was forged', async () => {
    await using remote = await signedRemote();
    await using ledger = await remote.ledger('operator', { signing: remote.keys.operator });
    await remote.meddle('leader.json', leaders(100, 300));
    const first = (await ledger.snapshot())
      .draft()
      .write(stateFiles.amendments, { round: 1 }, [exclude(1, ALICE)] as never);
    await ledger.publish(first);
    const forged = [exclude(1, ALICE), exclude(2, BOB)];
    const commit = await remote.meddle(AMENDMENTS, JSON.stringify(forged));
    const on = (await ledger.snapshot())
      .draft()
      .write(stateFiles.amendments, { round: 1 }, [...forged, exclude(3, ALICE)] as never);
    await expect(ledger.publish(on)).rejects.toMatchObject({ fault: { code: 'unvouched', commit } });
    // The keys are replaced as a whole, also where somebody forged them.
    await remote.meddle('allowed_signers', `operator ${remote.keys.stranger.publicKey}\n`);
    await ledger.publish((await ledger.snapshot()).draft().write(stateFiles.allowedSigners, {}, remote.lines));
    expect((await marks(ledger)).map(([file]) => file)).toEqual(['leader.json', AMENDMENTS]);
  });

  it('never follows forged keys', async () => {
    await using remote = await signedRemote();
    await remote.meddle('allowed_signers', '');
    await using ledger = await remote.ledger('operator');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.promptPool, {}, ['text: a lamp']);
    await expect(ledger.publish(draft)).rejects.toMatchObject({ fault: { code: 'not_signer' } });
  });
});

describe('finding out whom to trust', () => {
  it('is saved next to the clone, and derived again without that file', async () => {
    await using remote = await signedRemote();
    const forged = await remote.meddle('leader.json', leaders(100, 300));
    // Enough commits that a restart had better not walk them all.
    const tip = await git(remote.dir, 'rev-parse', 'main');
    const stream = Array.from({ length: 600 }, (_, n) => {
      const from = n === 0 ? `from ${tip}\n` : '';
      const head = `commit refs/heads/main\ncommitter x <x@y> ${1_800_000_000 + n} +0000\ndata 1\nx\n${from}`;
      return `${head}M 100644 inline notes\ndata 3\n${100 + n}\n`;
    });
    await gitWith(remote.dir, stream.join(''), 'fast-import', '--quiet');
    const dir = path.join(remote.scratch, 'kept');
    const open = () => openLedger({ competition: gen3d, remote: remote.url, dir, version: '1' });
    const saved = path.join(dir, 'tiltyard-trust.json');
    const mark = [['leader.json', forged, 'not signed']];
    {
      await using ledger = await open();
      expect(await marks(ledger)).toEqual(mark);
    }
    expect(JSON.parse(await readFile(saved, 'utf8'))).toMatchObject({
      version: 1,
      unvouched: [{ path: 'leader.json' }],
    });
    for (const spoil of [async () => {}, () => writeFile(saved, '{"version": 1'), () => rm(saved)]) {
      await spoil();
      await using ledger = await open();
      expect(await marks(ledger)).toEqual(mark);
    }
  });
});

import { existsSync } from 'node:fs';
import path from 'node:path';
import { frameObject, objectId, writeLooseObject } from '@tiltyard/git';
import { Hotkey } from '@tiltyard/schema';
import { gen3d, type Stem, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it, vi } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { openLedger } from '../../src/index.js';
import { realRemote } from '../support/real-remote.js';
import { ALICE, BOB, build, generations, leaderEntry, state } from '../support/state-files.js';

describe('publishing', () => {
  it('puts a draft on top as one commit that says what it holds, by whom and with what', async () => {
    await using remote = await realRemote({ stage: 'downloading' });
    await using ledger = await remote.ledger('submission-collector');
    const draft = (await ledger.snapshot()).draft();
    draft.write(stateFiles.submitted, { round: 1, side: BOB }, generations('cat', 'dog'));
    draft.write(stateFiles.state, {}, state('duels'));
    const published = await ledger.publish(draft);

    expect(published.outcome).toBe('published');
    expect(published.commit).toBe(await remote.head());
    expect(await git(remote.dir, 'log', '-1', '--format=%an <%ae>%n%P%n%B', 'main')).toBe(
      [
        'submission-collector <submission-collector@tiltyard.invalid>',
        remote.first,
        'Round 1: duels',
        `Update submitted for round 1, miner ${BOB.slice(0, 10)}`,
        '',
        'Service: submission-collector',
        'Version: 0.1.0',
      ].join('\n'),
    );
    expect(await remote.text('README.md')).toBe('# A competition'); // what it does not touch stays
    expect(JSON.parse(await remote.text('state.json'))).toEqual(state('duels'));
    await remote.fsck();
  });

  it('makes no commit when the tip holds all of the draft already', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.state, {}, state('duels'));
    expect(await ledger.publish(draft)).toEqual({ outcome: 'already_there', commit: remote.first });
    expect(await remote.head()).toBe(remote.first);
  });

  it('keeps what other writers published in between, on other paths', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using judge = await remote.ledger('judge-service');
    await using orchestrator = await remote.ledger('generation-orchestrator');
    const judged = (await judge.snapshot()).draft();
    judged.write(stateFiles.matchMatrix, { round: 1 }, [{ left: 'leader', right: BOB, margin: 0.25 }]);
    const built = (await orchestrator.snapshot()).draft();
    built.write(stateFiles.builds, { round: 1 }, { [BOB]: build(BOB) });
    await orchestrator.publish(built);
    await judge.publish(judged);
    expect((await remote.subjects()).slice(1)).toEqual([
      'Update build statuses for round 1',
      'Update matches matrix for round 1',
    ]);
  });

  it('keeps the old rows of a table to the letter, whatever their way with numbers', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await remote.meddle('rounds/1/matches_matrix.csv', `left,right,margin\nleader,${ALICE},0.0\n`);
    await using ledger = await remote.ledger('judge-service');
    const snapshot = await ledger.snapshot();
    const rows = (await snapshot.read(stateFiles.matchMatrix, { round: 1 })) ?? [];
    const more = [...rows, { left: 'leader' as const, right: BOB, margin: 0.5 }];
    await ledger.publish(snapshot.draft().write(stateFiles.matchMatrix, { round: 1 }, more));
    expect(await remote.text('rounds/1/matches_matrix.csv')).toBe(
      `left,right,margin\nleader,${ALICE},0.0\nleader,${BOB},0.5`,
    );
  });

  it('dates a commit no earlier than its parent when the clock has been set back', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service', { now: () => new Date('2001-01-01') });
    const snapshot = await ledger.snapshot();
    await ledger.publish(
      snapshot.draft().write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' }),
    );
    expect((await ledger.latest()).committedAt).toEqual(snapshot.committedAt);
  });

  it('refuses a draft whose basis changed, when it says what it was derived from', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service');
    const draft = (await ledger.snapshot()).draft().requires(stateFiles.sourceAudits, { round: 1 });
    draft.write(stateFiles.matchMatrix, { round: 1 }, [{ left: 'leader', right: BOB, margin: 0.25 }]);
    const tip = await remote.meddle('rounds/1/source_audit.json', '[]', 'Update source audits for round 1');
    await expect(ledger.publish(draft)).rejects.toMatchObject({
      fault: { code: 'stale', paths: ['rounds/1/source_audit.json'], tip },
    });
  });

  it('refuses a transition when an amendment has come in between, which may hold the round', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.state, {}, state('finalizing'));
    const amendment = { id: 1, at: '2026-01-01T00:00:00Z', reason: 'why', action: 'pause', stage: 'duels' };
    const tip = await remote.meddle(
      'rounds/1/amendments.json',
      JSON.stringify([amendment]),
      'Amendment 1 for round 1: pause',
    );
    await expect(ledger.publish(draft)).rejects.toMatchObject({
      fault: { code: 'stale', paths: ['rounds/1/amendments.json'], tip },
    });
    expect(await remote.head()).toBe(tip);
  });
});

describe('a ledger without a service', () => {
  it('reads and does not publish', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    const dir = path.join(remote.scratch, 'reader');
    await using reader = await openLedger({ competition: gen3d, remote: remote.url, dir, version: '0.1.0' });
    const snapshot = await reader.snapshot();
    expect(await snapshot.read(stateFiles.state)).toEqual(state('duels'));
    const draft = snapshot.draft().write(stateFiles.state, {}, state('finalizing'));
    await expect(reader.publish(draft)).rejects.toMatchObject({ fault: { code: 'bad_option', option: 'service' } });
  });
});

describe('a long run', () => {
  it('packs the loose objects that it leaves, and reads on through the same process', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    const dir = path.join(remote.scratch, 'clone');
    await using ledger = await remote.ledger('judge-service', { dir });
    // Git guesses from one folder in 256; these are all for that one.
    const texts: string[] = [];
    for (let n = 0; texts.length < 40; n += 1)
      if (objectId('blob', Buffer.from(`${n}`)).startsWith('17')) texts.push(`${n}`);
    for (const text of texts.slice(1)) await writeLooseObject(dir, frameObject('blob', Buffer.from(text)));
    await remote.meddle('spare', texts[0] ?? '');
    const tip = await remote.meddle('other', 'x');
    expect((await ledger.snapshot()).commit).toBe(tip);
    // Packing takes a turn of its own afterwards.
    const { id } = frameObject('blob', Buffer.from(texts[0] ?? ''));
    const loose = path.join(dir, 'objects', id.slice(0, 2), id.slice(2));
    await vi.waitFor(() => expect(existsSync(loose)).toBe(false), { timeout: 20_000 });
    expect(await (await ledger.latest()).readText('spare')).toBe(texts[0]);
    await ledger.publish(
      (await ledger.snapshot())
        .draft()
        .write(stateFiles.state, {}, { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' }),
    );
    await remote.fsck(dir);
  });
});

describe('the registry', () => {
  it('lets only the owner write a file', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.builds, { round: 1 }, { [BOB]: build(BOB) });
    await expect(ledger.publish(draft)).rejects.toMatchObject({
      fault: {
        code: 'not_owner',
        path: 'rounds/1/builds.json',
        writer: 'judge-service',
        owners: ['generation-orchestrator'],
      },
    });
    expect(await remote.head()).toBe(remote.first);
  });

  it('lets only the owner of the stage move the competition', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('round-manager');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.state, {}, state('finalizing'));
    await expect(ledger.publish(draft)).rejects.toMatchObject({
      fault: { code: 'not_owner', owners: ['judge-service'] },
    });
  });

  it('lets a file be written only in its stages, judged at the commit below', async () => {
    await using remote = await realRemote({ stage: 'open' });
    await using ledger = await remote.ledger('generation-orchestrator');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.builds, { round: 1 }, { [BOB]: build(BOB) });
    await expect(ledger.publish(draft)).rejects.toMatchObject({ fault: { code: 'wrong_stage', stage: 'open' } });
  });

  it('lets only the current round be written, and only the next one scheduled', async () => {
    await using remote = await realRemote({ stage: 'finalizing' });
    await using manager = await remote.ledger('round-manager');
    const blocks = { earliest_reveal_block: 1, latest_reveal_block: 2, generation_deadline_block: 3 } as never;
    const draft = (await manager.snapshot()).draft().write(stateFiles.schedule, { round: 1 }, blocks);
    await expect(manager.publish(draft)).rejects.toMatchObject({
      fault: { code: 'wrong_round', path: 'rounds/1/schedule.json', round: 1, expected: 2 },
    });
  });

  it('lets lists only grow', async () => {
    await using remote = await realRemote({ stage: 'finalizing' });
    await using ledger = await remote.ledger('round-manager');
    const draft = (await ledger.snapshot()).draft();
    draft
      .write(stateFiles.leader, {}, [{ ...leaderEntry(100), weight: 0.8 }])
      .write(stateFiles.state, {}, state('open', 2));
    await expect(ledger.publish(draft)).rejects.toMatchObject({ fault: { code: 'not_append', path: 'leader.json' } });
  });

  it('lets what is settled stand', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('generation-orchestrator');
    const put = async (status: 'failure' | 'pending') => {
      const draft = (await ledger.snapshot()).draft();
      return ledger.publish(draft.write(stateFiles.builds, { round: 1 }, { [BOB]: build(BOB, status) }));
    };
    await put('failure');
    await expect(put('pending')).rejects.toMatchObject({
      fault: { code: 'settled', path: 'rounds/1/builds.json', faults: [{ key: BOB }] },
    });
  });

  it('lets what is written once stand', async () => {
    await using remote = await realRemote({ stage: 'open' });
    await remote.meddle('rounds/1/seed.json', '{"seed": 7}');
    await using ledger = await remote.ledger('submission-collector');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.seed, { round: 1 }, { seed: 8 });
    draft.write(stateFiles.submissions, { round: 1 }, {}).write(stateFiles.state, {}, state('finalizing'));
    await expect(ledger.publish(draft)).rejects.toMatchObject({
      fault: { code: 'written_once', path: 'rounds/1/seed.json' },
    });
  });

  it('moves the competition only along the edges of the stage machine', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.state, {}, state('open', 2));
    await expect(ledger.publish(draft)).rejects.toMatchObject({
      fault: { code: 'illegal_transition', faults: [{ code: 'illegal_edge' }, { code: 'round_jumps' }] },
    });
  });

  it('refuses a file that no line of the message announces', async () => {
    await using remote = await realRemote({ stage: 'open' });
    await using ledger = await remote.ledger('submission-collector');
    const draft = (await ledger.snapshot()).draft().write(stateFiles.seed, { round: 1 }, { seed: 8 });
    await expect(ledger.publish(draft)).rejects.toMatchObject({
      fault: { code: 'not_announced', path: 'rounds/1/seed.json' },
    });
  });

  it('checks a file that is new, too', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service');
    const report = { left: 'leader' as const, right: ALICE, score: 0, margin: 0, duels: [] };
    const draft = (await ledger.snapshot()).draft();
    draft.write(stateFiles.matchReport, { round: 1, side: BOB, left: 'leader' }, report);
    await expect(ledger.publish(draft)).rejects.toMatchObject({
      fault: { code: 'misplaced', path: `rounds/1/${BOB}/duels_leader.json`, faults: [{ code: 'misplaced' }] },
    });
    expect(await remote.head()).toBe(remote.first);
  });

  it('refuses a value that does not fit its schema when it is drafted', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service');
    const draft = (await ledger.snapshot()).draft();
    expect(() =>
      draft.write(stateFiles.matchMatrix, { round: 1 }, [{ left: 'leader', right: BOB, margin: 3 }]),
    ).toThrow(
      expect.objectContaining({
        fault: expect.objectContaining({ code: 'invalid', path: 'rounds/1/matches_matrix.csv' }),
      }),
    );
  });

  it('lets a competition be held and resumed only on orders, by the owner of the stage that is held, to that stage', async () => {
    await using remote = await realRemote({ stage: 'downloading' });
    const orders: object[] = [];
    const order = async (action: 'pause' | 'resume') => {
      orders.push({ id: orders.length + 1, at: '2026-01-01T00:00:00Z', reason: 'why', action, stage: 'downloading' });
      await remote.meddle('rounds/1/amendments.json', JSON.stringify(orders));
    };
    await using judge = await remote.ledger('judge-service');
    await using collector = await remote.ledger('submission-collector');
    const move = async (ledger: typeof judge, stage: 'downloading' | 'duels' | 'paused') =>
      ledger.publish((await ledger.snapshot()).draft().write(stateFiles.state, {}, state(stage)));
    await expect(move(collector, 'paused')).rejects.toMatchObject({ fault: { code: 'illegal_transition' } });
    await order('pause');
    await move(collector, 'paused');
    await expect(move(collector, 'downloading')).rejects.toMatchObject({ fault: { code: 'illegal_transition' } });
    await order('resume');
    await expect(move(judge, 'duels')).rejects.toMatchObject({
      fault: { code: 'not_owner', owners: ['submission-collector'] },
    });
    await expect(move(collector, 'duels')).rejects.toMatchObject({ fault: { code: 'illegal_transition' } });
    await move(collector, 'downloading');
    expect((await remote.subjects()).filter((line) => line !== 'Meddle').slice(1)).toEqual([
      'Update state (paused) for round 1',
      'Update state (downloading) for round 1',
    ]);
  });
});

describe('a snapshot', () => {
  it('reads typed values, lists files and tells when and by whom a file last changed', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    const right = Hotkey.parse(BOB);
    const reported = await remote.meddle(
      `rounds/1/${right}/duels_leader.json`,
      JSON.stringify({ left: 'leader', right, score: 0, margin: 0, duels: [] }),
    );
    await remote.meddle('rounds/1/builds.json', '{}');
    await using ledger = await remote.ledger('judge-service');
    const snapshot = await ledger.snapshot();
    expect((await snapshot.read(stateFiles.config))?.win_margin).toBe(0.05);
    expect(await snapshot.read(stateFiles.winner, { round: 1 })).toBeUndefined();
    const reports = await snapshot.list(stateFiles.matchReport, { round: 1 });
    expect(reports.map(({ params }) => params)).toEqual([{ round: 1, side: right, left: 'leader' }]);
    expect(await reports[0]?.read()).toMatchObject({ right, score: 0 });
    expect(await snapshot.list(stateFiles.matchReport, { round: 2 })).toEqual([]);
    const change = await snapshot.changedAt(stateFiles.matchReport, { round: 1, side: right, left: 'leader' });
    expect(change?.commit).toBe(reported);
    expect(change?.at.getTime()).toBeGreaterThan(Date.now() - 3_600_000);
  });

  it('refuses a text that is not UTF-8, instead of reading something else', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await remote.meddle('rounds/1/prompts.txt', Buffer.from([0x74, 0xff, 0x0a]));
    await using ledger = await remote.ledger('judge-service');
    await expect((await ledger.snapshot()).read(stateFiles.prompts, { round: 1 })).rejects.toMatchObject({
      fault: { code: 'invalid', path: 'rounds/1/prompts.txt', detail: 'is not UTF-8' },
    });
  });

  it('never changes, and parses an unchanged file once', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    await using ledger = await remote.ledger('judge-service');
    const before = await ledger.snapshot();
    const config = await before.read(stateFiles.config);
    await remote.meddle('rounds/1/prompts.txt', 'https://x/a.png\n');
    const after = await ledger.snapshot();
    expect(await before.readText('rounds/1/prompts.txt')).toBeUndefined();
    expect(await after.readText('rounds/1/prompts.txt')).toBe('https://x/a.png\n');
    expect(await after.read(stateFiles.config)).toBe(config);
    expect(() => Object.assign(config ?? {}, { name: 'x' })).toThrow(TypeError);
  });

  it('holds large files as they are', async () => {
    await using remote = await realRemote({ stage: 'duels' });
    const stems = Array.from({ length: 20_000 }, (_, index) => `prompt-${index}` as Stem);
    await remote.meddle(`rounds/1/${BOB}/submitted.json`, JSON.stringify(generations(...stems)));
    await using ledger = await remote.ledger('judge-service');
    const read = await (await ledger.snapshot()).read(stateFiles.submitted, { round: 1, side: BOB });
    expect(Object.keys(read ?? {})).toHaveLength(20_000);
  });
});

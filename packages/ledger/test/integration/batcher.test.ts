import type { Hotkey } from '@tiltyard/schema';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it, vi } from 'vitest';
import { type Edit, openBatcher } from '../../src/index.js';
import { httpRemote } from '../fixture/http-remote.js';
import { realRemote } from '../fixture/real-remote.js';
import { ALICE, BOB, build, state } from '../fixture/state-files.js';

/** Puts one build into the table. */
function putBuild(hotkey: Hotkey, status: 'pending' | 'in_progress' | 'failure' = 'pending'): Edit {
  return async (draft) => {
    const builds = (await draft.read(stateFiles.builds, { round: 1 })) ?? {};
    draft.write(stateFiles.builds, { round: 1 }, { ...builds, [hotkey]: build(hotkey, status) });
  };
}

describe('a batcher', () => {
  it('publishes completions that come close together as one commit', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('generation-orchestrator');
    await using batcher = openBatcher(ledger, { maxDelayMs: 50 });
    const published = await Promise.all([batcher.add(putBuild(ALICE)), batcher.add(putBuild(BOB))]);
    expect(new Set(published.map(({ commit }) => commit))).toEqual(new Set([await remote.head()]));
    expect(Object.keys(JSON.parse(await remote.text('rounds/1/builds.json')))).toEqual([ALICE, BOB]);
    expect(await remote.subjects()).toHaveLength(2);
    expect(batcher.pending).toBe(0);
  });

  it('publishes a transition at once, whole, with what waits', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    await using batcher = openBatcher(ledger, { maxDelayMs: 3_600_000 });
    const row = { left: 'leader', right: BOB, margin: 0.5 } as const;
    const waiting = batcher.add((draft) => void draft.write(stateFiles.matchMatrix, { round: 1 }, [row]));
    const winner = { winner_hotkey: BOB, repo: 'bob/model', commit: 'b'.repeat(40), docker_image: 'ghcr.io/bob' };
    const transition = batcher.add(
      (draft) => void draft.write(stateFiles.winner, { round: 1 }, winner).transition(state('finalizing')),
      { atOnce: true },
    );
    expect((await transition).commit).toBe((await waiting).commit);
    expect((await remote.subjects()).slice(1)).toEqual([
      'Round 1 winner: 5FHneW46xG Update matches matrix for round 1 Update state (finalizing) for round 1',
    ]);
  });

  it('does not publish a decision that was overtaken by an amendment, and publishes the rest', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    await using batcher = openBatcher(ledger, { maxDelayMs: 3_600_000 });
    const snapshot = await ledger.snapshot();
    const amendment = { id: 1, at: '2026-01-01T00:00:00Z', reason: 'why', action: 'pause', stage: 'duels' };
    await remote.meddle('rounds/1/amendments.json', JSON.stringify([amendment]), 'Amendment 1 for round 1: pause');
    const row = { left: 'leader', right: BOB, margin: 0.5 } as const;
    const completion = batcher.add((draft) => void draft.write(stateFiles.matchMatrix, { round: 1 }, [row]));
    const decision = batcher.add((draft) => void draft.transition(state('finalizing'), snapshot), { atOnce: true });
    await expect(decision).rejects.toMatchObject({ fault: { code: 'stale', paths: ['rounds/1/amendments.json'] } });
    await completion;
    expect((await remote.subjects()).at(-1)).toBe('Update matches matrix for round 1');
  });

  it('lets a completion that breaks a rule fail alone', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('generation-orchestrator');
    await using batcher = openBatcher(ledger, { maxDelayMs: 20 });
    await batcher.add(putBuild(ALICE, 'failure'));
    const outcomes = await Promise.allSettled([
      batcher.add(putBuild(ALICE, 'pending')), // settled already
      batcher.add(putBuild(BOB)),
      batcher.add(() => Promise.reject(new Error('its own trouble'))),
    ]);
    expect(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason.code ?? outcome.reason) : 'ok')),
    ).toEqual(['settled', 'ok', 'Error: its own trouble']);
    expect(JSON.parse(await remote.text('rounds/1/builds.json'))).toMatchObject({ [BOB]: { status: 'pending' } });
  });

  it('spaces its commits: what comes while one is being made waits its own time', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('generation-orchestrator');
    await using batcher = openBatcher(ledger, { maxDelayMs: 3_600_000 });
    const first = batcher.add(putBuild(ALICE), { atOnce: true });
    const later = [batcher.add(putBuild(BOB)), batcher.add(putBuild(BOB, 'failure'))];
    await first;
    expect(batcher.pending).toBe(2);
    await batcher.flush();
    await Promise.all(later);
    expect(await remote.subjects()).toHaveLength(3);
    expect(JSON.parse(await remote.text('rounds/1/builds.json'))).toMatchObject({ [BOB]: { status: 'failure' } });
  });

  it('gives up soon when it is closed while the remote cannot be reached', async () => {
    await using remote = await realRemote();
    await using http = await httpRemote(remote.dir);
    await using ledger = await remote.ledger('generation-orchestrator', { remote: http.url, patienceMs: 100 });
    // Longer than any test may take: that it ends at all shows that it waits for neither.
    const closeTimeoutMs = 600_000;
    const outage = { firstDelayMs: 6_000_000, maxDelayMs: 6_000_000 };
    const batcher = openBatcher(ledger, { maxDelayMs: 1, outage, closeTimeoutMs });
    http.misbehave(() => ({ kind: 'answer', status: 503 }));
    const waiting = batcher.add(putBuild(BOB)).catch((error: unknown) => error);
    await vi.waitFor(() => expect(ledger.trouble()).toMatchObject({ code: 'unreachable' }), { timeout: 50_000 });
    await batcher[Symbol.asyncDispose]();
    expect(await waiting).toMatchObject({ name: 'LedgerError' });
  });

  it('publishes what waits when it is closed, and takes no more', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('generation-orchestrator');
    const batcher = openBatcher(ledger, { maxDelayMs: 3_600_000 });
    const waiting = batcher.add(putBuild(BOB));
    await batcher[Symbol.asyncDispose]();
    expect((await waiting).commit).toBe(await remote.head());
    await expect(batcher.add(putBuild(ALICE))).rejects.toMatchObject({ code: 'closed' });
  });

  it('rejects what waits with the reason when its signal aborts', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('generation-orchestrator');
    const stop = new AbortController();
    await using batcher = openBatcher(ledger, { maxDelayMs: 3_600_000, signal: stop.signal });
    const waiting = batcher.add(putBuild(BOB));
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
    expect(await remote.subjects()).toHaveLength(1);
  });
});

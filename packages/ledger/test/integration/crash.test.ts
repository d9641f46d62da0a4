import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import PQueue from 'p-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { type RealRemote, realRemote } from '../support/real-remote.js';
import { runNode } from '../support/run-node.js';
import { ALICE, BOB } from '../support/state-files.js';
import {
  canTrace,
  listCalls,
  MUTATING,
  type Mutating,
  runStruck,
  type Strike,
  type Victim,
} from '../support/strace.js';

const PUBLISHER = fileURLToPath(new URL('../support/publish-pod-stats.mjs', import.meta.url));
/** How many strikes are under way at a time. */
const AT_ONCE = 3;
const EVERYTHING = process.env.TILTYARD_SWEEP === '1';
/** What is struck in the usual run, once each: the calls that a publish's steps hang on. */
const USUAL: Readonly<Record<Victim, readonly Mutating[]>> = {
  service: ['fsync', 'rename', 'write'],
  push: ['link', 'rename', 'write'],
};

describe.skipIf(!canTrace())(
  'a publish struck at any of its system calls (needs strace and the right to trace)',
  () => {
    let world: RealRemote;
    const calls = new Map<Victim, ReturnType<typeof listCalls>>();
    const callsOf = async (victim: Victim) => {
      const listed = calls.get(victim) ?? listCalls(world.scratch, victim, await freshArgs(world, `count-${victim}`));
      calls.set(victim, listed);
      return listed;
    };
    beforeAll(async () => {
      world = await realRemote({ stage: 'duels' });
      // The clone is there already: what is struck is a publish.
      await runNode([PUBLISHER, world.url, path.join(world.scratch, 'clone'), BOB, '1', '2000']);
    });
    afterAll(() => world[Symbol.asyncDispose]());

    it.each([
      ['fault 1: kill -9 of the service', 'service', 'kill'],
      ['fault 1: kill -9 of git and of the remote', 'push', 'kill'],
      ['fault 2: EIO in the service', 'service', 'eio'],
      ['fault 2: EIO in git and in the remote', 'push', 'eio'],
    ] as const)(
      '%s: old or new state, sound repositories, and the next publish finishes',
      async (_, victim, how) => {
        const listed = await callsOf(victim);
        const strikes = MUTATING.flatMap((call) => {
          const nths = listed.get(call) ?? [];
          // A service that cannot write to its own helpers is a service that was killed.
          if (how === 'eio' && victim === 'service' && call === 'write') return [];
          const middle = nths.slice(nths.length >> 1).slice(0, USUAL[victim].includes(call) ? 1 : 0);
          const chosen = EVERYTHING ? nths : middle;
          return chosen.map((nth): Strike => ({ call, nth, how }));
        });
        expect(strikes.map(({ call }) => call)).toEqual(
          expect.arrayContaining(victim === 'service' ? ['fsync', 'rename'] : ['link', 'rename']),
        );
        // Each has a world of its own, and some wait for seconds until a lock is old enough to be taken over.
        const queue = new PQueue({ concurrency: AT_ONCE });
        await Promise.all(strikes.map((strike) => queue.add(() => survives(world, victim, strike))));
      },
      1_800_000,
    );
  },
);

/** Copies the world, strikes a publish in the copy, and looks at what is left. */
async function survives(world: RealRemote, victim: Victim, strike: Strike): Promise<void> {
  const name = `${victim}-${strike.call}-${strike.nth}-${strike.how}`;
  const args = await freshArgs(world, name);
  const [, remote = '', clone = ''] = args;
  const bare = remote.slice('file://'.length);
  const before = await git(bare, 'rev-parse', 'main');
  const end = await runStruck(path.dirname(bare), victim, strike, args);

  // Old or new, and never something in between.
  const now = await git(bare, 'rev-parse', 'main');
  const story = `${name}: ${end.exitCode} ${end.stdout}`;
  if (now !== before) expect(await git(bare, 'rev-parse', 'main^'), story).toBe(before);
  if (strike.how === 'eio') expect(end.stdout, story).toMatch(/"outcome":"published"|"fault":"[a-z_]+"/);
  expect(await git(bare, 'fsck', '--strict', '--no-dangling', '--no-progress'), story).toBe('');
  expect(await git(clone, 'fsck', '--strict', '--no-dangling', '--no-progress'), story).toBe('');

  // The next tick finishes, once.
  const [script = '', url = '', dir = '', side = ''] = args;
  // Patient enough to outlive a lock that the strike left in the remote.
  const next = JSON.parse(await runNode([script, url, dir, side, '1', '20000', '3000']));
  expect(['published', 'already_there'], story).toContain(next.outcome);
  expect(await git(bare, 'rev-list', '--count', `${before}..main`), story).toBe('1');
  expect(await git(bare, 'fsck', '--strict', '--no-dangling', '--no-progress'), story).toBe('');
  await rm(path.dirname(bare), { recursive: true });
}

/** The publisher's arguments for a copy of the world, with another miner than the one who is in it already. */
async function freshArgs(world: RealRemote, name: string): Promise<readonly string[]> {
  const folder = path.join(world.scratch, 'copies', name);
  await cp(world.dir, path.join(folder, 'remote.git'), { recursive: true });
  await cp(path.join(world.scratch, 'clone'), path.join(folder, 'clone'), { recursive: true });
  const remote = `file://${path.join(folder, 'remote.git')}`;
  await git(path.join(folder, 'clone'), 'config', 'remote.origin.url', remote);
  return [PUBLISHER, remote, path.join(folder, 'clone'), ALICE, '1', '1000'];
}

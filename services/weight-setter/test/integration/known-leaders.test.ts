import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { BlockHash } from '@tiltyard/chain';
import type { BlockNumber } from '@tiltyard/schema';
import { type LeaderEntry, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import {
  LEADER_ENTRY,
  startCompetition,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { listeningLog } from '../../../../packages/service-kit/test/support/listening-log.js';
import { LISTED_KEY, pushWithoutKey } from '../../../../packages/service-kit/test/support/without-key.js';
import { openKnownLeaders } from '../../src/known-leaders.js';

const run = promisify(execFile);
const NETUID = 17;
const CHAIN = { genesisHash: `0x${'1'.repeat(64)}` as BlockHash };
const AT_LEISURE = new AbortController().signal;

const FIRST: LeaderEntry = { ...LEADER_ENTRY, weight: 1, effective_block: 10 as BlockNumber };
const SECOND: LeaderEntry = { ...FIRST, weight: 0.8, effective_block: 20 as BlockNumber };
const START = { stage: 'open', leaders: [FIRST] } as const;

async function readerOf(competition: TestCompetition) {
  const listening = listeningLog();
  const ledger = await competition.ledger('reader', 'weights');
  return { ...listening, read: openKnownLeaders({ ledger, chain: CHAIN, netuid: NETUID, notices: listening.notices }) };
}

/** Pushes a file as somebody would who goes past the services: as one more commit, or in place of the last one. */
async function tamper(competition: TestCompetition, file: string, text: string, how: 'commit' | 'rewrite') {
  const work = path.join(competition.dir, `work-${Math.random()}`);
  await run('git', ['clone', '--quiet', competition.remote, work]);
  await writeFile(path.join(work, file), text);
  const git = (...args: string[]) =>
    run('git', ['-C', work, '-c', 'user.name=x', '-c', 'user.email=x@example.invalid', ...args]);
  await git('commit', '--quiet', '--all', '--message=hand-made', ...(how === 'rewrite' ? ['--amend'] : []));
  await git('push', '--quiet', '--force', 'origin', 'HEAD:main');
}

const leaderText = (...leaders: LeaderEntry[]) => stateFiles.leader.codec.format(leaders);

describe('the leaders that a validator pays', () => {
  it('are those of leader.json, and follow it as it grows', async () => {
    await using competition = await startCompetition(START);
    const { read, sent } = await readerOf(competition);
    expect(await read(AT_LEISURE)).toEqual({ history: [FIRST] });
    await tamper(competition, 'leader.json', leaderText(FIRST, SECOND), 'commit');
    expect(await read(AT_LEISURE)).toEqual({ history: [FIRST, SECOND] });
    expect(sent(/./)).toEqual([]);
  });

  it.each([
    ['is not to be parsed', 'leader.json', '[{"hotkey": "5F', 'leader.json'],
    [
      'has another entry where one was known',
      'leader.json',
      leaderText({ ...FIRST, weight: 0.2 }),
      'entry 0 was changed (weight 1 → 0.2)',
    ],
    ['has lost an entry', 'leader.json', leaderText(), 'entry 0 was removed'],
    [
      'does not rise',
      'leader.json',
      leaderText(FIRST, { ...SECOND, effective_block: 10 as BlockNumber }),
      'leader.json',
    ],
  ])('stay when leader.json %s, and operators hear of it', async (_what, file, text, detail) => {
    await using competition = await startCompetition(START);
    const { read, sent } = await readerOf(competition);
    await read(AT_LEISURE);
    await tamper(competition, file, text, 'commit');
    const known = await read(AT_LEISURE);
    expect(known.history).toEqual([FIRST]);
    expect(known.doubt).toContain(detail);
    expect(sent('ledger-doubt')).toMatchObject([{ level: 'error', detail: expect.stringContaining(detail) }]);

    await tamper(competition, 'leader.json', leaderText(FIRST, SECOND), 'commit');
    expect(await read(AT_LEISURE)).toEqual({ history: [FIRST, SECOND] });
  });

  it('stay when leader.json is changed without a key, also after a restart, until that is taken back', async () => {
    await using competition = await startCompetition({ ...START, files: [LISTED_KEY] });
    const before = await readerOf(competition);
    expect(await before.read(AT_LEISURE)).toEqual({ history: [FIRST] });
    const commit = await pushWithoutKey(competition, 'leader.json', leaderText(FIRST, SECOND));
    for (const validatorOf of [async () => before, () => readerOf(competition)]) {
      const { read, sent } = await validatorOf();
      const { history, doubt } = await read(AT_LEISURE);
      expect(history).toEqual([FIRST]);
      expect(doubt).toContain(`leader.json was changed by commit ${commit}`);
      expect(doubt).toContain('leader.json: entry 1 was added (hotkey ');
      expect(sent('ledger-unvouched')).toMatchObject([{ level: 'error', detail: doubt }]);
    }
    await pushWithoutKey(competition, 'leader.json', leaderText(FIRST));
    const after = await readerOf(competition);
    expect(await after.read(AT_LEISURE)).toEqual({ history: [FIRST] });
  });

  it('stay when another subnet or a later format is named without a key, also after a restart', async () => {
    for (const change of [{ netuid: 3 }, { format_version: 99 }]) {
      await using competition = await startCompetition({ ...START, files: [LISTED_KEY] });
      const config = await competition.read(stateFiles.config, {});
      await pushWithoutKey(competition, 'config.json', JSON.stringify({ ...config, ...change }));
      const { read } = await readerOf(competition);
      expect(await read(AT_LEISURE)).toEqual({ history: [FIRST] });
    }
  });

  it('stay when the repository was rewritten, also after a restart', async () => {
    await using competition = await startCompetition(START);
    const before = await readerOf(competition);
    await before.read(AT_LEISURE);
    await tamper(competition, 'leader.json', leaderText({ ...FIRST, weight: 0.2 }), 'rewrite');
    expect((await before.read(AT_LEISURE)).history).toEqual([FIRST]);
    const after = await readerOf(competition);
    expect((await after.read(AT_LEISURE)).history).toEqual([FIRST]);
    for (const { sent } of [before, after]) expect(sent('ledger-rewritten')).toMatchObject([{ level: 'error' }]);
  });

  it('stay when config.json names another subnet than it did', async () => {
    await using competition = await startCompetition(START);
    const { read } = await readerOf(competition);
    await read(AT_LEISURE);
    const config = await competition.read(stateFiles.config, {});
    await tamper(competition, 'config.json', JSON.stringify({ ...config, netuid: 3 }), 'commit');
    expect(await read(AT_LEISURE)).toEqual({ history: [FIRST], doubt: expect.stringContaining('netuid is 3') });
  });

  it('stay when the repository is newer than this software', async () => {
    await using competition = await startCompetition(START);
    const { read, sent } = await readerOf(competition);
    await read(AT_LEISURE);
    const config = await competition.read(stateFiles.config, {});
    await tamper(competition, 'config.json', JSON.stringify({ ...config, format_version: 99 }), 'commit');
    expect(await read(AT_LEISURE)).toMatchObject({ history: [FIRST], doubt: expect.stringContaining('99') });
    expect(sent('ledger-doubt')).toHaveLength(1);
  });

  it('are none when leader.json could not be read from the start', async () => {
    await using competition = await startCompetition(START);
    await tamper(competition, 'leader.json', 'null', 'commit');
    const { read } = await readerOf(competition);
    await expect(read(AT_LEISURE)).rejects.toThrow('leader.json');
  });
});

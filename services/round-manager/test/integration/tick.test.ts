import { LedgerError } from '@tiltyard/ledger';
import { type BlockNumber, type Hotkey, isFault } from '@tiltyard/schema';
import { stateFiles, type Winner } from '@tiltyard/schema/gen3d';
import { softwareIdentity } from '@tiltyard/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { START_BLOCK, startChain, type TestChain } from '../../../../packages/service-kit/test/support/chain.js';
import {
  type CompetitionOptions,
  file,
  LEADER_ENTRY,
  startCompetition,
  submissionOf,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { listeningLog } from '../../../../packages/service-kit/test/support/listening-log.js';
import {
  LISTED_KEY,
  pauseWithoutKey,
  pushWithoutKey,
} from '../../../../packages/service-kit/test/support/without-key.js';
import { type Ports, tick } from '../../src/tick.js';

const CHALLENGER = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Hotkey;
const WON: Winner = { winner_hotkey: CHALLENGER, repo: 'new/one', commit: 'd'.repeat(40), docker_image: 'new:one' };
const SCHEDULE = {
  earliest_reveal_block: 0 as BlockNumber,
  latest_reveal_block: (START_BLOCK - 100) as BlockNumber,
  generation_deadline_block: START_BLOCK as BlockNumber,
};

let chain: TestChain;
beforeAll(async () => {
  chain = await startChain([]);
});
afterAll(async () => await chain[Symbol.asyncDispose]());

const finalizing = (options: Partial<CompetitionOptions> = {}) =>
  startCompetition({
    stage: 'finalizing',
    round: 2,
    schedule: SCHEDULE,
    submissions: submissionOf(CHALLENGER, START_BLOCK - 200),
    ...options,
  });
const withWinner = { files: [file(stateFiles.winner, { round: 2 }, WON)] };

async function portsOf(competition: TestCompetition): Promise<Ports & ReturnType<typeof listeningLog>> {
  const listening = listeningLog();
  const ledger = await competition.ledger('round-manager');
  return { ledger, chain: chain.chain, software: softwareIdentity({}), ...listening };
}

describe('the round-manager', () => {
  it('closes a round in one commit: leader, schedule, rules and state', async () => {
    await using competition = await finalizing(withWinner);
    const ports = await portsOf(competition);
    expect((await tick(ports)).inMs).toBe(0);
    expect((await competition.subjects())[0]).toBe('Update state (open), schedule, leader for round 3');
    expect(await competition.read(stateFiles.state, {})).toMatchObject({ current_round: 3, stage: 'open' });
    const schedule = await competition.read(stateFiles.schedule, { round: 3 });
    expect(schedule?.earliest_reveal_block).toBe(SCHEDULE.latest_reveal_block + 1);
    expect((await competition.read(stateFiles.leader, {}))?.at(-1)).toMatchObject({
      ...{ hotkey: CHALLENGER, weight: 1, effective_block: schedule?.latest_reveal_block },
    });
    expect((await competition.read(stateFiles.rules, { round: 3 }))?.software.name).toBe('tiltyard');
  });

  it('makes no one leader, and holds nothing, because of what was written without a key', async () => {
    for (const forge of [
      (competition: TestCompetition) => pushWithoutKey(competition, 'rounds/2/winner.json', JSON.stringify(WON)),
      (competition: TestCompetition) => pauseWithoutKey(competition, 'finalizing'),
    ]) {
      await using competition = await finalizing({ files: [LISTED_KEY] });
      const commit = await forge(competition);
      await expect(tick(await portsOf(competition))).rejects.toMatchObject({ fault: { code: 'unvouched', commit } });
      expect(await competition.subjects()).toHaveLength(2);
    }
  });

  it('does nothing the second time, also after a restart', async () => {
    await using competition = await finalizing(withWinner);
    await tick(await portsOf(competition));
    const before = await competition.subjects();
    const next = await tick(await portsOf(competition));
    expect(next.inMs).toBeGreaterThan(0);
    expect(await competition.subjects()).toEqual(before);
  });

  it('lets one of two copies close the round, and the other one stand down', async () => {
    await using competition = await finalizing(withWinner);
    const first = await portsOf(competition);
    // The same service elsewhere has closed the round between this one's look and its publish.
    const late: Ports = {
      ...first,
      software: { ...first.software, commit: 'another build' },
      chain: {
        genesisHash: chain.chain.genesisHash,
        finalizedHead: async () => {
          await tick({ ...first, ledger: await competition.ledger('round-manager', 'other') });
          return await chain.chain.finalizedHead();
        },
      },
    };
    const failure = await tick(late).catch((error: unknown) => error);
    expect(isFault(failure, LedgerError, 'conflict', 'stale')).toBe(true);
    expect((await competition.subjects()).filter((subject) => subject.includes('open'))).toHaveLength(1);
  });

  it('closes a round that no one took part in', async () => {
    await using competition = await finalizing({ submissions: {} });
    await tick(await portsOf(competition));
    expect(await competition.stage()).toBe('open');
    expect((await competition.read(stateFiles.leader, {}))?.at(-1)).toMatchObject({
      ...{ hotkey: LEADER_ENTRY.hotkey, weight: 0.8 },
    });
  });

  it('raises an alarm and is not ready while a winner is missing, and goes on when it comes', async () => {
    await using competition = await finalizing();
    const ports = await portsOf(competition);
    expect((await tick(ports)).stuck).toMatchObject([
      { kind: 'no_winner', reason: expect.stringContaining('no winner.json') },
    ]);
    expect(ports.sent('no_winner-2')).toMatchObject([{ level: 'error' }]);
    expect(await competition.stage()).toBe('finalizing');
  });

  it('ends the competition after its last day', async () => {
    const config = { last_competition_date: '2026-11-19' };
    await using competition = await finalizing({ ...withWinner, config });
    const ports = await portsOf(competition);
    await tick(ports);
    expect((await competition.subjects())[0]).toBe('Update state (finished) for round 2');
    expect(await competition.read(stateFiles.leader, {})).toHaveLength(1);
    expect((await tick(ports)).inMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('obeys a pause before it closes the round, and closes it after the resume', async () => {
    await using competition = await finalizing(withWinner);
    const ports = await portsOf(competition);
    await competition.amend({ action: 'pause', stage: 'finalizing' });
    await tick(ports);
    expect((await competition.subjects())[0]).toBe('Update state (paused) for round 2');
    await tick(ports);
    expect(await competition.stage()).toBe('paused');
    await competition.amend({ action: 'resume', stage: 'finalizing' });
    await tick(ports);
    expect(await competition.stage()).toBe('finalizing');
    await tick(ports);
    expect(await competition.stage()).toBe('open');
  });

  it('does not close a round that a pause comes between', async () => {
    await using competition = await finalizing(withWinner);
    const ports = await portsOf(competition);
    const slow: Ports = {
      ...ports,
      chain: {
        genesisHash: chain.chain.genesisHash,
        finalizedHead: async () => {
          await competition.amend({ action: 'pause', stage: 'finalizing' });
          return await chain.chain.finalizedHead();
        },
      },
    };
    await expect(tick(slow)).rejects.toMatchObject({ fault: { code: 'stale' } });
    await tick(ports);
    expect(await competition.stage()).toBe('paused');
  });

  it('schedules nothing by another chain than the competition’s', async () => {
    const config = { genesis_hash: `0x${'0'.repeat(64)}` };
    await using competition = await finalizing({ ...withWinner, config });
    await expect(tick(await portsOf(competition))).rejects.toMatchObject({ fault: { code: 'inconsistent' } });
    expect(await competition.stage()).toBe('finalizing');
  });

  it('waits for the announced time in other stages', async () => {
    const { timestampMs } = await chain.chain.finalizedHead();
    const eta = new Date(timestampMs + 600_000).toISOString();
    await using competition = await startCompetition({ stage: 'open', eta });
    expect((await tick(await portsOf(competition))).inMs).toBe(600_000);
  });
});

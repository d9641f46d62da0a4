import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BlockNumber } from '@tiltyard/schema';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { hotkeyOf, NETUID, START_BLOCK, startChain, type TestChain } from '../../../service-kit/test/support/chain.js';
import {
  file,
  LEADER_ENTRY,
  startCompetition,
  submissionOf,
  type TestCompetition,
} from '../../../service-kit/test/support/competition.js';
import { until } from '../../../service-kit/test/support/scratch.js';
import type { NetworkService } from '../../src/gen3d/network/service-names.js';
import { serviceEntry } from '../../src/network/entries.js';

const PRELOAD = pathToFileURL(path.resolve(fileURLToPath(import.meta.url), '../../support/skewed-clock.mjs')).href;
const DAY_MS = 86_400_000;

/** Processes start here, on machines of any speed. */
const PATIENCE_MS = 300_000;

const CLOCKS = [
  ['400 days ahead', { SKEW_MS: String(400 * DAY_MS) }],
  ['stepping back an hour again and again', { STEP_MS: '-3600000' }],
] as const;

/** A service's process whose wall clock is wrong. */
function startService(
  name: NetworkService,
  { devnet }: TestChain,
  competition: TestCompetition,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, ['--import', PRELOAD, serviceEntry(name)], {
    env: {
      ...{ PATH, HOME, LEDGER_REMOTE: competition.remote, LEDGER_DIR: path.join(competition.dir, name) },
      ...{ HTTP_PORT: '0', CHAIN_ENDPOINTS: devnet.url, TICK_MIN_SECONDS: '0.2', TICK_MAX_SECONDS: '0.5', ...env },
    },
    stdio: 'ignore',
  });
}

async function end(service: ChildProcess): Promise<void> {
  const exited = once(service, 'exit');
  service.kill('SIGTERM');
  await exited;
}

describe('fault 18: a clock that is wrong', () => {
  it.each(CLOCKS)('fault 18: moves no schedule: %s', { timeout: PATIENCE_MS }, async (_, clock) => {
    // Nothing makes blocks here: whatever the machine thinks, it is midnight on the chain.
    await using chain = await startChain([]);
    const challenger = await hotkeyOf('//Challenger');
    const winner = { winner_hotkey: challenger, repo: 'new/one', commit: 'd'.repeat(40), docker_image: 'new:one' };
    await using competition = await startCompetition({
      ...{ stage: 'finalizing', round: 2, submissions: submissionOf(challenger, START_BLOCK - 200) },
      schedule: {
        earliest_reveal_block: 0 as BlockNumber,
        latest_reveal_block: (START_BLOCK - 100) as BlockNumber,
        generation_deadline_block: START_BLOCK as BlockNumber,
      },
      files: [file(stateFiles.winner, { round: 2 }, winner)],
    });
    const service = startService('round-manager', chain, competition, clock);
    try {
      await until('the next round', async () => (await competition.stage()) === 'open', PATIENCE_MS);
    } finally {
      await end(service);
    }
    // The clock was wrong: only the date of the commit is of it.
    const date = execFileSync('git', ['-C', competition.remote, 'log', '-1', '--format=%ct', 'main'], {
      encoding: 'utf8',
    });
    expect(Number(date) * 1000 > Date.now() + 300 * DAY_MS).toBe('SKEW_MS' in clock);
    // Eight in the morning of that day is 2400 blocks away.
    expect(await competition.read(stateFiles.schedule, { round: 3 })).toEqual({
      earliest_reveal_block: START_BLOCK - 99,
      latest_reveal_block: START_BLOCK + 2_400,
      generation_deadline_block: START_BLOCK + 3_000,
    });
    expect((await competition.read(stateFiles.state, {}))?.next_stage_eta).toBe('2026-11-20T08:00:00.000Z');
  });

  it.each(CLOCKS)("fault 18: pays whom the chain's block says: %s", { timeout: PATIENCE_MS }, async (_, clock) => {
    await using chain = await startChain(['//Now', '//Later'], { blockTimeMs: 100 });
    const leader = async (uri: string, block: number) => ({
      ...LEADER_ENTRY,
      ...{ hotkey: await hotkeyOf(uri), weight: 1, effective_block: block as BlockNumber },
    });
    const leaders = [await leader('//Now', START_BLOCK), await leader('//Later', START_BLOCK + 1_000_000)];
    await using competition = await startCompetition({ stage: 'open', leaders });
    const own = { NETUID: String(NETUID), WALLET_HOTKEY_URI: '//Validator' };
    const service = startService('weight-setter', chain, competition, { ...clock, ...own });
    try {
      await until('weights', async () => (await chain.chain.weightsOf(NETUID, 1)).size > 0, PATIENCE_MS);
    } finally {
      await end(service);
    }
    expect([...(await chain.chain.weightsOf(NETUID, 1))]).toEqual([[2, 65_535]]);
  });
});

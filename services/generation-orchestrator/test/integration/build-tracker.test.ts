import path from 'node:path';
import { initRepository, type Ledger, openLedger } from '@tiltyard/ledger';
import type { BuildJob } from '@tiltyard/rules/gen3d';
import type { Hotkey } from '@tiltyard/schema';
import { type Builds, gen3d, stateFiles } from '@tiltyard/schema/gen3d';
import { readRound } from '@tiltyard/service-kit/gen3d';
import { describe, expect, it, vi } from 'vitest';
import {
  startCompetition,
  submissionOf,
  type TestCompetition,
} from '../../../../packages/service-kit/test/support/competition.js';
import { listeningLog } from '../../../../packages/service-kit/test/support/listening-log.js';
import { openBuildTracker } from '../../src/build-tracker.js';

const A = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty' as Hotkey;
const HOUR_MS = 3_600_000;
const at = { round: 0 };

/** A builder that works on A's image and never comes to an end. */
const RUNNING: BuildJob = { status: 'in_progress', conclusion: null };

/** A competition whose submissions a collector announced whose clock is hours slow, or that says so. */
async function announcedHoursAgo(hours: number): Promise<TestCompetition> {
  const competition = await startCompetition({ stage: 'miner_generation', submissions: submissionOf(A, 500) });
  await using reader = await openLedger({
    competition: gen3d,
    remote: competition.remote,
    dir: `${competition.dir}/copy`,
    version: '0.0.0',
  });
  const snapshot = await reader.snapshot();
  const files = new Map<string, string>();
  for (const entry of [stateFiles.config, stateFiles.state, stateFiles.leader] as const) {
    files.set(entry.path.format({}), (await snapshot.readText(entry.path.format({}))) ?? '');
  }
  for (const entry of [stateFiles.schedule, stateFiles.rules, stateFiles.submissions] as const) {
    files.set(entry.path.format(at), (await snapshot.readText(entry.path.format(at))) ?? '');
  }
  const now = () => new Date(Date.now() - hours * HOUR_MS);
  await initRepository({ competition: gen3d, remote: competition.remote, branch: 'old', files, version: '0.0.0', now });
  return competition;
}

function ledgerOf(competition: TestCompetition, name: string, now?: () => Date): Promise<Ledger> {
  return openLedger({
    competition: gen3d,
    ...{ remote: competition.remote, branch: 'old', dir: path.join(competition.dir, name), version: '0.0.0' },
    service: 'generation-orchestrator',
    ...(now === undefined ? {} : { now }),
  });
}

/** One look of a process that has just begun. */
async function look(ledger: Ledger, job: BuildJob = RUNNING): Promise<Builds | undefined> {
  const { log, notices } = listeningLog();
  const tracker = openBuildTracker({
    workflow: { look: async () => ({ runComplete: false, jobs: new Map([[A, job]]) }) },
    ...{ imageFormat: 'local/{hotkey10}:{tag}', lookMs: 0, secondLookMs: 0, publishIntervalMs: 0, log, notices },
    signal: AbortSignal.timeout(60_000),
  });
  return await tracker.track(await readRound(await ledger.snapshot()));
}

async function publish(ledger: Ledger, builds: Builds): Promise<void> {
  await ledger.publish((await ledger.snapshot()).draft().write(stateFiles.builds, at, builds));
}

describe('the time that a build may take', () => {
  it('does not depend on the clock of the service that announced the submissions', async () => {
    await using competition = await announcedHoursAgo(10);
    await using ledger = await ledgerOf(competition, 'orchestrator');
    const builds = await look(ledger);
    expect(builds?.[A]).toMatchObject({ status: 'in_progress' });
    await publish(ledger, builds ?? {});
    // A process that is started again counts from what this service wrote first.
    expect(await look(ledger)).toBeUndefined();
    expect((await look(ledger, { status: 'queued', conclusion: null }))?.[A]).toMatchObject({ status: 'pending' });
  });

  it('ends three hours after this service first looked, restarts or not', async () => {
    await using competition = await announcedHoursAgo(10);
    {
      await using early = await ledgerOf(competition, 'earlier', () => new Date(Date.now() - 2.9 * HOUR_MS));
      await publish(early, (await look(early)) ?? {});
    }
    {
      await using ledger = await ledgerOf(competition, 'orchestrator');
      expect(await look(ledger)).toBeUndefined();
    }
    await using other = await announcedHoursAgo(10);
    {
      await using early = await ledgerOf(other, 'earlier', () => new Date(Date.now() - 3.1 * HOUR_MS));
      await publish(early, (await look(early)) ?? {});
    }
    await using ledger = await ledgerOf(other, 'orchestrator');
    expect((await look(ledger))?.[A]).toMatchObject({ status: 'timed_out' });
  });

  it.each([
    ['is not used up while the builder cannot be asked', true, 'in_progress'],
    ['is used up while it can', false, 'timed_out'],
  ] as const)('%s', async (_, isDown, expected) => {
    await using competition = await startCompetition({ stage: 'miner_generation', submissions: submissionOf(A, 500) });
    await using ledger = await competition.ledger('generation-orchestrator');
    let skewMs = 0;
    const clock = performance.now.bind(performance);
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => clock() + skewMs);
    try {
      const { log, notices } = listeningLog();
      const jobs = new Map([[A, RUNNING]]);
      let isUp = true;
      const look = async () => {
        if (!isUp) throw new Error('connect ECONNREFUSED');
        return { runComplete: false, jobs };
      };
      const tracker = openBuildTracker({
        ...{
          workflow: { look },
          imageFormat: 'local/{hotkey10}:{tag}',
          lookMs: 0,
          secondLookMs: 0,
          publishIntervalMs: 0,
          log,
          notices,
        },
        signal: AbortSignal.timeout(60_000),
      });
      const view = await readRound(await ledger.snapshot());
      expect((await tracker.track(view))?.[A]?.status).toBe('in_progress');
      isUp = !isDown;
      for (let hour = 0; hour < 4; hour += 1) {
        skewMs += HOUR_MS;
        await tracker.track(view);
      }
      expect(tracker.stuck()).toHaveLength(isUp ? 0 : 1);
      isUp = true;
      expect((await tracker.track(view))?.[A]?.status).toBe(expected);
      expect(tracker.stuck()).toEqual([]);
    } finally {
      spy.mockRestore();
    }
  });

  it("does not depend on the operator's clock either, where a build is ordered again", async () => {
    await using competition = await announcedHoursAgo(10);
    await using operator = await openLedger({
      competition: gen3d,
      ...{ remote: competition.remote, branch: 'old', dir: path.join(competition.dir, 'operator'), version: '0.0.0' },
      service: 'operator',
    });
    {
      await using early = await ledgerOf(competition, 'earlier', () => new Date(Date.now() - 9 * HOUR_MS));
      const failed = await look(early, { status: 'completed', conclusion: 'failure' });
      await publish(early, failed ?? {});
    }
    const order = {
      ...{ id: 1, reason: 'a test', action: 'retry_build' as const, hotkey: A },
      at: new Date(Date.now() - 5 * HOUR_MS).toISOString(),
    };
    await operator.publish((await operator.snapshot()).draft().write(stateFiles.amendments, at, [order]));
    await using ledger = await ledgerOf(competition, 'orchestrator');
    const again = await look(ledger);
    expect(again?.[A]).toMatchObject({ status: 'in_progress', amendment: 1 });
    await publish(ledger, again ?? {});
    expect(await look(ledger)).toBeUndefined();
    // A builder that builds at every look knows no older job.
    expect((await look(ledger, { status: 'completed', conclusion: 'success' }))?.[A]).toMatchObject({
      ...{ status: 'success', amendment: 1 },
    });
  });
});

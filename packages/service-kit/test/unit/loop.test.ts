import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type LoopOptions, lookAgainLater, lookAgainNow, runLoop, type TickReport } from '../../src/loop.js';

const log = pino({ level: 'silent' });

/** Runs a loop whose ticks are these, aborted when they are used up. */
async function runTicks(ticks: readonly LoopOptions['tick'][], extra: Partial<LoopOptions> = {}) {
  const abort = new AbortController();
  const reports: TickReport[] = [];
  let at = 0;
  await runLoop({
    signal: abort.signal,
    log,
    minMs: 1,
    maxMs: 5,
    onTick: (report) => reports.push(report),
    tick: async (signal) => {
      const tick = ticks[at];
      at += 1;
      if (at >= ticks.length) abort.abort();
      return tick === undefined ? lookAgainNow() : tick(signal);
    },
    ...extra,
  });
  return reports;
}

describe('the loop', () => {
  it('goes on after a tick that throws', async () => {
    const broken = async () => {
      throw new Error('disk full');
    };
    const reports = await runTicks([broken, async () => lookAgainNow(), async () => lookAgainNow()]);
    expect(reports.map((report) => report.error !== undefined)).toEqual([true, false, false]);
  });

  it('waits longer after each failure, up to its bound', async () => {
    const broken = async () => {
      throw new Error('unreachable');
    };
    const reports = await runTicks([broken, broken, broken, broken, async () => lookAgainNow()]);
    expect(reports.slice(0, 4).map((report) => report.next.inMs)).toEqual([2, 4, 5, 5]);
  });

  it('looks again soon after a conflict', async () => {
    const conflict = new Error('conflict');
    const lost = async () => {
      throw conflict;
    };
    const reports = await runTicks([lost, lost, async () => lookAgainNow()], {
      isConflict: (error) => error === conflict,
    });
    for (const report of reports.slice(0, 2)) expect(report.next.inMs).toBeLessThanOrEqual(2);
  });

  it('ends a long pause when something completes', async () => {
    let wake = () => {};
    const waiting = runTicks(
      [
        async () => {
          setTimeout(wake, 5);
          return lookAgainLater('nothing is expected');
        },
        async () => lookAgainNow(),
      ],
      {
        maxMs: 3_600_000,
        onWake: (call) => {
          wake = call;
        },
      },
    );
    expect(await waiting).toHaveLength(2);
  });

  it('ends in the middle of a pause when it is aborted', async () => {
    const abort = new AbortController();
    const running = runLoop({
      signal: abort.signal,
      log,
      minMs: 1,
      maxMs: 3_600_000,
      tick: async () => lookAgainLater('nothing is expected'),
    });
    setTimeout(() => abort.abort(), 5);
    await running;
    expect(abort.signal.aborted).toBe(true);
  });

  it('ends a tick that runs on by its signal when it is interrupted, and derives again at once', async () => {
    let interrupt = () => {};
    const runsOn = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        interrupt();
      });
    const reports = await runTicks([runsOn, async () => lookAgainNow()], {
      onInterrupt: (call) => {
        interrupt = call;
      },
    });
    expect(reports.map(({ error, pauseMs }) => [error, pauseMs])).toEqual([
      [undefined, 0],
      [undefined, 0],
    ]);
  });

  it('ends a pause at once when it is interrupted', async () => {
    let interrupt = () => {};
    const reports = await runTicks(
      [
        async () => {
          setTimeout(() => interrupt(), 20);
          return lookAgainLater('nothing is expected');
        },
        async () => lookAgainNow(),
      ],
      {
        // Nothing else ends this pause within the test's time.
        ...{ maxMs: 86_400_000, gatherMs: 86_400_000 },
        onInterrupt: (call) => {
          interrupt = call;
        },
      },
    );
    expect(reports.map(({ pauseMs }) => pauseMs)).toEqual([86_400_000, 0]);
  });
});

import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { watchHold } from '../../src/gen3d/watch-hold.js';
import { runLoop } from '../../src/loop.js';
import { startCompetition } from '../support/competition.js';
import { until } from '../support/scratch.js';
import { LISTED_KEY, pauseWithoutKey } from '../support/without-key.js';

const log = pino({ level: 'silent' });

describe('a pause while the loop runs', () => {
  it('takes effect while a tick runs on, which is ended by its signal, and so does the resume', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    const ledger = await competition.ledger('judge-service');
    const stop = new AbortController();
    const { signal } = stop;
    const ended: unknown[] = [];
    let began = 0;
    let interrupt = () => {};
    const watching = watchHold({
      ledger,
      service: 'judge-service',
      signal,
      log,
      everyMs: 20,
      onChange: () => interrupt(),
    });
    const looping = runLoop({
      // As a tick that waits for something that does not come.
      tick: (tickSignal) =>
        new Promise<never>((_, reject) => {
          began += 1;
          tickSignal.addEventListener('abort', () => {
            ended.push(tickSignal.reason);
            reject(tickSignal.reason);
          });
        }),
      ...{ signal, log, minMs: 86_400_000, maxMs: 86_400_000 },
      onInterrupt: (call) => {
        interrupt = call;
      },
    });
    expect([began, ended.length]).toEqual([1, 0]);
    await competition.amend({ action: 'pause', stage: 'duels' });
    await until('the pause', async () => (await competition.stage()) === 'paused');
    await until('another tick', () => began === 2);
    await competition.amend({ action: 'resume', stage: 'duels' });
    await until('the resume', async () => (await competition.stage()) === 'duels');
    await until('a third tick', () => began === 3);
    stop.abort();
    await Promise.all([watching, looping]);
    expect(ended).toHaveLength(3);
  });

  it('interrupts a service whose stage it is not, once the stage’s owner has obeyed', async () => {
    await using competition = await startCompetition({ stage: 'duels' });
    const stop = new AbortController();
    let changes = 0;
    const onChange = () => {
      changes += 1;
    };
    const { signal } = stop;
    const ledger = await competition.ledger('generation-orchestrator');
    const watching = watchHold({ ledger, service: 'generation-orchestrator', signal, log, everyMs: 20, onChange });
    await competition.amend({ action: 'pause', stage: 'duels' });
    const owner = await competition.ledger('judge-service');
    const owning = watchHold({ ledger: owner, service: 'judge-service', signal, log, everyMs: 20, onChange: () => {} });
    await until('the interruption', () => changes > 0);
    expect([changes, await competition.stage()]).toEqual([1, 'paused']);
    stop.abort();
    await Promise.all([watching, owning]);
  });

  it('is not obeyed without a key', async () => {
    await using competition = await startCompetition({ stage: 'duels', files: [LISTED_KEY] });
    await pauseWithoutKey(competition, 'duels');
    const stop = new AbortController();
    let looks = 0;
    const counting = {
      debug: () => {
        looks += 1;
        if (looks === 3) stop.abort();
      },
    };
    await watchHold({
      ledger: await competition.ledger('judge-service'),
      ...{ service: 'judge-service', signal: stop.signal, log: counting, everyMs: 1, onChange: () => {} },
    });
    expect([looks, await competition.stage()]).toEqual([3, 'duels']);
  });
});

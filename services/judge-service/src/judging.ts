import { openEndpoint } from '@tiltyard/judge';
import { type JobQueue, type Logger, openJobQueue } from '@tiltyard/service-kit';
import { openStore } from '@tiltyard/store';
import type { JudgeServiceConfig } from './config.js';
import { judgesAt } from './judges.js';
import { type MatchJob, type MatchOutcome, runMatch } from './match.js';

/** The matches under way; disposing it calls them off and closes what they use. */
export interface Judging extends AsyncDisposable {
  readonly matches: JobQueue<MatchJob, MatchOutcome>;
}

/** Opens the judge's endpoint, the store of its answers and the queue of matches. @throws StoreError */
export async function openJudging(
  config: Pick<JudgeServiceConfig, 'endpoint' | 'store' | 'matchesAtOnce'>,
  log: Logger,
  onSettled: () => void,
): Promise<Judging> {
  const store = await openStore(config.store);
  const judgeFor = judgesAt(openEndpoint(config.endpoint, log), store, log);
  const matches = openJobQueue<MatchJob, MatchOutcome>({
    concurrency: config.matchesAtOnce,
    work: (job, context) => runMatch(job, judgeFor(job.state.view.rules), context),
    onSettled,
  });
  return {
    matches,
    async [Symbol.asyncDispose]() {
      await matches[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

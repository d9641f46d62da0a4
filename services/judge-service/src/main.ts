#!/usr/bin/env node
import { openChain } from '@tiltyard/chain';
import { openEndpoint } from '@tiltyard/judge';
import { openJobQueue, runService } from '@tiltyard/service-kit';
import { openStore } from '@tiltyard/store';
import { readConfig } from './config.js';
import { judgesAt } from './judges.js';
import { type MatchJob, type MatchOutcome, runMatch } from './match.js';
import { retryLater } from './retry-later.js';
import { tick } from './tick.js';

await runService('judge-service', readConfig, async ({ config, ledger, log, notices, wake }) => {
  const chain = await openChain({ ...config.chain, log });
  const store = await openStore(config.store);
  const endpoint = openEndpoint(config.endpoint, log);
  const judgeFor = judgesAt(endpoint, store, log);
  const matches = openJobQueue<MatchJob, MatchOutcome>({
    concurrency: config.matchesAtOnce,
    work: (job, context) => runMatch(job, judgeFor(job.state.view.rules), context),
    onSettled: wake,
  });
  const ports = { ledger, chain, matches, retries: retryLater(config.matchRetryMs), log, notices };
  return {
    tick: () => tick(ports),
    async close() {
      await matches[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await chain.close();
    },
  };
});

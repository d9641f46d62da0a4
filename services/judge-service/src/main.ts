#!/usr/bin/env node
import { retryLater } from '@tiltyard/service-kit';
import { openCompetitionChain, runService } from '@tiltyard/service-kit/gen3d';
import { readConfig } from './config.js';
import { openJudging } from './judging.js';
import { tick } from './tick.js';

await runService('judge-service', readConfig, async ({ config, ledger, log, notices, wake }) => {
  const chain = await openCompetitionChain(config.chain, { ledger, log });
  const judging = await openJudging(config, log, wake);
  const ports = { ledger, chain, matches: judging.matches, retries: retryLater(config.matchRetryMs), log, notices };
  return {
    tick: () => tick(ports),
    async close() {
      await judging[Symbol.asyncDispose]();
      await chain.close();
    },
  };
});

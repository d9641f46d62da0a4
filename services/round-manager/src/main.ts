#!/usr/bin/env node
import { softwareIdentity } from '@tiltyard/service-kit';
import { openCompetitionChain, runService } from '@tiltyard/service-kit/gen3d';
import { readConfig } from './config.js';
import { tick } from './tick.js';

await runService('round-manager', readConfig, async ({ config: { chain: chainConfig }, ledger, log, notices }) => {
  const chain = await openCompetitionChain(chainConfig, { ledger, log });
  const software = softwareIdentity(process.env);
  return { tick: () => tick({ ledger, chain, software, log, notices }), close: () => chain.close() };
});

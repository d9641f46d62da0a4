#!/usr/bin/env node
import { openRenderer } from '@tiltyard/render';
import { openCompetitionChain, runService } from '@tiltyard/service-kit/gen3d';
import { openCollecting } from './collecting.js';
import { readConfig } from './config.js';
import { tick } from './tick.js';

await runService('submission-collector', readConfig, async ({ config, ledger, log, notices, wake }) => {
  const { downloads: downloadConfig, netuid } = config;
  const chain = await openCompetitionChain(config.chain, { ledger, log });
  const renderer = await openRenderer({ ...config.render, log });
  const collecting = await openCollecting({ config, renderer, ledger, log, onSettled: wake });
  const ports = { ...collecting, ledger, chain, netuid, downloadConfig, log, notices };
  return {
    tick: (tickSignal) => tick({ ...ports, signal: tickSignal }),
    async close() {
      await collecting[Symbol.asyncDispose]();
      await renderer.close();
      await chain.close();
    },
  };
});

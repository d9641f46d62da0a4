#!/usr/bin/env node
import { openCompetitionChain, runService } from '@tiltyard/service-kit/gen3d';
import { readConfig } from './config.js';
import { openKnownLeaders } from './known-leaders.js';
import { openWallet } from './open-wallet.js';
import { tick } from './tick.js';

await runService('weight-setter', readConfig, async ({ config, ledger, log, notices, signal }) => {
  const { netuid, pace } = config;
  const wallet = await openWallet(config.wallet, process.env);
  const chain = await openCompetitionChain(config.chain, { ledger, log, netuid });
  const readLeaders = openKnownLeaders({ ledger, chain, netuid, notices });
  const ports = { readLeaders, chain, wallet, netuid, pace, log, notices, signal };
  return { tick: () => tick(ports), close: () => chain.close() };
});

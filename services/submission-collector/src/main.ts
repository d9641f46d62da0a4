#!/usr/bin/env node
import { openChain } from '@tiltyard/chain';
import { openRenderer } from '@tiltyard/render';
import { openJobQueue, runService } from '@tiltyard/service-kit';
import { hostGate, openStore } from '@tiltyard/store';
import { collectFile, type FileJob, type FileOutcome } from './collect-file.js';
import { readConfig } from './config.js';
import { openDownloads } from './downloads.js';
import { tick } from './tick.js';

await runService('submission-collector', readConfig, async ({ config, ledger, log, notices, signal, wake }) => {
  const { downloads: downloadConfig, publishIntervalMs, netuid } = config;
  const chain = await openChain({ ...config.chain, log });
  const store = await openStore(config.store);
  const renderer = await openRenderer({ ...config.render, log });
  const filePorts = {
    renderer,
    store,
    gate: hostGate({ perHost: downloadConfig.perHost }),
    download: { totalTimeoutMs: downloadConfig.timeoutMs, allowHosts: downloadConfig.allowHosts },
    retryPauseMs: downloadConfig.retryPauseMs,
  };
  const files = openJobQueue<FileJob, FileOutcome>({
    concurrency: downloadConfig.atOnce,
    work: (job, context) => collectFile(job, filePorts, context),
    onSettled: wake,
  });
  const downloads = openDownloads({ jitterMs: downloadConfig.jitterMs, publishIntervalMs });
  const ports = { ledger, chain, netuid, files, downloads, downloadConfig, log, notices, signal };
  return {
    tick: () => tick(ports),
    async close() {
      await files[Symbol.asyncDispose]();
      await renderer.close();
      await store[Symbol.asyncDispose]();
      await chain.close();
    },
  };
});

#!/usr/bin/env node
import { openLocalPods } from '@tiltyard/pods';
import { openRenderer } from '@tiltyard/render';
import { retryLater, runService } from '@tiltyard/service-kit';
import { openBrokenConnections } from './broken-connections.js';
import { openBuildTracker } from './build-tracker.js';
import { readConfig } from './config.js';
import { localBuilder } from './local-builder.js';
import { openPodSweep } from './pod-sweep.js';
import { openRunning } from './running.js';
import { tick } from './tick.js';

/** Every run pays for its pods anew, so the pause before one grows. */
const RUN_RETRY = { longest: 16 };

await runService('generation-orchestrator', readConfig, async ({ config, ledger, log, notices, signal, wake }) => {
  const { local } = config;
  const providers = [openLocalPods({ imageDir: local.imageDir, stateDir: local.podDir })];
  const sweep = openPodSweep({ providers, intervalMs: config.pods.sweepMs, log });
  const renderer = await openRenderer({ ...config.render, log });
  const breaks = openBrokenConnections();
  const common = { renderer, providers, owned: sweep.owned, breaks, log, notices };
  const running = await openRunning({ config, ...common, onNews: wake });
  const workflow = localBuilder({ ...local, imageFormat: config.builds.imageFormat });
  const builds = openBuildTracker({
    ...{ workflow, ...config.builds, publishIntervalMs: config.publishIntervalMs },
    ...{ log, notices, signal },
  });
  const { runs, results } = running;
  const retries = retryLater(config.runRetryMs, RUN_RETRY);
  const ports = { ledger, builds, runs, results, retries, breaks, sweep, log, notices };
  const close = async () => {
    await running[Symbol.asyncDispose]();
    await renderer.close();
  };
  return { tick: (tickSignal) => tick(ports, tickSignal), close };
});

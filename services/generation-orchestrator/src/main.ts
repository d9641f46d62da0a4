#!/usr/bin/env node
import { openLocalPods } from '@tiltyard/pods';
import { openRenderer } from '@tiltyard/render';
import { runService } from '@tiltyard/service-kit/gen3d';
import { openBuildTracker } from './build-tracker.js';
import { readConfig } from './config.js';
import { localBuilder } from './local-builder.js';
import { openPodSweep } from './pod-sweep.js';
import { openRoundMemory } from './round-memory.js';
import { openRunning } from './running.js';
import { tick } from './tick.js';

await runService('generation-orchestrator', readConfig, async ({ config, ledger, log, notices, signal, wake }) => {
  const { local } = config;
  const providers = [openLocalPods({ imageDir: local.imageDir, stateDir: local.podDir })];
  const sweep = openPodSweep({ providers, intervalMs: config.pods.sweepMs, log });
  const renderer = await openRenderer({ ...config.render, log });
  const memory = openRoundMemory(config);
  const common = { renderer, providers, owned: sweep.owned, memory, log, notices };
  const running = await openRunning({ config, ...common, onNews: wake });
  const workflow = localBuilder({ ...local, imageFormat: config.builds.imageFormat });
  const builds = openBuildTracker({
    ...{ workflow, ...config.builds, publishIntervalMs: config.publishIntervalMs },
    ...{ log, notices, signal },
  });
  const ports = { ledger, builds, runs: running.runs, memory, sweep, log, notices };
  const close = async () => {
    await running[Symbol.asyncDispose]();
    await renderer.close();
  };
  return { tick: (tickSignal) => tick(ports, tickSignal), close };
});

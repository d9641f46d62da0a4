#!/usr/bin/env node
import { openLocalPods } from '@tiltyard/pods';
import { openRenderer } from '@tiltyard/render';
import { openJobQueue, readRound, runService } from '@tiltyard/service-kit';
import { openStore } from '@tiltyard/store';
import { openBuildTracker } from './build-tracker.js';
import { readConfig } from './config.js';
import { openEmbedders } from './embedders.js';
import { type RunEnd, type RunJob, type RunPorts, runGeneration } from './generation-run.js';
import { localBuilder } from './local-builder.js';
import { openPromptImages } from './prompt-images.js';
import { openResults } from './results.js';
import { cleanUpPods, tick } from './tick.js';

await runService('generation-orchestrator', readConfig, async ({ config, ledger, log, notices, signal, wake }) => {
  const { local, allowHosts } = config;
  const { rules, round } = await readRound(await ledger.snapshot());
  const providers = [openLocalPods({ imageDir: local.imageDir, stateDir: local.podDir })];
  // Whatever a dead predecessor left running belongs to nobody.
  await cleanUpPods(providers, round, log);

  const store = await openStore(config.store);
  const renderer = await openRenderer({ ...config.render, log });
  const embedders = openEmbedders(config.embed, log);
  const workflow = localBuilder({ ...local, imageFormat: config.builds.imageFormat });
  const builds = openBuildTracker({ workflow, ...config.builds, log, signal });
  const results = openResults(config.publishIntervalMs);
  const runPorts: RunPorts = {
    providers,
    pods: config.pods,
    images: openPromptImages([...allowHosts, store.publicHost]),
    measuring: { renderer, store, embedders, allowHosts, log },
    log,
    onResult(...result) {
      results.add(...result);
      wake();
    },
  };
  const runs = openJobQueue<RunJob, RunEnd>({
    concurrency: rules.generation.miners_at_once,
    work: (job, { signal: cancelled }) => runGeneration(job, runPorts, AbortSignal.any([cancelled, signal])),
    onSettled: wake,
  });
  const ports = { ledger, builds, runs, results, providers, log, notices };
  return {
    tick: () => tick(ports),
    async close() {
      await runs[Symbol.asyncDispose]();
      await renderer.close();
      await embedders[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
});

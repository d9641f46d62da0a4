import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HttpUrl, readEnvironment } from '@tiltyard/schema';
import { z } from 'zod';
import { Milliseconds, Port } from '../../server/environment.js';
import { HostList } from '../../server/host-list.js';
import { stderrLog } from '../../server/sample-log.js';
import { runServerProcess } from '../../server/server-process.js';
import { openObjects } from '../objects/open-objects.js';
import { readCatalogue, recogniser } from './catalogue.js';
import { CharacterName } from './characters.js';
import { startSampleMiner } from './sample-miner.js';
import { openGitState } from './state-reader.js';
import { watchPrompts } from './watch-prompts.js';

/** A sample miner as a process of its own. */
const ENVIRONMENT = {
  CHARACTER: CharacterName,
  /** The state repository, as git fetches it, and its branch. */
  STATE_REMOTE: z.string().max(4096),
  STATE_BRANCH: z.string().min(1).max(200).default('main'),
  /** The file that tells which picture shows which object. */
  CATALOGUE: z.string(),
  /** A folder of GLBs to make objects from, instead of the gallery. */
  MODELS: z.string().optional(),
  /** Whose files a copycat serves. */
  COPY_FROM: HttpUrl.optional(),
  /** Servers of the local network that prompts may lie on. */
  ALLOW_HOSTS: HostList.default([]),
  PORT: Port.default(0),
  POLL_MS: Milliseconds.default(1_000),
};

runServerProcess(async () => {
  const config = readEnvironment(ENVIRONMENT, process.env);
  const log = stderrLog(`miner-${config.CHARACTER}`);
  const directory = await mkdtemp(path.join(tmpdir(), 'tiltyard-miner-'));
  const watching = new AbortController();
  const state = await openGitState({ remote: config.STATE_REMOTE, branch: config.STATE_BRANCH, directory });
  const miner = await startSampleMiner({
    character: config.CHARACTER,
    source: await openObjects(config.MODELS),
    recognise: recogniser(await readCatalogue(config.CATALOGUE)),
    prompts: watchPrompts({ state, intervalMs: config.POLL_MS, log, signal: watching.signal }),
    port: config.PORT,
    copyFrom: config.COPY_FROM,
    allowHosts: config.ALLOW_HOSTS,
    log,
  });
  const close = async (): Promise<void> => {
    watching.abort();
    await miner.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { url: miner.url, close };
});

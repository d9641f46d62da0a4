import { readEnvironment } from '@tiltyard/schema';
import { z } from 'zod';
import { MillisecondRange, Milliseconds, Port } from '../../server/environment.js';
import { stderrLog } from '../../server/sample-log.js';
import { runServerProcess } from '../../server/server-process.js';
import { openObjects } from '../objects/open-objects.js';
import { readCatalogue, recogniser } from './catalogue.js';
import { CharacterName } from './characters.js';
import { startContainer } from './container-server.js';

/** A sample miner's container as a process of its own. */
const ENVIRONMENT = {
  CHARACTER: CharacterName,
  /** The file that tells which picture shows which object. */
  CATALOGUE: z.string(),
  /** A folder of GLBs to make objects from, instead of the gallery. */
  MODELS: z.string().optional(),
  HOST: z.string().min(1).max(255).default('127.0.0.1'),
  PORT: Port.default(10006),
  WARM_UP_MS: Milliseconds.default(300),
  /** How long a generation takes, and how long it takes a slow miner. */
  GENERATION_MS: MillisecondRange.prefault('300-600'),
  SLOW_GENERATION_MS: MillisecondRange.prefault('2400-3200'),
};

runServerProcess(async () => {
  const config = readEnvironment(ENVIRONMENT, process.env);
  const catalogue = await readCatalogue(config.CATALOGUE);
  return startContainer({
    character: config.CHARACTER,
    source: await openObjects(config.MODELS),
    recognise: recogniser(catalogue),
    warmUpObjects: catalogue.pictures.map((picture) => picture.object),
    host: config.HOST,
    port: config.PORT,
    warmUpMs: config.WARM_UP_MS,
    paces: { steady: config.GENERATION_MS, slow: config.SLOW_GENERATION_MS },
    log: stderrLog(`container-${config.CHARACTER}`),
  });
});

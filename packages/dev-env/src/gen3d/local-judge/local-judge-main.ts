import { IntText, ListText, readEnvironment } from '@tiltyard/schema';
import { z } from 'zod';
import { Port } from '../../server/environment.js';
import { HostList } from '../../server/host-list.js';
import { stderrLog } from '../../server/sample-log.js';
import { runServerProcess } from '../../server/server-process.js';
import { FaultKind } from './fault-plan.js';
import { startLocalJudge } from './local-judge-server.js';

/** The local judge as a process of its own. */
const ENVIRONMENT = {
  HOST: z.string().max(255).default('127.0.0.1'),
  PORT: Port.default(0),
  /** Servers of the local network that pictures may lie on. */
  ALLOW_HOSTS: HostList.default([]),
  /** One answer in so many goes wrong on purpose; 0 for none. */
  FAULT_EVERY: IntText.pipe(z.int().max(1_000_000)).default(0),
  FAULT_KINDS: ListText.pipe(z.array(FaultKind).min(1)).default([...FaultKind.options]),
  FAULT_SEED: z.string().max(200).default('0'),
};

runServerProcess(async () => {
  const config = readEnvironment(ENVIRONMENT, process.env);
  return startLocalJudge({
    host: config.HOST,
    port: config.PORT,
    allowHosts: config.ALLOW_HOSTS,
    faults: { every: config.FAULT_EVERY, kinds: config.FAULT_KINDS, seed: config.FAULT_SEED },
    log: stderrLog('local-judge'),
  });
});

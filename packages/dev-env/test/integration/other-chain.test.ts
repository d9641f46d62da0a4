import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { NETUID, startChain } from '../../../service-kit/test/support/chain.js';
import { startCompetition } from '../../../service-kit/test/support/competition.js';
import { serviceEntry } from '../../src/network/entries.js';

const FINNEY = '0x2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03';
const SERVICES = ['round-manager', 'submission-collector', 'judge-service', 'weight-setter'] as const;

describe('a service of a competition on finney', () => {
  it.each(SERVICES)('%s ends with 78 on another chain, and says which variable is wrong', async (name) => {
    await using other = await startChain([]);
    await using competition = await startCompetition({ stage: 'open', config: { genesis_hash: FINNEY } });
    const { PATH = '', HOME = '' } = process.env;
    const env = {
      ...{ PATH, HOME, LEDGER_REMOTE: competition.remote, HTTP_PORT: '0', NETUID: String(NETUID) },
      ...{ LEDGER_DIR: path.join(competition.dir, 'clone'), CHAIN_ENDPOINTS: other.devnet.url },
      ...{ STORE_DIR: path.join(competition.dir, 'objects'), STORE_PUBLIC_URL: 'http://127.0.0.1:1' },
      ...{ JUDGE_BASE_URL: 'http://127.0.0.1:1', WALLET_HOTKEY_URI: '//Validator' },
    };
    const service = spawn(process.execPath, [serviceEntry(name)], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [said, [status]] = await Promise.all([text(service.stdout), once(service, 'exit')]);
      expect(said).toContain('CHAIN_ENDPOINTS is of genesis');
      expect(status).toBe(78);
    } finally {
      service.kill('SIGKILL');
    }
  });
});

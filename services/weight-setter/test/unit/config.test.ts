import { describe, expect, it } from 'vitest';
import { complaints } from '../../../../packages/service-kit/test/support/complaints.js';
import { readConfig } from '../../src/config.js';

const LEAST = {
  LEDGER_REMOTE: '/state.git',
  LEDGER_DIR: '/clone',
  CHAIN_ENDPOINTS: 'wss://chain.example',
  NETUID: '17',
  WALLET_HOTKEY_FILE: '/wallet/hotkey',
};

describe('the configuration of the weight-setter', () => {
  it('needs no more than addresses and credentials', () => {
    expect(complaints(readConfig, LEAST)).toEqual([]);
  });

  it('names everything that is missing at once', () => {
    expect(complaints(readConfig, {}).toSorted()).toEqual(
      ['LEDGER_REMOTE', 'LEDGER_DIR', 'CHAIN_ENDPOINTS', 'NETUID'].toSorted(),
    );
  });

  it('takes one wallet, a file or a development key, and never shows the key', () => {
    const { WALLET_HOTKEY_FILE: _file, ...none } = LEAST;
    expect(complaints(readConfig, none)).toEqual(['WALLET_HOTKEY_FILE']);
    expect(complaints(readConfig, { ...LEAST, WALLET_HOTKEY_URI: '//Alice' })).toEqual(['WALLET_HOTKEY_FILE']);
    const { wallet } = readConfig({ ...none, WALLET_HOTKEY_URI: '//Alice' });
    expect(JSON.stringify(wallet)).not.toContain('Alice');
    expect(complaints(readConfig, { ...none, WALLET_HOTKEY_URI: 'default' })).toEqual(['WALLET_HOTKEY_URI']);
  });

  it('sets weights every half hour, and for ten minutes at most', () => {
    expect(readConfig(LEAST).pace).toEqual({ intervalMs: 1_800_000, retryMs: 300_000, iterationMs: 600_000 });
  });

  it('lets no bound of all services’ pauses cut its own short or draw them out', () => {
    const slow = readConfig({ ...LEAST, WEIGHTS_INTERVAL_SECONDS: '7200' });
    expect(slow.config.tick).toMatchObject({ minMs: 120_000, maxMs: 7_200_000 });
    const eager = readConfig({ ...LEAST, WEIGHTS_RETRY_SECONDS: '60' });
    expect(eager.config.tick).toMatchObject({ minMs: 48_000, maxMs: 1_800_000 });
  });
});

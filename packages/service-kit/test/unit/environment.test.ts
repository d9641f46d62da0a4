import { ConfigError } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { readChainConfig, readKitConfig } from '../../src/config/kit-config.js';
import { listeningLog } from '../support/listening-log.js';

const ENOUGH = { LEDGER_REMOTE: 'file:///tmp/x', LEDGER_DIR: '/tmp/y' };

describe('the environment', () => {
  it('gives a whole configuration from what is needed', () => {
    const { config, secrets } = readKitConfig(ENOUGH);
    expect(config.tick).toEqual({ minMs: 120_000, maxMs: 1_800_000, gatherMs: 5_000 });
    expect(config.ledger).toMatchObject({ remote: 'file:///tmp/x', branch: 'main' });
    expect(secrets).toEqual({ discordWebhookUrl: undefined });
  });

  it('is refused with the names of all variables that are wrong, and none of their values', () => {
    const read = () => readKitConfig({ LEDGER_DIR: ' ', HTTP_PORT: 'hunter2', TICK_MIN_SECONDS: '0' });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/LEDGER_REMOTE is not set/);
    expect(read).toThrow(/LEDGER_DIR is not set/);
    expect(read).toThrow(/HTTP_PORT is not usable/);
    expect(read).toThrow(/TICK_MIN_SECONDS is not usable/);
    expect(read).not.toThrow(/hunter2/);
  });

  it('counts an empty variable as absent', () => {
    expect(readKitConfig({ ...ENOUGH, HTTP_PORT: '', DISCORD_WEBHOOK_URL: '' }).config.http.port).toBe(9100);
  });

  it('shows no credential in a log, written whole', () => {
    const { log, lines } = listeningLog();
    log.info(readKitConfig({ ...ENOUGH, DISCORD_WEBHOOK_URL: 'https://discord.example/hunter2' }), 'read');
    log.info(readChainConfig({ CHAIN_ENDPOINTS: 'wss://node.example/hunter2' }), 'read');
    expect(lines).toMatchObject([{ secrets: { discordWebhookUrl: '[secret]' } }, { endpoints: ['[secret]'] }]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('lists endpoints and refuses what is none', () => {
    expect(readChainConfig({ CHAIN_ENDPOINTS: 'ws://127.0.0.1:1, wss://b' }).endpoints).toHaveLength(2);
    for (const endpoints of ['http://b', 'ws://%', 'ws://a wss://b']) {
      expect(() => readChainConfig({ CHAIN_ENDPOINTS: endpoints })).toThrow(/CHAIN_ENDPOINTS/);
    }
  });

  it('is refused with a shortest pause that is longer than the longest', () => {
    const read = () => readKitConfig({ ...ENOUGH, TICK_MIN_SECONDS: '60', TICK_MAX_SECONDS: '30' });
    expect(read).toThrow('TICK_MIN_SECONDS is more than TICK_MAX_SECONDS');
  });

  it('is refused with a webhook that is no address, without telling it', () => {
    const read = () => readKitConfig({ ...ENOUGH, DISCORD_WEBHOOK_URL: 'hunter2' });
    expect(read).toThrow('DISCORD_WEBHOOK_URL is not usable: is not an http(s) URL');
    expect(read).not.toThrow(/hunter2/);
  });
});

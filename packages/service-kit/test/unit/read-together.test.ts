import { ConfigError, readEnvironment } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readChainConfig, readKitConfig } from '../../src/config/kit-config.js';
import { readTogether } from '../../src/config/read-together.js';

describe('a configuration of several parts', () => {
  it('names everything that is wrong at once, and no value', () => {
    const environment = { LEDGER_DIR: '/x', HTTP_PORT: 'secret-port', STORE_KIND: 'floppy-secret' };
    const read = () =>
      readTogether({
        kit: () => readKitConfig(environment),
        chain: () => readChainConfig(environment),
        store: () => readEnvironment({ STORE_KIND: z.enum(['filesystem', 's3']) }, environment),
      });
    expect(read).toThrow(ConfigError);
    try {
      read();
    } catch (error) {
      const names = (error as ConfigError).fault.variables.map(({ variable }) => variable);
      expect(names).toEqual(['HTTP_PORT', 'LEDGER_REMOTE', 'CHAIN_ENDPOINTS', 'STORE_KIND']);
      expect(String(error)).not.toContain('secret');
    }
  });

  it('gives each part what it read', () => {
    const environment = { CHAIN_ENDPOINTS: 'ws://a, wss://b' };
    const { chain, own } = readTogether({ chain: () => readChainConfig(environment), own: () => 7 });
    expect([chain.endpoints.map((url) => url.reveal()), own]).toEqual([['ws://a', 'wss://b'], 7]);
  });

  it('passes on what is not about the configuration', () => {
    const broken = () => {
      throw new TypeError('a bug');
    };
    expect(() => readTogether({ broken })).toThrow(TypeError);
  });
});

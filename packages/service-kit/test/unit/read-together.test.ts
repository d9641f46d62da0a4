import { readStoreConfig } from '@tiltyard/store';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.js';
import { readChainConfig, readKitConfig } from '../../src/config/kit-config.js';
import { readTogether } from '../../src/config/read-together.js';

describe('a configuration of several parts', () => {
  it('names everything that is wrong at once, also what other packages read, and no value', () => {
    const environment = { LEDGER_DIR: '/x', HTTP_PORT: 'secret-port', STORE_KIND: 'floppy-secret' };
    const read = () =>
      readTogether({
        kit: () => readKitConfig(environment),
        chain: () => readChainConfig(environment),
        store: () => readStoreConfig(environment),
      });
    expect(read).toThrow(ConfigError);
    try {
      read();
    } catch (error) {
      const names = (error as ConfigError).variables.map(({ variable }) => variable);
      expect(names).toEqual(['HTTP_PORT', 'LEDGER_REMOTE', 'CHAIN_ENDPOINTS', 'STORE_KIND']);
      expect(String(error)).not.toContain('secret');
    }
  });

  it('gives each part what it read', () => {
    const environment = { CHAIN_ENDPOINTS: 'ws://a, wss://b' };
    const { chain, own } = readTogether({ chain: () => readChainConfig(environment), own: () => 7 });
    expect([chain.endpoints, own]).toEqual([['ws://a', 'wss://b'], 7]);
  });

  it.each([
    ['Invalid input: expected string, received undefined', 'X is not set'],
    ['is not a bucket name', 'X is not a bucket name'],
    ['Too small: expected number to be >=1', 'X is not usable: Too small: expected number to be >=1'],
  ])('says a problem of another package in one voice: %s', (problem, sentence) => {
    const part = () => {
      throw Object.assign(new Error('theirs'), { fault: { code: 'bad_config', field: 'X', problem } });
    };
    expect(() => readTogether({ part })).toThrow(new ConfigError([{ variable: 'X', problem: sentence.slice(2) }]));
  });

  it('passes on what is not about the configuration', () => {
    const broken = () => {
      throw new TypeError('a bug');
    };
    expect(() => readTogether({ broken })).toThrow(TypeError);
  });
});

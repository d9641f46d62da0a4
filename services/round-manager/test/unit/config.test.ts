import { ConfigError } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';

const LEAST = { LEDGER_REMOTE: '/state.git', LEDGER_DIR: '/clone', CHAIN_ENDPOINTS: 'wss://chain.example' };

/** The variables that a reading complains about. */
function complaints(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.fault.variables.map(({ variable }) => variable);
  }
}

describe('the configuration of the round-manager', () => {
  it('needs no more than addresses and credentials', () => {
    expect(complaints(LEAST)).toEqual([]);
  });

  it('names everything that is missing at once', () => {
    expect(complaints({}).toSorted()).toEqual(['LEDGER_REMOTE', 'LEDGER_DIR', 'CHAIN_ENDPOINTS'].toSorted());
  });
});

import { describe, expect, it } from 'vitest';
import { complaints } from '../../../../packages/service-kit/test/support/complaints.js';
import { readConfig } from '../../src/config.js';

const LEAST = {
  LEDGER_REMOTE: '/state.git',
  LEDGER_DIR: '/clone',
  CHAIN_ENDPOINTS: 'wss://chain.example',
  STORE_DIR: '/objects',
  STORE_PUBLIC_URL: 'https://objects.example',
  JUDGE_BASE_URL: 'https://judge.example/v1',
};

describe('the configuration of the judge-service', () => {
  it('needs no more than addresses and credentials', () => {
    expect(complaints(readConfig, LEAST)).toEqual([]);
  });

  it('names everything that is missing at once', () => {
    expect(complaints(readConfig, {}).toSorted()).toEqual(
      ['LEDGER_REMOTE', 'LEDGER_DIR', 'CHAIN_ENDPOINTS', 'STORE_DIR', 'STORE_PUBLIC_URL', 'JUDGE_BASE_URL'].toSorted(),
    );
  });
});

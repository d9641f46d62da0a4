import { describe, expect, it } from 'vitest';
import { complaints } from '../../../../packages/service-kit/test/support/complaints.js';
import { readConfig } from '../../src/config.js';

const LEAST = {
  LEDGER_REMOTE: '/state.git',
  LEDGER_DIR: '/clone',
  CHAIN_ENDPOINTS: 'wss://chain.example',
  STORE_DIR: '/objects',
  STORE_PUBLIC_URL: 'https://objects.example',
};

describe('the configuration of the submission-collector', () => {
  it('needs no more than addresses and credentials', () => {
    expect(complaints(readConfig, LEAST)).toEqual([]);
  });

  it('names everything that is missing at once', () => {
    expect(complaints(readConfig, {}).toSorted()).toEqual(
      ['LEDGER_REMOTE', 'LEDGER_DIR', 'CHAIN_ENDPOINTS', 'STORE_DIR', 'STORE_PUBLIC_URL'].toSorted(),
    );
  });

  it('paces downloads as the specification says, and keeps them next to the clone', () => {
    const { downloads, downloadDir } = readConfig(LEAST);
    expect(downloads).toMatchObject({ jitterMs: 300_000, atOnce: 10, retryPauseMs: 3_000 });
    expect(downloadDir).toBe('/clone.downloads');
  });

  it('takes hosts of a local network by host and port only', () => {
    expect(complaints(readConfig, { ...LEAST, DOWNLOAD_ALLOW_HOSTS: '127.0.0.1:80, http://x' })).toEqual([
      'DOWNLOAD_ALLOW_HOSTS',
    ]);
    const { downloads } = readConfig({ ...LEAST, DOWNLOAD_ALLOW_HOSTS: '127.0.0.1:80, cdn.local:443' });
    expect(downloads.allowHosts).toEqual(['127.0.0.1:80', 'cdn.local:443']);
  });
});

import { describe, expect, it } from 'vitest';
import { complaints } from '../../../../packages/service-kit/test/support/complaints.js';
import { readConfig } from '../../src/config.js';

const LEAST = {
  LEDGER_REMOTE: '/state.git',
  LEDGER_DIR: '/clone',
  STORE_DIR: '/objects',
  STORE_PUBLIC_URL: 'https://objects.example',
  LOCAL_IMAGE_DIR: '/images',
  LOCAL_POD_DIR: '/pods',
  LOCAL_SOURCES_DIR: '/sources',
};

describe('the configuration of the generation-orchestrator', () => {
  it('needs no more than addresses and credentials', () => {
    expect(complaints(readConfig, LEAST)).toEqual([]);
  });

  it('names everything that is missing at once', () => {
    expect(complaints(readConfig, {}).toSorted()).toEqual(
      [
        ...['LEDGER_REMOTE', 'LEDGER_DIR', 'STORE_DIR', 'STORE_PUBLIC_URL'],
        ...['LOCAL_IMAGE_DIR', 'LOCAL_POD_DIR', 'LOCAL_SOURCES_DIR'],
      ].toSorted(),
    );
  });

  it('takes a format of images only if it tells them apart', () => {
    expect(complaints(readConfig, { ...LEAST, IMAGE_FORMAT: 'ghcr.io/org/state/{hotkey10}:{tag}' })).toEqual([]);
    expect(complaints(readConfig, { ...LEAST, IMAGE_FORMAT: 'ghcr.io/org/state/{}:{}' })).toEqual([]);
    expect(complaints(readConfig, { ...LEAST, IMAGE_FORMAT: 'ghcr.io/org/state:{tag}' })).toEqual(['IMAGE_FORMAT']);
  });

  it('waits for pods and builds as the specification says', () => {
    const { pods, builds } = readConfig(LEAST);
    expect(pods).toMatchObject({ spacingMs: 30_000, acquireRetryMs: 120_000, acquireMs: 86_400_000 });
    expect(pods).toMatchObject({ visibleMs: 1_800_000 });
    expect(builds.secondLookMs).toBe(120_000);
  });
});

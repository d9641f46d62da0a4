import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { environmentText } from '../../../src/gen3d/network/service-environment.js';

describe('the file of an environment', () => {
  it('is read by Node as it was written, whatever a folder is called', () => {
    const environment = {
      LEDGER_DIR: "/tmp/it's ours/ledger #2",
      LEDGER_SIGNING_KEY: '/tmp/so "called"/key',
      STORE_DIR: `/tmp/'"/objects = all`,
      WALLET_HOTKEY_URI: '//validator',
      DOWNLOAD_ALLOW_HOSTS: '',
    };
    expect({ ...parseEnv(environmentText(environment)) }).toEqual(environment);
  });
});

import { describe, expect, it } from 'vitest';
import { variablesBehind } from '../../src/config/variables-behind.js';

const ENVIRONMENT = {
  STORE_DIR: '/srv/objects',
  LEDGER_DIR: '/srv/ledger',
  JUDGE_API_KEY: 'srv',
  HOME_DIR: '/',
  X_FILE: '',
};

describe('the variables behind an error', () => {
  it.each([
    ["EACCES: permission denied, mkdir '/srv/objects/.incoming'", ['STORE_DIR']],
    ['mkdir of /srv/ledger.downloads failed', ['LEDGER_DIR']],
    ["EACCES: permission denied, mkdir '/srv'", ['STORE_DIR', 'LEDGER_DIR']],
    ["EACCES: permission denied, open '/sr'", []],
    ['the chain does not answer', []],
  ])('are those whose path it names: %s', (message, names) => {
    expect(variablesBehind(new Error(message), ENVIRONMENT)).toEqual(names);
  });
});

import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { chainAddress } from '../../src/chain-address.js';
import { NETWORKS } from '../../src/network.js';

const { finney, test } = NETWORKS;

describe('an address of a chain', () => {
  it.each([
    ['finney', [finney.endpoint], finney.genesisHash],
    ['test', [test.endpoint], test.genesisHash],
    ['local', ['ws://127.0.0.1:9944'], undefined],
    ['ws://127.0.0.1:1', ['ws://127.0.0.1:1'], undefined],
    [' finney , wss://node.example/v1?key=K ', [finney.endpoint, 'wss://node.example/v1?key=K'], finney.genesisHash],
    ['wss://a.example,,wss://b.example', ['wss://a.example', 'wss://b.example'], undefined],
  ])('%s is read', (text, endpoints, genesisHash) => {
    const address = chainAddress(text);
    expect({ ...address, endpoints: address.endpoints.map((url) => url.reveal()) }).toEqual({ endpoints, genesisHash });
    expect(inspect(address)).not.toContain('://');
  });

  it.each(['', ' , ', 'finny', 'http://a.example', 'finney,test', 'local,finney', 'wss://', 'a b', 'FINNEY'])(
    '%j is refused in a sentence that names the choices',
    (text) => {
      expect(() => chainAddress(text)).toThrowError(/give finney, test, local, or a ws:\/\/ or wss:\/\/ URL/);
    },
  );

  it('never repeats what may be a key', () => {
    expect(() => chainAddress('wss//node.example/SECRET')).toThrowError(/^entry 1 is/);
  });
});

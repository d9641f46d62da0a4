import { inspect } from 'node:util';
import { BlockNumber, isFault, Secret } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { ChainError } from '../../src/chain-error.js';
import { endpointsFrom } from '../../src/connection/endpoint.js';
import { faultOf } from '../../src/connection/rpc-fault.js';
import { poolAnswer } from '../../src/submit/pool-answers.js';

describe("the library's failures", () => {
  const hash = `0x${'ab'.repeat(32)}`;
  const rpcError = (code: number, message: string) => Object.assign(new Error(message), { code });
  const codeOf = (error: unknown) => {
    const fault = faultOf(error, 'wss://node', 'a read');
    return fault instanceof ChainError ? fault.code : fault;
  };

  it('get a code each', () => {
    expect(codeOf(new Error('WebSocket is not connected\nFailed WS Request: {}'))).toBe('connection_lost');
    expect(codeOf(new Error('disconnected from wss://node: 1006:: Abnormal Closure'))).toBe('connection_lost');
    expect(codeOf(new Error('No response received from RPC endpoint in 60s'))).toBe('connection_lost');
    expect(codeOf(rpcError(4003, `4003: UnknownBlock: State already discarded for ${hash}`))).toBe('state_discarded');
    expect(codeOf(new Error(`Unable to retrieve header and parent from supplied hash ${hash}`))).toBe('unknown_block');
    expect(codeOf(rpcError(-32000, 'Client error: out of patience'))).toBe('rpc_failed');
    expect(codeOf(new Error('createType(u16):: u16: Input too large'))).toBe('malformed');
  });

  it("leave other failures alone: signals' reasons and our own mistakes", () => {
    for (const other of [new TypeError('x is not a function'), AbortSignal.abort().reason, 'stop', undefined]) {
      expect(codeOf(other)).toBe(other);
    }
    const own = new ChainError({ code: 'closed', what: 'the chain client' });
    expect(faultOf(own, 'wss://node', 'a read')).toBe(own);
  });
});

describe('a chain error', () => {
  it('says what happened, to what, and what to do', () => {
    const cause = new Error('refused');
    const error = new ChainError({ code: 'unreachable', endpoints: ['wss://a', 'wss://b'], cause });
    expect(error.message).toBe(
      'None of the chain endpoints wss://a, wss://b answers: refused; check the address and the network',
    );
    expect(error.cause).toBe(cause);
    const key = new ChainError({ code: 'wrong_version_key', given: 2n ** 60n, required: 2n ** 61n });
    expect(key.message).toContain('1152921504606846976');
  });

  it('has a code that tells it from others', () => {
    const number = BlockNumber.parse(7);
    const error: unknown = new ChainError({ code: 'not_finalized', number, finalized: BlockNumber.parse(5) });
    expect(isFault(error, ChainError, 'closed', 'timed_out')).toBe(false);
    if (!isFault(error, ChainError, 'timed_out', 'not_finalized')) throw error;
    expect(error.fault.code === 'not_finalized' && error.fault.number).toBe(7);
    expect(isFault(new Error('not_finalized'), ChainError, 'not_finalized')).toBe(false);
  });
});

const endpointsOf = (urls: readonly string[]) => endpointsFrom(urls.map((url) => new Secret(url)));

describe('endpoints', () => {
  it('are called by their origin: keys in paths, queries and credentials stay out of logs', () => {
    const [endpoint] = endpointsOf(['wss://user:pass@node.example:443/v1/SECRET?key=SECRET']);
    expect(endpoint?.name).toBe('wss://node.example:443'.replace(':443', ''));
    expect(endpoint?.url.reveal()).toContain('SECRET');
    expect(inspect(endpoint)).not.toMatch(/SECRET|pass/);
  });

  it('are numbered when they share an origin', () => {
    const names = endpointsOf(['ws://a/x', 'ws://b', 'ws://a/y']).map(({ name }) => name);
    expect(names).toEqual(['ws://a#1', 'ws://b', 'ws://a#3']);
  });

  it.each([
    [
      'ws://127.0.0.1:1',
      'ws://localhost:1',
      'ws://127.1:1',
      'ws://[::1]:1',
      'ws://0.0.0.0:1',
      'ws://[::ffff:127.0.0.1]:1',
    ],
    ['ws://LOCALHOST.:1', 'ws://node.localhost:1', 'ws://user:pass@127.0.0.1:1/x'],
    ['wss://node.example', 'wss://NODE.example.:443/KEY', 'wss://user:pass@node.example/?key=KEY'],
    ['ws://[2001:db8::1]:1', 'ws://[2001:DB8:0::1]:1'],
  ])('of one host are one witness, under whatever names: %s, %s, …', (...urls) => {
    const hosts = new Set(endpointsOf(urls).map(({ host }) => host));
    expect([...hosts]).toHaveLength(1);
    expect(inspect(hosts)).not.toMatch(/KEY|pass/);
  });

  it('of other ports, and of names that only look like this machine, are others', () => {
    const urls = ['ws://127.0.0.1:1', 'ws://127.0.0.1:2', 'ws://localhost.example:1', 'ws://127.0.0.1.example:1'];
    expect(new Set(endpointsOf(urls).map(({ host }) => host)).size).toBe(4);
  });

  it('are refused when they are no websocket URLs, without being quoted', () => {
    for (const urls of [[], ['node.example:9944'], ['https://node.example/SECRET'], ['SECRET not a url']]) {
      expect(() => endpointsOf(urls)).toThrowError(expect.objectContaining({ code: 'bad_endpoint' }));
      try {
        endpointsOf(urls);
      } catch (error) {
        expect(inspect(error)).not.toContain('SECRET');
      }
    }
  });
});

describe("a node's answer to a transaction", () => {
  it('has a meaning for every code that Substrate documents', () => {
    const documented = [1001, 1002, 1011, 1012, 1013, 1014, 1015, 1016, 1017, 1018, 1019, 1020, 1021, 1040];
    for (const code of documented) expect(poolAnswer(code, '').verdict).not.toBe('unknown');
    expect(poolAnswer(1077, 'never heard of')).toEqual({ name: 'error 1077', verdict: 'unknown' });
  });

  it('has advice wherever nothing but the signer can help', () => {
    for (const words of ['Inability to pay some fees (e.g. account balance too low)', 'Custom error: 10']) {
      expect(poolAnswer(1010, `1010: Invalid Transaction: ${words}`)).toMatchObject({
        verdict: 'refused',
        advice: expect.stringMatching(/\w/),
      });
    }
  });

  it('is read in bounded time, however long it is', () => {
    expect(poolAnswer(1010, `${'custom error: '.repeat(1_000_000)}6`).verdict).toBe('later');
  });
});

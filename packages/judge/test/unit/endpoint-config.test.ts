import { ConfigError } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { readEndpointConfig } from '../../src/index.js';

const BASE = { JUDGE_BASE_URL: 'https://models.example/v1' };

describe("the endpoint's configuration", () => {
  it('needs an address only', () => {
    const config = readEndpointConfig({ ...BASE, JUDGE_API_KEY: '' });
    expect({ ...config, apiKey: config.apiKey.reveal() }).toEqual({
      baseUrl: 'https://models.example/v1',
      apiKey: '',
      concurrency: 8,
      timeoutMs: 180_000,
      tries: 6,
      firstWaitMs: 1000,
      maxWaitMs: 60_000,
    });
  });

  it('may name another endpoint of the same models', () => {
    const other = { JUDGE_FALLBACK_BASE_URL: 'https://own.example/v1', JUDGE_FALLBACK_API_KEY: 'k' };
    const { fallback } = readEndpointConfig({ ...BASE, JUDGE_API_KEY: 'first', ...other });
    expect([fallback?.baseUrl, fallback?.apiKey.reveal()]).toEqual(['https://own.example/v1', 'k']);
    expect(readEndpointConfig({ ...BASE, JUDGE_FALLBACK_BASE_URL: '' }).fallback).toBeUndefined();
  });

  it.each([
    [{ ...BASE, JUDGE_FALLBACK_BASE_URL: 'ftp://own.example' }, 'JUDGE_FALLBACK_BASE_URL'],
    [{ ...BASE, JUDGE_FALLBACK_API_KEY: 'k' }, 'JUDGE_FALLBACK_BASE_URL'],
    [{}, 'JUDGE_BASE_URL'],
    [{ JUDGE_BASE_URL: 'ftp://models.example' }, 'JUDGE_BASE_URL'],
    [{ ...BASE, JUDGE_CONCURRENCY: 'many' }, 'JUDGE_CONCURRENCY'],
    [{ ...BASE, JUDGE_CONCURRENCY: '0' }, 'JUDGE_CONCURRENCY'],
    [{ ...BASE, JUDGE_TIMEOUT_MS: '1e9' }, 'JUDGE_TIMEOUT_MS'],
  ])('names the variable that is wrong (%#)', (env, variable) => {
    expect(() => readEndpointConfig(env)).toThrow(ConfigError);
    expect(() => readEndpointConfig(env)).toThrow(variable);
  });
});

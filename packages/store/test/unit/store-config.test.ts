import { ConfigError } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { readStoreConfig } from '../../src/index.js';

const FILES = { STORE_DIR: '/var/lib/objects', STORE_PUBLIC_URL: 'https://cdn.example.com' };
const S3 = {
  STORE_KIND: 's3',
  STORE_S3_ENDPOINT: 'https://account.r2.example.com',
  STORE_S3_BUCKET: 'objects',
  STORE_S3_ACCESS_KEY_ID: 'key',
  STORE_S3_SECRET_ACCESS_KEY: 'secret-value',
  STORE_PUBLIC_URL: 'https://cdn.example.com',
};

describe("a store's configuration", () => {
  it('is a folder unless the environment says otherwise', () => {
    expect(readStoreConfig(FILES)).toEqual({
      kind: 'filesystem',
      dir: FILES.STORE_DIR,
      publicUrl: FILES.STORE_PUBLIC_URL,
    });
  });

  it('takes region auto and no prefix for a bucket by default', () => {
    expect(readStoreConfig(S3)).toMatchObject({ kind: 's3', region: 'auto', prefix: '', bucket: 'objects' });
  });

  it.each([
    [{}, 'STORE_DIR'],
    [{ ...FILES, STORE_DIR: '' }, 'STORE_DIR'],
    [{ ...FILES, STORE_PUBLIC_URL: 'file:///x' }, 'STORE_PUBLIC_URL'],
    [{ ...FILES, STORE_KIND: 'ftp' }, 'STORE_KIND'],
    [{ ...S3, STORE_S3_BUCKET: 'Not A Bucket' }, 'STORE_S3_BUCKET'],
    [{ ...S3, STORE_S3_PREFIX: '../up/' }, 'STORE_S3_PREFIX'],
    [{ ...S3, STORE_S3_SECRET_ACCESS_KEY: '' }, 'STORE_S3_SECRET_ACCESS_KEY'],
  ])('names the variable that is wrong (%#)', (env, variable) => {
    const work = () => readStoreConfig(env);
    expect(work).toThrow(ConfigError);
    expect(work).toThrow(variable);
    expect(work).not.toThrow('secret-value');
  });

  it('names all variables that are missing at once', () => {
    expect(() => readStoreConfig({})).toThrow('STORE_PUBLIC_URL is not set; STORE_DIR is not set');
    const names = ['STORE_PUBLIC_URL', 'STORE_S3_BUCKET', 'STORE_S3_ACCESS_KEY_ID', 'STORE_S3_SECRET_ACCESS_KEY'];
    const read = () => readStoreConfig({ STORE_KIND: 's3', STORE_DIR: '/x' });
    expect(read).toThrow(names.map((name) => `${name} is not set`).join('; '));
  });
});

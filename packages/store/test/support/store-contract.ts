import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sha256 } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import type { ObjectStore, StoredObject } from '../../src/index.js';
import { CONTENT_TYPES, contentKey, fetchObject, NamedKey, sha256Of } from '../../src/index.js';
import { faultCodeOf } from './fault-code.js';

/** A store under test, and what lies behind it. */
export interface OpenedStore {
  readonly store: ObjectStore;
  /** Damages an object behind the store's back. */
  readonly damage: (stored: StoredObject) => Promise<void>;
  /** Everything that a reader could see: keys of all objects, finished or not. */
  readonly visibleKeys: () => Promise<readonly string[]>;
}

const LIMIT = 64 * 1024 * 1024;
const PNG = { contentType: CONTENT_TYPES.png, maxBytes: LIMIT } as const;

/** What every store promises. Run against each implementation and its real neighbour. */
export function describeStoreContract(name: string, opened: () => OpenedStore): void {
  const fresh = (sizeBytes = 1000) => new Uint8Array(randomBytes(sizeBytes));

  describe(name, () => {
    it('names content by its hash and gives it back', async () => {
      const { store } = opened();
      const bytes = fresh();
      const stored = await store.put(bytes, PNG);
      expect(stored.sha256).toBe(sha256Of(bytes));
      expect(stored.key).toBe(`sha256/${stored.sha256.slice(0, 2)}/${stored.sha256.slice(2)}.png`);
      expect(stored.sizeBytes).toBe(1000);
      expect(await store.has(stored.key)).toBe(true);
      expect(Buffer.from(await store.get(stored.key, { maxBytes: LIMIT }))).toEqual(Buffer.from(bytes));
      expect(store.keyOf(stored.url)).toBe(stored.key);
    });

    it('shows content to anyone at its URL, with its type and for ever', async () => {
      const { store } = opened();
      const bytes = fresh();
      const { url, sha256 } = await store.put(bytes, PNG);
      const options = { sha256, maxBytes: LIMIT, timeoutMs: 10_000, allowHosts: [store.publicHost] };
      expect(Buffer.from(await fetchObject(url, options))).toEqual(Buffer.from(bytes));
      const response = await fetch(url, { method: 'HEAD' });
      expect(response.headers.get('content-type')).toBe('image/png');
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    });

    it.each([0, 1, 20_000_000])('stores %i bytes, at once or as a stream', async (sizeBytes) => {
      const { store } = opened();
      for (const isStream of [false, true]) {
        const bytes = fresh(sizeBytes);
        const stored = await store.put(isStream ? Readable.from(inChunks(bytes, 100_000)) : bytes, PNG);
        expect(stored.sha256).toBe(sha256Of(bytes));
        expect(stored.sizeBytes).toBe(sizeBytes);
        expect(sha256Of(await store.get(stored.key, { maxBytes: LIMIT }))).toBe(stored.sha256);
      }
    });

    it('takes the same content again from many writers at once', async () => {
      const { store } = opened();
      const bytes = fresh();
      const stored = await Promise.all(Array.from({ length: 8 }, () => store.put(bytes, PNG)));
      expect(new Set(stored.map(({ key }) => key)).size).toBe(1);
      expect(sha256Of(await store.get(stored[0]?.key ?? contentKeyOf(bytes), { maxBytes: LIMIT }))).toBe(
        sha256Of(bytes),
      );
    });

    it('fault 15: notices damage when it reads, and mends it when the content is stored again', async () => {
      const { store, damage } = opened();
      const bytes = fresh();
      const stored = await store.put(bytes, PNG);
      await damage(stored);
      expect(await faultCodeOf(store.get(stored.key, { maxBytes: LIMIT }))).toBe('hash_mismatch');
      await store.put(bytes, PNG);
      expect(sha256Of(await store.get(stored.key, { maxBytes: LIMIT }))).toBe(stored.sha256);
    });

    it('refuses content that is not what the caller expects', async () => {
      const { store, visibleKeys } = opened();
      const before = await visibleKeys();
      const expectSha256 = Sha256.parse('0'.repeat(64));
      expect(await faultCodeOf(store.put(fresh(), { ...PNG, expectSha256 }))).toBe('hash_mismatch');
      expect(await visibleKeys()).toEqual(before);
    });

    it('fault 27: stops reading an endless stream at the limit and keeps nothing of it', async () => {
      const { store, visibleKeys } = opened();
      const before = await visibleKeys();
      let produced = 0;
      let ended = false;
      async function* endless() {
        try {
          for (;;) {
            produced += 10_000;
            yield new Uint8Array(10_000);
          }
        } finally {
          ended = true;
        }
      }
      expect(await faultCodeOf(store.put(endless(), { ...PNG, maxBytes: 100_000 }))).toBe('too_large');
      expect(produced).toBeLessThan(1_000_000);
      expect(ended).toBe(true);
      expect(await visibleKeys()).toEqual(before);
    });

    it('keeps nothing of a stream that breaks, and says that the stream broke', async () => {
      const { store, visibleKeys } = opened();
      const before = await visibleKeys();
      async function* breaking() {
        yield new Uint8Array(10_000);
        throw new Error('the renderer died');
      }
      expect(await faultCodeOf(store.put(breaking(), PNG))).toBe('content_failed');
      expect(await visibleKeys()).toEqual(before);
    });

    it('stops waiting for a stream that stalls when its caller does', async () => {
      const { store } = opened();
      async function* stalling() {
        yield new Uint8Array(10);
        await sleep(30_000, undefined, { ref: false });
      }
      const enough = new Error('enough');
      const controller = new AbortController();
      setTimeout(() => controller.abort(enough), 50);
      const put = store.put(stalling(), { ...PNG, signal: controller.signal });
      await expect(put).rejects.toBe(enough);
    });

    it('tells a missing object from an empty one', async () => {
      const { store } = opened();
      const missing = contentKeyOf(fresh());
      expect(await store.has(missing)).toBe(false);
      expect(await faultCodeOf(store.get(missing, { maxBytes: LIMIT }))).toBe('not_found');
    });

    it('reads no object that is larger than its reader allows', async () => {
      const { store } = opened();
      const { key } = await store.put(fresh(1000), PNG);
      expect(await faultCodeOf(store.get(key, { maxBytes: 999 }))).toBe('too_large');
    });

    it('replaces what lies under a name, and knows when nothing does', async () => {
      const { store } = opened();
      const key = NamedKey.parse('judge/ab/answer.json');
      const other = NamedKey.parse('judge/ab/other.json');
      await store.putNamed(key, Buffer.from('{"a":1}'));
      const stored = await store.putNamed(key, Buffer.from('{"a":2}'));
      expect(Buffer.from((await store.getNamed(key, { maxBytes: 100 })) ?? []).toString()).toBe('{"a":2}');
      expect(await store.getNamed(other, { maxBytes: 100 })).toBeUndefined();
      expect(await faultCodeOf(store.getNamed(key, { maxBytes: 3 }))).toBe('too_large');
      expect(store.keyOf(stored.url)).toBe(key);
      const response = await fetch(stored.url);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(response.headers.get('cache-control')).toBe('public, no-cache');
    });

    it('knows only its own URLs', () => {
      const { store } = opened();
      expect(store.keyOf('https://elsewhere.example/sha256/aa/x.png')).toBeUndefined();
      expect(store.keyOf(`${store.url(NamedKey.parse('a/b.json'))}/../../secret`)).toBeUndefined();
    });
  });
}

function contentKeyOf(bytes: Uint8Array) {
  return contentKey(sha256Of(bytes), CONTENT_TYPES.png);
}

function* inChunks(bytes: Uint8Array, sizeBytes: number) {
  for (let start = 0; start < bytes.byteLength; start += sizeBytes) yield bytes.subarray(start, start + sizeBytes);
}

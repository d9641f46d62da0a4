import { createHash } from 'node:crypto';
import { HttpUrl, Sha256 } from '@tiltyard/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTENT_TYPES,
  ContentKey,
  cacheControlOfKey,
  contentKey,
  contentTypeOfKey,
  NamedKey,
  parseKey,
  sha256OfKey,
} from '../../src/index.js';
import { publicUrls } from '../../src/public-url.js';

const anyHash = fc.string().map((text) => Sha256.parse(createHash('sha256').update(text).digest('hex')));
const anyType = fc.constantFrom(...Object.values(CONTENT_TYPES));

describe('a content key', () => {
  it('gives back the hash and the type that it was made of', () => {
    fc.assert(
      fc.property(anyHash, anyType, (sha256, contentType) => {
        const key = contentKey(sha256, contentType);
        expect(parseKey(key)).toBe(key);
        expect(sha256OfKey(key)).toBe(sha256);
        expect(contentTypeOfKey(key)).toBe(contentType);
        expect(cacheControlOfKey(key)).toContain('immutable');
      }),
    );
  });

  it('turns into a URL and back, below any base address', () => {
    const base = fc.constantFrom('https://cdn.example.com', 'http://127.0.0.1:9000/bucket/', 'https://x.example/a/b');
    fc.assert(
      fc.property(anyHash, anyType, base, (sha256, contentType, publicUrl) => {
        const urls = publicUrls(HttpUrl.parse(publicUrl));
        const key = contentKey(sha256, contentType);
        expect(urls.keyOf(urls.url(key))).toBe(key);
      }),
    );
  });
});

describe('a key from outside', () => {
  it.each([
    '',
    '/',
    'a.json',
    '/a/b.json',
    'a/../b.json',
    'a/./b.json',
    'a//b.json',
    '.incoming/a.json',
    'a/.b.json',
    'a/b.html',
    'a/b',
    'a/b%2e.json?',
    'a\\b.json',
    'a/b.json\n',
    'a/b\0.json',
    `a/${'b'.repeat(600)}.json`,
    'sha256/ab/short.png',
    `sha256/AB/${'0'.repeat(62)}.png`,
    `sha256/ab/${'0'.repeat(62)}.exe`,
    `sha256/ab/${'0'.repeat(62)}.png/..`,
  ])('is refused when it is %j', (text) => {
    expect(() => parseKey(text)).toThrow('is not an object key');
  });

  it('never leaves its folder, whatever is accepted', () => {
    const part = fc.constantFrom('a', '..', '.', '', 'sha256', '-', 'b.c', '%2e%2e', '~', 'x.json');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const parsed = NamedKey.safeParse(parts.join('/'));
        if (!parsed.success) return;
        expect(new URL(`http://h/${parsed.data}`).pathname).toBe(`/${parsed.data}`);
        expect(parsed.data.split('/').every((name) => !name.startsWith('.'))).toBe(true);
        expect(ContentKey.safeParse(parsed.data).success).toBe(false);
      }),
    );
  });

  it('is asked for again each time when its writer may replace it', () => {
    expect(cacheControlOfKey(NamedKey.parse('views/ab/front.png'))).toBe('public, no-cache');
  });
});

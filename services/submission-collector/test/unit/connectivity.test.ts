import type { Downloaded, FailedDownload } from '@tiltyard/store';
import { describe, expect, it } from 'vitest';
import { openConnectivity } from '../../src/connectivity.js';

const answered = (code: FailedDownload['code'] = 'http_404', maybeOurs = false): FailedDownload => ({
  ...{ ok: false, code, message: '', retryable: false, maybeOurs },
});
const ours = answered('dns_failed', true);
const good = { ok: true } as Downloaded;

function bookAt() {
  const clock = { now: 0 };
  return { clock, book: openConnectivity({ allowHosts: [], now: () => clock.now }) };
}

describe('whether our own network works', () => {
  it('is proven by another host’s answer, however bad, since then', () => {
    const { book, clock } = bookAt();
    clock.now = 10;
    book.observe('http://a/x', answered('http_503'));
    expect(book.isProven('http://b/x', 10)).toBe(true);
    expect(book.isProven('http://b/x', 11)).toBe(false);
  });

  it('is not proven by the host in question', () => {
    const { book, clock } = bookAt();
    clock.now = 10;
    book.observe('http://a/x', good);
    expect(book.isProven('http://a/y', 0)).toBe(false);
    expect(book.isProven('http://a:8080/y', 0)).toBe(true);
  });

  it('remembers another host although the one in question answered later', () => {
    const { book, clock } = bookAt();
    clock.now = 10;
    book.observe('http://b/x', good);
    clock.now = 20;
    book.observe('http://a/x', good);
    book.observe('http://a/x', good);
    expect(book.isProven('http://a/y', 10)).toBe(true);
    expect(book.isProven('http://a/y', 11)).toBe(false);
  });

  it.each(['timeout', 'dns_failed', 'connection_failed', 'cut_off', 'blocked_address', 'bad_url'] as const)(
    'is not proven by %s: nobody need have answered',
    (code) => {
      const { book } = bookAt();
      book.observe('http://b/x', answered(code));
      expect(book.isProven('http://a/x', 0)).toBe(false);
    },
  );

  it('is in doubt where nobody answered, not where somebody refused', () => {
    const { book } = bookAt();
    expect([ours, answered('timeout')].map((failure) => book.isDoubtful(failure))).toEqual([true, true]);
    const plain = [answered(), answered('too_large'), answered('connection_failed')];
    expect(plain.map((failure) => book.isDoubtful(failure))).toEqual([false, false, false]);
  });
});

import type { Downloaded, FailedDownload } from '@tiltyard/store';
import { describe, expect, it } from 'vitest';
import { openNetworkDoubt } from '../../src/network-doubt.js';

const answered = (code: FailedDownload['code'] = 'http_404', maybeOurs = false): FailedDownload => ({
  ...{ ok: false, code, message: '', retryable: false, maybeOurs, transfer: { bytes: 0, waitedMs: 1 } },
});
const ours = answered('dns_failed', true);
const file = (bytes: number, waitedMs: number) => ({ ok: true, transfer: { bytes, waitedMs } }) as Downloaded;
const good = file(1, 1);

function bookAt() {
  const clock = { now: 0 };
  const ledger = { snapshot: () => Promise.reject(new Error('not asked here')) };
  return { clock, book: openNetworkDoubt({ allowHosts: [], ledger, now: () => clock.now }) };
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

  it.each(['timeout', 'too_slow', 'dns_failed', 'connection_failed', 'cut_off', 'blocked_address', 'bad_url'] as const)(
    'is not proven by %s: nobody need have answered',
    (code) => {
      const { book } = bookAt();
      book.observe('http://b/x', answered(code));
      expect(book.isProven('http://a/x', 0)).toBe(false);
    },
  );

  it('is proven to be fast by another host’s whole file that came clearly faster, since then', () => {
    const { book, clock } = bookAt();
    const slow = { bytes: 1_000, waitedMs: 100 };
    clock.now = 10;
    book.observe('http://b/x', file(1_900, 100));
    book.observe('http://a/x', file(9_000, 100));
    book.observe('http://c/x', { ...answered('cut_off'), transfer: { bytes: 9_000, waitedMs: 1 } });
    expect(book.isProvenFaster('http://a/y', 10, slow)).toBe(false);
    clock.now = 20;
    book.observe('http://b/x', file(2_000, 100));
    clock.now = 30;
    book.observe('http://b/x', file(1, 100));
    expect(book.isProvenFaster('http://a/y', 20, slow)).toBe(true);
    expect(book.isProvenFaster('http://b/y', 20, slow)).toBe(false);
    expect(book.isProvenFaster('http://a/y', 21, slow)).toBe(false);
    book.vouch('the state repository');
    expect(book.isProvenFaster('http://a/y', 30, slow)).toBe(true);
  });

  it('is in doubt where no host answered, not where one refused', () => {
    const { book } = bookAt();
    const silent = [ours, answered('timeout'), answered('too_slow')];
    expect(silent.map((failure) => book.isDoubtful(failure))).toEqual([true, true, true]);
    const plain = [answered(), answered('too_large'), answered('connection_failed')];
    expect(plain.map((failure) => book.isDoubtful(failure))).toEqual([false, false, false]);
  });

  it('is in doubt for a file from its first failure on, until the file is settled', () => {
    const { book, clock } = bookAt();
    const failureAt = (sinceMs: number) => ({ url: 'http://a/x', doubt: { sinceMs, slow: undefined } });
    expect(book.isCertain('a/x', failureAt(10))).toBe(false);
    clock.now = 15;
    book.observe('http://b/x', answered('http_503'));
    expect(book.isCertain('a/x', failureAt(20))).toBe(true);
    expect(book.hasDoubts).toBe(true);
    book.settle('a/x');
    expect(book.hasDoubts).toBe(false);
    expect(book.isCertain('a/x', failureAt(30))).toBe(false);
  });
});

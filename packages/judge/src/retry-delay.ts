import { backoffMs } from '@tiltyard/schema';

export interface RetryDelayOptions {
  /** Wait after the first failed try; doubled after each further one. */
  readonly firstWaitMs: number;
  /** No wait is longer, whatever the endpoint asks for. */
  readonly maxWaitMs: number;
}

/**
 * How long to wait before the next try: doubling, spread by half so that many calls which failed together do not come
 * back together, and not shorter than the endpoint asks for.
 *
 * @param failures - Tries that failed so far, from 1.
 * @param random - A number in [0, 1).
 * @param askedMs - What the endpoint asked for, see `retryAfterMs`.
 */
export function retryDelayMs(
  failures: number,
  random: number,
  askedMs: number | undefined,
  { firstWaitMs, maxWaitMs }: RetryDelayOptions,
): number {
  const backoff = backoffMs(failures, { firstDelayMs: firstWaitMs, maxDelayMs: maxWaitMs, jitter: 0.5 }, random);
  if (askedMs === undefined) return backoff;
  // Spread upwards only: coming back sooner than asked is what got us here.
  return Math.min(Math.max(askedMs * (1 + random / 10), backoff), maxWaitMs);
}

/**
 * Reads how long an endpoint asks its callers to wait: `Retry-After` in seconds or as a date, or `retry-after-ms`.
 * A date is measured against the answer's own `Date`, so that our clock does not matter.
 *
 * @returns Undefined where nothing readable is asked for.
 * @see RFC 9110, section 10.2.3
 */
export function retryAfterMs(headers: Pick<Headers, 'get'>): number | undefined {
  const exact = decimal(headers.get('retry-after-ms'));
  if (exact !== undefined) return exact;
  const header = headers.get('retry-after');
  const seconds = decimal(header);
  if (seconds !== undefined) return seconds * 1000;
  const waitMs = Date.parse(header ?? '') - Date.parse(headers.get('date') ?? '');
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}

function decimal(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

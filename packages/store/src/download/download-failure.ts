import { FaultError } from '@tiltyard/schema';
import { errors } from 'undici';
import { errnoOf, StoreError } from '../store-error.js';
import type { Transfer } from './transfer-watch.js';

/** Why a download failed, as a miner reads it next to the file. */
export type DownloadCode =
  /** The server answered with another status than 200: `http_404`. */
  | `http_${number}`
  /** More bytes than allowed, as announced or as they came. */
  | 'too_large'
  /** No connection, or no complete answer, in time. */
  | 'timeout'
  /** Too few bytes over a whole window: a server that stalls, or drips. */
  | 'too_slow'
  /** The host's addresses do not belong to the public Internet. */
  | 'blocked_address'
  | 'too_many_redirects'
  /** Not an http(s) URL without credentials; or a redirect to such a thing. */
  | 'bad_url'
  | 'dns_failed'
  | 'connection_failed'
  | 'tls_failed'
  /** The connection ended before the body did. */
  | 'cut_off'
  /** What came is not HTTP as it should be. */
  | 'bad_response'
  /** Compressed although we asked for plain bytes, in a way we do not read. */
  | 'bad_encoding';

/** A download that did not happen, with what its owner needs to know to fix it. */
export interface FailedDownload {
  readonly ok: false;
  readonly code: DownloadCode;
  readonly message: string;
  /** Whether another try may succeed with nothing changed. */
  readonly retryable: boolean;
  /**
   * Whether trouble of OUR network looks the same (no route, the resolver does not answer). A host that others can
   * reach must not lose by it: check our own connectivity before it counts.
   */
  readonly maybeOurs: boolean;
  /** What came before it failed. */
  readonly transfer: Transfer;
}

/** Ends a download within this package; what leaves it is a FailedDownload. */
export class DownloadFailure extends FaultError<{ readonly code: DownloadCode; readonly maybeOurs: boolean }> {
  override readonly name = 'DownloadFailure';

  constructor(code: DownloadCode, message: string, maybeOurs = false) {
    super({ code, maybeOurs }, message);
  }

  toResult(transfer: Transfer): FailedDownload {
    const { fault, message } = this;
    return { ok: false, ...fault, message, retryable: isWorthAnotherTry(fault.code), transfer };
  }
}

const RETRYABLE: ReadonlySet<DownloadCode> = new Set([
  'timeout',
  'too_slow',
  'dns_failed',
  'connection_failed',
  'cut_off',
  'http_408',
  'http_425',
  'http_429',
]);
const MAYBE_OURS: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
]);
/** Our process or machine has run out of something: certainly not the other side's doing. */
const OURS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);
const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const CUT_OFF: ReadonlySet<string> = new Set([
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/**
 * Says what an error of the resolver, the socket or the HTTP client means for the download.
 *
 * @param phase - What was under way: the same reset is another story before the answer than in its middle.
 * @throws StoreError `out_of_resources` where our own process is at its end
 */
export function classifyFailure(error: unknown, phase: 'resolve' | 'request' | 'body', host: string): DownloadFailure {
  if (error instanceof DownloadFailure) return error;
  const cause = innermost(error);
  const errno = errnoOf(cause) ?? '';
  const detail = errno || (cause instanceof Error ? cause.name : 'unknown');
  const maybeOurs = MAYBE_OURS.has(errno);
  if (OURS.has(errno)) throw new StoreError({ code: 'out_of_resources', operation: 'download', errno, cause });
  if (phase === 'resolve') return new DownloadFailure('dns_failed', `${host} has no address (${detail})`, maybeOurs);
  if (TIMEOUTS.has(errno)) return new DownloadFailure('timeout', `${host} did not answer in time (${detail})`);
  if (cause instanceof errors.HTTPParserError || errno === 'UND_ERR_HEADERS_OVERFLOW') {
    return new DownloadFailure('bad_response', `${host} does not answer in proper HTTP (${detail})`);
  }
  if (/^(ERR_TLS|ERR_SSL|CERT_|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(errno)) {
    return new DownloadFailure('tls_failed', `${host} has no valid certificate or TLS (${detail})`);
  }
  if (phase === 'body' && /^(Z_|ERR__ERROR_|ERR_BROTLI)/.test(errno)) {
    return new DownloadFailure('bad_encoding', `the answer of ${host} is not compressed as it says (${detail})`);
  }
  if (phase === 'body' || CUT_OFF.has(errno)) {
    return new DownloadFailure('cut_off', `${host} broke off its answer (${detail})`, maybeOurs);
  }
  return new DownloadFailure('connection_failed', `no connection to ${host} (${detail})`, maybeOurs);
}

function isWorthAnotherTry(code: DownloadCode): boolean {
  return RETRYABLE.has(code) || code.startsWith('http_5');
}

/** The error that says most: the last cause of a chain, and of several failed addresses the first. */
function innermost(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (error instanceof StoreError && 'cause' in error.fault) return innermost(error.fault.cause);
  if (error instanceof Error && errnoOf(error) === undefined && error.cause) return innermost(error.cause);
  return error;
}

import { type Downloaded, downloadBytes, type FailedDownload, type Transfer } from '@tiltyard/store';

/**
 * What proves that our own network works: hosts that have answered, well or badly.
 *
 * A download that failed without a word from its host looks the same whether that host or our own network is down. It
 * counts only once somebody else was reached.
 */
export interface Connectivity {
  /** Takes note of how a download ended. */
  observe(url: string, download: Downloaded | FailedDownload): void;
  /** Takes note that somebody answered us just now who is asked in another way than by a download. */
  vouch(witness: string): void;
  /** Whether a failure may have been our network's, as far as its code tells. */
  isDoubtful(download: FailedDownload): boolean;
  /** Whether another host than this URL's has answered since a time by the monotonic clock. */
  isProven(url: string, sinceMs: number): boolean;
  /**
   * Whether a whole file of another host has come since then, and clearly faster than this download: then it was not our
   * network that was slow.
   */
  isProvenFaster(url: string, sinceMs: number, transfer: Transfer): boolean;
  /** Asks a host that is not a miner's, such as a prompt's; what it answers is taken note of. */
  probe(url: string, signal: AbortSignal): Promise<void>;
}

export interface ConnectivityOptions {
  /** Hosts of a local network that may be probed although they are not public. */
  readonly allowHosts: readonly string[];
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

const PROBE_TIMEOUT_MS = 20_000;
const PROBE_MAX_BYTES = 20 * 1024 * 1024;
/** Failures after which it is not known whether the host was reached. */
const SILENT: ReadonlySet<string> = new Set([
  'timeout',
  'too_slow',
  'dns_failed',
  'connection_failed',
  'cut_off',
  'blocked_address',
]);

/** So many times faster is clearly faster: files that share our line are not all equally fast. */
const CLEARLY = 2;
/** Remembered transfers, the newest: hosts come from strangers. */
const MAX_CARRIED = 100;

interface Carried {
  readonly host: string;
  readonly at: number;
  readonly bytesPerMs: number;
}

/** Opens an empty book of answers. */
export function openConnectivity({ allowHosts, now = () => performance.now() }: ConnectivityOptions): Connectivity {
  // The last answer, and the last one of any other host: that is all that the question needs.
  let last: { readonly host: string; readonly at: number } | undefined;
  let lastOfOther: { readonly host: string; readonly at: number } | undefined;

  let carried: readonly Carried[] = [];

  function carry(host: string, bytesPerMs: number): void {
    // Of one host the last transfer is kept, and of earlier ones those that were faster.
    const others = carried.filter((one) => one.host !== host || one.bytesPerMs > bytesPerMs);
    carried = [...others, { host, at: now(), bytesPerMs }].slice(-MAX_CARRIED);
  }

  function observe(url: string, download: Downloaded | FailedDownload): void {
    if (download.ok) carry(hostOf(url), speedOf(download.transfer));
    if (!download.ok && (download.maybeOurs || SILENT.has(download.code) || download.code === 'bad_url')) return;
    vouch(hostOf(url));
  }

  function vouch(host: string): void {
    if (last !== undefined && last.host !== host) lastOfOther = last;
    last = { host, at: now() };
  }

  return {
    observe,
    vouch(witness) {
      vouch(witness);
      carry(witness, Number.POSITIVE_INFINITY);
    },
    isDoubtful: ({ code, maybeOurs }) => maybeOurs || code === 'timeout' || code === 'too_slow',
    isProvenFaster(url, sinceMs, transfer) {
      const least = CLEARLY * speedOf(transfer);
      return carried.some(({ host, at, bytesPerMs }) => host !== hostOf(url) && at >= sinceMs && bytesPerMs >= least);
    },
    isProven(url, sinceMs) {
      const witness = last?.host === hostOf(url) ? lastOfOther : last;
      return witness !== undefined && witness.at >= sinceMs;
    },
    async probe(url, signal) {
      const options = { maxBytes: PROBE_MAX_BYTES, totalTimeoutMs: PROBE_TIMEOUT_MS, allowHosts, signal };
      observe(url, await downloadBytes(url, options));
    },
  };
}

function speedOf({ bytes, waitedMs }: Transfer): number {
  return bytes / Math.max(waitedMs, 1);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

import type { Ledger } from '@tiltyard/ledger';
import type { Prompt } from '@tiltyard/schema/gen3d';
import { type Downloaded, downloadBytes, type FailedDownload, type Transfer } from '@tiltyard/store';

/**
 * Whether a failure was our own network's.
 *
 * A download that failed without a word from its host looks the same whether that host or our own network is down. It
 * counts only once another host was reached since: hosts that have answered, well or badly, prove that our network works.
 */
export interface NetworkDoubt {
  /** Takes note of how a download ended. */
  observe(url: string, download: Downloaded | FailedDownload): void;
  /** Takes note that a host just answered us, other than through a download. */
  vouch(witness: string): void;
  /** Asks a host that is not a miner's, such as a prompt's; what it answers is taken note of. */
  probe(url: string, signal: AbortSignal): Promise<void>;
  /**
   * Asks a host that is not a miner's: a prompt's, or in a round of texts only the state repository's. Without a witness, a
   * single miner that lets us wait could delay such a round.
   *
   * @throws LedgerError when the repository is the witness and is out of reach
   */
  askWitness(prompts: readonly Prompt[], signal: AbortSignal): Promise<void>;
  /** Whether a failure may have been our network's, as far as its code tells. */
  isDoubtful(download: FailedDownload): boolean;
  /** What it takes for a failure to count, where that is in doubt; `startedMs` is when the download began. */
  doubtOf(download: FailedDownload, startedMs: number): Doubt | undefined;
  /** Whether another host than this URL's has answered since a time by the monotonic clock. */
  isProven(url: string, sinceMs: number): boolean;
  /**
   * Whether a whole file of another host has come since then, and clearly faster than this download: then it was not our
   * network that was slow.
   */
  isProvenFaster(url: string, sinceMs: number, transfer: Transfer): boolean;
  /** Whether a file's outcome counts. One that does not is in doubt from its first failure on, until it is settled. */
  isCertain(key: string, outcome: { readonly url: string; readonly doubt: Doubt | undefined }): boolean;
  /** Whether any file is in doubt. */
  readonly hasDoubts: boolean;
  /** A file's outcome is known, or no longer asked for. */
  settle(key: string): void;
  /** Settles every file: another round begins. */
  settleAll(): void;
}

/**
 * What it takes for a failure to count: that another host has answered since then, by the monotonic clock; where the
 * download was slow, that another host's file has come faster than it.
 */
export interface Doubt {
  readonly sinceMs: number;
  readonly slow: Transfer | undefined;
}

export interface NetworkDoubtOptions {
  /** Hosts of a local network that may be probed although they are not public. */
  readonly allowHosts: readonly string[];
  readonly ledger: Pick<Ledger, 'snapshot'>;
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

/** Opens an empty book of answers, and of files in doubt. */
export function openNetworkDoubt({
  allowHosts,
  ledger,
  now = () => performance.now(),
}: NetworkDoubtOptions): NetworkDoubt {
  const answers = openAnswers(now);
  /** Since when each file has been in doubt. */
  const doubts = new Map<string, number>();

  function observe(url: string, download: Downloaded | FailedDownload): void {
    if (download.ok) answers.carried(hostOf(url), speedOf(download.transfer));
    if (!download.ok && (download.maybeOurs || SILENT.has(download.code) || download.code === 'bad_url')) return;
    answers.answered(hostOf(url));
  }

  function vouch(witness: string): void {
    answers.answered(witness);
    answers.carried(witness, Number.POSITIVE_INFINITY);
  }

  async function probe(url: string, signal: AbortSignal): Promise<void> {
    const options = { maxBytes: PROBE_MAX_BYTES, totalTimeoutMs: PROBE_TIMEOUT_MS, allowHosts, signal };
    observe(url, await downloadBytes(url, options));
  }

  const isProven = (url: string, sinceMs: number) => answers.hasOtherAnswered(hostOf(url), sinceMs);
  const isProvenFaster = (url: string, sinceMs: number, transfer: Transfer) =>
    answers.hasOtherCarried(hostOf(url), sinceMs, CLEARLY * speedOf(transfer));

  return {
    ...{ observe, vouch, probe, isProven, isProvenFaster },
    async askWitness(prompts, signal) {
      const prompt = prompts.find((candidate) => candidate.kind === 'image');
      if (prompt !== undefined) return await probe(prompt.url, signal);
      await ledger.snapshot(signal);
      vouch('the state repository');
    },
    isDoubtful,
    doubtOf(download, startedMs) {
      if (!isDoubtful(download)) return undefined;
      // Any other host's answer in the meantime settles a time-out; "no route" needs an answer that came after it.
      const sinceMs = download.maybeOurs ? now() : startedMs;
      return { sinceMs, slow: download.code === 'too_slow' ? download.transfer : undefined };
    },
    isCertain(key, { url, doubt }) {
      if (doubt === undefined) return true;
      const sinceMs = doubts.get(key) ?? doubt.sinceMs;
      doubts.set(key, sinceMs);
      return doubt.slow === undefined ? isProven(url, sinceMs) : isProvenFaster(url, sinceMs, doubt.slow);
    },
    get hasDoubts() {
      return doubts.size > 0;
    },
    settle: (key) => void doubts.delete(key),
    settleAll: () => doubts.clear(),
  };
}

/** So many times faster is clearly faster: files that share our line are not all equally fast. */
const CLEARLY = 2;
/** Remembered transfers, the newest: hosts come from strangers. */
const MAX_CARRIED = 100;

/** Who answered last, and how fast whole files came. */
function openAnswers(now: () => number) {
  // The last answer, and the last one of any other host: that is all that the question needs.
  let last: { readonly host: string; readonly at: number } | undefined;
  let lastOfOther: typeof last;
  let transfers: readonly { readonly host: string; readonly at: number; readonly bytesPerMs: number }[] = [];
  return {
    answered(host: string): void {
      if (last !== undefined && last.host !== host) lastOfOther = last;
      last = { host, at: now() };
    },
    carried(host: string, bytesPerMs: number): void {
      // Of one host the last transfer is kept, and of earlier ones those that were faster.
      const others = transfers.filter((one) => one.host !== host || one.bytesPerMs > bytesPerMs);
      transfers = [...others, { host, at: now(), bytesPerMs }].slice(-MAX_CARRIED);
    },
    hasOtherAnswered(than: string, sinceMs: number): boolean {
      const witness = last?.host === than ? lastOfOther : last;
      return witness !== undefined && witness.at >= sinceMs;
    },
    hasOtherCarried: (than: string, sinceMs: number, least: number): boolean =>
      transfers.some(({ host, at, bytesPerMs }) => host !== than && at >= sinceMs && bytesPerMs >= least),
  };
}

function isDoubtful({ code, maybeOurs }: FailedDownload): boolean {
  return maybeOurs || code === 'timeout' || code === 'too_slow';
}

function speedOf({ bytes, waitedMs }: Transfer): number {
  return bytes / Math.max(waitedMs, 1);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

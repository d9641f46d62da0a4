import type { Secret } from '@tiltyard/schema';
import { fetch } from 'undici';
import { holdBack } from './hold-back.js';
import type { Logger } from './logger.js';

/**
 * Something that an operator wants to hear of. Notices of one `key` are about the same thing: they may be sent at every
 * tick that sees it, and reach the operator now and then.
 */
export interface Notice {
  readonly key: string;
  readonly severity: 'info' | 'warning' | 'alarm';
  readonly title: string;
  readonly detail: string;
}

/** Where notices go. Sending never throws and never holds up the caller: a lost notice must not stop a competition. */
export interface Notices extends AsyncDisposable {
  send(notice: Notice): void;
}

/** How long repeats of a notice's key are held back, wherever it goes. */
const REPEAT_AFTER_MS = 15 * 60_000;

/** Notices that go to the log alone: the default. Repeats of a key are held back. */
export function logNotices(log: Logger, repeatAfterMs = REPEAT_AFTER_MS): Notices {
  const heldBackOf = holdBack(repeatAfterMs);
  return {
    send(notice) {
      const heldBack = heldBackOf(notice.key);
      if (heldBack !== undefined) writeNotice(log, notice, heldBack);
    },
    async [Symbol.asyncDispose]() {},
  };
}

export interface DiscordOptions {
  readonly webhookUrl: Secret;
  readonly service: string;
  readonly log: Logger;
  /** A notice of one key is sent again after so long at the earliest; those in between are counted. */
  readonly repeatAfterMs?: number;
  /** The shortest time between two messages. */
  readonly spacingMs?: number;
  /** Messages that may wait; the oldest is dropped (and logged) beyond. */
  readonly maxWaiting?: number;
  readonly timeoutMs?: number;
}

export const DISCORD_DEFAULTS = { repeatAfterMs: REPEAT_AFTER_MS, spacingMs: 2_000, maxWaiting: 50, timeoutMs: 10_000 };

const COLOURS = { info: 0x3b82f6, warning: 0xf59e0b, alarm: 0xef4444 };

/**
 * Notices as messages of a Discord webhook, and in the log. Rate-limited: repeats of a key are held back and counted,
 * messages are spaced, and a 429 is waited out as it asks.
 *
 * @see https://discord.com/developers/docs/resources/webhook#execute-webhook
 */
export function discordNotices(options: DiscordOptions): Notices {
  const { webhookUrl, service, log, repeatAfterMs, spacingMs, maxWaiting, timeoutMs } = {
    ...DISCORD_DEFAULTS,
    ...options,
  };
  const closing = new AbortController();
  const heldBackOf = holdBack(repeatAfterMs);
  const waiting: { readonly notice: Notice; readonly heldBack: number }[] = [];
  let sending: Promise<void> | undefined;

  async function drain(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined && !closing.signal.aborted; next = waiting.shift()) {
      await post(next.notice, next.heldBack);
      await delay(spacingMs, closing.signal);
    }
    sending = undefined;
  }

  async function post(notice: Notice, heldBack: number): Promise<void> {
    const repeats = heldBack === 0 ? '' : `\n(${heldBack} more of the same since the last message)`;
    const embed = {
      title: `${service}: ${notice.title}`.slice(0, 256),
      description: `${notice.detail}${repeats}`.slice(0, 4000),
      color: COLOURS[notice.severity],
    };
    // A detail may hold text from miners: it must not ping anyone.
    const body = JSON.stringify({ embeds: [embed], allowed_mentions: { parse: [] } });
    for (let attempt = 1; attempt <= 3 && !closing.signal.aborted; attempt += 1) {
      try {
        const response = await fetch(webhookUrl.reveal(), {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          redirect: 'error',
          signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closing.signal]),
        });
        await response.body?.cancel();
        if (response.ok) return;
        if (response.status !== 429 && response.status < 500) {
          log.warn({ status: response.status, title: notice.title }, 'the notice was refused');
          return;
        }
        const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
        await delay(Number.isFinite(retryAfter) ? Math.min(retryAfter, 60) * 1000 : attempt * 2000, closing.signal);
      } catch (error) {
        // The URL is a secret and may be in the error's message.
        log.warn({ reason: error instanceof Error ? error.name : 'unknown', attempt }, 'the notice could not be sent');
        await delay(attempt * 2000, closing.signal);
      }
    }
  }

  return {
    send(notice) {
      const heldBack = heldBackOf(notice.key);
      if (heldBack === undefined) return;
      writeNotice(log, notice, heldBack);
      waiting.push({ notice, heldBack });
      if (waiting.length > maxWaiting) {
        const dropped = waiting.shift();
        log.warn({ title: dropped?.notice.title }, 'too many notices are waiting; the oldest is dropped');
      }
      sending ??= drain();
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await sending;
    },
  };
}

function writeNotice(log: Logger, { key, severity, title, detail }: Notice, heldBack: number): void {
  const facts = { notice: key, detail, ...(heldBack === 0 ? {} : { heldBack }) };
  if (severity === 'alarm') log.error(facts, title);
  else if (severity === 'warning') log.warn(facts, title);
  else log.info(facts, title);
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

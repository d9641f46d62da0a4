import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Fields that are blanked wherever they stand, in case a library's object is logged whole: a credential of ours is a `Secret`. */
const REDACTED = ['token', 'apiKey', 'api_key', 'password', 'secret', 'secretAccessKey', 'authorization', 'privateKey'];

/**
 * A service's logger: one JSON line an event on standard output, with the service's name and the time.
 *
 * @param level - The least level that is written.
 */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
    serializers: { error: describeError, err: describeError },
  });
}

/** An error as log fields: its code and facts next to the message, its causes below it. */
export function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: String(error).slice(0, 2000) };
  const { fault, code, cause } = error as Error & { fault?: object; code?: unknown };
  const { cause: _cause, ...facts } = (fault ?? {}) as { cause?: unknown };
  return {
    type: error.name,
    message: error.message.slice(0, 2000),
    ...(code === undefined ? {} : { code }),
    ...facts,
    ...(fault === undefined && code === undefined && depth === 0 && error.stack !== undefined
      ? { stack: error.stack.slice(0, 4000) }
      : {}),
    ...(cause === undefined || depth >= 3 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

import type { Logger } from './logger.js';

/** After a signal to stop, whatever still runs then is given up. Container runtimes send SIGKILL after 10 seconds. */
const SHUTDOWN_MS = 9_000;

/**
 * A signal that SIGTERM and SIGINT abort. A second one, or a shutdown that takes longer than nine seconds, ends the
 * process at once with status 1.
 */
export function stopOnSignals(log: Logger): AbortSignal {
  const abort = new AbortController();
  const onSignal = (name: string) => {
    if (abort.signal.aborted) process.exit(1);
    log.info({ signal: name }, 'stopping');
    setTimeout(() => {
      log.error('stopping took too long; ending now');
      process.exit(1);
    }, SHUTDOWN_MS);
    abort.abort(new DOMException('the service is stopping', 'AbortError'));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return abort.signal;
}

import { isLedgerError, type Ledger, type LedgerOptions, openLedger } from '@tiltyard/ledger';
import type { ServiceName } from '@tiltyard/schema';
import { ConfigError } from './config-error.js';
import type { Environment } from './environment.js';
import type { KitConfig, KitSecrets } from './kit-config.js';
import { createLogger, describeError, type Logger } from './logger.js';
import { type NextLook, runLoop } from './loop.js';
import { openMetrics, type ServiceMetrics } from './metrics.js';
import { discordNotices, logNotices, type Notices } from './notices.js';
import { SOFTWARE_VERSION } from './software.js';
import { type Health, openStatusServer } from './status-server.js';

/** A service's name: those that write the ledger, and the one that only reads it. */
export type RunnableService = Exclude<ServiceName, 'operator'> | 'weight-setter';

/** What {@link runService} opens for a service. */
export interface ServiceContext<Options extends RunServiceOptions = RunServiceOptions> {
  /** What the environment configures. */
  readonly config: Options;
  readonly ledger: Ledger;
  readonly log: Logger;
  readonly notices: Notices;
  readonly metrics: ServiceMetrics;
  /** Aborted when the process is told to stop. */
  readonly signal: AbortSignal;
  /** Makes the loop look again at once. */
  readonly wake: () => void;
}

/** What a service's opening gives: its tick, and how to close what it opened. */
export interface OpenedService {
  tick(): Promise<NextLook>;
  close?(): Promise<void>;
}

export interface RunServiceOptions {
  readonly config: KitConfig;
  readonly secrets: KitSecrets;
}

/** After a signal to stop, whatever still runs then is given up. */
const SHUTDOWN_MS = 9_000;

/**
 * A service's whole life: opens log, metrics, health pages, notices and ledger, runs the loop until SIGTERM or SIGINT,
 * closes everything and ends the process within 10 seconds of the signal, with status 0 after an orderly end.
 *
 * An error while opening ends the process with status 1 (2 for a wrong configuration) and one clear line.
 */
export async function runService<Options extends RunServiceOptions>(
  name: RunnableService,
  readConfig: (environment: Environment) => Options,
  open: (context: ServiceContext<Options>) => Promise<OpenedService>,
): Promise<void> {
  let options: Options;
  try {
    options = readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError) && (error as { fault?: { code?: string } }).fault?.code !== 'bad_config')
      throw error;
    createLogger(name, 'info').fatal({ error }, 'the environment does not configure this service');
    process.exitCode = 2;
    return;
  }
  const log = createLogger(name, options.config.logLevel);
  const stop = stopOnSignals(log);
  process.on('unhandledRejection', (error) => {
    log.fatal({ error: describeError(error) }, 'an error that nobody handled; ending, to be started again');
    process.exit(1);
  });
  try {
    await serve(name, options, open, log, stop.signal);
    log.info('stopped');
    process.exitCode = 0;
  } catch (error) {
    if (stop.signal.aborted) log.warn({ error }, 'stopped while something was under way');
    else {
      log.fatal({ error }, 'the service cannot run');
      process.exitCode = 1;
    }
  } finally {
    stop.finished();
  }
}

async function serve<Options extends RunServiceOptions>(
  name: RunnableService,
  options: Options,
  open: (context: ServiceContext<Options>) => Promise<OpenedService>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const { config, secrets } = options;
  const metrics = openMetrics(name);
  const health: Health = { lastTickAt: undefined, notReady: undefined };
  await using status = await openStatusServer({
    ...config.http,
    registry: metrics.registry,
    health,
    // Three of the longest pauses without a tick, and never less than ten minutes: one tick may take long.
    stuckAfterMs: Math.max(600_000, 3 * config.tick.maxMs),
  });
  await using notices =
    secrets.discordWebhookUrl === undefined
      ? logNotices(log)
      : discordNotices({ webhookUrl: secrets.discordWebhookUrl, service: name, log });
  await using ledger = await openLedger(ledgerOptions(name, config, log, signal));
  let wake = () => {};
  const service = await open({ config: options, ledger, log, notices, metrics, signal, wake: () => wake() });
  await using _opened = { [Symbol.asyncDispose]: async () => await service.close?.() };
  log.info({ status: status.url, ledger: config.ledger.remote, version: SOFTWARE_VERSION }, 'started');

  await runLoop({
    tick: () => service.tick(),
    signal,
    log,
    ...config.tick,
    onWake: (call) => {
      wake = call;
    },
    isConflict: (error) => isLedgerError(error, 'conflict', 'stale', 'contended'),
    onTick({ seconds, error }) {
      health.lastTickAt = performance.now();
      const conflict = isLedgerError(error, 'conflict', 'stale', 'contended');
      health.notReady = error === undefined || conflict ? undefined : String(error).slice(0, 500);
      metrics.ticks.inc({ outcome: error === undefined ? 'ok' : conflict ? 'conflict' : 'failed' });
      metrics.tickSeconds.observe(seconds);
      if (isLedgerError(error, 'rewritten')) {
        notices.send({
          key: 'rewritten',
          severity: 'alarm',
          title: 'The state repository was rewritten',
          detail: error.message,
        });
      }
    },
  });
}

function ledgerOptions(name: RunnableService, config: KitConfig, log: Logger, signal: AbortSignal): LedgerOptions {
  const { remote, branch, dir, signingKeyFile } = config.ledger;
  return {
    remote,
    branch,
    dir,
    // A validator only reads: whatever it tried to publish would be refused as somebody else's.
    service: name === 'weight-setter' ? 'operator' : name,
    version: SOFTWARE_VERSION,
    log,
    signal,
    ...(signingKeyFile === undefined ? {} : { signing: { keyFile: signingKeyFile } }),
  };
}

/** SIGTERM and SIGINT abort the signal; a second one, or a shutdown that takes too long, ends the process at once. */
function stopOnSignals(log: Logger): { readonly signal: AbortSignal; finished(): void } {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (name: string) => {
    if (abort.signal.aborted) process.exit(1);
    log.info({ signal: name }, 'stopping');
    abort.abort(new DOMException('the service is stopping', 'AbortError'));
    timer = setTimeout(() => {
      log.error('stopping took too long; ending now');
      process.exit(1);
    }, SHUTDOWN_MS);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    signal: abort.signal,
    finished() {
      // Sockets that linger must not keep a finished service alive.
      clearTimeout(timer);
      setTimeout(() => process.exit(), 500).unref();
    },
  };
}
